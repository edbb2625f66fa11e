"""Tables of windows as Parquet files, with a digest of each column."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.atomic import atomic_path

DIGESTS = "sha256"
"""Attribute of a table, which its file keeps: the digest of each column."""


def save_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as Parquet, whole or not at all; its attributes are kept."""
    table = table.copy(deep=False)
    table.attrs = {**table.attrs, DIGESTS: {str(name): _digest(table[name]) for name in table}}
    with atomic_path(path) as aside:
        table.to_parquet(aside, index=False, write_page_checksum=True)


def load_table(path: str | Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table, or some columns of it; the digests of these, if it has any, are checked.

    Raises:
        DataError: no such file, or it is damaged.
    """
    try:
        table = pd.read_parquet(path, columns=columns, page_checksum_verification=True)
        digests = table.attrs.pop(DIGESTS, None)
        damaged = digests is not None and (
            not isinstance(digests, dict)
            or list(table) != (list(digests) if columns is None else columns)
            or any(_digest(table[name]) != digests.get(name) for name in table)
        )
    except Exception as error:
        raise _unreadable(path, str(error)) from None
    if damaged:
        raise _unreadable(path, "not as it was written: a digest is wrong")
    return table


def _unreadable(path: str | Path, problem: str) -> DataError:
    problem = " ".join(problem.split())[:300]
    return DataError(f"{path}: cannot be read as a table: {problem}", "delete it and run the workflow again")


def _digest(column: pd.Series) -> str:
    """Compute the SHA-256 of the values of a column and of their type, however they are stored."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        kind, values = column.dtype.str, np.ascontiguousarray(column.to_numpy())
    else:
        categorical = isinstance(column.dtype, pd.CategoricalDtype)
        codes, distinct = (
            (column.cat.codes.to_numpy(), column.cat.categories) if categorical else pd.factorize(column.astype(object))
        )
        each = [hashlib.sha256(repr(value).encode()).digest()[:8] for value in distinct.tolist()]
        kind = "category" if categorical else "object"
        values = np.frombuffer(b"".join([*each, bytes(8)]), "<u8")[codes]  # missing: the last
    digest = hashlib.sha256(f"{kind} {len(values)} ".encode())
    digest.update(values.data.cast("B") if len(values) else b"")
    return digest.hexdigest()
