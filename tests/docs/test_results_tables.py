"""Tables, quoted conclusions and figures of several factors say what the runs' tables in docs/results say.

Where one does not, the failure shows the page as it should be; with WRITE_PAGES=1 in the environment it is written.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpers.results_figures import FIGURES, FOLDER, digest, draw, drawn
from helpers.results_tables import COMMENT, MARK, marked_pages, with_tables


@pytest.mark.parametrize("page", marked_pages(), ids=lambda page: page.stem)
def test_tables_are_those_of_the_runs(page: Path) -> None:
    text = page.read_text()
    if os.environ.get("WRITE_PAGES"):
        page.write_text(with_tables(text))
    assert page.read_text() == with_tables(text)


@pytest.mark.parametrize("page", marked_pages(), ids=lambda page: page.stem)
def test_every_mark_is_known_and_has_what_it_stands_for(page: Path) -> None:
    text = page.read_text()
    assert len(MARK.findall(text)) == len(COMMENT.findall(text))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_of_its_table(tmp_path: Path, name: str) -> None:
    path = FOLDER / f"{name}.png"
    if os.environ.get("WRITE_PAGES"):
        draw(FIGURES[name], path, tmp_path)
    assert drawn(path) == digest(FIGURES[name].table())


def test_a_figure_that_is_drawn_tells_of_what(tmp_path: Path) -> None:
    figure = FIGURES["controls_regions_comparison"]
    draw(figure, tmp_path / "drawn.png", tmp_path)
    assert drawn(tmp_path / "drawn.png") == digest(figure.table())
    assert drawn(tmp_path / "drawn.png") != digest(figure.table().assign(difference=0.0))
