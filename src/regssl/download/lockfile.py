"""The lockfile of downloads: size and checksum of each URL when it was first fetched; later ones must match.

A tab-separated table: url, bytes, sha256, verified (how it was verified then), date. To accept a file that its
publisher has changed, delete its row.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from regssl.download.checks import Known
from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.tsv import read_rows

logger = logging.getLogger(__name__)


class LockEntry(NamedTuple):
    """One row: the file that a URL gave."""

    url: str
    bytes: int
    sha256: str
    verified: str
    date: str


COLUMNS = LockEntry._fields


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file, `.NAME.lock` beside it; wait while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"), mode=0o666)  # other users of the folder wait as well
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("%s: another process is writing it; waiting for that", path)
        lock.acquire()
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)  # who waits for the lock sees that it is gone, and makes another
        lock.release()


class Lockfile:
    """A lockfile; it need not exist yet.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def rows(self) -> dict[str, LockEntry]:
        """Read all rows, by URL; none if there is no file, or an empty one.

        Raises:
            DataError: it is damaged; names file, row, column and value.
        """
        rows: dict[str, LockEntry] = {}
        if self.path.exists() and not self.path.is_file():
            raise DataError(f"{self.path}: not a regular file", "give a path where a lockfile can be")
        if not self.path.exists() or not self.path.stat().st_size:
            return rows
        header, lines = read_rows(self.path)
        if tuple(header) != COLUMNS:
            raise DataError(f"{self.path}, row 1: its columns are not {', '.join(COLUMNS)}", "is this the lockfile?")
        for number, cells in lines:
            for column, pattern in (("bytes", r"\d{1,18}"), ("sha256", r"[0-9a-f]{64}")):
                if not re.fullmatch(pattern, cell := cells[COLUMNS.index(column)], re.ASCII):
                    hint = "delete the row to add it again"
                    raise DataError(f"{self.path}, row {number}, column {column}: '{cell}'", hint)
            row = LockEntry(cells[0], int(cells[1]), *cells[2:])
            if rows.setdefault(row.url, row).sha256 != row.sha256:
                problem = f"'{row.url}' has another sha256 in an earlier row"
                raise DataError(f"{self.path}, row {number}, column url: {problem}", "delete one of the two")
        return rows

    def known(self, urls: Iterable[str]) -> dict[str, list[Known]]:
        """Return what the file of each URL must have: nothing if the URL is not in the lockfile."""
        rows, known = self.rows(), dict[str, list[Known]]()
        for url in urls:
            row, origin = rows.get(url), f"{self.path}, row of {url}"
            known[url] = [Known("size", row.bytes, origin), Known("sha256", row.sha256, origin)] if row else []
        return known

    def add(self, url: str, size: int, sha256: str, verified: str) -> None:
        """Add the file that a URL gave, if the URL is not there already. Safe among processes.

        Raises:
            DataError: another process has added another file of this URL meanwhile.
        """
        with alone(self.path):
            rows = self.rows()
            new = LockEntry(url, size, sha256, verified, datetime.now(UTC).strftime("%Y-%m-%d"))
            row = rows.setdefault(url, new)
            if row.sha256 != sha256:
                raise DataError(
                    f"{self.path}, row of {url}: sha256 {row.sha256}, but the URL gave {sha256} now",
                    "it changed in between: run it again, or delete the row to accept the change",
                )
            if row is new:
                with atomic_path(self.path) as aside, aside.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows.values()])
