"""Lift a BED file to a BED file, as UCSC's `liftOver` program, some megabytes at a time."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from regssl.errors import ConfigError, DataError
from regssl.io.atomic import atomic_path, check_outputs
from regssl.io.files import open_input, read_blocks
from regssl.io.outputs import open_output
from regssl.io.text import shorten
from regssl.liftover import _bed as kernels
from regssl.liftover.bed_rows import NARROWPEAK, BedRows, Layout, Pieces, StringTable, allocate_rows, intern
from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import LiftedIntervals, lift_arrays, lift_within
from regssl.liftover.status import UCSC_OUTCOMES

CHUNK_BYTES = 1 << 22
"""Bytes of BED in memory at a time."""
MAX_ADDED_BYTES = 80
"""Bound on the bytes of the coordinates, the rank and the separators of a line."""
MAX_BED_PLUS = 9
"""Largest number of BED's columns that are lifted: those from the tenth on are blocks."""
WHITE_SPACE = "\t\v\f\r "
_log = logging.getLogger(__name__)
KEEP_COLUMNS = "to keep columns from the seventh on as they are: --bed-plus 6"


def lift_bed(  # noqa: PLR0913
    bed_in: str | Path,
    chain: str | Path,
    bed_out: str | Path,
    unmapped: str | Path,
    *,
    min_match: float = 0.95,
    multiple: bool = False,
    tab: bool = False,
    bed_plus: int = 0,
) -> dict[str, int]:
    """Write what `liftOver [-multiple] [-tab] [-bedPlus=N] -minMatch=… bed_in chain bed_out unmapped` writes.

    A line with two tabs or more is split at its tabs, so that names may hold spaces and cells may be empty (UCSC's
    program does so with -tab only); any other at white space. White space around the first three columns is left out.
    Fields are separated by tabs in the output. Columns 4, 5 and those that are not BED's are kept; a minus-strand chain
    exchanges the strand. thickStart and thickEnd are lifted through the chain of their interval;
    where it aligns too little of them, both are the start. Blank lines and those that begin with `#`, `track` or
    `browser` are skipped (UCSC's program stops at the last two). Column 6 of an unmapped line is kept where `bed_plus`
    is below 6 (UCSC's program replaces it by a dot).

    Ten columns are narrowPeak: its summit is lifted too, and is -1 where its base has no counterpart; with `bed_plus=6`
    it is kept as it is, as by UCSC's -bedPlus=6. Columns 7 to 9 must be numbers, and not both 7 and 8 within the
    interval as thickStart and thickEnd are. More columns need `bed_plus`: blocks are not lifted. A longer strand than
    one character, of which UCSC's program keeps the first, is refused.

    With `multiple`, UCSC's rules: four to six columns, written as chrom, start, end, name, rank of the piece and, if
    there was one, strand; the strand of each piece follows from its own chain.

    Args:
        bed_in: BED3 to BED9, narrowPeak, or other columns with `bed_plus`; plain or gzipped.
        chain: chain file or index, as `read_chains`.
        bed_out: mapped intervals, in the order of the input.
        unmapped: the others, each below a comment line with the reason.
        min_match, multiple: as in `regssl.liftover.lift.lift`.
        tab: split every line at its tabs.
        bed_plus: 3 to 9, so many columns are BED's and the others are kept as they are; 0: all are.

    Returns:
        Number of intervals by status: mapped, deleted, partially_deleted, split, duplicated.

    Raises:
        DataError: a line of `bed_in` cannot be read; the message names line, column and value.
        ChainError: as `read_chains`.
        ConfigError: min_match outside (0, 1]; bed_plus not 0 or 3 to 9; an output is an input or the other output.
    """
    if bed_plus != 0 and not 3 <= bed_plus <= MAX_BED_PLUS:
        raise ConfigError(f"bed_plus is {bed_plus}", f"3 to {MAX_BED_PLUS} columns of BED; blocks are not lifted")
    check_outputs([bed_out, unmapped], [bed_in, chain])
    chains = read_chains(chain)
    layout = Layout(multiple, tab, bed_plus)
    names, query_names = intern(list(chains.target_sizes)), intern(list(chains.query_sizes))
    reasons = intern([status.ucsc_reason for status in UCSC_OUTCOMES])
    counts = np.zeros(len(UCSC_OUTCOMES), int)
    line, known, lost_summits = 1, False, 0
    with (
        open_input(bed_in) as source,
        atomic_path(unmapped) as unmapped_path,
        atomic_path(bed_out) as mapped_path,  # a pipe gets it first
        open_output(mapped_path) as mapped_file,
        open_output(unmapped_path) as unmapped_file,
    ):
        for chunk in read_blocks(source, CHUNK_BYTES):
            rows, any_inner = _parse(chunk, names, layout, bed_in, line)
            lifted = lift_arrays(chains, rows.target, rows.start, rows.end, min_match=min_match, multiple=multiple)
            inner = np.empty((2, 0), np.int64)
            if any_inner:
                inner = lift_within(chains, lifted, rows.target, rows.inner_start, rows.inner_end, min_match)
                lost_summits += _count_lost_summits(rows, lifted, inner, layout)
            mapped_file.write(_mapped(chunk, rows, lifted, inner, query_names, layout))
            unmapped_file.write(_unmapped(chunk, rows, lifted, layout, reasons))
            counts += np.bincount(lifted.status, minlength=len(UCSC_OUTCOMES))
            known = known or bool((rows.target >= 0).any())
            line += chunk.count(b"\n")
    if counts.any() and not known:
        _log.warning(
            "%s: none of its intervals lies on a chromosome of the chains, such as %s: another style of names?",
            *(bed_in, next(iter(chains.target_sizes))),
        )
    if lost_summits:
        _log.warning("%s: %s lifted peaks have a summit without a counterpart: it is -1", bed_in, f"{lost_summits:,}")
    return {status.value: n for status, n in zip(UCSC_OUTCOMES, counts.tolist(), strict=True)}


