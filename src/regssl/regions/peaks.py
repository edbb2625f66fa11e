"""Peaks of a published assembly, moved into regions; a peak that is not whole in one region is left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.errors import DataError
from regssl.io.files import read_lines
from regssl.io.text import shorten
from regssl.liftover.chains import Chains
from regssl.regions.places import Place, locate

NARROWPEAK = 10
"""Columns of narrowPeak."""
UNKNOWN = ["0", ".", "0", "-1", "-1"]
"""Columns 5 to 9 of narrowPeak, where nothing is known."""


class _Peaks(NamedTuple):
    """Peaks on the chromosomes of the regions: n names, starts, ends and summits (int64), and their other cells."""

    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    summit: np.ndarray
    cells: list[list[str]]


def move_peaks(paths: Sequence[str | Path], places: Sequence[Place], chains: Chains | None = None) -> list[str]:
    """Move narrowPeak files into regions: both ends and the summit, each by itself.

    Args:
        paths: narrowPeak files of the published assembly, plain or gzipped.
        places: the regions of one genome.
        chains: as in `locate`.

    Returns:
        Lines of narrowPeak, sorted. Column 4 is the old place (`chr7:115813194-115813378`), column 6 a dot.

    Raises:
        DataError: a file is not narrowPeak; names file, line and column.
    """
    peaks = _read(paths, places, with_summits=True)
    return _moved(peaks, places, chains, [_place(peaks, row) for row in range(len(peaks.start))])


def move_measured_peaks(paths: Sequence[str | Path], places: Sequence[Place], label: str) -> list[str]:
    """Move the peaks of another species into its regions, which are moved by a constant; their summit is their middle.

    Args:
        paths: BED files of the published assembly.
        places: the regions of the genome.
        label: of whom they are, for column 4: `Bonev2017:chr6:16977555-16977936(mm9)`.

    Returns:
        Lines of narrowPeak, sorted; one for a peak that is in two files.

    Raises:
        DataError: a file is not BED; names file, line and column.
    """
    peaks = _read(paths, places, with_summits=False)
    assemblies = {place.chrom: place.assembly for place in places}
    names = [f"{label}:{_place(peaks, row)}({assemblies[peaks.chrom[row]]})" for row in range(len(peaks.start))]
    return list(dict.fromkeys(_moved(peaks, places, None, names)))


def region_intervals(places: Sequence[Place]) -> list[str]:
    """Write the parts of the regions in which peaks can be, as lines of BED."""
    return [f"{place.region}\t0\t{min(place.end - place.start, place.length)}\n" for place in places]


def _place(peaks: _Peaks, row: int) -> str:
    return f"{peaks.chrom[row]}:{peaks.start[row]}-{peaks.end[row]}"


def _moved(peaks: _Peaks, places: Sequence[Place], chains: Chains | None, names: Sequence[str]) -> list[str]:
    first, last, summit = (
        locate(places, peaks.chrom, position, chains) for position in (peaks.start, peaks.end - 1, peaks.summit)
    )
    rows = []
    for row in np.flatnonzero(first.together(last, summit)).tolist():
        region, start = places[int(first.region[row])].region, int(first.position[row])
        offset = int(summit.position[row]) - start
        rows.append((region, start, int(last.position[row]) + 1, names[row], *peaks.cells[row], offset))
    return ["\t".join(map(str, row)) + "\n" for row in sorted(rows)]


def _read(paths: Sequence[str | Path], places: Sequence[Place], *, with_summits: bool) -> _Peaks:
    """Read the peaks on the chromosomes of the regions; the summit is column 10, or the middle."""
    chroms = {place.chrom for place in places}
    names, cells, numbers = list[str](), list[list[str]](), list[tuple[int, int, int]]()
    for path in paths:
        before = len(names)
        for number, line in read_lines(path):
            fields = line.split("\t")
            if not line or fields[0] not in chroms:
                continue
            if len(fields) < (NARROWPEAK if with_summits else 3):
                raise DataError(f"{path}: line {number}: {len(fields)} columns", "narrowPeak has 10, BED at least 3")
            start, end = (_whole(path, number, column, fields[column - 1]) for column in (2, 3))
            summit = start + _whole(path, number, 10, fields[9]) if with_summits else start + (end - start) // 2
            if not start <= summit <= end or start == end:  # some callers give the end
                raise DataError(f"{path}: line {number}: start {start}, summit {summit}, end {end}: not in this order")
            names.append(fields[0])
            numbers.append((start, end, summit))
            cells.append([fields[4], ".", *fields[6:9]] if with_summits else UNKNOWN)
        if len(names) == before:
            raise DataError(f"{path}: no peak on {', '.join(sorted(chroms))}", "are these peaks, on that assembly?")
    table = np.array(numbers, np.int64).reshape(-1, 3)
    return _Peaks(np.array(names, object), table[:, 0], table[:, 1], table[:, 2], cells)


def _whole(path: str | Path, number: int, column: int, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise DataError(f"{path}: line {number}, column {column}: '{shorten(text)}' is not a whole number >= 0")
    return int(text)
