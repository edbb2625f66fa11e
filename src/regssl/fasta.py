"""FASTA, whole: a streaming reader (plain, gzip or bgzip) that holds one sequence at a time, and a bulk writer."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from regssl.encode import ascii_bytes, encode, runs
from regssl.errors import DataError
from regssl.files import atomic_path

GZIP_MAGIC = b"\x1f\x8b"
_BLOCK = 1 << 22
_LOWER, _INVALID = 8, 255
_IUPAC = b"ACGTNRYSWKMBDHVX"
# What each byte of a sequence line becomes: its code, plus 8 in lower case; 255 where it has no business there.
_TABLE = bytearray([_INVALID]) * 256
for _letter, _code in zip(_IUPAC, encode(_IUPAC).tolist(), strict=True):
    _TABLE[_letter], _TABLE[_letter | 0x20] = _code, _code | _LOWER
# The empty block that ends every whole bgzip file (SAM specification, section 4.1.2).
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def read_fasta(path: str | Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Read the sequences of a FASTA file one after another; compression is told by content, not by name.

    The name of a sequence is the first word of its header. IUPAC ambiguity codes (R, Y, S, W, K, M, B, D, H, V) and X
    become N. Windows line ends and blank lines are accepted.

    Yields:
        Name, uint8 codes (size,), and soft-masked (lower-case) blocks, int64 (blocks, 2), 0-based half-open.

    Raises:
        DataError: with the line where the file is not FASTA, repeats a name, has a header without a name or without a
            sequence, or holds a character that is no base; or the file is absent, or its compression is damaged.
    """
    path = Path(path)
    name, at, seen = "", 0, set[str]()
    letters = bytearray()
    for line, header, text in _parts(path):
        if header is not None:
            if seen:
                yield name, *_finish(path, at, name, letters)
            name, at, letters = _name(path, line, header, seen), line, bytearray()
        elif not seen and text.strip():
            raise DataError(f"{path}, line 1: starts with {text.lstrip()[:20]!r}, not with '>'", "is it FASTA?")
        codes = text.translate(_TABLE, b"\r\n")
        if _INVALID in codes:
            raise _invalid_character(path, line + (header is not None), text)
        letters += codes
    if not seen:
        raise DataError(f"{path}: no sequence in it", "is it FASTA?")
    yield name, *_finish(path, at, name, letters)


def _parts(path: Path) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Split a file at its headers: line number, header without `>` (None: the sequence goes on), sequence lines."""
    line = 1
    for block in _blocks(path):
        if b">" not in block:  # most of a genome: no copy
            yield line, None, block
            line += block.count(b"\n")
            continue
        goes_on, *records = (b"\n" + block).split(b"\n>")
        if goes_on:
            yield line, None, goes_on[1:]
            line += goes_on.count(b"\n") - 1 + bool(records)
        for record in records:
            header, _, text = record.partition(b"\n")
            yield line, header, text
            line += record.count(b"\n") + 1
        line -= bool(records) and block.endswith(b"\n")


def _blocks(path: Path) -> Iterator[bytes]:
    """Read a file in blocks of whole lines, decompressing it where it is compressed."""
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == GZIP_MAGIC
            if compressed:
                _check_bgzf_end(path, file)
            file.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=file) if compressed else file  # type: ignore[assignment]
            while block := stream.read(_BLOCK) + stream.readline():
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: truncated or damaged gzip: {error}", "download it again") from error
    except OSError as error:
        raise DataError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from error


def _check_bgzf_end(path: Path, file: IO[bytes]) -> None:
    """Refuse a bgzip file cut between two blocks: each block is a whole gzip member, so gzip would not notice."""
    file.seek(0)
    is_bgzf = file.read(14)[12:] == b"BC"
    file.seek(-min(len(_BGZF_END), file.seek(0, os.SEEK_END)), os.SEEK_END)
    if is_bgzf and file.read() != _BGZF_END:
        raise DataError(f"{path}: truncated bgzip: its end marker is missing", "download it again")


def _name(path: Path, line: int, header: bytes, seen: set[str]) -> str:
    words = header.decode("utf-8", "replace").split()
    if not words:
        raise DataError(f"{path}, line {line}: a header without a name", "put a name after '>'")
    if words[0] in seen:
        raise DataError(f"{path}, line {line}: a second sequence is named {words[0]!r}", "names must be unique")
    seen.add(words[0])
    return words[0]


def _finish(path: Path, line: int, name: str, letters: bytearray) -> tuple[np.ndarray, np.ndarray]:
    if not letters:
        raise DataError(f"{path}, line {line}: no bases follow the header of {name!r}", "is the file whole?")
    codes = np.frombuffer(letters, np.uint8)
    mask = runs(codes >= _LOWER)
    codes &= _LOWER - 1
    return codes, mask


def _invalid_character(path: Path, line: int, text: bytes) -> DataError:
    at = next(i for i, letter in enumerate(text) if _TABLE[letter] == _INVALID and letter not in b"\r\n")
    line += text.count(b"\n", 0, at)
    return DataError(
        f"{path}, line {line}: {chr(text[at])!r} is not a base",
        "sequence lines hold A, C, G, T, N and IUPAC ambiguity codes only",
    )


def write_fasta(path: str | Path, names: Sequence[str], codes: np.ndarray) -> None:
    """Write sequences of one width, two lines each; compressed where `path` ends with `.gz`.

    The same sequences give the same bytes: the gzip header carries neither time nor name.

    Args:
        path: the file to write, whole or not at all.
        names: n names.
        codes: uint8 codes of shape (n, width).
    """
    if len(names) != len(codes):
        raise ValueError(f"{len(names)} names for {len(codes)} sequences")
    width = codes.shape[1]
    with atomic_path(path) as aside, aside.open("wb") as file:
        stream: IO[bytes] = file
        if aside.suffix == ".gz":
            stream = gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0)  # type: ignore[assignment]
        step = max(1, _BLOCK // (width + 1))
        for first in range(0, len(codes), step):
            lines = np.full((len(codes[first : first + step]), width + 1), ord("\n"), np.uint8)
            lines[:, :width] = ascii_bytes(codes[first : first + step])
            sequences = lines.view(f"S{width + 1}").ravel().tolist()
            headers = (f">{name}\n".encode() for name in names[first : first + step])
            stream.write(b"".join(part for pair in zip(headers, sequences, strict=True) for part in pair))
        if stream is not file:
            stream.close()
