"""Writing files so that a final name always holds a whole file, and reading text that may be gzipped.

Files are written into a hidden folder beside their final name, `.X.RANDOM/X`. A process that is killed leaves that
folder behind, which nothing reads: it may be deleted.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from regssl.errors import DataError


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it becomes `path`, on any error it is removed.

    The temporary name keeps the suffixes of `path`, so writers that look at them do the right thing.

    Raises:
        DataError: the folder cannot be written, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    except Exception as error:
        if no_room(error):
            raise cannot_write(path, error) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def no_room(error: BaseException) -> bool:
    """Whether a write failed because the disk, or what the user may use of it, is full.

    Told by the number of the error, or, because some libraries give none, by its words.
    """
    number = getattr(error, "errno", None)
    return number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(
        os.strerror(known) in str(error) for known in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    )


def cannot_write(path: str | Path, error: BaseException) -> DataError:
    """The error of a file that cannot be written, in one line."""
    number = getattr(error, "errno", None)
    full = no_room(error)
    said = os.strerror(number) if number else os.strerror(errno.ENOSPC) if full else str(error)
    hint = "free some space and run it again" if full else "check the path, and who may write there"
    return DataError(f"{path}: cannot be written: {said}", hint)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with atomic_path(path) as aside:
        aside.write_text(text)


def open_text(path: str | Path) -> IO[str]:
    """Open a text file for reading, gzipped or not (told by its first two bytes, not by its name).

    Raises:
        DataError: the file does not exist or is empty where gzip promised more.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise DataError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from error
    return gzip.open(path, "rt", encoding="utf-8") if gzipped else path.open(encoding="utf-8")
