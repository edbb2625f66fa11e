"""Tables of windows as Parquet files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from regssl.errors import DataError
from regssl.io.atomic import atomic_path


def save_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    with atomic_path(path) as aside:
        table.to_parquet(aside, index=False)


def load_table(path: str | Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table, or some columns of it.

    Raises:
        DataError: no such file, or it is damaged.
    """
    try:
        return pd.read_parquet(path, columns=columns)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}", "delete it and run the workflow again") from None
