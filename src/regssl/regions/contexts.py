"""Sequence around variants: from the regions, else from short windows of published sequence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.errors import DataError
from regssl.io.bed import read_bed
from regssl.liftover.chains import Chains
from regssl.regions.places import Place, locate
from regssl.regions.sequences import read_sequences

FLANK = 100
"""Bases on each side of a variant, from a region."""
LEAST_FLANK = 40
"""Bases on each side of a variant at least, in a window."""


class Variants(NamedTuple):
    """Variants of a table: where they are (n,) on the published assembly (0-based), and their other cells as text."""

    chrom: np.ndarray
    position: np.ndarray
    cells: list[dict[str, str]]


class Context(NamedTuple):
    """Sequence around a variant, the 0-based position `at` of it there, and where it is from (as tables name it)."""

    bases: str
    at: int
    source: str


@dataclass(frozen=True)
class Windows:
    """Windows with their sequence, sorted by chromosome, start, end, bases and source.

    A window of the interval start–end has the bases from start − 1 to end: its BED is one base off.

    Attributes:
        rows: by chromosome: start, end, bases (upper case), source of each window.
    """

    rows: Mapping[str, list[tuple[int, int, str, str]]] = field(default_factory=dict)

    @cached_property
    def _longest(self) -> int:
        return max((end - start for rows in self.rows.values() for start, end, *_ in rows), default=0)

    def around(self, chrom: str, position: int) -> Context | None:
        """Find the window that has most bases on both sides of a position; of equals the first. None: too few."""
        best: tuple[int, Context] | None = None
        for start, end, bases, source in self._over(chrom, position):
            index = position - start + 1
            flank = min(index, len(bases) - 1 - index)
            if start <= position < end and (best is None or flank > best[0]):
                best = flank, Context(bases, index, source)
        return best[1] if best is not None and best[0] >= LEAST_FLANK else None

    def _over(self, chrom: str, position: int) -> list[tuple[int, int, str, str]]:
        rows = self.rows.get(chrom, [])
        return rows[bisect_left(rows, (position - self._longest,)) : bisect_left(rows, (position + 1,))]


def read_windows(beds: Sequence[str | Path], fastas: Sequence[str | Path]) -> Windows:
    """Read windows: a BED file and a FASTA file with their sequences, in the same order, for each kind.

    Raises:
        DataError: a pair of files with different numbers of windows, sequences of another length than their interval
            and one base; or as `read_bed` and `read_sequences`.
    """
    rows: dict[str, list[tuple[int, int, str, str]]] = {}
    for bed, fasta in zip(beds, fastas, strict=True):
        table, sequences = read_bed(bed), read_sequences(fasta)
        if len(table) != len(sequences):
            raise DataError(f"{fasta}: {len(sequences):,} sequences, {len(table):,} intervals in {bed}")
        intervals = zip(table["chrom"].tolist(), table["start"].tolist(), table["end"].tolist(), strict=True)
        for number, ((chrom, start, end), (_, bases)) in enumerate(zip(intervals, sequences, strict=True), start=1):
            if len(bases) != end - start + 1:
                raise DataError(f"{fasta}: sequence {number} has {len(bases)} bases, its interval {end - start:,}")
            rows.setdefault(chrom, []).append((start, end, bases.upper(), f"win:{Path(bed).name}"))
    return Windows({chrom: sorted(of) for chrom, of in rows.items()})


def find_contexts(
    variants: Variants,
    places: Sequence[Place],
    sequences: Mapping[str, str],
    windows: Windows,
    chains: Chains | None,
) -> list[Context | None]:
    """Find the sequence around each variant; None where there is too little.

    Args:
        variants: n variants.
        places: the human regions.
        sequences: theirs, by name.
        windows: asked where no region has FLANK bases on both sides.
        chains: as in `locate`.
    """
    found: list[Context | None] = []
    located = locate(places, variants.chrom, variants.position, chains)
    upper = {name: bases.upper() for name, bases in sequences.items()}
    for row, (name, at) in enumerate(zip(variants.chrom.tolist(), variants.position.tolist(), strict=True)):
        number, within = int(located.region[row]), int(located.position[row])
        place = places[number]
        if number >= 0 and FLANK <= within < place.length - FLANK:
            bases = upper[place.region][within - FLANK : within + FLANK]
            found.append(Context(bases, FLANK, place.source))
        else:
            found.append(windows.around(name, at))
    return found
