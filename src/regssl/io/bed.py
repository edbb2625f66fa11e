"""BED, narrowPeak and bigBed files as tables of intervals."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.bigbed import is_bigbed, read_bigbed, read_n_columns
from regssl.io.files import open_text

MAX_COORDINATE = 2**32 - 1
"""Largest position of the formats, which have 32 bits for one."""
N_COLUMNS = 10
"""Columns of narrowPeak, the last of which is the summit."""
STRANDS = ("+", "-", ".")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf|nan", re.IGNORECASE)
SKIPPED = ("#", "track", "browser")


def read_bed(path: str | Path, sizes: Mapping[str, int] | None = None, *, summits: bool = False) -> pd.DataFrame:
    """Read the first three columns of a BED or narrowPeak file, plain or gzipped, or of a bigBed file.

    The format is detected by content, not by name. Lines that start with `#`, `track` or `browser`, and empty lines,
    are skipped.

    Args:
        path: the file.
        sizes: chromosome sizes; if given, an interval past the end of its chromosome is an error. Intervals of
            other chromosomes are kept (peak files also name contigs that a benchmark leaves out).
        summits: read narrowPeak's column 10 too.

    Returns:
        chrom (str), start, end (int64; bp, 0-based half-open) and, with `summits`, summit (int64), in file order.

    Raises:
        DataError: names file, row (of a bigBed file: the interval's number), column, value.
    """
    chroms: list[str] = []
    bounds: list[tuple[int, ...]] = []
    read = _bigbed_intervals if is_bigbed(path) else _bed_intervals
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
    """Read the intervals of a BED file, each with its line number and the columns from the fourth on."""
    with open_text(path) as lines:
        try:
            for row, line in enumerate(lines, start=1):
                if not line.strip(" \t\r\n") or line.startswith(SKIPPED):
                    continue
                fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
                yield row, *_interval(path, row, fields), fields[3:] if rest else ()
        except (EOFError, UnicodeDecodeError, OSError, zlib.error) as error:
            raise DataError(f"{path}: cannot be read: {error}", "is the file whole?") from None


def _bigbed_intervals(path: str | Path, rest: bool) -> Iterator[tuple[int, str, int, int, Sequence[str]]]:
    """Read the intervals of a bigBed file, numbered from 1; `rest` as in `_bed_intervals`."""
    n_columns = read_n_columns(path) if rest else 0
    for row, interval in enumerate(read_bigbed(path), start=1):
        if rest and (problem := _column_problem(interval.rest, n_columns)):
            raise DataError(
                f"{path}, row {row}: {problem}",
                "does a name hold a space, or is a column empty? make a BED file of it (bigBedToBed)",
            )
        yield row, interval.chrom, interval.start, interval.end, interval.rest if rest else ()


def _column_problem(rest: Sequence[str], n_columns: int) -> str:
    """Return why columns of a bigBed file, split at white space, are not those of narrowPeak; "" if they are.

    A space and an empty column leave their number as it is, but the strand and the numbers not in their places.
    """
    found = 3 + len(rest)
    if found != n_columns:
        return f"{found} columns, its header has {n_columns}"
    if found > N_COLUMNS:
        return f"{found} columns, narrowPeak has {N_COLUMNS}"
    if found < N_COLUMNS:
        return ""  # no summit, whatever the others are
    if rest[2] not in STRANDS:
        return f"column 6 (strand): {rest[2]!r} is no strand"
    for column, text in enumerate(rest[3:6], start=7):
        if not NUMBER.fullmatch(text):
            return f"column {column}: {text!r} is not a number"
    return ""


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
        if len(fields[column]) > 10 or int(fields[column]) > MAX_COORDINATE:
            raise DataError(
                f"{path}, row {row}, column {column + 1} ({name}): {fields[column][:30]} is past any chromosome's end",
                "is the file damaged?",
            )
        values.append(int(fields[column]))
    start, end = values
    if end <= start:
        raise DataError(f"{path}, row {row}: start {start} is not before end {end}", "BED intervals are half-open")
    return fields[0], start, end


def _summit(path: str | Path, row: int, start: int, end: int, rest: Sequence[str]) -> int:
    """Return the position of narrowPeak's summit: column 10 counts from the start, -1 where none was called."""
    text = rest[6] if len(rest) > 6 else ""
    if not text.isdecimal() or int(text) >= end - start:
        problem = f"'{text}' is not a position within the peak" if text else f"only {3 + len(rest)} columns"
        raise DataError(
            f"{path}, row {row}, column 10 (summit): {problem}",
            "only narrowPeak has summits; else let `peak_centre` of the datasets table be `middle`",
        )
    return start + int(text)
