"""Tab-separated tables read by column name, plain, gzipped or inside a zip archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.files import Input, open_input, open_stream, read_lines
from regssl.io.formats import identify
from regssl.io.text import shorten

MAX_MEMBER_BYTES = 1 << 33
"""Largest file that is taken out of a zip archive, 8 GiB."""


class TextTable:
    """Columns of a table as text; `table[column]` is one of them.

    Attributes:
        path: the file and, in a zip archive, its member; for messages.
    """

    def __init__(self, path: str, columns: pd.DataFrame, lines: Sequence[int], every_column: Sequence[str]) -> None:
        self.path, self._columns = path, columns
        self._lines, self._every_column = lines, every_column

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def columns(self) -> list[str]:
        """Names of all columns of the file, in its order, also of those that were not read."""
        return list(self._every_column)

    def __contains__(self, column: str) -> bool:
        return column in self._columns

    def __getitem__(self, column: str) -> pd.Series:
        """Return the text of a column.

        Raises:
            DataError: there is no such column.
        """
        if column not in self._columns:
            raise DataError(
                f"{self.path}: no column '{column}'", f"it has {shorten(', '.join(self._every_column), 500)}"
            )
        return self._columns[column]

    def location(self, row: int) -> str:
        """Return file and line of a row, for messages."""
        return f"{self.path}: line {self._lines[row]}"

    def floats(self, column: str, missing: float | None = None) -> np.ndarray:
        """Parse a column as float64, (n,); empty cells, `nan`, `NA`, `None` and a dot become `missing`.

        Raises:
            DataError: a cell is not a finite number, or missing where `missing` is None; names the first.
        """
        text = self[column].str.strip()
        absent = text.str.lower().isin(["", "nan", "na", "none", "."]).to_numpy()
        values = pd.to_numeric(text.mask(absent), errors="coerce").to_numpy(np.float64) + 0.0  # a copy, without -0.0
        wrong = np.flatnonzero(~np.isfinite(values) & ~(absent & (missing is not None)))
        if wrong.size:
            cell = self._columns[column].iloc[wrong[0]]
            raise DataError(f"{self.location(wrong[0])}, column {column}: '{shorten(cell)}' is not a number")
        if missing is not None:
            values[absent] = missing
        return values + 0.0  # -0 is 0

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
                f"{self.location(wrong[0])}, column {column}: '{shorten(cell)}' is not a whole number from {minimum}"
            )
        return values.astype(np.int64)


def read_text_table(
    path: str | Path, required: Sequence[str], optional: Sequence[str] = (), member: Sequence[str] = ()
) -> TextTable:
    """Read the named columns of a table with a header line; `#` before the header and lines of `##` are skipped.

    Nothing is quoted, nothing is guessed: a cell is what is between two tabs. Columns that are not asked for may have
    any name, also none or one name twice; empty lines are skipped.

    Args:
        path: plain, gzip or zip; recognised by content.
        required, optional: columns to read.
        member: names of the file in a zip archive, with or without folders, in order of preference.

    Raises:
        DataError: no such file, member or column, one that is asked for twice, cut short, or a row with too many or too
            few cells.
    """
    with _open(path, member) as file:
        name, rows = file.path, ((number, line) for number, line in read_lines(file) if line)
        header = next((line for _, line in rows if not line.startswith("##")), "")
        names = header.rstrip("\t").lstrip("#").split("\t")
        places = {column: names.index(column) for column in (*required, *optional) if column in names}
        if missing := [column for column in required if column not in places]:
            raise DataError(
                f"{name}: no column '{missing[0]}'", f"it has {shorten(', '.join(names), 500)}" * bool(header)
            )
        if twice := [column for column in places if names.count(column) > 1]:
            raise DataError(f"{name}: two columns are called '{twice[0]}'", "which of them is meant?")
        most, lines = header.count("\t") + 1, list[int]()
        cells = {column: list[str]() for column in places}
        filled = [(cells[column].append, place) for column, place in places.items()]
        for number, row in rows:
            found = row.split("\t", most)
            if len(found) < len(names) or "".join(found[most:]).strip("\t"):
                n_cells = row.count("\t") + 1
                problem = f"{n_cells} cells, the header has {len(names)}"
                raise DataError(f"{name}: line {number}: {problem}", "is the file whole?")
            lines.append(number)
            for append, place in filled:
                append(found[place])
    table = {column: pd.Series(values, dtype="str") for column, values in cells.items()}
    return TextTable(name, pd.DataFrame(table), lines, names)


def _open(path: str | Path, member: Sequence[str]) -> Input:
    """Open a table, of a zip archive the member that is wanted."""
    file = open_input(path, accept=["zip"])
    if not identify(file.peek()):
        return file
    file.close()
    try:
        with zipfile.ZipFile(path) as archive:
            name = find_member(path, archive.namelist(), member)
            if (size := archive.getinfo(name).file_size) > MAX_MEMBER_BYTES:
                raise DataError(f"{path}: {name} is too large, {size:,} bytes", "is this the right file?")
            content = archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path}: a zip archive that cannot be read: {shorten(str(error), 100)}", "download it again"
        ) from None
    return open_stream(io.BytesIO(content), f"{path}, {name}")


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
