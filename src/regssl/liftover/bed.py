"""Lift a BED file to a BED file, as UCSC's `liftOver` program, some megabytes at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from regssl.errors import DataError
from regssl.io.atomic import atomic_path, check_outputs
from regssl.io.files import open_maybe_gzip
from regssl.liftover import _bed as kernels
from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import LiftedIntervals, lift_arrays
from regssl.liftover.status import UCSC_OUTCOMES

CHUNK_BYTES = 1 << 22
"""Bytes of BED in memory at a time."""
MAX_ADDED_BYTES = 40
"""Bound on the bytes of the two coordinates, the rank and the separators of a line."""


def lift_bed(
    bed_in: str | Path,
    chain: str | Path,
    bed_out: str | Path,
    unmapped: str | Path,
    *,
    min_match: float = 0.95,
    multiple: bool = False,
) -> dict[str, int]:
    """Write what `liftOver -bedPlus=6 [-multiple] -minMatch=… bed_in chain bed_out unmapped` writes.

    Fields are separated by any white space (of ASCII), and by tabs in the output. Columns 4, 5 and those beyond the
    sixth are kept; a minus-strand chain exchanges the strand (its first character). So narrowPeak is lifted as an
    interval, its summit offset unchanged. BED12 is refused, because its blocks would have to be lifted too. Blank
    lines and those that begin with `#`, `track` or `browser` are skipped (UCSC's program stops at the last two). With
    `multiple`, UCSC's rules: four to six columns, written as chrom, start, end, name, rank of the piece and, if there
    was one, strand; the strand of each piece follows from its own chain.

    Args:
        bed_in: BED3 to BED6, or more columns that are not BED12; plain or gzipped.
        chain: chain file or index, as `read_chains`.
        bed_out: mapped intervals, in the order of the input.
        unmapped: the others, each below a comment line with the reason.
        min_match, multiple: as in `regssl.liftover.lift.lift`.

    Returns:
        Number of intervals by status: mapped, deleted, partially_deleted, split, duplicated.

    Raises:
        DataError: a line of `bed_in` cannot be read; the message names line, column and value.
        ChainError: as `read_chains`.
        ConfigError: min_match outside (0, 1]; an output is an input or the other output.
    """
    check_outputs([bed_out, unmapped], [bed_in, chain])
    chains = read_chains(chain)
    names, query_names = kernels.intern(list(chains.target_sizes)), kernels.intern(list(chains.query_sizes))
    reasons = kernels.intern([status.ucsc_reason for status in UCSC_OUTCOMES])
    counts = np.zeros(len(UCSC_OUTCOMES), int)
    line = 1
    with (
        open_maybe_gzip(bed_in) as source,
        atomic_path(unmapped) as unmapped_path,
        atomic_path(bed_out) as mapped_path,  # a pipe gets it first
        mapped_path.open("wb") as mapped_file,
        unmapped_path.open("wb") as unmapped_file,
    ):
        for chunk in _chunks(source, bed_in):
            rows = _parse(chunk, names, multiple, bed_in, line)
            lifted = lift_arrays(chains, rows.target, rows.start, rows.end, min_match=min_match, multiple=multiple)
            mapped_file.write(_mapped(chunk, rows, lifted, query_names, multiple))
            unmapped_file.write(_unmapped(chunk, rows, lifted, reasons))
            counts += np.bincount(lifted.status, minlength=len(UCSC_OUTCOMES))
            line += chunk.count(b"\n")
    return {status.value: n for status, n in zip(UCSC_OUTCOMES, counts.tolist(), strict=True)}


def _chunks(source: IO[bytes], path: str | Path) -> Iterator[bytes]:
    """Split a text into chunks of whole lines, any line end replaced by a newline; the last line may have none."""
    rest = b""
    try:
        while block := source.read(CHUNK_BYTES):
            if block.endswith(b"\r"):
                block += source.read(1)
            block = rest + block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            whole = block.rfind(b"\n") + 1
            rest, block = block[whole:], block[:whole]
            block.isascii() or block.decode()  # raises where it is not text
            yield block
        rest.decode()
        yield rest
    except (EOFError, zlib.error, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: damaged file ({error})", "copy or download it again") from error


def _parse(chunk: bytes, names: kernels.StringTable, multiple: bool, path: str | Path, line: int) -> kernels.BedRows:
    """Parse the intervals of a chunk, whose first line has number `line`."""
    rows = kernels.allocate_rows(chunk.count(b"\n") + 1)
    n, bad = kernels.parse(np.frombuffer(chunk, np.uint8), multiple, names, rows)
    if bad >= 0:
        problem = _problem(chunk[bad:].split(b"\n", 1)[0].split(), multiple)
        number = line + chunk.count(b"\n", 0, bad)
        raise DataError(f"{path}: line {number}{problem}", "BED is tab-separated, 0-based, half-open")
    return kernels.BedRows(*(column[:n] for column in rows))


def _mapped(
    chunk: bytes, rows: kernels.BedRows, lifted: LiftedIntervals, names: kernels.StringTable, multiple: bool
) -> bytes:
    """Format the lines of the mapped file."""
    lengths = (rows.stop - rows.tail)[lifted.index] + np.diff(names.first)[lifted.chrom] + MAX_ADDED_BYTES
    out = np.empty(lengths.sum(), np.uint8)
    columns = (lifted.index, lifted.chrom, lifted.start, lifted.end, lifted.minus, lifted.multiple_rank)
    size = kernels.write_mapped(np.frombuffer(chunk, np.uint8), rows, kernels.Pieces(*columns), multiple, names, out)
    return out[:size].tobytes()


def _unmapped(chunk: bytes, rows: kernels.BedRows, lifted: LiftedIntervals, reasons: kernels.StringTable) -> bytes:
    """Format the lines of the unmapped file."""
    lengths = (rows.stop - rows.first + np.diff(reasons.first)[lifted.status] + MAX_ADDED_BYTES)[lifted.status > 0]
    out = np.empty(lengths.sum(), np.uint8)
    size = kernels.write_unmapped(np.frombuffer(chunk, np.uint8), rows, lifted.status, reasons, out)
    return out[:size].tobytes()


def _problem(fields: list[bytes], multiple: bool) -> str:
    """Return what is wrong with a line that the parser refused, as the end of a message that has named the line."""
    if len(fields) < 3 or len(fields) == 12:
        return f": {len(fields)} columns, expected 3 to 6 or more, but not BED12"
    if multiple and not 4 <= len(fields) <= 6:
        return f": {len(fields)} columns, `multiple` takes BED4, BED5 and BED6 only, as UCSC liftOver"
    for column in (2, 3):
        text = fields[column - 1].decode()
        if not fields[column - 1].isdigit() or int(text) > kernels.MAX_COORDINATE:
            return f", column {column}: expected a whole number >= 0, found {text!r}"
    return f", column 3: end {fields[2].decode()} is not beyond start {fields[1].decode()}"
