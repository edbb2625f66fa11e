"""Digests of files that later jobs read: damage on the disk is an error, not another result.

A format that has room for a digest carries it inside (Parquet, JSON, npy, checkpoints, chain indexes, models). Others,
which must stay what other programs read (TSV, BED, 2bit, SVG, HTML), have it beside them, in the hidden file
`.NAME.sha256`, in the format of `sha256sum`. A file without one, of the user or of an older version, is read as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regssl.errors import DataError
from regssl.io.atomic import atomic_path, digest_path, is_replaced, write_text
from regssl.io.files import reading, sha256


@contextmanager
def digested_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path as `atomic_path`; on success write the digest of `path` beside it."""
    with atomic_path(path) as aside:
        yield aside
    write_digest(path)


def write_digest(path: str | Path) -> None:
    """Write the digest of a file beside it; what is no file (a pipe, `/dev/stdout`) has none."""
    path = Path(path)
    if is_replaced(path):
        write_text(digest_path(path), f"{sha256(path)}  {Path(os.path.realpath(path)).name}\n")


def check_digest(path: str | Path) -> None:
    """Check a file against the digest beside it, if there is one.

    Raises:
        DataError: the file is not as it was written, or its digest is damaged.
    """
    beside = digest_path(path)
    try:
        known = beside.read_bytes()
    except OSError:  # none is there
        return
    with reading(path):
        found = sha256(path)
    if known.split(b" ")[0] != found.encode():
        raise DataError(
            f"{path}: not as it was written: its SHA-256 is not that in {beside.name}",
            f"delete it and run again; if you changed it on purpose, delete {beside.name}",
        )
