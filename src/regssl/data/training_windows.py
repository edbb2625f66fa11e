"""How many windows a dataset has to train on, human ones and homologs of all genomes: what its budget is counted in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from regssl.io.parquet import load_table
from regssl.io.tsv import read_tsv

COLUMNS = {"genome": "str", "windows": "int64", "positives": "int64"}
"""Columns of the table of counts, and their types: one row per genome, the human one first."""


def count_training_windows(tables: Mapping[str, str | Path]) -> pd.DataFrame:
    """Count the training windows of each genome, and how many of them are positive.

    Args:
        tables: Parquet table of windows by genome.

    Returns:
        Columns COLUMNS, in the order of `tables`.

    Raises:
        DataError: a table cannot be read.
    """
    labels = {genome: load_table(path, ["label"])["label"] for genome, path in tables.items()}
    rows = [(genome, len(own), int(own.sum())) for genome, own in labels.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_n_training_windows(path: str | Path) -> int:
    """Read the number of windows of all genomes together from a table of counts.

    Raises:
        DataError: the table cannot be read, or lacks a column.
    """
    return int(read_tsv([path], COLUMNS)["windows"].sum())
