"""BED, narrowPeak and bigBed files as tables of intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.bigbed import read_bigbed
from regssl.io.files import Input, open_input, read_lines
from regssl.io.formats import identify
from regssl.io.text import shorten

MAX_COORDINATE = 2**32 - 1
"""Largest position of the formats, which have 32 bits for one."""
N_COLUMNS = 10
"""Columns of narrowPeak, the last of which is the summit."""
BLANKS = " \t\v\f"
HEADER = re.compile(rf"[{BLANKS}]*($|#|(track|browser)([{BLANKS}]|$))")
"""What begins a line that is no interval; `track` and `browser` are words: a chromosome may be called `track7`."""
HEADER_LETTERS = "#tb" + BLANKS
Row = tuple[int, str, int, int, Sequence[str]]
"""Number of the line, chrom, start, end, the columns from the fourth on."""


def read_bed(
    path: str | Path, sizes: Mapping[str, int] | None = None, *, summits: bool = False, genome: str = "the genome"
) -> pd.DataFrame:
    """Read the first three columns of a BED or narrowPeak file, plain or gzipped, or of a bigBed file.

    The format is detected by content, not by name. Lines that start with `#`, `track` or `browser`, and empty lines,
    are skipped.

    Args:
        path: the file.
        sizes: chromosome sizes; if given, an interval past the end of its chromosome is an error, and so are other
            sizes in the header of a bigBed file. Intervals of other chromosomes are kept (peak files also name contigs
            that a benchmark leaves out).
        summits: read narrowPeak's column 10 too.
        genome: what the genome of `sizes` is called in messages.

    Returns:
        chrom (str), start, end (int64; bp, 0-based half-open) and, with `summits`, summit (int64), in file order.

    Raises:
        DataError: names file, row (of a bigBed file: the interval's number), column, value.
    """
    chroms: list[str] = []
    bounds: list[tuple[int, ...]] = []
    with open_input(path, accept=["bigBed"]) as file:
        rows = _bigbed_rows(file, sizes, genome) if identify(file.peek()) else _bed_rows(file)
        for row, chrom, start, end, rest in rows:
            if sizes is not None and end > sizes.get(chrom, end):
                raise DataError(
                    f"{path}, row {row}, column 3 (end): {end} is past the end of {chrom}, {sizes[chrom]} bp long "
                    f"in {genome}",
                    "is the file of another assembly? for a dataset's peaks see the column `assembly`",
                )
            chroms.append(chrom)
            bounds.append((start, end, _summit(path, row, start, end, rest)) if summits else (start, end))
    table = np.array(bounds, dtype=np.int64).reshape(len(bounds), -1 if bounds else 2 + summits)
    columns = {"chrom": pd.Series(chroms, dtype="str"), "start": table[:, 0], "end": table[:, 1]}
    return pd.DataFrame(columns | ({"summit": table[:, 2]} if summits else {}))


def _bed_rows(file: Input) -> Iterator[Row]:
    """Split lines at tabs where there are two at least, else at white space."""
    for row, line in read_lines(file):
        if line[:1] not in HEADER_LETTERS or not HEADER.match(line):  # the letter first, which is fast
            fields = line.split("\t") if line.count("\t") > 1 else re.findall(rf"[^{BLANKS}]+", line)
            yield row, *_interval(file.path, row, fields), fields[3:]


def _bigbed_rows(file: Input, sizes: Mapping[str, int] | None, genome: str) -> Iterator[Row]:
    for row, interval in enumerate(read_bigbed(file, sizes, genome), start=1):
        yield row, *interval


def _interval(path: str | Path, row: int, fields: Sequence[str]) -> tuple[str, int, int]:
    """Parse the first three columns; `_problem` says what is wrong with others."""
    if len(fields) >= 3:
        chrom, first, last = fields[0].strip(BLANKS), fields[1].strip(BLANKS), fields[2].strip(BLANKS)
        if chrom and _is_coordinate(first) and _is_coordinate(last) and (start := int(first)) < (end := int(last)):
            return chrom, start, end
    raise _problem(f"{path}, row {row}", [field.strip(BLANKS) for field in fields[:3]])


def _is_coordinate(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 10 and int(text) <= MAX_COORDINATE


def _problem(where: str, fields: Sequence[str]) -> DataError:
    if len(fields) < 3:
        return DataError(f"{where}: {len(fields)} columns, BED has at least 3", "columns are tab-separated")
    if not fields[0]:
        return DataError(f"{where}, column 1 (chrom): is empty", "BED begins with the chromosome")
    for column, name in ((2, "start"), (3, "end")):
        text, place = fields[column - 1], f"{where}, column {column} ({name})"
        if not (text.isascii() and text.isdigit()):
            return DataError(
                f"{place}: '{shorten(text)}' is not a whole number >= 0",
                "BED coordinates are 0-based; header lines must start with #",
            )
        if not _is_coordinate(text):
            return DataError(f"{place}: {shorten(text)} is past any chromosome's end", "is the file damaged?")
    return DataError(f"{where}: start {fields[1]} is not before end {fields[2]}", "BED intervals are half-open")


def _summit(path: str | Path, row: int, start: int, end: int, rest: Sequence[str]) -> int:
    """Return the position of narrowPeak's summit: column 10 counts from the start, -1 where none was called."""
    if len(rest) < 7 or any(rest[7:]):  # empty cells at the end are those of a tab too many
        problem = f"{3 + len(rest)} columns, narrowPeak has {N_COLUMNS}"
    elif rest[6] == "-1":
        problem = "-1, which says that none was called"
    elif not (rest[6].isascii() and rest[6].isdigit() and len(rest[6]) <= 10 and int(rest[6]) < end - start):
        problem = f"'{shorten(rest[6])}' is not a position within the peak"
    else:
        return start + int(rest[6])
    raise DataError(
        f"{path}, row {row}, column 10 (summit): {problem}",
        "only narrowPeak has summits; else let `peak_centre` of the datasets table be `middle`",
    )
