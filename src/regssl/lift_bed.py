"""From BED file to BED file, as UCSC's `liftOver` program does it."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from regssl.chain import Chains, read_chains
from regssl.errors import DataError
from regssl.files import atomic_path, open_text
from regssl.liftover import LiftStatus, lift

BATCH = 200_000  # lines held in memory at a time
TURNED = {"+": "-", "-": "+"}
Fields = list[str]


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

    Fields are separated by any white space, and by tabs in the output. Columns 4, 5 and those beyond the sixth are
    kept; the strand (its first character) is turned round by a minus-strand chain. So narrowPeak is lifted as an
    interval, its summit offset untouched. BED12 is refused, because its blocks would have to be lifted too. Blank lines
    and those that begin with `#`, `track` or `browser` are skipped (UCSC's program stops at the last two). With
    `multiple`, UCSC's rules: four to six columns, written as chrom, start, end, name, serial number of the piece and,
    if there was one, strand; the strand of each piece follows from its own chain.

    Args:
        bed_in: BED3 to BED6, or more columns that are not BED12; plain or gzipped.
        chain: chain file, plain or gzipped.
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
    counts: Counter[int] = Counter()
    with (
        open_text(bed_in) as source,
        atomic_path(bed_out) as mapped_path,
        atomic_path(unmapped) as unmapped_path,
        mapped_path.open("w") as mapped_file,
        unmapped_path.open("w") as unmapped_file,
    ):
        rows = _rows(source, bed_in, multiple)
        while batch := list(islice(rows, BATCH)):
            counts.update(_lift_batch(batch, chains, mapped_file, unmapped_file, min_match, multiple))
    return {status.name.lower(): counts[status] for status in LiftStatus}


def _lift_batch(
    batch: list[Fields], chains: Chains, mapped_file: IO[str], unmapped_file: IO[str], min_match: float, multiple: bool
) -> list[int]:
    """Lift some lines and write them; return the status of each."""
    chrom = [fields[0] for fields in batch]
    start, end = (np.array([int(fields[i]) for fields in batch]) for i in (1, 2))
    lifted = lift(chains, chrom, start, end, min_match=min_match, multiple=multiple)
    pieces = zip(
        *(column.tolist() for column in (lifted.row, lifted.chrom, lifted.start, lifted.end, lifted.minus)),
        lifted.serial.tolist(),
        strict=True,
    )
    for row, code, first, last, turned, serial in pieces:
        kept = batch[row][3:]
        if len(kept) > 2:
            kept[2] = TURNED.get(kept[2][0], kept[2][0]) if turned else kept[2][0]
        if multiple:
            kept[1:2] = [str(serial)]
        mapped_file.write("\t".join((lifted.names[code], str(first), str(last), *kept)) + "\n")
    status: list[int] = lifted.status.tolist()
    for fields, outcome in zip(batch, status, strict=True):
        if outcome != LiftStatus.MAPPED:
            fields[5:6] = [strand[0] for strand in fields[5:6]]
            unmapped_file.write(f"#{LiftStatus(outcome).reason}\n" + "\t".join(fields) + "\n")
    return status


def _rows(source: IO[str], path: str | Path, multiple: bool) -> Iterator[Fields]:
    """The intervals of a BED file as checked fields."""
    try:
        for number, line in enumerate(source, 1):
            fields = line.split()
            if fields and not fields[0].startswith("#") and fields[0] not in ("track", "browser"):
                if problem := _problem(fields, multiple):
                    raise DataError(f"{path}: line {number}{problem}", "BED is tab-separated, 0-based, half-open")
                yield fields
    except (EOFError, zlib.error, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: damaged file ({error})", "copy or download it again") from error


def _problem(fields: Fields, multiple: bool) -> str:
    """What is wrong with a line, as the rest of a message that has named it; empty if it is an interval we can lift."""
    if len(fields) < 3 or len(fields) == 12:
        return f": {len(fields)} columns, expected 3 to 6 or more, but not BED12"
    if multiple and not 4 <= len(fields) <= 6:
        return f": {len(fields)} columns, `multiple` takes BED4, BED5 and BED6 only, as UCSC liftOver"
    for column in (2, 3):
        if not fields[column - 1].isdecimal():
            return f", column {column}: expected a whole number >= 0, found {fields[column - 1]!r}"
    if int(fields[1]) >= int(fields[2]):
        return f", column 3: end {fields[2]} is not beyond start {fields[1]}"
    return ""
