"""bigBed files, read whole: every offset is checked, so that a damaged file is an error and never a crash.

Format: Kent et al. 2010, doi 10.1093/bioinformatics/btq351, supplementary tables 5 to 17. A header points to a tree of
chromosomes, to the data (blocks of intervals, each compressed) and to an R tree that says where the blocks are.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from regssl.errors import DataError

MAGICS = {struct.pack("<I", 0x8789F2EB): "<", struct.pack(">I", 0x8789F2EB): ">"}
"""The first four bytes, and the order of bytes they tell."""
_CHROMOSOMES, _INDEX = 0x78CA8C91, 0x2468ACE0


def is_bigbed(path: str | Path) -> bool:
    """Whether the content (not the name) says bigBed; False for what cannot be read."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in MAGICS


def read_bigbed(path: str | Path) -> Iterator[tuple[str, int, int, str]]:
    """The intervals in file order, sorted by chromosome and start: chrom, start, end, the other columns as they stand.

    Raises:
        DataError: the file is absent, cut short, or contradicts itself: offsets, checksums of blocks, bounds of the
            index, the number of intervals.
    """
    try:
        yield from _BigBed(Path(path).read_bytes()).intervals()
    except OSError as error:
        raise DataError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from None
    except (struct.error, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read as bigBed: {error}", "is the file whole?") from None


class _BigBed:
    """A file in memory; every method raises ValueError or struct.error where the file contradicts itself."""

    def __init__(self, data: bytes) -> None:
        self._data, self._order = data, MAGICS[data[:4]]
        _, _, _, chromosomes, self._first, index, _, _, _, _, self._unzipped, _ = self._unpack("IHHQQQHHQQIQ", 0)
        magic, _, self._key, value, count, _ = self._unpack("IIIIQQ", chromosomes)
        if magic != _CHROMOSOMES or value != 8:
            raise ValueError("there is no list of chromosomes where the header says")
        items = self._leaves(chromosomes + 32, f"{self._key}sII", f"{self._key}sQ")
        named = [(name.rstrip(b"\0").decode(), number, size) for name, number, size in items]
        self._chromosomes = {number: (name, size) for name, number, size in named}
        if not len(named) == len(self._chromosomes) == len({name for name, _, _ in named}) == count:
            raise ValueError(f"{count} chromosomes are announced, {len(self._chromosomes)} listed")
        magic, *_ = self._unpack("IIQIIIIQII", index)
        if magic != _INDEX:
            raise ValueError("there is no index where the header says")
        self._blocks = list(self._leaves(index + 48, "IIIIQQ", "IIIIQ"))

    def intervals(self) -> Iterator[tuple[str, int, int, str]]:
        """As `read_bigbed`."""
        (announced,) = self._unpack("Q", self._first)
        before, found = (0, 0), 0
        for chrom, start, last_chrom, end, offset, size in self._blocks:
            lowest, highest = (chrom, start), (last_chrom, end)  # of a start: ends are not sorted
            for number, low, high, rest in self._items(self._block(offset, size)):
                if number not in self._chromosomes:
                    raise ValueError(f"an interval is on chromosome number {number}, which is not listed")
                name, length = self._chromosomes[number]
                if not low < high <= length:
                    raise ValueError(f"an interval of {name}, {low} to {high}, is not within its {length} bp")
                if not (lowest <= (number, low) and (number, low) <= highest and before <= (number, low)):
                    raise ValueError(f"an interval of {name}, {low} to {high}, is not where the index says")
                before, found = (number, low), found + 1
                yield name, low, high, rest
        if found != announced:
            raise ValueError(f"{announced} intervals are announced, {found} found")

    def _block(self, offset: int, size: int) -> bytes:
        if offset < self._first or offset + size > len(self._data):
            raise ValueError(f"it ends at byte {len(self._data)}, a block at {offset + size}")
        block = self._data[offset : offset + size]
        if not self._unzipped:
            return block
        unzip = zlib.decompressobj()
        plain = unzip.decompress(block, self._unzipped + 1)
        if not unzip.eof or len(plain) > self._unzipped:
            raise ValueError("a block is cut short, or larger than announced")
        return plain

    def _items(self, block: bytes) -> Iterator[tuple[int, int, int, str]]:
        at = 0
        while at < len(block):
            number, start, end = struct.unpack_from(f"{self._order}III", block, at)
            stop = block.index(b"\0", at + 12)
            yield number, start, end, block[at + 12 : stop].decode()
            at = stop + 1

    def _leaves(self, root: int, leaf: str, branch: str) -> Iterator[tuple]:
        """The items of all leaves of a tree, first to last."""
        waiting, seen = [root], set[int]()
        while waiting:
            at = waiting.pop()
            if at in seen:
                raise ValueError("a tree that runs in a circle")
            seen.add(at)
            is_leaf, _, count = self._unpack("BBH", at)
            layout = leaf if is_leaf else branch
            size = struct.calcsize(f"{self._order}{layout}")
            items = [self._unpack(layout, at + 4 + size * number) for number in range(count)]
            if is_leaf:
                yield from items
            else:
                waiting += [item[-1] for item in reversed(items)]

    def _unpack(self, layout: str, at: int) -> tuple:
        if at + struct.calcsize(f"{self._order}{layout}") > len(self._data):
            raise ValueError(f"it ends at byte {len(self._data)}, something lies at {at}")
        return struct.unpack_from(f"{self._order}{layout}", self._data, at)
