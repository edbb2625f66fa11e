"""Tab-separated tables: the columns and keys that readers rely on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from regssl.errors import DataError
from regssl.io.files import reading


def read_tsv(paths: Sequence[str | Path], required: Sequence[str], text: Sequence[str] = ()) -> pd.DataFrame:
    """Read tables of the same columns into one, plain or gzipped.

    Args:
        paths: the files, at least one; their rows follow one another.
        required: columns that each must have.
        text: columns that are read as text, also where they look like numbers.

    Raises:
        DataError: no such file, not a table, or a missing column; names the file.
    """
    tables = []
    for path in paths:
        try:
            with reading(path):
                table = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(text, str))
        except ValueError as error:
            raise DataError(f"{path}: not a tab-separated table: {' '.join(str(error).split())}") from None
        require_columns(table, required, str(path))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise a DataError that names the first missing column of `what`."""
    if missing := [column for column in columns if column not in frame]:
        raise DataError(f"{what} has no column {missing[0]!r}", f"columns: {', '.join(map(str, frame.columns))}")


def require_unique(frame: pd.DataFrame, key: list[str], what: str) -> None:
    """Raise a DataError that names the first key of `what` that occurs twice."""
    if (again := frame.duplicated(key)).any():
        values = ", ".join(f"{column} {value}" for column, value in frame.loc[again, key].iloc[0].items())
        raise DataError(f"{what} has two rows of {values}", "one row each")
