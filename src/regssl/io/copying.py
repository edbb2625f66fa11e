"""Copies of files: never a hard link, whose time and content would be those of the user's own file."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

PIECE_BYTES = 2**30


def copy_file(source: str | Path, out: str | Path) -> None:
    """Copy the content of a file, without its times and mode.

    Where the file system can share blocks (Btrfs, XFS, NFS 4.2, …) the copy takes no space: see copy_file_range(2).

    Raises:
        OSError: as `open`, `read` and `write`.
    """
    with Path(source).open("rb", buffering=0) as file, Path(out).open("wb") as copy:
        with suppress(OSError, AttributeError):  # file systems that cannot, systems without the call
            while os.copy_file_range(file.fileno(), copy.fileno(), PIECE_BYTES):
                pass
        shutil.copyfileobj(file, copy, 2**20)  # what is left: all, or nothing
