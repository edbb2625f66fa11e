"""Tab-separated tables: the columns and keys that readers rely on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from regssl.errors import DataError


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raise a DataError that names the first missing column of `what`."""
    if missing := [column for column in columns if column not in frame]:
        raise DataError(f"{what} has no column {missing[0]!r}", f"columns: {', '.join(map(str, frame.columns))}")


def require_unique(frame: pd.DataFrame, key: list[str], what: str) -> None:
    """Raise a DataError that names the first key of `what` that occurs twice."""
    if (again := frame.duplicated(key)).any():
        values = ", ".join(f"{column} {value}" for column, value in frame.loc[again, key].iloc[0].items())
        raise DataError(f"{what} has two rows of {values}", "one row each")
