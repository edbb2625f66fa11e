"""The figure of the fraction of human windows found in each genome."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from regssl.errors import DataError
from regssl.evaluation.summary import present_names
from regssl.reporting.figures.style import (
    COLOURS,
    HEIGHT_MM,
    MM,
    RULE,
    WIDTH_MM,
    Margins,
    draw_legend,
    name_rows,
    panel_grid,
    paper_style,
    row_axis,
    save_figure,
    wrap_rows,
    wrap_titles,
)
from regssl.reporting.tables.table1 import check_lift_counts

FILLED: dict[str, Any] = {"color": COLOURS[1], "markersize": 3.0}
HOLLOW: dict[str, Any] = {"color": "#444444", "markersize": 4.2, "markerfacecolor": "none", "markeredgewidth": 0.7}


def lift_figure(lift: pd.DataFrame, datasets: Mapping[str, str], svg_path: str | Path, png_path: str | Path) -> None:
    """Draw the fraction of human training windows with a kept homolog, per genome: positives filled, negatives hollow.

    One panel per dataset (six across), genomes down in the order in which `lift` names them.

    Raises:
        DataError: lift counts that do not add up (`table1.check_lift_counts`), or no row of a named dataset.
    """
    check_lift_counts(lift)
    present = present_names(datasets, lift["dataset"])
    if not present:
        raise DataError("the lift-over figure has no dataset to display", "name the datasets of the lift-over table")
    genomes = dict(zip(lift["genome"], lift["name"], strict=True))
    columns = min(6, len(present))
    rows = math.ceil(len(present) / columns)
    with paper_style():
        line = min(4.2, (HEIGHT_MM - 21 - 9 * (rows - 1)) / (rows * len(genomes)))
        labels, sizes, left = wrap_rows(list(genomes.values()), line, (36, 60))
        left, right, gap = left + 6, 5, 0.28
        width = min(WIDTH_MM, left + right + 70 * columns)
        across = (width - left - right) / (columns + gap * (columns - 1))
        titles, extra = wrap_titles(list(present.values()), across * (1 + 0.8 * gap), 8)
        top, between, bottom = 10.0 + extra, 9.0 + extra, 11.0
        high, line = line, min(line, (HEIGHT_MM - top - bottom - between * (rows - 1)) / (rows * len(genomes)))
        panel, margins = max(line * len(genomes), 12.0), Margins(left, right, bottom, top)
        figure, axes = panel_grid((rows, columns), width, panel, margins, (gap, between), sharex=True, sharey=True)
        for axis, dataset, title in zip(axes.flat, present, titles, strict=False):
            _draw_lift(axis, lift[lift["dataset"] == dataset], list(genomes))
            axis.set_title(title, pad=3)
        for axis in axes.flat[len(present) :]:
            axis.set_visible(False)
        for axis in axes.flat[max(len(present) - columns, 0) : len(present)]:
            axis.tick_params(axis="x", labelbottom=True)
        for axis in axes[:, 0]:
            name_rows(axis, labels, [size * line / high for size in sizes])
        figure.supxlabel(
            "Human training windows with a homolog kept (%)", fontsize=7.5, y=2 / (figure.get_figheight() / MM)
        )
        handles = [
            Line2D([], [], marker="o", linestyle="", label="positives", **FILLED),
            Line2D([], [], marker="o", linestyle="", label="negatives", **HOLLOW),
        ]
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _draw_lift(axis: Axes, lift: pd.DataFrame, genomes: list[str]) -> None:
    row_axis(axis, len(genomes))
    axis.axvline(50, color=RULE, linewidth=0.4, zorder=1)
    known = lift[lift["windows"] > 0]
    for label, look in ((1, FILLED), (0, HOLLOW)):
        of_label = known[known["label"].astype(int) == label]
        rows = [genomes.index(genome) for genome in of_label["genome"]]
        axis.plot(100 * of_label["kept"] / of_label["windows"], rows, "o", clip_on=False, zorder=3 - label, **look)
    axis.set_xlim(0, 100)
    axis.set_xticks([0, 50, 100])
