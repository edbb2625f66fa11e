"""Files read as they are, compressed or not: opening by content, errors in one line, checksums."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from regssl.errors import DataError, RegsslError

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def reading(path: str | Path, error: type[RegsslError] = DataError) -> Iterator[None]:
    """Turn what goes wrong while a file is read into an error that names the file.

    Args:
        path: the file, for the message.
        error: class of the error raised.

    Raises:
        RegsslError: of class `error`, in place of an OSError of the block or of damaged gzip data.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise error(f"{path}: truncated or damaged gzip: {problem}", "download it again") from problem
    except OSError as problem:
        raise error(f"{path}: {problem.strerror or problem}", "check the path") from problem


def maybe_gunzip(file: IO[bytes]) -> IO[bytes]:
    """Decompress an open, seekable file where its first two bytes are those of gzip; else return it as it is."""
    head = file.read(len(GZIP_MAGIC))
    file.seek(0)
    return cast(IO[bytes], gzip.GzipFile(fileobj=file)) if head == GZIP_MAGIC else file


def open_maybe_gzip(path: str | Path, error: type[RegsslError] = DataError) -> IO[bytes]:
    """Open a file for reading bytes, decompressed where its content (not its name) is gzip.

    Raises:
        RegsslError: of class `error`, the file cannot be opened.
    """
    path = Path(path)
    with reading(path, error), path.open("rb") as file:
        is_gzip = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(path)) if is_gzip else path.open("rb")


def open_text(path: str | Path, error: type[RegsslError] = DataError) -> IO[str]:
    """Open a UTF-8 text file for reading, as `open_maybe_gzip`; any line end is read as a newline."""
    return io.TextIOWrapper(open_maybe_gzip(path, error), encoding="utf-8")


def sha256(path: str | Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
