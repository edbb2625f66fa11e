"""Genomic intervals: read BED, narrowPeak and bigBed files, merge them, ask what they cover.

Coordinates are 0-based and half-open everywhere. An interval table is a DataFrame with the columns chrom (str), start
and end (int64).
"""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.liftover.chains import ranges
from regssl.sequences.intervals import covered_before, rows_by_chromosome


def overlapping(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pairs of intervals, one of each table, that share a base: their row numbers, and how many bases.

    Args:
        first, second: chrom, start, end, in any order; they may overlap one another. Fast while all are short.
    """
    of_first, of_second, bases = ([np.empty(0, np.int64)] for _ in range(3))
    groups = rows_by_chromosome(second["chrom"])
    for chrom, rows in rows_by_chromosome(first["chrom"]).items():
        others = groups.get(chrom)
        if others is None:
            continue
        start, end = (first[side].to_numpy(np.int64)[rows] for side in ("start", "end"))
        others = others[np.argsort(second["start"].to_numpy()[others], kind="stable")]
        their_start, their_end = (second[side].to_numpy(np.int64)[others] for side in ("start", "end"))
        longest = int((their_end - their_start).max())
        low = np.searchsorted(their_start, start - longest, side="right")
        high = np.searchsorted(their_start, end, side="left")
        mine, theirs = np.repeat(np.arange(len(rows)), np.maximum(high - low, 0)), ranges(low, np.maximum(high, low))
        shared = np.minimum(end[mine], their_end[theirs]) - np.maximum(start[mine], their_start[theirs])
        real = shared > 0
        of_first.append(rows[mine[real]])
        of_second.append(others[theirs[real]])
        bases.append(shared[real])
    return np.concatenate(of_first), np.concatenate(of_second), np.concatenate(bases)


def merge(intervals: pd.DataFrame) -> pd.DataFrame:
    """Sort intervals and join those that overlap or touch (bedtools merge)."""
    if intervals.empty:
        return intervals.reset_index(drop=True)
    import pybedtools

    if shutil.which("bedtools") is None:
        raise DataError("the program bedtools is not installed", "apt-get install bedtools, or conda install bedtools")
    try:
        merged = pybedtools.BedTool.from_dataframe(intervals).sort().merge()
        table = merged.to_dataframe(names=["chrom", "start", "end"], dtype={"chrom": "str"})
    finally:
        pybedtools.cleanup()  # it leaves its temporary files until the process ends
    return table.astype({"start": np.int64, "end": np.int64})


def covered_bases(merged: pd.DataFrame, chrom: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How many bases of each query are covered.

    Args:
        merged: disjoint intervals, as `merge` returns.
        chrom, start, end: n queries.

    Returns:
        int64 (n,).
    """
    start, end, covered = np.asarray(start), np.asarray(end), np.zeros(len(start), np.int64)
    groups = dict(list(merged.groupby("chrom", observed=True)))
    for name, rows in rows_by_chromosome(chrom).items():
        if name in groups:
            blocks = groups[name][["start", "end"]].to_numpy(np.int64)
            covered[rows] = covered_before(blocks, end[rows]) - covered_before(blocks, start[rows])
    return covered


def overlaps(intervals: pd.DataFrame, chrom: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether each query shares at least one base with any interval; intervals may overlap one another.

    Args:
        intervals: the table to look in.
        chrom, start, end: n queries.

    Returns:
        bool (n,).
    """
    found = np.zeros(len(start), bool)
    groups = dict(list(intervals.groupby("chrom", observed=True)))
    for name, rows in rows_by_chromosome(chrom).items():
        if name in groups:
            group = groups[name].sort_values("start")
            furthest_end = np.maximum.accumulate(group["end"].to_numpy())
            before = np.searchsorted(group["start"].to_numpy(), np.asarray(end)[rows], side="left")
            found[rows] = np.insert(furthest_end, 0, -1)[before] > np.asarray(start)[rows]
    return found
