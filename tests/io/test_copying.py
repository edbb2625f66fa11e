"""A copy has the bytes of a file, and nothing else in common with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from regssl.io.copying import copy_file


def fails_after(pieces: int):
    """`copy_file_range` that copies so many pieces of ten bytes, then fails as between file systems."""
    left = [pieces]

    def copy_file_range(source: int, out: int, count: int) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return os.write(out, os.read(source, 10))

    return copy_file_range


@pytest.mark.parametrize("pieces", [None, 0, 2])
@pytest.mark.parametrize("size", [0, 25, 3_000_000])
def test_a_copy_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int | None, size: int
) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.write_bytes(os.urandom(size))
    source.chmod(0o444)
    os.utime(source, ns=(1, 1))
    if pieces is not None:
        monkeypatch.setattr(os, "copy_file_range", fails_after(pieces))
    copy_file(source, out)
    assert out.read_bytes() == source.read_bytes()
    assert not out.samefile(source)
    os.utime(out)
    out.write_bytes(b"other")
    assert source.stat().st_mtime_ns == 1
    assert source.stat().st_size == size
