"""The door for inputs: lines against a slow reader, pipes, compressions, and errors that name the file."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import re
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.bgzf import bgzip
from helpers.paths import ROOT
from regssl.errors import ChainError, DataError
from regssl.io import files
from regssl.io.files import open_input, read_blocks, read_lines, sha256
from regssl.io.formats import identify


def zipped(text: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.bed", text)
    return file.getvalue()


def tarred(text: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("x.bed")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return file.getvalue()


SOURCES = ROOT / "src" / "regssl"
PLAIN = b"chr1\t1\nchr1\t2\n"


def slow_lines(text: bytes) -> list[str]:
    """Lines by a walk over the bytes: LF, CR LF and CR end a line."""
    lines, line, at = [], bytearray(), 0
    text = text.removeprefix(b"\xef\xbb\xbf")
    while at < len(text):
        if text[at : at + 2] == b"\r\n" or text[at : at + 1] in (b"\r", b"\n"):
            at += 2 if text[at : at + 2] == b"\r\n" else 1
            lines.append(bytes(line).decode())
            line.clear()
        else:
            line.append(text[at])
            at += 1
    return lines + ([bytes(line).decode()] if line else [])


TEXTS = st.lists(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"a", b"\t", "ü€𝄞".encode(), b"chr1\t1\t2", b" ", b"\x0b", "\u2028".encode()]
    ),
    max_size=60,
).map(b"".join)
ENCODERS = {
    "plain": lambda text: text,
    "gzip": gzip.compress,
    "gzip in members": lambda text: gzip.compress(text[:5]) + gzip.compress(text[5:]) + b"\0" * 7,
    "bgzip": lambda text: bgzip(text, 7),
    "bgzip twice": lambda text: bgzip(text[:9], 7) + bgzip(text[9:], 2),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(text=TEXTS, mark=st.booleans(), encoder=st.sampled_from(sorted(ENCODERS)), size=st.integers(1, 40))
def test_lines_are_those_of_a_slow_reader(folder: Path, text: bytes, mark: bool, encoder: str, size: int) -> None:
    text = b"\xef\xbb\xbf" * mark + text
    (folder / "x").write_bytes(ENCODERS[encoder](text))
    expected = slow_lines(text)
    assert list(read_lines(folder / "x")) == list(enumerate(expected, start=1))
    with open_input(folder / "x") as file:
        blocks = list(read_blocks(file, size))
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert slow_lines(b"".join(blocks)) == expected
    with open_input(folder / "x") as file:
        assert file.read() == text.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize("n", [0, 1, 4095, 1 << 17, (1 << 17) + 1, 3_000_001])
@pytest.mark.parametrize("encoder", ["plain", "gzip", "bgzip"])
def test_large_files_arrive_whole(tmp_path: Path, n: int, encoder: str) -> None:
    text = np.random.default_rng(n).integers(65, 91, n, np.uint8).tobytes()
    encode = {"plain": bytes, "gzip": gzip.compress, "bgzip": bgzip}[encoder]
    (tmp_path / "x").write_bytes(encode(text))
    with open_input(tmp_path / "x") as file:
        assert file.peek()[:10] == text[:10]
        assert file.read(3) + file.readline() == text
    with open_input(tmp_path / "x") as file:
        assert file.read() == text


def test_bgzip_is_what_samtools_writes(tmp_path: Path) -> None:
    """And it is refused by its missing end marker, as by samtools."""
    pysam = pytest.importorskip("pysam")
    (tmp_path / "x").write_bytes(PLAIN * 50_000)
    pysam.tabix_compress(str(tmp_path / "x"), str(tmp_path / "x.gz"))
    whole = (tmp_path / "x.gz").read_bytes()
    with open_input(tmp_path / "x.gz") as file:
        assert file.read() == PLAIN * 50_000
    (tmp_path / "x.gz").write_bytes(whole[:-28])
    with open_input(tmp_path / "x.gz") as file, pytest.raises(DataError, match=r"x\.gz: .* without its end marker"):
        file.read()


def test_every_cut_of_compressed_files_is_noticed(tmp_path: Path) -> None:
    for whole in (bgzip(PLAIN, 7), gzip.compress(PLAIN)):
        for kept in range(2, len(whole)):
            (tmp_path / "x").write_bytes(whole[:kept])
            with pytest.raises(DataError, match="truncated or damaged gzip"):
                list(read_lines(tmp_path / "x"))


def test_an_unfinished_bgzip_file_before_another_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bgzip(PLAIN)[:-28] + gzip.compress(PLAIN))
    with pytest.raises(DataError, match="without its end marker"):
        list(read_lines(tmp_path / "x"))


@pytest.mark.parametrize("tail", [b"x", b"\x1f", b"garbage that is long enough for a header", b"\0\0x"])
@pytest.mark.parametrize("compress", [gzip.compress, bgzip])
def test_what_follows_the_end_of_gzip_is_refused(tmp_path: Path, tail: bytes, compress: Callable) -> None:
    (tmp_path / "x").write_bytes(compress(PLAIN) + tail)
    with pytest.raises(DataError, match="something else follows"):
        list(read_lines(tmp_path / "x"))


def utf(encoding: str) -> bytes:
    return PLAIN.decode().encode(encoding)


NAMED = {
    "bzip2": bz2.compress(PLAIN),
    "xz": lzma.compress(PLAIN),
    "LZMA": lzma.compress(PLAIN, lzma.FORMAT_ALONE),
    "Zstandard": bytes.fromhex("28b52ffd200e71000063687231"),
    "compress": bytes.fromhex("1f9d9063d0c89119"),
    "zip": zipped(PLAIN),
    "tar": tarred(PLAIN),
    "BCF": b"BCF\2\2" + bytes(20),
    "BAM": b"BAM\1" + bytes(20),
    "CRAM": b"CRAM\3\0" + bytes(20),
    "2bit": struct.pack("<IIII", 0x1A412743, 0, 1, 0),
    "bigBed": struct.pack("<IHH", 0x8789F2EB, 4, 1) + bytes(60),
    "bigWig": struct.pack(">IHH", 0x888FFC26, 4, 1) + bytes(60),
    "an HTML or XML page": b"\n <!DOCTYPE html><html>",
    "UTF-16": utf("utf-16"),
    "UTF-16 of the other byte order": b"\xfe\xff" + utf("utf-16-be"),
    "UTF-16 without a mark": utf("utf-16-le"),
    "UTF-32": utf("utf-32"),
    "UTF-32 without a mark": utf("utf-32-be"),
}


@pytest.mark.parametrize("within", ["", " (within gzip)"])
@pytest.mark.parametrize("name", NAMED)
def test_other_formats_are_named(tmp_path: Path, name: str, within: str) -> None:
    (tmp_path / "x.bed").write_bytes(bgzip(NAMED[name]) if within else NAMED[name])
    word = re.escape(re.split(" of | without ", name)[0])
    with pytest.raises(ChainError, match=rf"x\.bed: is {word}.*{re.escape(within)}, which is not read here"):
        open_input(tmp_path / "x.bed", ChainError)


@pytest.mark.parametrize("text", [b"BZh1\t1\t5\n", b"BCF\t1\t2\n", b"PK1\t1\t2\n", b"7z\t1\t2\n", b"CRAb\t1\t2\n"])
def test_a_chromosome_is_no_magic_number(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x").write_bytes(text)
    with open_input(tmp_path / "x") as file:
        assert file.read() == text


def test_formats_that_a_caller_reads(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(NAMED["bigBed"])
    (tmp_path / "x.gz").write_bytes(gzip.compress(NAMED["bigBed"]))
    for name in ("x", "x.gz"):
        with open_input(tmp_path / name, accept=["bigBed"]) as file:
            found = identify(file.peek())
            assert found and found.name == "bigBed"
            assert file.read() == NAMED["bigBed"]


def test_formats_that_are_read_here_and_there(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(NAMED["2bit"])
    with open_input(tmp_path / "x", accept=["2bit"]) as file:
        assert file.read() == NAMED["2bit"]
    (tmp_path / "x.gz").write_bytes(gzip.compress(NAMED["2bit"]))
    with pytest.raises(DataError, match="is 2bit, compressed with gzip: decompress it"):
        open_input(tmp_path / "x.gz", accept=["2bit"])
    with piped(NAMED["2bit"]) as path, pytest.raises(DataError, match="is 2bit, which cannot be read from a pipe"):
        open_input(path, accept=["2bit"])


@pytest.mark.parametrize("name", ["x.gz", "x.bb", "x.bigBed", "x.zip"])
def test_an_empty_file_with_the_name_of_one_that_never_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match=r"is empty \(download it, or make it, again\)"):
        open_input(tmp_path / name)
    (tmp_path / "x.gz").write_bytes(gzip.compress(b""))
    assert list(read_lines(tmp_path / "x.gz")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a\nb\xff\n", "line 2: byte 0xff is not UTF-8"),
        ("a\r\nb\rJürgen\n".encode("latin-1"), "line 3: byte 0xfc is not UTF-8"),
        (b"a\nb\0c\n", "line 2: holds a NUL byte"),
        (b"a\n" + "€".encode()[:2], "line 2: byte 0xe2 is not UTF-8"),
    ],
)
def test_what_is_no_text(tmp_path: Path, text: bytes, problem: str) -> None:
    (tmp_path / "x").write_bytes(text)
    with pytest.raises(DataError, match=problem):
        list(read_lines(tmp_path / "x"))


@pytest.mark.parametrize("ends", [b"", b"\n", b"\nb\n"])
def test_a_line_of_gigabytes_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: bytes
) -> None:
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 1 << 16)
    (tmp_path / "x").write_bytes(b"a\n" * 3 + b"b" * (1 << 16) + b"\n" + b"c" * ((1 << 16) + 1) + ends)
    with pytest.raises(DataError, match="line 5: over 65,536 bytes long"):
        list(read_lines(tmp_path / "x"))
    (tmp_path / "x").write_bytes(gzip.compress(b"a" * (1 << 24)))
    with open_input(tmp_path / "x") as file, pytest.raises(DataError, match="line 1: over 65,536 bytes long"):
        next(read_blocks(file, 4096))


@contextmanager
def piped(content: bytes, pause: float = 0) -> Iterator[str]:
    """A pipe to which somebody writes, by its name in /dev/fd."""
    read, write = os.pipe()

    def feed() -> None:
        with suppress(BrokenPipeError), os.fdopen(write, "wb", buffering=0) as file:
            for first in (0, 1, 2, 3):  # byte by byte first
                file.write(content[first : first + 1 if first < 3 else None])
                time.sleep(pause)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield f"/dev/fd/{read}"
    finally:
        os.close(read)
        thread.join()


@pytest.mark.parametrize("encoder", ENCODERS)
def test_pipes_are_read_once_and_whole(tmp_path: Path, encoder: str) -> None:
    text = PLAIN * 20_000
    with piped(ENCODERS[encoder](text), pause=0.01) as path:
        with open_input(path) as file:
            assert file.peek()[:5] == b"chr1\t"
            assert file.read() == text
        Path(tmp_path / "link").symlink_to(path)
        for name in (path, path.replace("/dev", "/proc/self"), tmp_path / "link"):
            with pytest.raises(DataError, match="was read already, and can be read once only"):
                open_input(name)


@pytest.mark.parametrize("name", ["/proc/self/fd/{}", "link"])
def test_other_names_of_a_pipe(tmp_path: Path, name: str) -> None:
    with piped(PLAIN) as path:
        Path(tmp_path / "link").symlink_to(path)
        other = name.format(path.rsplit("/", 1)[1]) if "{" in name else tmp_path / name
        assert len(list(read_lines(other))) == 2
        with pytest.raises(DataError, match="was read already, and can be read once only"):
            open_input(path)


def test_a_pipe_that_does_not_block(tmp_path: Path) -> None:
    with piped(PLAIN * 1000, pause=0.02) as path:
        os.set_blocking(int(path.rsplit("/", 1)[1]), False)
        assert len(list(read_lines(path))) == 2000


@pytest.mark.parametrize("encoder", ["plain", "bgzip"])
def test_a_named_pipe_does_not_hang(tmp_path: Path, encoder: str) -> None:
    os.mkfifo(tmp_path / "f")
    thread = threading.Thread(target=(tmp_path / "f").write_bytes, args=[ENCODERS[encoder](PLAIN)])
    thread.start()
    assert list(read_lines(tmp_path / "f")) == [(1, "chr1\t1"), (2, "chr1\t2")]
    thread.join()


@pytest.mark.parametrize("kind", ["pipe", "file", "socket"])
def test_standard_input(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(PLAIN))
    code = "from regssl.io.files import read_lines; print(list(read_lines('/dev/stdin')))"
    command = [sys.executable, "-c", code]
    if kind == "pipe":
        done = subprocess.run(command, input=(tmp_path / "x").read_bytes(), capture_output=True, check=True)
    elif kind == "file":
        with (tmp_path / "x").open("rb") as file:
            done = subprocess.run(command, stdin=file, capture_output=True, check=True)
    else:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall((tmp_path / "x").read_bytes())
            ours.shutdown(socket.SHUT_WR)
            done = subprocess.run(command, stdin=theirs, capture_output=True, check=True)
    assert done.stdout == b"[(1, 'chr1\\t1'), (2, 'chr1\\t2')]\n"


@pytest.mark.parametrize("error", [DataError, ChainError])
def test_an_input_that_cannot_be_opened(tmp_path: Path, error: type[DataError | ChainError]) -> None:
    with pytest.raises(error, match=r"none: No such file or directory \(check the path\)"):
        open_input(tmp_path / "none", error)
    with pytest.raises(error, match="Is a directory"):
        open_input(tmp_path, error)
    with pytest.raises(error, match="Bad file descriptor"):
        open_input("/dev/fd/9999", error)


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 1000)
    assert sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 1000).hexdigest()


def test_no_module_opens_a_text_by_itself() -> None:
    """Texts of the user come through the door, which alone knows compressions, line ends and encodings."""
    opening = re.compile(
        r"gzip\.open|bz2|lzma|TextIOWrapper\(|pd\.read_(csv|table)|loadtxt|genfromtxt|\bopen\(\)|open\(\"r[t\"]"
    )
    found = {path.name for path in SOURCES.rglob("*.py") if opening.search(path.read_text(encoding="utf-8"))}
    assert not found
