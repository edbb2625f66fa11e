"""Tables, quoted conclusions and the figure of several factors say what the runs' tables in docs/results/controls say.

Where one does not, the failure shows the page as it should be; with WRITE_PAGES=1 in the environment it is written.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpers.results_figure import FIGURE, differences, digest, draw, drawn
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


def test_the_figure_of_several_factors_is_of_the_runs(tmp_path: Path) -> None:
    if os.environ.get("WRITE_PAGES"):
        draw(FIGURE, tmp_path)
    assert drawn(FIGURE) == digest(differences())


def test_a_figure_that_is_drawn_tells_of_what(tmp_path: Path) -> None:
    draw(tmp_path / "drawn.png", tmp_path)
    assert drawn(tmp_path / "drawn.png") == digest(differences())
    assert drawn(tmp_path / "drawn.png") != digest(differences().assign(difference=0.0))
