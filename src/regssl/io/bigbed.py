"""bigBed files, read whole with pybigtools; a damaged file is an error, never a crash or a part of its intervals.

pybigtools reads in a process of its own: a wrong length in a damaged file makes it panic, which is no Python
`Exception`, or abort the process, and it prints both to standard error.

Format: Kent et al. 2010, doi 10.1093/bioinformatics/btq351, supplementary tables 5 to 17.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, NamedTuple

from regssl.errors import DataError
from regssl.io.files import reading

BYTE_ORDERS = {struct.pack("<I", 0x8789F2EB): "<", struct.pack(">I", 0x8789F2EB): ">"}
"""Byte order by the first four bytes of a file."""
TIMEOUT_SECONDS = 60
"""Time to read a file, in addition to a second for each INTERVALS_PER_SECOND: a damaged index can be a circle."""
INTERVALS_PER_SECOND = 10_000
MAX_COUNT = 10**9
"""Largest credible number of intervals."""

_READ = """
import itertools, json, sys
try:
    import pybigtools
    with open(sys.argv[1], "rb") as raw, pybigtools.open(raw) as file:  # by a name it would go by the suffix
        sizes = file.chroms()
        intervals = ((chrom, *record) for chrom in sizes for record in file.records(chrom))
        found = list(itertools.islice(intervals, int(sys.argv[2]) + 1))
    sys.stdout.write(json.dumps((sizes, found)))  # json.dump encodes in Python: ten times slower
except BaseException as error:
    sys.exit(str(error).split("\\n")[0] or repr(error))
"""


class BigBedInterval(NamedTuple):
    """One interval: chromosome, start and end (bp, 0-based half-open), the text of the columns from the fourth on."""

    chrom: str
    start: int
    end: int
    rest: tuple[str, ...]


def is_bigbed(path: str | Path) -> bool:
    """Check by content (not by name) whether a file is bigBed; False where it cannot be read."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in BYTE_ORDERS


def read_bigbed(path: str | Path) -> list[BigBedInterval]:
    """Read all intervals in file order: by chromosome and start.

    Columns are split at white space, as pybigtools does: of an interval whose name contains a space, or that has an
    empty column, `rest` is not the columns of the BED file it was made from. Compare `read_n_columns` where it matters.

    Raises:
        DataError: the file is absent, is not bigBed, is truncated, or contradicts itself: offsets, compressed blocks,
            bounds of chromosomes, order, number of intervals; or a text in it is not UTF-8.
    """
    try:
        count = _count(path)
        sizes, records = _read(path, count)
        intervals = [BigBedInterval(chrom, start, end, tuple(rest)) for chrom, start, end, *rest in records]
        _check(intervals, sizes, count)
    except (ValueError, struct.error) as error:
        raise DataError(f"{path}: cannot be read as bigBed: {error}", "is the file whole?") from None
    return intervals


def read_n_columns(path: str | Path) -> int:
    """Read from the header how many columns every interval has, the first three included.

    Raises:
        DataError: the file is absent, is not bigBed, or is truncated.
    """
    try:
        with reading(path), Path(path).open("rb") as file:
            order = _byte_order(file)
            file.seek(32)
            (n_columns,) = struct.unpack(f"{order}H", file.read(2))
    except (ValueError, struct.error) as error:
        raise DataError(f"{path}: cannot be read as bigBed: {error}", "is the file whole?") from None
    return int(n_columns)


def _byte_order(file: IO[bytes]) -> str:
    order = BYTE_ORDERS.get(file.read(4))
    if order is None:
        raise ValueError("its first bytes are not those of a bigBed file")
    return order


def _count(path: str | Path) -> int:
    """Read the number of intervals, which precedes the data."""
    with reading(path), Path(path).open("rb") as file:
        order = _byte_order(file)
        file.seek(16)
        (data,) = struct.unpack(f"{order}Q", file.read(8))
        size = file.seek(0, os.SEEK_END)
        if data > size:
            raise ValueError(f"its data begin at byte {data}, it ends at byte {size}")
        file.seek(data)
        (count,) = struct.unpack(f"{order}Q", file.read(8))
    if count > MAX_COUNT:
        raise ValueError(f"its header counts {count} intervals")
    return int(count)


def _read(path: str | Path, count: int) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """Read chromosome sizes and up to `count` + 1 records (chrom, start, end, columns from the fourth on)."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _READ, str(path), str(count)],
            capture_output=True,
            timeout=TIMEOUT_SECONDS + count / INTERVALS_PER_SECOND,
            check=False,
            env=os.environ | {"RUST_BACKTRACE": "0"},
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"not read after {error.timeout:.0f} s") from None
    if done.returncode:
        text = done.stderr.decode("utf-8", "replace")
        if "Utf8Error" in text:
            raise DataError(
                f"{path}: cannot be read as bigBed: a text in columns 4 and on is not UTF-8",
                "is the file whole? if so, make a BED file of it (bigBedToBed)",
            )
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("note:")]
        raise ValueError(lines[-1][:200] if lines else f"pybigtools ended with {done.returncode}")
    sizes, records = json.loads(done.stdout)
    return sizes, records


def _check(intervals: list[BigBedInterval], sizes: dict[str, int], count: int) -> None:
    previous = ("", 0)
    for chrom, start, end, _ in intervals:
        if not start < end <= sizes[chrom]:
            raise ValueError(f"an interval of {chrom}, {start} to {end}, is not within its {sizes[chrom]} bp")
        if chrom == previous[0] and start < previous[1]:
            raise ValueError(f"an interval of {chrom}, {start} to {end}, is not in order")
        previous = chrom, start
    if len(intervals) != count:
        found = "more" if len(intervals) > count else str(len(intervals))
        raise ValueError(f"its header counts {count} intervals, {found} are found")
