"""The lockfile of downloads: size and checksum of each URL when it was first fetched; later ones must match.

A tab-separated table: url, bytes, sha256, verified (how it was verified then), date. To accept a file that its
publisher has changed, delete its row.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from regssl.download.checksums import Known
from regssl.errors import DataError
from regssl.io.atomic import write_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LockEntry:
    """One row: the file that a URL gave."""

    url: str
    bytes: int
    sha256: str
    verified: str
    date: str = ""


COLUMNS = tuple(field.name for field in fields(LockEntry))


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
        """Read all rows, by URL; none if there is no file.

        Raises:
            DataError: a damaged row; names file, row, column and value.
        """
        rows: dict[str, LockEntry] = {}
        for number, line in enumerate(self._text().splitlines(), start=1):
            if line.strip() and tuple(line.split("\t")) != COLUMNS:
                row = self._row(number, line.split("\t"))
                if rows.setdefault(row.url, row).sha256 != row.sha256:
                    raise DataError(
                        f"{self.path}, row {number}, column url: '{row.url}' has another sha256 in an earlier row",
                        "delete one of the two",
                    )
        return rows

    def known(self, url: str) -> list[Known]:
        """Return what the file of a URL must have: nothing if the URL is not in the lockfile."""
        row, origin = self.rows().get(url), f"{self.path}, row of {url}"
        return [Known("size", row.bytes, origin), Known("sha256", row.sha256, origin)] if row else []

    def add(self, url: str, size: int, sha256: str, verified: str) -> None:
        """Add the file that a URL gave, if the URL is not there already. Safe among processes.

        Raises:
            DataError: another process has added another file of this URL meanwhile.
        """
        with alone(self.path):
            if known := self.rows().get(url):
                if known.sha256 != sha256:
                    raise DataError(
                        f"{self.path}, row of {url}: sha256 {known.sha256}, but the URL gave {sha256} now",
                        "it changed in between: run it again, or delete the row to accept the change",
                    )
                return
            row = LockEntry(url, size, sha256, verified, datetime.now(UTC).strftime("%Y-%m-%d"))
            lines = self._text().splitlines() or ["\t".join(COLUMNS)]
            write_text(self.path, "\n".join([*lines, "\t".join(map(str, astuple(row)))]) + "\n")

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{self.path}: {error}", "is this the lockfile of downloads?") from None

    def _row(self, number: int, cells: list[str]) -> LockEntry:
        if len(cells) != len(COLUMNS):
            raise DataError(
                f"{self.path}, row {number}: {len(cells)} cells, expected {len(COLUMNS)}",
                f"columns: {', '.join(COLUMNS)}; delete the row to add it again",
            )
        for column, pattern in ((1, r"\d{1,18}"), (2, r"[0-9a-f]{64}")):
            if not re.fullmatch(pattern, cells[column], re.ASCII):
                raise DataError(
                    f"{self.path}, row {number}, column {COLUMNS[column]}: '{cells[column]}'",
                    "delete the row to add it again",
                )
        return LockEntry(cells[0], int(cells[1]), *cells[2:])
