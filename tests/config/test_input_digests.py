"""Digests of files: by content, whatever the times say, and read once."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from regssl.config import input_digests
from regssl.config.input_digests import FileDigests, check_known_sums
from regssl.download.lockfile import Lockfile
from regssl.download.sources import Source
from regssl.errors import DataError


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read, as they are."""
    read: list[str] = []
    original = FileDigests._read

    def noted(self: FileDigests, key: str) -> list:
        read.append(Path(key).name)
        return original(self, key)

    monkeypatch.setattr(FileDigests, "_read", noted)
    monkeypatch.setattr(input_digests, "SETTLED_NS", 0)
    return read


def test_a_file_is_read_once_and_again_when_it_may_have_changed(tmp_path: Path, reads: list[str]) -> None:
    file, cache = tmp_path / "a", tmp_path / "cache.json"
    file.write_bytes(b"one")
    assert FileDigests(cache).digests([file, file]) == [sha256(b"one")] * 2
    assert FileDigests(cache).digests([file]) == [sha256(b"one")]
    assert reads == ["a"]
    times = file.stat()
    other = tmp_path / "other"
    other.write_bytes(b"two")  # of the same size, and put in place with the same times, as `cp -p` does
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert FileDigests(cache).digests([file]) == [sha256(b"two")]
    file.write_bytes(b"six")  # in place: the same inode
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert FileDigests(cache).digests([file]) == [sha256(b"six")]
    os.utime(file)
    assert FileDigests(cache).digests([file]) == [sha256(b"six")]
    assert FileDigests(cache).digests([file], "md5") == [hashlib.md5(b"six").hexdigest()]
    assert len(reads) == 5


def test_a_file_of_this_moment_is_not_trusted(tmp_path: Path) -> None:
    """Its clock ticks every few milliseconds: what is written in the same tick has the same time."""
    file, cache = tmp_path / "a", tmp_path / "cache.json"
    file.write_bytes(b"one")
    assert FileDigests(cache).digests([file]) == [sha256(b"one")]
    assert json.loads(cache.read_text())[f"sha256:{file}"] == [None, sha256(b"one")]
    assert FileDigests(cache).digests([file]) == [sha256(b"one")]


def test_a_file_that_is_gone_has_its_last_digest(tmp_path: Path) -> None:
    file, cache = tmp_path / "a", tmp_path / "cache.json"
    assert FileDigests(cache).digests([file]) == [""], "none yet"
    file.write_bytes(b"one")
    FileDigests(cache).digests([file])
    file.unlink()
    assert FileDigests(cache).digests([file]) == [sha256(b"one")]
    file.mkdir()
    assert FileDigests(cache).digests([file]) == [sha256(b"one")]
    file.rmdir()
    os.mkfifo(file)
    assert FileDigests(cache).digests([file]) == [sha256(b"one")], "a pipe is not read"


def test_a_damaged_cache_costs_time_alone(tmp_path: Path, reads: list[str]) -> None:
    file, cache = tmp_path / "a", tmp_path / "cache.json"
    file.write_bytes(b"one")
    FileDigests(cache).digests([file])
    whole = cache.read_text()
    for text in ["", "[]", "{", "[" * 9999, "\0", whole[:-9], whole.replace(sha256(b"one"), "0" * 64)]:
        cache.write_text(text)
        assert FileDigests(cache).digests([file]) == [sha256(b"one")]
    assert len(reads) == 8


def test_a_cache_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    for cache in (tmp_path / "no folder/cache.json", tmp_path):
        assert FileDigests(cache).digests([tmp_path / "a"]) == [sha256(b"one")]
    assert not (tmp_path / "no folder").exists()


RIGHT, OTHER = b"the right file", b"another"
URL = "https://host/a.bed"


@pytest.mark.parametrize(
    ("cell", "locked", "there", "words"),
    [
        ({}, None, OTHER, []),
        ({"sha256": sha256(RIGHT)}, None, RIGHT, []),
        ({"sha256": sha256(RIGHT)}, RIGHT, None, []),
        ({}, RIGHT, RIGHT, []),
        ({"md5": hashlib.md5(RIGHT).hexdigest()}, RIGHT, RIGHT, []),
        ({"sha256": sha256(RIGHT)}, None, OTHER, [sha256(OTHER), sha256(RIGHT), "t.tsv, row 'x', column peaks"]),
        ({"md5": "0" * 32}, None, RIGHT, ["md5", "t.tsv, row 'x', column peaks"]),
        ({}, RIGHT, OTHER, [sha256(OTHER), sha256(RIGHT), "lock.tsv", URL]),
        ({"sha256": sha256(OTHER)}, RIGHT, None, ["t.tsv, row 'x', column peaks", "lock.tsv", URL]),
    ],
)  # fmt: skip
def test_files_that_are_there_are_held_to_known_sums(
    tmp_path: Path, cell: dict[str, str], locked: bytes | None, there: bytes | None, words: list[str]
) -> None:
    path, lock = tmp_path / "host/a.bed", tmp_path / "lock.tsv"
    path.parent.mkdir()
    if there is not None:
        path.write_bytes(there)
    if locked is not None:
        Lockfile(lock).add(URL, len(locked), sha256(locked), "length")
    source = Source(URL, **cell, origin="t.tsv, row 'x', column peaks")

    def check() -> None:
        check_known_sums({str(path): source}, str(lock), FileDigests(tmp_path / "cache.json"))

    if not words:
        check()
        return
    with pytest.raises(DataError) as caught:
        check()
    assert all(word in str(caught.value) for word in [*words, *([str(path)] if there else [])])
    assert len(str(caught.value).splitlines()) == 1


def test_the_file_of_a_fallback_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(OTHER)
    lock = Lockfile(tmp_path / "lock.tsv")
    lock.add(URL, len(RIGHT), sha256(RIGHT), "length")
    lock.add("https://other/a", len(OTHER), sha256(OTHER), "length")
    source = Source(URL, ("https://other/a",))
    check_known_sums({str(tmp_path / "a"): source}, str(lock.path), FileDigests(tmp_path / "cache.json"))
