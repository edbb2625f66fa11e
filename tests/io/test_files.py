"""Opening files by content, and errors that name the file."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from regssl.errors import ChainError, DataError
from regssl.io.files import open_maybe_gzip, open_text, reading, sha256

TEXT = "chr1\t1\r\nü\n"


@pytest.mark.parametrize("name", ["x.gz", "x.txt"])
@pytest.mark.parametrize("zipped", [False, True])
def test_compression_is_detected_by_content(tmp_path: Path, name: str, zipped: bool) -> None:
    raw = TEXT.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if zipped else raw)
    with open_maybe_gzip(tmp_path / name) as file:
        assert file.read() == raw
    with open_text(tmp_path / name) as text:
        assert list(text) == ["chr1\t1\n", "ü\n"]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    with open_maybe_gzip(tmp_path / "x") as file:
        assert file.read() == b""


@pytest.mark.parametrize("error", [DataError, ChainError])
def test_a_file_that_cannot_be_opened(tmp_path: Path, error: type[DataError | ChainError]) -> None:
    with pytest.raises(error, match=r"none: No such file or directory \(check the path\)"):
        open_maybe_gzip(tmp_path / "none", error)
    with pytest.raises(error, match="Is a directory"):
        open_maybe_gzip(tmp_path, error)


@pytest.mark.parametrize("kept", [5, 12, -4])
def test_damaged_gzip_is_named(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(TEXT.encode())[:kept])
    with pytest.raises(ChainError, match=r"x\.gz: truncated or damaged gzip: .* \(download it again\)"):  # noqa: SIM117
        with reading(path, ChainError), open_maybe_gzip(path) as file:
            file.read()


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 1000)
    assert sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 1000).hexdigest()
