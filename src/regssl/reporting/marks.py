"""Marks beside a mean whose runs a reader must know more of, and what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from regssl.evaluation.summary import DisplayNames


class Mark(NamedTuple):
    """A mark, such as `†2` where two runs are meant: its sign, what it says of n runs, and in a word or two."""

    sign: str
    meaning: str
    label: str


MARKS = {
    "collapsed": Mark(
        "†",
        "of the runs collapsed (the same score for all windows, or no epoch better than the weights before it)",
        "runs that collapsed",
    ),
    "not_converged": Mark(
        "‡",
        "of the runs have not converged (best in the last tenth of their training: they might be better with more, "
        "--config budget=2)",
        "runs not converged",
    ),
}
"""By the column that counts the runs."""


def marks(cell: Mapping[str, Any]) -> str:
    """Return the marks of a mean, such as `†2 ‡1`, from its counts; empty where there is nothing to mark."""
    counts = {name: int(cell.get(name, 0)) for name in MARKS}
    return " ".join(f"{MARKS[name].sign}{count}" for name, count in counts.items() if count)


def footnotes(cells: pd.DataFrame) -> str:
    """Return what the marks in a table mean, for its caption, with a blank before; empty without marks."""
    return "".join(
        f" {mark.sign}n: n {mark.meaning}; they are in the mean." for name, mark in MARKS.items() if cells[name].any()
    )


def remarks(cell: Mapping[str, Any]) -> str:
    """Return the marks of a mean in words, such as `2 of the runs collapsed`; empty where there is nothing to mark."""
    counts = {name: int(cell[name]) for name in MARKS}
    return "; ".join(f"{count} {MARKS[name].meaning}" for name, count in counts.items() if count)


def model_notes(names: DisplayNames, models: pd.Series) -> str:
    """Return what readers must know of models, for a caption, with a blank before; empty where there is nothing.

    Args:
        names: display names, with the notes.
        models: ids of the models whose numbers are shown.
    """
    shown = set(models)
    return "".join(f" {names.models[model]}: {note}." for model, note in names.model_notes.items() if model in shown)
