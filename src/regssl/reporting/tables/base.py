"""What all tables share: a table for programs and for readers, and its two files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from regssl.io.digests import digested_path
from regssl.io.tsv import write_tsv
from regssl.reporting.html import render_page


@dataclass(frozen=True)
class Table:
    """One table, twice: for programs and for readers.

    Attributes:
        tidy: ids and full numbers.
        display: display names and formatted cells (all strings); its columns may have two levels (group, column).
        caption: what the numbers are, their n.
        bold: cells of `display` to emphasise: bool, same shape.
    """

    tidy: pd.DataFrame
    display: pd.DataFrame
    caption: str
    bold: pd.DataFrame | None = None


def write_table(table: Table, tsv_path: str | Path, html_path: str | Path, below: Markup | None = None) -> None:
    """Write `table.tidy` as TSV and `table.display` as a page of HTML that needs no other file.

    Args:
        table: the table.
        tsv_path, html_path: files to write.
        below: what stands under the table on the page.
    """
    write_tsv(table.tidy, tsv_path, digits=6)
    with digested_path(html_path) as aside:
        aside.write_text(render_page(table.display, table.caption, table.bold, below), encoding="utf-8")


def grouped(columns: list[tuple[tuple[str, str], list[str]]]) -> pd.DataFrame:
    """Make a frame of cells under (group, column) headings, which may repeat."""
    headings, cells = zip(*columns, strict=True)
    return pd.DataFrame(list(zip(*cells, strict=True)), columns=pd.MultiIndex.from_tuples(headings))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries by column."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]