def _parse(chunk: bytes, names: StringTable, layout: Layout, path: str | Path, line: int) -> tuple[BedRows, bool]:
    """Parse the intervals of a chunk, whose first line has number `line`; say whether any holds a part to be lifted."""
    rows = allocate_rows(chunk.count(b"\n") + 1)
    n, any_inner, bad = kernels.parse(np.frombuffer(chunk, np.uint8), layout, names, rows)
    if bad >= 0:
        problem, hint = _problem(chunk[bad:].split(b"\n", 1)[0], layout)
        number = line + chunk.count(b"\n", 0, bad)
        raise DataError(f"{path}: line {number}{problem}", hint)
    return BedRows(*(column[:n] for column in rows)), any_inner


def _count_lost_summits(rows: BedRows, lifted: LiftedIntervals, inner: np.ndarray, layout: Layout) -> int:
    if layout.bed_plus:
        return 0
    summits = (np.abs(rows.columns) == NARROWPEAK) & (rows.inner_start >= 0)
    return int(np.count_nonzero(summits[lifted.index] & (inner[0] < 0)))


def _mapped(
    chunk: bytes,
    rows: BedRows,
    lifted: LiftedIntervals,
    inner: np.ndarray,
    names: StringTable,
    layout: Layout,
) -> bytes:
    """Format the lines of the mapped file."""
    lengths = (rows.stop - rows.tail)[lifted.index] + np.diff(names.first)[lifted.chrom] + MAX_ADDED_BYTES
    out = np.empty(lengths.sum(), np.uint8)
    columns = (lifted.index, lifted.chrom, lifted.start, lifted.end, lifted.minus, lifted.multiple_rank, inner)
    size = kernels.write_mapped(np.frombuffer(chunk, np.uint8), rows, Pieces(*columns), layout, names, out)
    return out[:size].tobytes()


