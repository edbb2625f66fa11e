"""What all figures share: no global state, legends that fit, panels in millimetres."""

from __future__ import annotations

import subprocess
import sys

import pytest
from matplotlib.lines import Line2D

from regssl.reporting.figures.style import MM, WIDTH_MM, Margins, free_panels, legend_rows, panel_grid, row_axis


def test_pyplot_is_never_imported():
    code = (
        "import sys, regssl.reporting.figures.style;"
        " assert 'matplotlib.pyplot' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_grid_has_its_margins_and_panels_in_millimetres() -> None:
    figure, axes = panel_grid((2, 3), 100, 20, Margins(10, 5, 8, 12), (0.5, 6), sharey=True)
    assert axes.shape == (2, 3)
    width, height = (inches / MM for inches in figure.get_size_inches())
    assert (width, height) == pytest.approx((100, 12 + 8 + 2 * 20 + 6))
    box = axes[1, 0].get_position()
    assert (box.x0 * width, box.y0 * height, box.height * height) == pytest.approx((10, 8, 20))
    last = axes[0, 2].get_position()
    assert (width - last.x1 * width, height - last.y1 * height) == pytest.approx((5, 12))
    assert (axes[0, 1].get_position().x0 - axes[0, 0].get_position().x1) == pytest.approx(0.5 * box.width)


def test_free_panels_are_where_they_are_put() -> None:
    figure, (axis,) = free_panels((80, 40), [(10, 5, 30, 20)])
    assert figure.get_size_inches() / MM == pytest.approx((80, 40))
    assert axis.get_position().bounds == pytest.approx((10 / 80, 5 / 40, 30 / 80, 20 / 40))


def test_rows_run_from_the_top_down() -> None:
    _, (axis,) = free_panels((80, 40), [(10, 5, 30, 20)])
    row_axis(axis, ["a", "b", "c"])
    assert axis.get_ylim() == (2.5, -0.5) and [label.get_text() for label in axis.get_yticklabels()] == ["a", "b", "c"]


def test_legends_take_as_many_rows_as_they_need() -> None:
    handles = [Line2D([], [], label="a name of some length") for _ in range(6)]
    assert legend_rows(handles[:1]) == 1
    assert legend_rows(handles, WIDTH_MM) < legend_rows(handles, WIDTH_MM / 2)
