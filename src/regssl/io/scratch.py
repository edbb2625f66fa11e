"""Temporary folders that do not stay: removed at the end, on a signal, and after SIGKILL by the next process.

A folder's owner holds a lock on a file in it, which the kernel releases however the process ends. So a folder with
that file, and nobody's lock on it, is abandoned. Where the file system has no locks, folders of killed processes stay.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".regssl.lock"
"""Name of the locked file in every folder, which has the permissions of a new file."""
PREFIX = "regssl-"

_owned: set[Path] = set()


@contextmanager
def scratch_folder(parent: str | Path | None = None, prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder and remove it on leaving, with those of the same prefix whose owners were killed.

    Args:
        parent: where; by default where temporary files belong (`$TMPDIR`).
        prefix: of the folder's name.

    Raises:
        OSError: it cannot be made.
    """
    parent = Path(parent or tempfile.gettempdir())
    _remove_abandoned(parent, prefix)
    folder, lock = _make(parent, prefix)
    _owned.add(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _owned.discard(folder)
        os.close(lock)


def remove_own_folders() -> None:
    """Remove every folder of this process that is in use, for a process that cannot leave them in order."""
    for folder in list(_owned):
        shutil.rmtree(folder, ignore_errors=True)


def _make(parent: Path, prefix: str) -> tuple[Path, int]:
    """Make a folder and lock it; another process may take it for abandoned before it is locked, then make another."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_nlink:
                return folder, lock
        except OSError as error:
            if error.errno != errno.EWOULDBLOCK:  # no locks here
                return folder, lock
        os.close(lock)


def _remove_abandoned(parent: Path, prefix: str) -> None:
    folders: list[str] = []
    with suppress(OSError), os.scandir(parent) as entries:
        folders = [one.path for one in entries if one.name.startswith(prefix) and one.is_dir(follow_symlinks=False)]
    for folder in folders:
        with suppress(OSError):
            lock = os.open(Path(folder, LOCK), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
