"""From BED file to BED file, as UCSC's `liftOver` program does it, some megabytes at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO, cast

import numpy as np

from regssl.errors import DataError
from regssl.io.atomic import atomic_path, open_text
from regssl.liftover import _bed as bed_scan
from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import Lifted, lift_coded
from regssl.liftover.status import UCSC_OUTCOMES

CHUNK = 1 << 22  # bytes of BED in memory at a time
ROOM = 40  # bytes enough for the two coordinates, the serial number and the separators of a line


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
    sixth are kept; the strand (its first character) is turned round by a minus-strand chain. So narrowPeak is lifted as
    an interval, its summit offset untouched. BED12 is refused, because its blocks would have to be lifted too. Blank
    lines and those that begin with `#`, `track` or `browser` are skipped (UCSC's program stops at the last two). With
    `multiple`, UCSC's rules: four to six columns, written as chrom, start, end, name, serial number of the piece and,
    if there was one, strand; the strand of each piece follows from its own chain.

    Args:
        bed_in: BED3 to BED6, or more columns that are not BED12; plain or gzipped.
        chain: chain file, plain or gzipped, or index of one (`regssl.liftover.index`).
        bed_out: mapped intervals, in the order of the input.
        unmapped: the others, each below a comment line with the reason.
        min_match, multiple: as in `regssl.liftover.lift`.

    Returns:
        Number of intervals by status: mapped, deleted, partially_deleted, split, duplicated.

    Raises:
        DataError: a line of `bed_in` cannot be read; the message names line, column and value.
        ChainError: as `read_chains`.
        ConfigError: min_match outside (0, 1].
    """
    chains = read_chains(chain)
    names, query_names = bed_scan.words(list(chains.target_sizes)), bed_scan.words(list(chains.query_sizes))
    reasons = bed_scan.words([status.ucsc_reason for status in UCSC_OUTCOMES])
    counts = np.zeros(len(UCSC_OUTCOMES), int)
    line = 1
    with (
        cast(TextIO, open_text(bed_in)) as source,
        atomic_path(bed_out) as mapped_path,
        atomic_path(unmapped) as unmapped_path,
        mapped_path.open("wb") as mapped_file,
        unmapped_path.open("wb") as unmapped_file,
    ):
        for chunk in _chunks(source.buffer, bed_in):
            rows = _scan(chunk, names, multiple, bed_in, line)
            lifted = lift_coded(chains, rows.target, rows.start, rows.end, min_match=min_match, multiple=multiple)
            mapped_file.write(_mapped(chunk, rows, lifted, query_names, multiple))
            unmapped_file.write(_unmapped(chunk, rows, lifted, reasons))
            counts += np.bincount(lifted.status, minlength=len(UCSC_OUTCOMES))
            line += chunk.count(b"\n")
    return {status.value: n for status, n in zip(UCSC_OUTCOMES, counts.tolist(), strict=True)}


def _chunks(source: IO[bytes], path: str | Path) -> Iterator[bytes]:
    """The text as chunks of whole lines, each ended by a newline whatever it was; the last line's may be missing."""
    rest = b""
    try:
        while block := source.read(CHUNK):
            if block.endswith(b"\r"):
                block += source.read(1)
            block = rest + block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            whole = block.rfind(b"\n") + 1
            rest, block = block[whole:], block[:whole]
            block.isascii() or block.decode()  # raises where this is no text
            yield block
        rest.decode()
        yield rest
    except (EOFError, zlib.error, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: damaged file ({error})", "copy or download it again") from error


def _scan(chunk: bytes, names: bed_scan.Words, multiple: bool, path: str | Path, line: int) -> bed_scan.Rows:
    """The intervals of a chunk, whose first line has this number."""
    rows = bed_scan.empty_rows(chunk.count(b"\n") + 1)
    n, bad = bed_scan.scan(np.frombuffer(chunk, np.uint8), multiple, names, rows)
    if bad >= 0:
        problem = _problem(chunk[bad:].split(b"\n", 1)[0].split(), multiple)
        number = line + chunk.count(b"\n", 0, bad)
        raise DataError(f"{path}: line {number}{problem}", "BED is tab-separated, 0-based, half-open")
    return bed_scan.Rows(*(column[:n] for column in rows))


def _mapped(chunk: bytes, rows: bed_scan.Rows, lifted: Lifted, names: bed_scan.Words, multiple: bool) -> bytes:
    """The lines of the mapped file."""
    lengths = (rows.stop - rows.tail)[lifted.row] + np.diff(names.first)[lifted.chrom] + ROOM
    out = np.empty(lengths.sum(), np.uint8)
    pieces = (lifted.row, lifted.chrom, lifted.start, lifted.end, lifted.minus, lifted.serial)
    size = bed_scan.write_mapped(np.frombuffer(chunk, np.uint8), rows, *pieces, multiple, names, out)
    return out[:size].tobytes()


def _unmapped(chunk: bytes, rows: bed_scan.Rows, lifted: Lifted, reasons: bed_scan.Words) -> bytes:
    """The lines of the unmapped file."""
    lengths = (rows.stop - rows.first + np.diff(reasons.first)[lifted.status] + ROOM)[lifted.status > 0]
    out = np.empty(lengths.sum(), np.uint8)
    size = bed_scan.write_unmapped(np.frombuffer(chunk, np.uint8), rows, lifted.status, reasons, out)
    return out[:size].tobytes()


def _problem(fields: list[bytes], multiple: bool) -> str:
    """What is wrong with a line that the scanner refused, as the rest of a message that has named it."""
    if len(fields) < 3 or len(fields) == 12:
        return f": {len(fields)} columns, expected 3 to 6 or more, but not BED12"
    if multiple and not 4 <= len(fields) <= 6:
        return f": {len(fields)} columns, `multiple` takes BED4, BED5 and BED6 only, as UCSC liftOver"
    for column in (2, 3):
        text = fields[column - 1].decode()
        if not fields[column - 1].isdigit() or int(text) > bed_scan.LIMIT:
            return f", column {column}: expected a whole number >= 0, found {text!r}"
    return f", column 3: end {fields[2].decode()} is not beyond start {fields[1].decode()}"
