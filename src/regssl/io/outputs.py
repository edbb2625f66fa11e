"""How every output of text is compressed: by its name."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def open_output(path: Path, level: int = 6) -> Iterator[IO[bytes]]:
    """Open a file to write bytes, which are gzipped where its name ends in .gz: equal content gives equal bytes.

    Args:
        path: the file, as `atomic.atomic_path` yields it.
        level: of compression, 1 to 9.
    """
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", compresslevel=level, fileobj=file, mtime=0) as zipped:  # neither name nor time
            yield zipped  # type: ignore[misc]
