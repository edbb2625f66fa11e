"""Writing files so that a final name always holds a whole file, and reading text that may be gzipped."""

from __future__ import annotations

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
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
