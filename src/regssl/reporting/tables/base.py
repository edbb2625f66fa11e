"""Tables of results, and what all tables share: Table 2 and the increases, from the summary of runs.

The summary is tidy, one row per run: dataset model method seed split windows positives prevalence aupr auroc collapsed
(whether all windows got the same score; without the column, no run did) problem (why a run has no score: such runs
are in no mean, and captions name their datasets; without the column, all runs have one).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from regssl.io.atomic import atomic_path, write_text
from regssl.reporting.html import MISSING, page

DAGGER = "†n: n of the runs collapsed (the same score for all windows); they are in the mean."


@dataclass(frozen=True)
class Table:
    """One table, twice: for programs and for people.

    Attributes:
        tidy: ids and full numbers.
        shown: display names and formatted cells (all strings); its columns may have two levels (group, column).
        caption: what the numbers are, their n.
        bold: cells of `shown` to emphasise: bool, same shape.
    """

    tidy: pd.DataFrame
    shown: pd.DataFrame
    caption: str
    bold: pd.DataFrame | None = None


def write_table(table: Table, tsv_path: str | Path, html_path: str | Path, caption: str | None = None) -> None:
    """Write `table.tidy` as TSV (missing: NA) and `table.shown` as a page of HTML that needs no other file."""
    with atomic_path(tsv_path) as aside:
        table.tidy.to_csv(aside, sep="\t", index=False, na_rep="NA", float_format="%.6g")
    write_text(html_path, page(table.shown, table.caption if caption is None else caption, table.bold))


def grouped(columns: list[tuple[tuple[str, str], list[str]]]) -> pd.DataFrame:
    """Columns of cells under (group, column) headings, which may repeat."""
    headings, cells = zip(*columns, strict=True)
    return pd.DataFrame(list(zip(*cells, strict=True)), columns=pd.MultiIndex.from_tuples(headings))


def dagger(collapsed: int) -> str:
    """The mark of a mean that collapsed runs are in; nothing where there are none."""
    return f"†{collapsed}" if collapsed else ""


def number(value: float, form: str) -> str:
    """A number as people read it; a dash where there is none."""
    return MISSING if math.isnan(value) else format(value, form)
