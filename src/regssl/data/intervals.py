"""Tables of genomic intervals: merge them, find overlaps, count covered bases.

A table of intervals is a DataFrame with the columns chrom (str or category), start and end (int64), 0-based and
half-open.
"""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.liftover.chains import concatenated_ranges
from regssl.sequences.intervals import covered_before, rows_by_chromosome


def overlapping_pairs(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find all pairs of intervals, one of each table, that share a base.

    Args:
        first, second: chrom, start, end, in any order; intervals of one table may overlap. Time grows with the longest
            interval of `second`.

    Returns:
        Three arrays, int64 (pairs,): row number in `first`, row number in `second`, shared bases.
    """
    of_first, of_second, bases = ([np.empty(0, np.int64)] for _ in range(3))
    groups = rows_by_chromosome(second["chrom"])
    for chrom, rows in rows_by_chromosome(first["chrom"]).items():
        others = groups.get(chrom)
        if others is None:
            continue
        start, end = (first[side].to_numpy(np.int64)[rows] for side in ("start", "end"))
        others = others[np.argsort(second["start"].to_numpy()[others], kind="stable")]
        other_start, other_end = (second[side].to_numpy(np.int64)[others] for side in ("start", "end"))
        longest = int((other_end - other_start).max())
        low = np.searchsorted(other_start, start - longest, side="right")
        high = np.searchsorted(other_start, end, side="left")
        i, j = (
            np.repeat(np.arange(len(rows)), np.maximum(high - low, 0)),
            concatenated_ranges(low, np.maximum(high, low)),
        )
        shared = np.minimum(end[i], other_end[j]) - np.maximum(start[i], other_start[j])
        overlapping = shared > 0
        of_first.append(rows[i[overlapping]])
        of_second.append(others[j[overlapping]])
        bases.append(shared[overlapping])
    return np.concatenate(of_first), np.concatenate(of_second), np.concatenate(bases)


def merge(intervals: pd.DataFrame) -> pd.DataFrame:
    """Sort intervals by chromosome (as text) and start, and join those that overlap or are adjacent (`bedtools merge`).

    bedtools gets numbers for chromosomes: it takes a line that begins with `#` or `track` for a comment, and a table
    reader takes `NA` for a missing name.

    Raises:
        DataError: the program bedtools is not installed.
    """
    if intervals.empty:
        return intervals.reset_index(drop=True)
    import pybedtools

    if shutil.which("bedtools") is None:
        raise DataError("the program bedtools is not installed", "apt-get install bedtools, or conda install bedtools")
    codes, names = pd.factorize(intervals["chrom"].astype(str), sort=True)
    coded = intervals[["chrom", "start", "end"]].assign(chrom=[f"{code:09d}" for code in codes])
    try:
        merged = pybedtools.BedTool.from_dataframe(coded).sort().merge()
        table: pd.DataFrame = merged.to_dataframe(names=["chrom", "start", "end"], dtype=np.int64)
    finally:
        pybedtools.cleanup()  # it leaves its temporary files until the process ends
    return table.assign(chrom=pd.Series(names[table["chrom"]], dtype="str"))


def covered_bases(merged: pd.DataFrame, chrom: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Count the bases of each query that a table of intervals covers.

    Args:
        merged: sorted, disjoint intervals, as `merge` returns.
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


def overlaps_any(intervals: pd.DataFrame, chrom: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Test whether each query shares at least one base with any interval.

    Args:
        intervals: chrom, start, end, in any order; they may overlap one another.
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
