"""What all tables share: a table for programs and for readers, and its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from regssl.io.tsv import write_tsv
from regssl.reporting.document import Document, Drawing, make_cells, split_caption
from regssl.reporting.html import write_document


@dataclass(frozen=True)
class Table:
    """One table, twice: for programs and for readers.

    Attributes:
        tidy: ids and full numbers.
        display: display names and formatted cells (all strings); its columns may have two levels (group, column).
        caption: what the numbers are, their n.
        bold: cells of `display` to emphasise: bool, same shape.
        folded: words under which readers find the table; empty: it is open.
    """

    tidy: pd.DataFrame
    display: pd.DataFrame
    caption: str
    bold: pd.DataFrame | None = None
    folded: str = ""


def write_table(table: Table, out: str | Path, figure: Drawing | None = None) -> None:
    """Write `table.tidy` as `out.tsv`, `table.display` as the document `out.json` and as the page `out.html`.

    Args:
        table: the table.
        out: path without suffix.
        figure: stands above the table.
    """
    write_tsv(table.tidy, f"{out}.tsv", digits=6)
    cells = make_cells(table.display, table.caption, table.bold, table.folded, f"{out}.tsv")
    blocks = [cells] if figure is None else [figure, cells]
    write_document(Document(title=split_caption(table.caption)[0], blocks=blocks), out)


def grouped(columns: list[tuple[tuple[str, str], list[str]]]) -> pd.DataFrame:
    """Make a frame of cells under (group, column) headings, which may repeat."""
    headings, cells = zip(*columns, strict=True)
    return pd.DataFrame(list(zip(*cells, strict=True)), columns=pd.MultiIndex.from_tuples(headings))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries by column."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]
