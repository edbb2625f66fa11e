"""Tables of windows as Parquet files, with digests of each column and of the footer.

The footer (https://parquet.apache.org/docs/file-format/) says where columns are and of what types; it is followed by
its length in four bytes and by `PAR1`. The digests are attributes of the table, which pandas keeps in the footer.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.atomic import atomic_path

COLUMNS, FOOTER = "sha256_of_columns", "sha256_of_footer"
_UNKNOWN = "0" * 64
"""In place of the digest of the footer when that is computed."""
_MARK = f'"{FOOTER}": "'.encode()


def save_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as Parquet, whole or not at all; its attributes are kept."""
    table = table.copy(deep=False)
    no_text = pd.Index([], dtype="str")  # the only type of categories that Parquet keeps without values
    for name, column in table.select_dtypes("category").items():
        if column.isna().all():
            table[name] = pd.Categorical.from_codes([-1] * len(table), no_text)
    table.attrs = {**table.attrs, COLUMNS: {str(name): _digest(table[name]) for name in table}, FOOTER: _UNKNOWN}
    with atomic_path(path) as aside:
        table.to_parquet(aside, index=False, write_page_checksum=True)
        with aside.open("r+b") as file:
            at, footer = _read_footer(file)
            file.seek(at + footer.index(_MARK) + len(_MARK))
            file.write(hashlib.sha256(footer).hexdigest().encode())


def load_table(path: str | Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table, or some columns of it; the digests of these and of the footer, if it has any, are checked.

    Raises:
        DataError: no such file, or it is damaged.
    """
    try:
        with Path(path).open("rb") as file:
            whole = _is_footer_whole(_read_footer(file)[1])
            table = pd.read_parquet(file, columns=columns, page_checksum_verification=True) if whole else pd.DataFrame()
        digests = table.attrs.pop(COLUMNS, None)
        table.attrs.pop(FOOTER, None)
        if digests is not None:
            expected = list(digests) if columns is None else columns
            whole = list(table) == expected and all(_digest(table[name]) == digests[name] for name in table)
    except Exception as error:  # what a damaged file makes pyarrow and pandas raise is open
        raise _unreadable(path, str(error)) from None
    if not whole:
        raise _unreadable(
            path,
            "not as it was written: a digest is wrong",
            "; if you changed it with pandas, which keeps the digests, call `table.attrs.clear()` before you write it",
        )
    return table


def _read_footer(file: IO[bytes]) -> tuple[int, bytes]:
    """Read the footer, and where it begins.

    Raises:
        ValueError: the file is too short.
    """
    end = file.seek(0, os.SEEK_END) - 8
    if end < 0:
        raise ValueError("it is too short")
    file.seek(end)
    (size,) = struct.unpack("<I4x", file.read(8))
    at = max(end - size, 0)
    file.seek(at)
    return at, file.read(end - at)


def _is_footer_whole(footer: bytes) -> bool:
    """Compare a footer with the digest in it; one without, of an older version, is taken as it is."""
    at = footer.find(_MARK) + len(_MARK)
    if at < len(_MARK):
        return COLUMNS.encode() not in footer
    unknown = footer[:at] + _UNKNOWN.encode() + footer[at + 64 :]
    return footer[at : at + 64] == hashlib.sha256(unknown).hexdigest().encode()


def _unreadable(path: str | Path, problem: str, otherwise: str = "") -> DataError:
    problem = " ".join(problem.split())[:300]
    return DataError(
        f"{path}: cannot be read as a table: {problem}", f"delete it and run the workflow again{otherwise}"
    )


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
        kind = ("category" if categorical else "object") if len(column) else "empty"  # of no values no type is kept
        values = np.frombuffer(b"".join([*each, bytes(8)]), "<u8")[codes]  # missing: the last
    digest = hashlib.sha256(f"{kind} {len(values)} ".encode())
    digest.update(values.data.cast("B") if len(values) else b"")
    return digest.hexdigest()