def _unmapped(
    chunk: bytes,
    rows: BedRows,
    lifted: LiftedIntervals,
    layout: Layout,
    reasons: StringTable,
) -> bytes:
    """Format the lines of the unmapped file."""
    lengths = (rows.stop - rows.first + np.diff(reasons.first)[lifted.status] + MAX_ADDED_BYTES)[lifted.status > 0]
    out = np.empty(lengths.sum(), np.uint8)
    size = kernels.write_unmapped(np.frombuffer(chunk, np.uint8), rows, lifted.status, layout, reasons, out)
    return out[:size].tobytes()


def _problem(line: bytes, layout: Layout) -> tuple[str, str]:
    """Return what is wrong with a line that the parser refused, as the end of a message that has named it, and a hint.

    The order is that of the parser's checks.
    """
    hint = "BED is tab-separated, 0-based, half-open"
    by_tabs = layout.tab or line.count(b"\t") >= 2
    fields = [field.decode() for field in (line.split(b"\t") if by_tabs else line.split())]
    fields[:3] = [field.strip(WHITE_SPACE) for field in fields[:3]]
    if len(fields) < 3:
        return f": {len(fields)} columns, expected 3 or more", hint
    if layout.multiple and not 4 <= len(fields) <= 6:
        return f": {len(fields)} columns, `multiple` takes BED4, BED5 and BED6 only, as UCSC liftOver", hint
    if not layout.bed_plus and len(fields) > NARROWPEAK:
        if len(fields) >= 12 and "," in fields[10]:
            found = f": {len(fields)} columns, with blocks as in BED12 and gappedPeak, which are not lifted"
            return found, "make intervals of the blocks first, as bed12ToBed6 does"
        return f": {len(fields)} columns, expected BED3 to BED9 or narrowPeak", KEEP_COLUMNS
    for column in (2, 3):
        if not _is_number(fields[column - 1]):
            return f", column {column}: expected a whole number >= 0, found '{shorten(fields[column - 1])}'", hint
    start, end = int(fields[1]), int(fields[2])
    if end <= start:
        return f", column 3: end {end} is not beyond start {start}", hint
    if kernels.has_strand(len(fields), layout) and len((strand := fields[5].strip(WHITE_SPACE)).encode()) > 1:
        problem = f", column 6 (strand): expected +, - or ., found '{shorten(strand)}'"
        return problem, "to keep columns from the sixth on as they are: --bed-plus 5"
    if kernels.inner_kind(len(fields), layout) == NARROWPEAK:
        for column in (7, 8, 9):
            value = np.frombuffer(fields[column - 1].encode(), np.uint8)
            if not kernels.are_numerals(value, 0, len(value)):
                problem = f", column {column}: expected a number, found '{shorten(fields[column - 1])}'"
                return problem, f"ten columns are narrowPeak; {KEEP_COLUMNS}"
        if all(map(_is_number, fields[6:8])) and start <= int(fields[6]) <= int(fields[7]) <= end and int(fields[7]):
            problem = f": columns 7 and 8, {fields[6]} and {fields[7]}, are positions within {start}-{end}"
            return problem, "BED9 with one more column: --bed-plus 9; narrowPeak: --bed-plus 6, which keeps its summit"
        return (
            f", column 10 (summit): expected -1 or a position within {end - start} bp, found '{shorten(fields[9])}'",
            f"ten columns are narrowPeak; {KEEP_COLUMNS}",
        )
    return (
        f", columns 7 and 8 (thickStart, thickEnd): expected positions within {start}-{end}, found "
        f"'{shorten(fields[6])}' and '{shorten(fields[7])}'",
        f"broadPeak has other columns there; {KEEP_COLUMNS}",
    )


def _is_number(text: str) -> bool:
    digits = len(str(kernels.MAX_COORDINATE))
    return text.isascii() and text.isdigit() and len(text.lstrip("0")) <= digits
