"""Genomic intervals: read BED, narrowPeak and bigBed files, merge them, ask what they cover.

Coordinates are 0-based and half-open everywhere. An interval table is a DataFrame with the columns chrom (str), start
and end (int64).
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.files import open_text

SKIPPED = ("#", "track", "browser")
BIGBED = (bytes.fromhex("EBF28987"), bytes.fromhex("8789F2EB"))
"""First four bytes of a bigBed file, little- and big-endian (Kent et al. 2010, doi 10.1093/bioinformatics/btq351)."""


def read_bed(path: str | Path, sizes: Mapping[str, int] | None = None, *, summits: bool = False) -> pd.DataFrame:
    """Read the first three columns of a BED or narrowPeak file, plain or gzipped, or of a bigBed file.

    The format is told by the first bytes, not by the name. Lines that start with `#`, `track` or `browser`, and empty
    lines, are skipped.

    Args:
        path: the file.
        sizes: chromosome sizes; if given, an interval past the end of its chromosome is an error. Chromosomes it does
            not name are kept (peak files also name contigs a benchmark leaves aside).
        summits: read narrowPeak's column 10 too, and give the summits in a column `summit` (int64).

    Raises:
        DataError: names file, row (of a bigBed file: the interval's number), column, value.
    """
    chroms: list[str] = []
    bounds: list[tuple[int, ...]] = []
    read = _bigbed_intervals if _is_bigbed(path) else _bed_intervals
    for row, chrom, start, end, rest in read(path, summits):
        if sizes is not None and end > sizes.get(chrom, end):
            raise DataError(
                f"{path}, row {row}, column 3 (end): {end} is past the end of {chrom}, {sizes[chrom]} bp long",
                "is the file of another assembly? see the column `assembly` of the datasets table",
            )
        chroms.append(chrom)
        bounds.append((start, end, _summit(path, row, start, end, rest)) if summits else (start, end))
    table = np.array(bounds, dtype=np.int64).reshape(len(bounds), -1 if bounds else 2 + summits)
    columns = {"chrom": pd.Series(chroms, dtype="str"), "start": table[:, 0], "end": table[:, 1]}
    return pd.DataFrame(columns | ({"summit": table[:, 2]} if summits else {}))


def _bed_intervals(path: str | Path, rest: bool) -> Iterator[tuple[int, str, int, int, Sequence[str]]]:
    """The intervals of a BED file, each with its line number and the columns from the fourth on."""
    with open_text(path) as lines:
        try:
            for row, line in enumerate(lines, start=1):
                if not line.strip(" \t\r\n") or line.startswith(SKIPPED):
                    continue
                fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
                yield row, *_interval(path, row, fields), fields[3:] if rest else ()
        except (EOFError, UnicodeDecodeError, OSError, zlib.error) as error:
            raise DataError(f"{path}: cannot be read: {error}", "is the file whole?") from None


def _is_bigbed(path: str | Path) -> bool:
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in BIGBED


def _bigbed_intervals(path: str | Path, rest: bool) -> Iterator[tuple[int, str, int, int, Sequence[str]]]:
    """The intervals of a bigBed file, chromosome by chromosome, numbered from 1; `rest` as in `_bed_intervals`."""
    import pyBigWig

    row = 0
    try:
        with pyBigWig.open(str(path)) as file:
            for chrom, size in file.chroms().items():
                for start, end, *text in file.entries(chrom, 0, size, withString=rest) or ():
                    row += 1
                    yield row, chrom, start, end, text[0].split("\t") if rest else ()
    except RuntimeError as error:
        raise DataError(f"{path}: cannot be read as bigBed: {error}", "is the file whole?") from None


def _interval(path: str | Path, row: int, fields: Sequence[str]) -> tuple[str, int, int]:
    if len(fields) < 3:
        raise DataError(f"{path}, row {row}: {len(fields)} columns, BED has at least 3", "columns are tab-separated")
    values = []
    for column, name in ((1, "start"), (2, "end")):
        if not fields[column].isascii() or not fields[column].isdigit():
            raise DataError(
                f"{path}, row {row}, column {column + 1} ({name}): '{fields[column]}' is not a whole number >= 0",
                "BED coordinates are 0-based; header lines must start with #",
            )
        values.append(int(fields[column]))
    start, end = values
    if end <= start:
        raise DataError(f"{path}, row {row}: start {start} is not before end {end}", "BED intervals are half-open")
    return fields[0], start, end


def _summit(path: str | Path, row: int, start: int, end: int, rest: Sequence[str]) -> int:
    """The position of narrowPeak's summit: column 10 counts from the start, -1 where none was called."""
    text = rest[6] if len(rest) > 6 else ""
    if not text.isdecimal() or int(text) >= end - start:
        said = f"'{text}' is not a place within the peak" if text else f"only {3 + len(rest)} columns"
        raise DataError(
            f"{path}, row {row}, column 10 (summit): {said}",
            "only narrowPeak has summits; else let `peak_centre` of the datasets table be `middle`",
        )
    return start + int(text)


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
    covered = np.zeros(len(start), np.int64)
    groups = dict(list(merged.groupby("chrom", observed=True)))
    for name, rows in _rows_by(chrom).items():
        if name in groups:
            up_to = _covered_up_to(groups[name]["start"].to_numpy(), groups[name]["end"].to_numpy())
            covered[rows] = up_to(np.asarray(end)[rows]) - up_to(np.asarray(start)[rows])
    return covered


def _covered_up_to(starts: np.ndarray, ends: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The function x → covered bases in [0, x), for disjoint sorted intervals."""
    before = np.concatenate([[0], np.cumsum(ends - starts)])

    def up_to(positions: np.ndarray) -> np.ndarray:
        index = np.searchsorted(ends, positions, side="right")
        inside = np.append(starts, np.iinfo(np.int64).max)[index]
        return before[index] + np.maximum(positions - inside, 0)

    return up_to


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
    for name, rows in _rows_by(chrom).items():
        if name in groups:
            group = groups[name].sort_values("start")
            furthest_end = np.maximum.accumulate(group["end"].to_numpy())
            before = np.searchsorted(group["start"].to_numpy(), np.asarray(end)[rows], side="left")
            found[rows] = np.insert(furthest_end, 0, -1)[before] > np.asarray(start)[rows]
    return found


def _rows_by(chrom: pd.Series) -> dict[str, np.ndarray]:
    """Row numbers of each chromosome."""
    return chrom.reset_index(drop=True).groupby(chrom.to_numpy(), observed=True).indices  # type: ignore[return-value]
