"""Tab-separated tables read by column name, plain, gzipped or inside a zip archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.files import maybe_gunzip, reading


class TextTable:
    """Columns of a table as text; `table[column]` is one of them.

    Attributes:
        path: the file and, in a zip archive, its member; for messages.
    """

    def __init__(self, path: str, columns: pd.DataFrame, header_line: int, every_column: Sequence[str]) -> None:
        self.path, self._columns = path, columns
        self._header_line, self._every_column = header_line, every_column

    def __len__(self) -> int:
        return len(self._columns)

    def __contains__(self, column: str) -> bool:
        return column in self._columns

    def __getitem__(self, column: str) -> pd.Series:
        """Return the text of a column.

        Raises:
            DataError: there is no such column.
        """
        if column not in self._columns:
            raise DataError(f"{self.path}: no column '{column}'", f"it has {', '.join(self._every_column)}")
        return self._columns[column]

    def location(self, row: int) -> str:
        """Return file and line of a row, for messages."""
        return f"{self.path}: line {self._header_line + 1 + row}"

    def floats(self, column: str, missing: float | None = None) -> np.ndarray:
        """Parse a column as float64, (n,); empty cells, `nan`, `NA`, `None` and a dot become `missing`.

        Raises:
            DataError: a cell is not a finite number, or missing where `missing` is None; names the first.
        """
        text = self[column].str.strip()
        absent = text.str.lower().isin(["", "nan", "na", "none", "."]).to_numpy()
        values = pd.to_numeric(text.mask(absent), errors="coerce").to_numpy(np.float64, copy=True)
        wrong = np.flatnonzero(~np.isfinite(values) & ~(absent & (missing is not None)))
        if wrong.size:
            cell = self._columns[column].iloc[wrong[0]]
            raise DataError(f"{self.location(wrong[0])}, column {column}: '{cell}' is not a number")
        if missing is not None:
            values[absent] = missing
        return values

    def ints(self, column: str, minimum: int = 0) -> np.ndarray:
        """Parse a column as int64, (n,); `129321262.0` is a whole number too.

        Raises:
            DataError: a cell is not a whole number, or smaller than `minimum`; names the first.
        """
        values = self.floats(column)
        wrong = np.flatnonzero((values != np.floor(values)) | (values < minimum) | (values >= 2**53))
        if wrong.size:
            cell = self._columns[column].iloc[wrong[0]]
            raise DataError(
                f"{self.location(wrong[0])}, column {column}: '{cell}' is not a whole number from {minimum}"
            )
        return values.astype(np.int64)


def read_text_table(
    path: str | Path, required: Sequence[str], optional: Sequence[str] = (), member: Sequence[str] = ()
) -> TextTable:
    """Read the named columns of a table with a header line; `#` before the header and lines of `##` are skipped.

    Args:
        path: plain, gzip or zip; recognised by content.
        required, optional: columns to read; others are ignored.
        member: names of the file in a zip archive, with or without folders, in order of preference.

    Raises:
        DataError: no such file, member or column, cut short, or a row with too many or too few cells.
    """
    with _open(path, member) as (name, file):
        try:
            header, line = file.readline(), 1
            while header.startswith("##"):
                header, line = file.readline(), line + 1
            columns = header.rstrip("\r\n").lstrip("#").split("\t")
            if missing := [column for column in required if column not in columns]:
                raise DataError(f"{name}: no column '{missing[0]}'", f"it has {', '.join(columns)}")
            text = file.read()
            _check_row_lengths(name, text, len(columns), line)
            table = pd.read_csv(
                io.StringIO(text),
                sep="\t",
                names=columns,
                usecols=[column for column in columns if column in {*required, *optional}],
                dtype=str,
                keep_default_na=False,
                quoting=3,
                index_col=False,
            )
        except pd.errors.ParserError as error:
            raise DataError(f"{name}: not a table of {len(columns)} columns: {str(error).strip()}") from None
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise DataError(f"{name}: cannot be read to its end: {error}", "is the file whole?") from None
    return TextTable(name, table, line, columns)


def _check_row_lengths(name: str, text: str, columns: int, header_line: int) -> None:
    """Refuse a row with fewer cells than the header, which pandas would fill up."""
    rows = text.splitlines()
    if text.count("\t") < (columns - 1) * len(rows):
        for number, row in enumerate(rows, start=header_line + 1):
            if row and row.count("\t") < columns - 1:
                cells = row.count("\t") + 1
                raise DataError(f"{name}: line {number}: {cells} cells, the header has {columns}", "is the file whole?")


@contextmanager
def _open(path: str | Path, member: Sequence[str]) -> Iterator[tuple[str, IO[str]]]:
    """Yield the name (for messages) and the text of a table."""
    with reading(path), Path(path).open("rb") as raw:
        if raw.read(4) != b"PK\x03\x04":
            raw.seek(0)
            with _text(raw) as file:
                yield str(path), file
            return
        try:
            with zipfile.ZipFile(raw) as archive:
                name = find_member(path, archive.namelist(), member)
                with archive.open(name) as packed, _text(packed) as file:
                    yield f"{path}, {name}", file
        except zipfile.BadZipFile as error:
            raise DataError(f"{path}: a damaged zip archive: {error}", "download it again") from None


def find_member(path: str | Path, names: Sequence[str], wanted: Sequence[str]) -> str:
    """Find the first of `wanted` that is in an archive, in whatever folder.

    Raises:
        DataError: none is in the archive, or two are.
    """
    for one in wanted:
        found = [name for name in names if f"/{name}".endswith(f"/{one}")]
        if len(found) > 1:
            raise DataError(f"{path}: holds both {found[0]} and {found[1]}", "name the member with its folder")
        if found:
            return found[0]
    missing = " or ".join(wanted) or "(none was named)"
    some = ", ".join(name for name in names if not name.endswith("/"))
    raise DataError(f"{path}: holds no file {missing}", f"it holds {some[:200]} …: fill the column `member`")


def _text(raw: IO[bytes]) -> IO[str]:
    return io.TextIOWrapper(maybe_gunzip(raw), encoding="utf-8")
