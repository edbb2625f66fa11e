"""Pseudo-labels: labels and sources of human windows, on their homologs."""

from __future__ import annotations

import pandas as pd
import pytest

from regssl.data.pseudo_labels import pseudo_label
from regssl.data.windows import COLUMNS, window_table

HOMOLOGS = pd.DataFrame(
    {
        "lift_status": ["kept", "deleted", "kept", "leakage", "kept"],
        "chrom": pd.Categorical(["q", None, "q", "q", "q"]),
        "start": [50, -1, 110, 70, 150],
        "strand": pd.Categorical(["+", None, "-", "+", "+"]),
    }
)
"""Of five human bins."""


def train(*rows: tuple[int, int], split: str = "train") -> pd.DataFrame:
    """Human windows of 10 bp: (source, label)."""
    return window_table(
        pd.DataFrame(
            [("h", "a", 10 * source, 10 * source + 10, "+", label, split, source) for source, label in rows],
            columns=COLUMNS,
        )
    )


def test_labels_and_sources_are_copied_in_order() -> None:
    windows = pseudo_label(train((0, 0), (1, 1), (2, 1), (3, 1)), HOMOLOGS, "q", 10)
    assert windows.values.tolist() == [
        ["q", "q", 50, 60, "+", 0, "train", 0],
        ["q", "q", 110, 120, "-", 1, "train", 2],
    ]


def test_no_homolog_gives_an_empty_table() -> None:
    windows = pseudo_label(train((1, 1), (3, 0)), HOMOLOGS, "q", 10)
    assert len(windows) == 0 and list(windows.columns) == COLUMNS


def test_labels_are_never_copied_from_held_out_windows() -> None:
    with pytest.raises(ValueError, match="only training windows give pseudo-labels"):
        pseudo_label(train((0, 1), split="test"), HOMOLOGS, "q", 10)
