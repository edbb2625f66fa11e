"""Digests of the user's files: what decides whether results are still theirs, and whether a download is the right file.

Times deceive: a file put in place by `cp -p`, `mv`, `tar` or `rsync` may be older than the one before, and a touched
file is the same. So the rules that read a file of the user have its SHA-256 as a param, which Snakemake records and
compares.
"""

from __future__ import annotations

import hashlib
import stat
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from regssl.download.checks import HINT, check_agreement, mismatch_there
from regssl.download.lockfile import Lockfile
from regssl.download.sources import Source
from regssl.errors import DataError
from regssl.io.json_object import read_json_object, write_json_object

CACHE = ".snakemake/regssl_digests.json"
"""Beside Snakemake's own records of what has run, and as old."""
SETTLED_NS = 2 * 10**9
"""A file changed less than so many nanoseconds ago may change again within one tick of the file system's clock."""
THREADS = 4
"""Files read at once."""


class FileDigests:
    """Digests of files; a file is read again only if its size, times or inode have changed.

    A file that is not there has the last digest that it had: deleting downloads that are no longer needed is no change.
    """

    def __init__(self, cache: str | Path = CACHE) -> None:
        """Open the cache, a JSON file; one that is missing, damaged or cannot be written costs time alone."""
        self._cache, self._unsaved = Path(cache), False
        self._known: dict[str, list[Any]] = {}
        with suppress(DataError):
            self._known = read_json_object(self._cache)

    def digests(self, paths: Iterable[str | Path], algorithm: str = "sha256") -> list[str]:
        """Return the hexadecimal digest of each file, in their order.

        Where a file is not there or cannot be read, it is the last one known, or an empty string.
        """
        keys = [f"{algorithm}:{Path(path).absolute()}" for path in paths]
        changed = [key for key in dict.fromkeys(keys) if self._changed(key)]
        with ThreadPoolExecutor(THREADS) as pool:
            for key, row in zip(changed, pool.map(self._read, changed), strict=True):
                self._known[key], self._unsaved = row, True
        if self._unsaved and self._cache.parent.is_dir():
            with suppress(DataError):
                write_json_object(self._cache, self._known)
            self._unsaved = False
        return [self._row(key)[1] for key in keys]

    def _row(self, key: str) -> list[Any]:
        """State and digest as known."""
        return self._known.get(key, [None, ""])

    def _changed(self, key: str) -> bool:
        state = _state(key)
        return state is not None and state != self._row(key)[0]

    def _read(self, key: str) -> list[Any]:
        algorithm, _, path = key.partition(":")
        before = _state(key)
        try:
            with Path(path).open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
        except OSError:  # the job that needs it says so
            return [None, self._row(key)[1]]
        settled = before is not None and before[2] + SETTLED_NS < time.time_ns() and before == _state(key)
        return [before if settled else None, digest]


def _state(key: str) -> list[int] | None:
    """Size, times and inode, by which a file is taken for unchanged; None where there is no regular file."""
    try:
        found = Path(key.partition(":")[2]).stat()
    except OSError:
        return None
    is_file = stat.S_ISREG(found.st_mode)
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino] if is_file else None


def check_known_sums(downloads: Mapping[str, Source], lockfile: str, digests: FileDigests) -> None:
    """Check that each download that is there, fetched or placed by hand, is the file that is known.

    Args:
        downloads: sources by local path.
        lockfile: path of the lock file; it need not exist.
        digests: of files.

    Raises:
        DataError: it is another one, or cell and lock file contradict each other; names the file, both sums, and where
            the one that it should have comes from.
    """
    places = {path: (source.url, *source.fallback_urls) for path, source in downloads.items()}
    rows = Lockfile(lockfile).known(chain(*places.values()))
    locked = {path: [rows[url] for url in places[path]] for path in downloads}
    known = {path: [*source.known(), *chain(*locked[path])] for path, source in downloads.items()}
    found: dict[str, dict[str, int | str]] = {path: {} for path in downloads}
    for kind in ("sha256", "md5"):
        asked = [path for path in downloads if Path(path).is_file() and kind in {fact.kind for fact in known[path]}]
        for path, digest in zip(asked, digests.digests(asked, kind), strict=True):
            found[path] |= {kind: digest} if digest else {}  # what cannot be read is left to the job that needs it
    for path, source in downloads.items():
        check_agreement(source.known(), locked[path])
        if problem := mismatch_there(found[path], source.known(), locked[path]):
            raise DataError(f"{path}: {problem}", HINT)
