"""FASTA, whole: a streaming reader (plain, gzip or bgzip) that packs one sequence at a time, and a bulk writer."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.files import GZIP_MAGIC, maybe_gunzip, reading
from regssl.sequences.encoding import ascii_bytes
from regssl.sequences.twobit import TwoBitRecord

CHUNK_BYTES = 1 << 18
# The empty block at the end of every complete bgzip file (SAM specification, section 4.1.2).
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def read_fasta(path: str | Path) -> Iterator[TwoBitRecord]:
    """Read the sequences of a FASTA file one after another; compression is detected by content, not by name.

    The name of a sequence is the first word of its header. IUPAC ambiguity codes (R, Y, S, W, K, M, B, D, H, V) and X
    become N. Windows line ends and blank lines are accepted.

    Raises:
        DataError: with the line where the file is not FASTA, repeats a name, has a header without a name or without a
            sequence, or holds a character that is no base; or the file is absent, or its compression is damaged.
    """
    path = Path(path)
    line, at, names, packer = 1, 0, list[str](), _Packer()
    for header, text in _parts(path):
        if header is not None:
            if names:
                yield _finish(path, at, names[-1], packer)
            names.append(_name(path, line, header, names))
            at = line
        elif not names and text.strip():
            raise DataError(f"{path}, line 1: starts with {text.lstrip()[:20]!r}, not with '>'", "is it FASTA?")
        line += (header is not None) + packer.add(text)
        if packer.wrong >= 0:
            raise DataError(
                f"{path}, line {line}: {chr(text[packer.wrong])!r} is not a base",
                "sequence lines hold A, C, G, T, N and IUPAC ambiguity codes only",
            )
    if not names:
        raise DataError(f"{path}: no sequence in it", "is it FASTA?")
    yield _finish(path, at, names[-1], packer)


class _Packer:
    """Packs the lines of one sequence after another; its arrays are allocated once.

    Attributes:
        wrong: offset of the first letter that is no base in the lines last added, or -1.
    """

    def __init__(self) -> None:
        from regssl.sequences._fasta import init_state

        self.wrong = -1
        self._state = init_state()
        self._bytes, self._edges = np.empty(0, np.uint8), np.empty((2, 0), np.int64)
        self._packed: bytearray = bytearray()
        self._found: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])

    def add(self, text: bytes) -> int:
        """Pack lines, up to the first letter that is no base; return the number of line ends."""
        from regssl.sequences._fasta import pack_lines

        if len(text) > self._edges.shape[1] - 1:
            self._bytes, self._edges = np.empty(len(text) // 4 + 1, np.uint8), np.empty((2, len(text) + 1), np.int64)
        done = pack_lines(np.frombuffer(text, np.uint8), self._state, self._bytes, *self._edges)
        self._packed += self._bytes[: done.written].data
        for found, edges, count in zip(self._found, self._edges, (done.n_edges, done.mask_edges), strict=True):
            found.append(edges[:count].copy())
        self.wrong = done.wrong
        return done.lines

    def take(self, name: str) -> TwoBitRecord:
        """Return the sequence whose lines were added, and begin the next."""
        size, _, bits = self._state.tolist()
        if size % 4:
            self._packed.append(bits << 2 * (4 - size % 4) & 255)
        n_blocks, mask_blocks = (_blocks_of(np.concatenate(found), size) for found in self._found)
        packed = self._packed
        self._state[:], self._packed, self._found = 0, bytearray(), ([], [])
        return TwoBitRecord(name, size, n_blocks, mask_blocks, packed)


def _blocks_of(edges: np.ndarray, size: int) -> np.ndarray:
    """Pair begins and ends of blocks, int64 (blocks, 2); the last block may end with the sequence."""
    return np.append(edges, [size] * (edges.size % 2)).reshape(-1, 2)


def _parts(path: Path) -> Iterator[tuple[bytes | None, bytes]]:
    """Split a file into headers (without `>`, and no lines) and whole sequence lines (None, and the lines)."""
    for block in _blocks(path):
        if b">" not in block:  # most of a genome
            yield None, block
            continue
        at = 0
        while at < len(block):
            if block.startswith(b">", at):
                end = (block.find(b"\n", at) + 1) or len(block)
                yield block[at + 1 : end], b""
            else:
                end = (block.find(b"\n>", at) + 1) or len(block)
                yield None, block[at:end]
            at = end


def _blocks(path: Path) -> Iterator[bytes]:
    """Read a file in blocks of whole lines, decompressing it where it is compressed."""
    with reading(path), path.open("rb") as file:
        if file.read(2) == GZIP_MAGIC:
            _check_bgzf_end(path, file)
        file.seek(0)
        stream = maybe_gunzip(file)
        while block := stream.read(CHUNK_BYTES) + stream.readline():
            yield block


def _check_bgzf_end(path: Path, file: IO[bytes]) -> None:
    """Refuse a bgzip file truncated between two blocks, which gzip accepts: each block is a complete gzip member."""
    file.seek(0)
    is_bgzf = file.read(14)[12:] == b"BC"
    file.seek(-min(len(_BGZF_END), file.seek(0, os.SEEK_END)), os.SEEK_END)
    if is_bgzf and file.read() != _BGZF_END:
        raise DataError(f"{path}: truncated bgzip: its end marker is missing", "download it again")


def _name(path: Path, line: int, header: bytes, names: list[str]) -> str:
    words = header.decode("utf-8", "replace").split()
    if not words:
        raise DataError(f"{path}, line {line}: a header without a name", "put a name after '>'")
    if words[0] in names:
        raise DataError(f"{path}, line {line}: a second sequence is named {words[0]!r}", "names must be unique")
    return words[0]


def _finish(path: Path, line: int, name: str, packer: _Packer) -> TwoBitRecord:
    sequence = packer.take(name)
    if not sequence.size:
        raise DataError(f"{path}, line {line}: no bases follow the header of {name!r}", "is the file whole?")
    return sequence


def write_fasta(path: str | Path, names: Sequence[str], codes: np.ndarray) -> None:
    """Write sequences of one width, two lines each, whole or not at all; compressed where `path` ends with `.gz`.

    Args:
        path: the file to write.
        names: n names.
        codes: uint8 codes of shape (n, width).
    """
    with atomic_path(path) as aside, open_fasta(aside) as file:
        write_records(file, names, codes)


@contextmanager
def open_fasta(path: Path) -> Iterator[IO[bytes]]:
    """Open a FASTA file for `write_records`; the same sequences give the same bytes: no time or name in gzip."""
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as zipped:
            yield zipped  # type: ignore[misc]


def write_records(file: IO[bytes], names: Sequence[str], codes: np.ndarray) -> None:
    """Write some sequences of one width: names, n of them, and uint8 codes of shape (n, width)."""
    if len(names) != len(codes):
        raise ValueError(f"{len(names)} names for {len(codes)} sequences")
    width = codes.shape[1]
    step = max(1, CHUNK_BYTES // (width + 1))
    for first in range(0, len(codes), step):
        lines = np.full((len(codes[first : first + step]), width + 1), ord("\n"), np.uint8)
        lines[:, :width] = ascii_bytes(codes[first : first + step])
        sequences = lines.view(f"S{width + 1}").ravel().tolist()
        headers = (f">{name}\n".encode() for name in names[first : first + step])
        file.write(b"".join(part for pair in zip(headers, sequences, strict=True) for part in pair))
