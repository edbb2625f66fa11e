"""The tables and quoted conclusions of the results' pages say what the runs' tables in docs/results/controls say.

Where one does not, the failure shows the page as it should be; with WRITE_PAGES=1 in the environment it is written.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
