"""bigBed files, read whole; a damaged file is an error, never a part of its intervals.

Format: Kent et al. 2010, doi 10.1093/bioinformatics/btq351, supplementary tables 5 to 17. Columns are separated by tabs
alone: a library that splits them at white space moves what follows a name with a blank, or an empty column.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from regssl.errors import DataError
from regssl.io.files import Input, open_input

BYTE_ORDERS = {struct.pack("<I", 0x8789F2EB): "<", struct.pack(">I", 0x8789F2EB): ">"}
"""Byte order by the first four bytes of a file."""
CHROMOSOMES_MAGIC, INDEX_MAGIC = 0x78CA8C91, 0x2468ACE0
HEADER, CHROMOSOMES_HEADER, INDEX_HEADER_BYTES = "IHHQQQHHQQI", "IIIIQ", 48


class BigBedInterval(NamedTuple):
    """One interval: chromosome, start and end (bp, 0-based half-open), the text of the columns from the fourth on."""

    chrom: str
    start: int
    end: int
    rest: tuple[str, ...]


def read_bigbed(
    source: str | Path | Input, sizes: Mapping[str, int] | None = None, genome: str = "the genome"
) -> list[BigBedInterval]:
    """Read all intervals in file order: by chromosome and start.

    Args:
        source: a path, or what `open_input` gave for it, which is closed at the end.
        sizes: chromosome sizes of the genome that it should be of, as far as they are known; None: not at all.
        genome: what that genome is called in messages.

    Raises:
        DataError: the file is absent, is not bigBed, is truncated, or contradicts itself: offsets, compressed blocks,
            bounds of chromosomes, order, number of intervals; or a text in it is not UTF-8; or its header has another
            length of a chromosome.
    """
    with source if isinstance(source, Input) else open_input(source, accept=["bigBed"]) as file:
        data, path = file.read(), file.path
    try:
        intervals, lengths = _parse(data)
    except UnicodeDecodeError:
        problem, hint = "a text in it is not UTF-8", "is the file whole? if so, make a BED file of it (bigBedToBed)"
    except (ValueError, OverflowError, struct.error, zlib.error) as error:
        problem, hint = str(error), "is the file whole?"
    else:
        for chrom, length in lengths.items():
            if sizes is not None and length != sizes.get(chrom, length):
                raise DataError(
                    f"{path}: {chrom} has {length:,} bp there, {sizes[chrom]:,} bp in {genome}", "another assembly?"
                )
        return intervals
    raise DataError(f"{path}: cannot be read as bigBed: {problem}", hint)


def _parse(data: bytes) -> tuple[list[BigBedInterval], dict[str, int]]:
    """Return the intervals, and the chromosomes' sizes by name as the header has them."""
    order = BYTE_ORDERS.get(data[:4])
    if order is None:
        raise ValueError("its first bytes are not those of a bigBed file")
    _, _, _, chromosomes_at, data_at, index_at, _, _, _, _, block_bytes = struct.unpack_from(order + HEADER, data)
    chromosomes = dict(_chromosomes(data, order, chromosomes_at))
    (count,) = struct.unpack_from(f"{order}Q", data, data_at)
    intervals = list[BigBedInterval]()
    for offset, size in _blocks(data, order, index_at):
        block = data[offset : offset + size]
        if len(block) != size:
            raise ValueError(f"a block ends at byte {offset + size}, the file at byte {len(data)}")
        intervals += _records(_decompress(block, block_bytes) if block_bytes else block, order, chromosomes)
        if len(intervals) > count:
            break
    if len(intervals) != count:
        found = "more" if len(intervals) > count else str(len(intervals))
        raise ValueError(f"its header counts {count} intervals, {found} are found")
    for previous, (chrom, start, end, _) in itertools.pairwise(intervals):
        if chrom == previous.chrom and start < previous.start:
            raise ValueError(f"an interval of {chrom}, {start} to {end}, is not in order")
    return intervals, dict(chromosomes.values())


def _nodes(data: bytes, root: int, leaf_bytes: int, inner_bytes: int, order: str) -> Iterator[int]:
    """Walk through a tree, in order; yield the offset of each item of its leaves. Both trees have such nodes.

    The last eight bytes of an inner item are the offset of a node.
    """
    nodes, seen = [root], set[int]()
    while nodes:
        node = nodes.pop()
        if node in seen:
            raise ValueError("its index is a circle")
        seen.add(node)
        is_leaf, _, n = struct.unpack_from(f"{order}BBH", data, node)
        size = leaf_bytes if is_leaf else inner_bytes
        items = range(node + 4, node + 4 + n * size, size)
        if node + 4 + n * size > len(data):
            raise ValueError("its index ends beyond the file")
        if is_leaf:
            yield from items
        else:
            nodes += [struct.unpack_from(f"{order}Q", data, item + size - 8)[0] for item in reversed(items)]


def _chromosomes(data: bytes, order: str, at: int) -> Iterator[tuple[int, tuple[str, int]]]:
    """Read number, name and size (bp) of each chromosome."""
    magic, _, key_bytes, value_bytes, n = struct.unpack_from(order + CHROMOSOMES_HEADER, data, at)
    if magic != CHROMOSOMES_MAGIC or value_bytes != 8:
        raise ValueError("its chromosomes are not where its header says")
    found = 0
    for item in _nodes(data, at + 32, key_bytes + 8, key_bytes + 8, order):
        number, size = struct.unpack_from(f"{order}II", data, item + key_bytes)
        yield number, (data[item : item + key_bytes].rstrip(b"\0").decode(), size)
        found += 1
    if found != n:
        raise ValueError(f"its header counts {n} chromosomes, {found} are found")


def _blocks(data: bytes, order: str, at: int) -> Iterator[tuple[int, int]]:
    """Read offset and length (bytes) of each block of intervals."""
    (magic,) = struct.unpack_from(f"{order}I", data, at)
    if magic != INDEX_MAGIC:
        raise ValueError("its index is not where its header says")
    for item in _nodes(data, at + INDEX_HEADER_BYTES, 32, 24, order):
        yield struct.unpack_from(f"{order}QQ", data, item + 16)


def _decompress(block: bytes, size: int) -> bytes:
    """Decompress a block of at most `size` bytes."""
    stream = zlib.decompressobj()
    text = stream.decompress(block, size + 1)  # one more: the checksum follows the last byte
    if not stream.eof or len(text) > size:
        raise ValueError("a compressed block is cut short, or longer than its header says")
    return text


def _records(block: bytes, order: str, chromosomes: dict[int, tuple[str, int]]) -> Iterator[BigBedInterval]:
    """Read the intervals of a block."""
    numbers, at = struct.Struct(f"{order}III"), 0
    while at < len(block):
        number, start, end = numbers.unpack_from(block, at)
        if number not in chromosomes:
            raise ValueError(f"an interval is on chromosome number {number}, which it does not have")
        chrom, size = chromosomes[number]
        if not start < end <= size:
            raise ValueError(f"an interval of {chrom}, {start} to {end}, is not within its {size} bp")
        stop = block.find(b"\0", at + 12)
        if stop < 0:
            raise ValueError("the columns of an interval have no end")
        rest = block[at + 12 : stop].decode()
        yield BigBedInterval(chrom, start, end, tuple(rest.split("\t")) if rest else ())
        at = stop + 1
