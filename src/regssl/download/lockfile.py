"""The lockfile of downloads: size and checksum of each URL when it was first fetched; later ones must match.

A tab-separated table: url, bytes, sha256, verified (how it was verified then), date. Rows are appended under an
advisory lock, so that downloads can run in parallel. To accept a file that its publisher has changed, delete its row.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from regssl.errors import DataError


@dataclass(frozen=True)
class LockEntry:
    """One row: the file that a URL gave."""

    url: str
    bytes: int
    sha256: str
    verified: str
    date: str = ""


COLUMNS = tuple(field.name for field in fields(LockEntry))


class Lockfile:
    """A lockfile; it need not exist yet.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def rows(self) -> dict[str, LockEntry]:
        """Read all rows, by URL; none if there is no file.

        Raises:
            DataError: a damaged row; names file, row, column and value.
        """
        try:
            lines = self.path.read_text().splitlines()
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{self.path}: {error}", "is this the lockfile of downloads?") from None
        rows: dict[str, LockEntry] = {}
        for number, line in enumerate(lines, start=1):
            if line.strip() and tuple(line.split("\t")) != COLUMNS:
                row = self._row(number, line.split("\t"))
                if rows.setdefault(row.url, row).sha256 != row.sha256:
                    raise DataError(
                        f"{self.path}, row {number}, column url: '{row.url}' has another sha256 in an earlier row",
                        "delete one of the two",
                    )
        return rows

    def add(self, url: str, size: int, sha256: str, verified: str) -> None:
        """Add the file that a URL gave, unless the URL is there already. Safe among processes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            with suppress(OSError):  # a file system without locks: a row is still one write
                fcntl.flock(file, fcntl.LOCK_EX)
            if url in self.rows():
                return
            row = LockEntry(url, size, sha256, verified, datetime.now(UTC).strftime("%Y-%m-%d"))
            text = "\t".join(str(value) for value in astuple(row)) + "\n"
            file.seek(0, os.SEEK_END)
            if not file.tell():
                text = "\t".join(COLUMNS) + "\n" + text
            elif not self._ends_with_newline(file.tell()):
                text = "\n" + text
            file.write(text.encode())

    def _ends_with_newline(self, size: int) -> bool:
        with self.path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) == b"\n"

    def _row(self, number: int, cells: list[str]) -> LockEntry:
        if len(cells) != len(COLUMNS):
            raise DataError(
                f"{self.path}, row {number}: {len(cells)} cells, expected {len(COLUMNS)}",
                f"columns: {', '.join(COLUMNS)}; delete the row to add it again",
            )
        for column, pattern in ((1, r"\d+"), (2, r"[0-9a-f]{64}")):
            if not re.fullmatch(pattern, cells[column]):
                raise DataError(
                    f"{self.path}, row {number}, column {COLUMNS[column]}: '{cells[column]}'",
                    "delete the row to add it again",
                )
        return LockEntry(cells[0], int(cells[1]), *cells[2:])
