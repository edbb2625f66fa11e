"""The UCSC 2bit format: random access to packed genomes through a memory map, and a streaming writer.

Format: https://genome.ucsc.edu/FAQ/FAQformat.html#format7. Version 0 has 32-bit offsets in its index, version 1 64-bit
ones; the bytes may come in either order. A file stores A, C, G, T, blocks of N and blocks of soft mask, nothing else.
"""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.digests import check_digest
from regssl.io.files import reading
from regssl.sequences.encoding import ascii_bytes
from regssl.sequences.intervals import covered_before

MAGIC = 0x1A412743
_LARGEST_OFFSET_V0 = 2**32 - 1
_CASE_BIT = 0x20


class _Offsets(NamedTuple):
    """Byte offsets of the parts of one sequence in the file."""

    size: int
    n_blocks: int
    n_block_count: int
    mask_blocks: int
    mask_block_count: int
    packed: int


class TwoBit:
    """A 2bit file opened for reading. It is memory-mapped: memory holds the pages in use and the index.

    Args:
        path: the file.
        file: the file itself, where it has no name; `path` is then for messages.

    Attributes:
        path: the file.
        sizes: bases of each sequence, by name, in file order.

    Raises:
        DataError: the file is absent, is not 2bit, is truncated, or its index or blocks contradict its size; or it is
            not as it was written (`io.digests`).
    """

    def __init__(self, path: str | Path, file: IO[bytes] | None = None) -> None:
        self.path = Path(path)
        check_digest(self.path)
        self._bytes = _map(self.path, file)
        self._order = self._byte_order()
        index = self._index()
        self._records = {name: self._record_at(name, offset) for name, offset in index}
        if len(self._records) < len(index):
            raise DataError(f"{self.path}: two sequences of one name", "download it again")
        self.sizes = {name: record.size for name, record in self._records.items()}
        self._n_blocks: dict[str, np.ndarray] = {}

    def windows(self, name: str, starts: np.ndarray, width: int, minus: np.ndarray | None = None) -> np.ndarray:
        """Extract windows of one width from one sequence.

        Args:
            name: the sequence.
            starts: integer (n,), 0-based, in any order.
            width: bases in each window.
            minus: bool (n,), windows to reverse-complement; none by default.

        Returns:
            uint8 codes of shape (n, width).

        Raises:
            DataError: the sequence is unknown, or a window does not lie within it.
        """
        starts = np.asarray(starts, np.int64)
        rows = np.arange(len(starts))
        check_bounds(self.path, name, self._record(name).size, starts, starts + width, rows)
        words = word_buffer(len(starts), width)
        self.read_into(words, name, starts, width, minus_flags(minus, len(starts)), rows)
        return decode_words(words, width)

    def read_into(
        self, words: np.ndarray, name: str, starts: np.ndarray, width: int, minus: np.ndarray, rows: np.ndarray
    ) -> None:
        """Write the windows `rows` (indices into `starts`) to the same rows of `words`.

        Args:
            words: uint32 array from `word_buffer(len(starts), width)`.
            name: the sequence; all those windows must be within it (see `check_bounds`).
            starts: int64 (n,).
            width: bases in each window.
            minus: bool (n,), windows to reverse-complement.
            rows: int64 (m,).
        """
        from regssl.sequences._twobit import unpack_2bit

        blocks = np.ascontiguousarray(self.n_blocks(name).T)
        packed = self._records[name].packed
        codes = words.view(np.uint8)
        unpack_2bit(self._bytes, packed, blocks[0], blocks[1], starts, minus, rows, width, words, codes)

    def codes(self, name: str) -> np.ndarray:
        """Decode a whole sequence: uint8 codes of shape (size,)."""
        codes: np.ndarray = self.windows(name, np.zeros(1, np.int64), self._record(name).size)[0]
        return codes

    def text(self, name: str, start: int, end: int) -> str:
        """Return bases [start, end) as text, soft-masked bases in lower case.

        Raises:
            DataError: the sequence is unknown, or the interval does not lie within it.
        """
        letters = ascii_bytes(self.windows(name, np.array([start]), end - start)[0])
        blocks = self.mask_blocks(name)
        first, last = np.searchsorted(blocks[:, 1], start, "right"), np.searchsorted(blocks[:, 0], end)
        for low, high in blocks[first:last]:
            letters[max(low - start, 0) : high - start] |= _CASE_BIT
        return letters.tobytes().decode("ascii")

    def n_bases(self, name: str, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Count the N in each interval [start, end) from the blocks of N alone: int64 (n,).

        Raises:
            DataError: the sequence is unknown, or an interval does not lie within it.
        """
        starts, ends = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
        check_bounds(self.path, name, self._record(name).size, starts, ends, np.arange(len(starts)))
        blocks = self.n_blocks(name)
        counts: np.ndarray = covered_before(blocks, ends) - covered_before(blocks, starts)
        return counts

    def n_blocks(self, name: str) -> np.ndarray:
        """Blocks of N: int64 (blocks, 2), 0-based half-open, sorted, not overlapping."""
        if name not in self._n_blocks:
            record = self._record(name)
            self._n_blocks[name] = self._blocks(name, record.n_blocks, record.n_block_count)
        return self._n_blocks[name]

    def mask_blocks(self, name: str) -> np.ndarray:
        """Soft-masked blocks (repeats, lower case in FASTA): int64 (blocks, 2), as `n_blocks`."""
        record = self._record(name)
        return self._blocks(name, record.mask_blocks, record.mask_block_count)

    def _record(self, name: str) -> _Offsets:
        if name not in self._records:
            raise DataError(f"{self.path}: no sequence {name!r}", f"it has {list_names(self.sizes)}")
        return self._records[name]

    def _byte_order(self) -> str:
        for order in "<>":
            if self._bytes[:4].tobytes() == struct.pack(f"{order}I", MAGIC):
                return order
        raise DataError(f"{self.path}: not a 2bit file: starts with {self._bytes[:4].tobytes()!r}", "download it again")

    def _index(self) -> list[tuple[str, int]]:
        _, version, count, _ = self._unpack("4I", 0)
        if version not in (0, 1):
            raise DataError(f"{self.path}: 2bit version {version}", "versions 0 and 1 exist")
        entries, at, width = [], 16, 4 + 4 * version
        for _ in range(count):
            (length,) = self._unpack("B", at)
            name, offset = self._unpack(f"{length}s{'IQ'[version]}", at + 1)
            entries.append((name.decode("ascii", "replace"), offset))
            at += 1 + length + width
        return entries

    def _record_at(self, name: str, offset: int) -> _Offsets:
        size, n_count = self._unpack("2I", offset)
        (mask_count,) = self._unpack("I", offset + 8 + 8 * n_count)
        masks = offset + 12 + 8 * n_count
        packed = masks + 8 * mask_count + 4
        if packed + (size + 3) // 4 > self._bytes.size:
            raise self._truncated(f"sequence {name} ends at byte {packed + (size + 3) // 4}")
        return _Offsets(size, offset + 8, n_count, masks, mask_count, packed)

    def _unpack(self, layout: str, offset: int) -> tuple[Any, ...]:
        end = offset + struct.calcsize(f"{self._order}{layout}")
        if end > self._bytes.size:
            raise self._truncated(f"its index or a record reaches to byte {end}")
        return struct.unpack_from(f"{self._order}{layout}", self._bytes.data, offset)

    def _truncated(self, what: str) -> DataError:
        return DataError(f"{self.path}: truncated: {what}, the file to {self._bytes.size}", "download it again")

    def _blocks(self, name: str, offset: int, count: int) -> np.ndarray:
        """Read `count` starts, then `count` sizes."""
        starts, sizes = np.frombuffer(self._bytes, f"{self._order}u4", 2 * count, offset).reshape(2, count)
        blocks = np.stack([starts, starts.astype(np.int64) + sizes], axis=1)
        if (blocks[1:, 0] < blocks[:-1, 1]).any() or (blocks[-1:, 1] > self._record(name).size).any():
            raise DataError(f"{self.path}: blocks of {name} overlap or run past its end", "download it again")
        return blocks


def check_bounds(path: Path, name: str, size: int, starts: np.ndarray, ends: np.ndarray, rows: np.ndarray) -> None:
    """Refuse the first of the windows `rows` that does not lie within its sequence of `size` bases.

    Raises:
        DataError: naming the file, the window and its row.
    """
    low, high = starts[rows], ends[rows]
    outside = (low < 0) | (high > size) | (high < low)
    if outside.any():
        row = rows[np.argmax(outside)]
        raise DataError(
            f"{path}: window {name}:{starts[row]}-{ends[row]} (row {row}) is not within 0-{size}",
            "was it made for another assembly?",
        )


def minus_flags(minus: ArrayLike | None, n: int) -> np.ndarray:
    """Return flags of n windows on the minus strand, bool (n,); none is where `minus` is None."""
    flags = np.zeros(n, bool) if minus is None else np.asarray(minus, bool)
    if flags.shape != (n,):
        raise ValueError(f"strands of shape {flags.shape} for {n} windows")
    return flags


def word_buffer(n: int, width: int) -> np.ndarray:
    """Allocate n windows of `width` codes, as 32-bit words of four codes: uint32 (n, ceil(width / 4))."""
    return np.empty((n, (width + 3) // 4), np.uint32)


def decode_words(words: np.ndarray, width: int) -> np.ndarray:
    """Return words as codes, without the padding: contiguous uint8 (n, width)."""
    return np.ascontiguousarray(words.view(np.uint8)[:, :width])


def list_names(names: Iterable[str]) -> str:
    """Join the first few names, for an error message."""
    names = list(names)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _map(path: Path, file: IO[bytes] | None) -> np.ndarray:
    with reading(path), nullcontext(file) if file else path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise DataError(f"{path}: the file is empty", "download it again")
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


class TwoBitRecord(NamedTuple):
    """One sequence as a 2bit file stores it.

    Attributes:
        name: 1 to 255 ASCII characters.
        size: bases.
        n_blocks, mask_blocks: stretches of N and of soft mask, int64 (blocks, 2), 0-based half-open, sorted.
        bases: four to a byte, the first in the two highest bits.
    """

    name: str
    size: int
    n_blocks: np.ndarray
    mask_blocks: np.ndarray
    bases: bytes | bytearray | memoryview


def is_valid_name(name: str) -> bool:
    """Check that a 2bit file can hold a sequence of this name."""
    return 0 < len(name) < 256 and name.isascii() and name.isprintable() and " " not in name


def write_twobit(path: str | Path, sequences: Iterable[TwoBitRecord]) -> dict[str, int]:
    """Write a 2bit file, whole or not at all, holding one sequence in memory at a time.

    Args:
        path: the file to write.
        sequences: in the order of the file.

    Returns:
        Size of each sequence by name.

    Raises:
        DataError: a name is repeated, empty or too long, or a sequence is longer than the format allows.
    """
    with atomic_path(path) as aside, aside.open("wb") as file:
        return write_sequences(file, sequences, path, aside.parent)


def write_sequences(
    file: IO[bytes], sequences: Iterable[TwoBitRecord], name: str | Path, folder: Path | None = None
) -> dict[str, int]:
    """Write the content of a 2bit file, as `write_twobit`.

    The records go to a temporary file, because the index that precedes them is known only at the end.

    Args:
        file: to write to.
        sequences: in the order of the file.
        name: the file's, for messages.
        folder: of the temporary file; by default that of the system.
    """
    sizes: dict[str, int] = {}
    offsets: list[int] = []
    with tempfile.TemporaryFile(dir=folder) as records:
        for sequence in sequences:
            if sequence.name in sizes or not is_valid_name(sequence.name) or sequence.size >= 2**32:
                raise DataError(
                    f"{name}: cannot store sequence {sequence.name!r} of {sequence.size} bases",
                    "names must be unique and of 1 to 255 printable ASCII characters, sizes below 2^32",
                )
            sizes[sequence.name] = sequence.size
            offsets.append(records.tell())
            _write_record(records.write, sequence)
            del sequence  # before the next one is read
        file.write(_index_bytes(list(sizes), offsets, records.tell()))
        records.seek(0)
        shutil.copyfileobj(records, file, 1 << 20)
    return sizes


def _write_record(write: Callable[[bytes | bytearray | memoryview], int], sequence: TwoBitRecord) -> None:
    write(struct.pack("<I", sequence.size))
    for blocks in (sequence.n_blocks, sequence.mask_blocks):
        write(struct.pack("<I", len(blocks)))
        write(blocks[:, 0].astype("<u4").tobytes())
        write((blocks[:, 1] - blocks[:, 0]).astype("<u4").tobytes())
    write(struct.pack("<I", 0))
    write(sequence.bases)


def _index_bytes(names: list[str], offsets: list[int], body_size: int) -> bytes:
    """Make header and index, of version 0 unless the file is too long for its 32-bit offsets."""
    size = 16 + sum(5 + len(name) for name in names)
    version = int(size + body_size > _LARGEST_OFFSET_V0)
    size += 4 * version * len(names)
    parts = [struct.pack("<4I", MAGIC, version, len(names), 0)]
    for name, offset in zip(names, offsets, strict=True):
        parts.append(struct.pack(f"<B{len(name)}s{'IQ'[version]}", len(name), name.encode(), size + offset))
    return b"".join(parts)
