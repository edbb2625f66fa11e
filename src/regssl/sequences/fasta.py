"""FASTA, whole: a streaming reader (plain, gzip or bgzip) that packs one sequence at a time, and a bulk writer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.files import Input, open_input, read_pieces
from regssl.io.outputs import open_output
from regssl.sequences.encoding import ascii_bytes
from regssl.sequences.twobit import TwoBitRecord, is_valid_name

CHUNK_BYTES = 1 << 18
FASTA_LEVEL = 1
"""Of compression of windows: bases hardly compress further."""
MAX_HEADER_BYTES = 1 << 20


def read_fasta(source: str | Path | Input) -> Iterator[TwoBitRecord]:
    """Read the sequences of a FASTA file one after another, from front to back; a pipe will do.

    The name of a sequence is the first word of its header. IUPAC ambiguity codes (R, Y, S, W, K, M, B, D, H, V) and X
    become N, lower case is the soft mask. Lines end with LF, CR LF or CR, in any mixture, and are of any length; blank
    lines, and blanks in lines, do not count. An index beside the file (`.fai`) is not read.

    Args:
        source: a path, or what `open_input` gave for it, which is closed at the end; plain, gzip or bgzip.

    Raises:
        DataError: with the line where the file is not FASTA, repeats a name, has a header without a sequence or with
            none or an unusable name, or holds a character that is no base, such as U, `*` or `-`; or as `open_input`.
    """
    line, at, names, packer = 1, 0, dict[str, int](), _Packer()
    with source if isinstance(source, Input) else open_input(source) as file:
        path = file.path
        for header, text in _parts(file):
            if header is not None:
                if names:
                    yield _finish(path, at, next(reversed(names)), packer)
                names[_name(path, line, header, names)] = at = line
                line += 1
                continue
            if not names and text.strip():
                line += text[: -len(text.lstrip())].count(b"\n")
                raise DataError(
                    f"{path}: line {line}: starts with {text.split()[0][:20].decode(errors='replace')!r}, not with '>'",
                    "is it FASTA?",
                )
            line += packer.add(text)
            if packer.wrong >= 0:
                raise DataError(
                    f"{path}: line {line}: {chr(text[packer.wrong])!r} is not a base",
                    "sequence lines hold A, C, G, T, N and IUPAC ambiguity codes only",
                )
        if not names:
            raise DataError(f"{path}: no sequence in it", "is it FASTA?")
        yield _finish(path, at, next(reversed(names)), packer)


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
            if count:
                found.append(edges[:count].copy())
        self.wrong = done.wrong
        return done.lines

    def take(self, name: str) -> TwoBitRecord:
        """Return the sequence whose lines were added, and begin the next."""
        size, _, bits = self._state.tolist()
        if size % 4:
            self._packed.append(bits << 2 * (4 - size % 4) & 255)
        n_blocks, mask_blocks = (_blocks_of(found, size) for found in self._found)
        packed = self._packed
        self._state[:], self._packed, self._found = 0, bytearray(), ([], [])
        return TwoBitRecord(name, size, n_blocks, mask_blocks, packed)


def _blocks_of(edges: list[np.ndarray], size: int) -> np.ndarray:
    """Pair begins and ends of blocks, int64 (blocks, 2); the last block may end with the sequence."""
    if not edges:
        return np.empty((0, 2), np.int64)
    last = [size] * (sum(map(len, edges)) % 2)
    return np.concatenate([*edges, np.array(last, np.int64)]).reshape(-1, 2)


def _parts(file: Input) -> Iterator[tuple[bytes | None, bytes]]:
    """Split a file into headers (without `>`, and no lines) and pieces of sequence (None, and the text)."""
    header, line_starts = b"", True
    for piece in read_pieces(file, CHUNK_BYTES):
        text, at, line_starts = header + piece, 0, line_starts or bool(header)
        header = b""
        while at < len(text):
            if line_starts and text.startswith(b">", at):
                end = text.find(b"\n", at) + 1
                if not end and len(text) - at <= MAX_HEADER_BYTES:
                    header = text[at:]
                    break
                yield text[at + 1 : end or len(text)], b""
            else:
                end = b">" in text and text.find(b"\n>", at) + 1  # most of a genome holds no header
                yield None, text[at : end or len(text)]
            at = end or len(text)
            line_starts = text.endswith(b"\n", 0, at)
    if header:
        yield header[1:], b""


def _name(path: str, line: int, header: bytes, names: dict[str, int]) -> str:
    words = header.split()
    if len(header) > MAX_HEADER_BYTES or not words:
        what = "a header without a name" if not words else f"a header of over {MAX_HEADER_BYTES:,} bytes"
        raise DataError(f"{path}: line {line}: {what}", "put a name after '>', and the sequence on lines of its own")
    name = words[0].decode(errors="replace")
    if not is_valid_name(name):
        raise DataError(
            f"{path}: line {line}: {name[:40]!r} cannot name a sequence",
            "names are of 1 to 255 printable ASCII characters",
        )
    if name in names:
        raise DataError(
            f"{path}: line {line}: a second sequence is named {name!r}, as in line {names[name]}",
            "names must be unique",
        )
    return name


def _finish(path: str, line: int, name: str, packer: _Packer) -> TwoBitRecord:
    sequence = packer.take(name)
    if not sequence.size:
        raise DataError(f"{path}: line {line}: no bases follow the header of {name!r}", "is the file whole?")
    return sequence


def write_fasta(path: str | Path, names: Sequence[str], codes: np.ndarray) -> None:
    """Write sequences of one width, two lines each, whole or not at all; compressed where `path` ends with `.gz`.

    Args:
        path: the file to write.
        names: n names.
        codes: uint8 codes of shape (n, width).
    """
    with atomic_path(path) as aside, open_output(aside, FASTA_LEVEL) as file:
        write_records(file, names, codes)


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
