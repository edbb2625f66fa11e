"""Where the sequences of regions lie on the assembly that peaks and variants are published on.

A region is a piece of a genome under a name of its own. Its bases are those of the published assembly (hg19), then a
position moves by a constant; or those of another assembly, then it moves along a chain and by a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.tsv import read_rows, read_tsv
from regssl.liftover.chains import Chains

COLUMNS = {
    **{"genome": "str", "region": "str", "length": "int64", "assembly": "str", "chrom": "str"},
    **{
        "start": "int64",
        "end": "int64",
        "lifted_chrom": "str",
        "lifted_start": "Int64",
        "source": "str",
        "origin": "str",
    },
}


class Place(NamedTuple):
    """The place of one region.

    Attributes:
        region: name of its sequence.
        length: bp of its sequence.
        assembly, chrom, start, end: on the published assembly, 0-based half-open: what is moved into the region.
        lifted_chrom, lifted_start: on the assembly of its bases, for those that are moved along a chain; empty, 0.
        source: whose its bases are, for tables.
        origin: its own assembly and place there, for people.
    """

    region: str
    length: int
    assembly: str
    chrom: str
    start: int
    end: int
    lifted_chrom: str
    lifted_start: int
    source: str
    origin: str


@dataclass(frozen=True)
class Located:
    """Places of n positions in the regions.

    Attributes:
        region: int64 (n,), position in the list of places; -1 where a position is in no region.
        position: int64 (n,), 0-based in the region.
    """

    region: np.ndarray
    position: np.ndarray

    def together(self, *others: Located) -> np.ndarray:
        """Say of which rows the positions are in one region, here and in each of the others: bool (n,)."""
        same = self.region >= 0
        for other in others:
            same &= other.region == self.region
        return same


def read_places(path: str | Path, genome: str) -> list[Place]:
    """Read the regions of one genome from a table of regions, in its order.

    Raises:
        DataError: no table, or none of its rows is of the genome; a row that contradicts itself, or whose region was
            named before; names file and row.
    """
    table = read_tsv([path], COLUMNS)
    numbers = [number for number, _ in read_rows(path)[1]]
    places: list[Place] = []
    for number, row in zip(numbers, table.to_dict("records"), strict=True):
        if row["genome"] != genome:
            continue
        where = f"{path}, row {number}"
        lifted = bool(row["lifted_chrom"])
        if not row["region"] or not row["chrom"]:
            raise DataError(f"{where}: region or chrom is empty")
        if row["region"] in (place.region for place in places):
            raise DataError(f"{where}, column region: '{row['region']}' was named before", "names must be unique")
        if not 0 <= row["start"] < row["end"] or (not lifted and row["end"] - row["start"] > row["length"]):
            raise DataError(
                f"{where}: {row['start']}-{row['end']} is no interval within {row['length']:,} bp",
                "0-based, half-open",
            )
        if lifted is pd.isna(row["lifted_start"]):
            raise DataError(f"{where}: lifted_chrom and lifted_start belong together", "fill both, or none")
        start = int(row["lifted_start"]) if lifted else 0
        places.append(
            Place(**{field: row[field] for field in Place._fields if field != "lifted_start"}, lifted_start=start)
        )
    if not places:
        raise DataError(f"{path}: no row has the genome '{genome}'")
    return places


def place_lines(places: Sequence[Place]) -> list[str]:
    """Write where regions lie on the published assembly, as `regssl.variants.dataset.read_regions` reads it."""
    lines = ["mini_chrom\tlength\torigin\thg19_chrom\thg19_start0\n"]
    return lines + [f"{p.region}\t{p.length}\t{p.origin}\t{p.chrom}\t{p.start}\n" for p in places]


def locate(places: Sequence[Place], chrom: np.ndarray, position: np.ndarray, chains: Chains | None = None) -> Located:
    """Find positions of the published assembly in the regions.

    A position that several chains align goes where the one with the highest score leads.

    Args:
        places: of one genome.
        chrom: n names, such as `chr7`.
        position: int64 (n,), 0-based.
        chains: from the published assembly to that of the regions which are moved along a chain; its names may lack
            `chr`. None: these regions get nothing.
    """
    chrom, position = np.asarray(chrom, object), np.asarray(position, np.int64)
    region, within = np.full(len(position), -1, np.int64), np.full(len(position), -1, np.int64)
    for number, place in enumerate(places):
        rows = np.flatnonzero(
            (chrom == place.chrom) & (position >= place.start) & (position < place.end) & (region < 0)
        )
        if not place.lifted_chrom:
            there = position[rows] - place.start
        elif chains is not None:
            lifted = lift_positions(chains, place.chrom, position[rows])
            there = np.where(lifted.chrom == _bare(place.lifted_chrom), lifted.position - place.lifted_start, -1)
        else:
            continue
        inside = (there >= 0) & (there < place.length)
        region[rows[inside]], within[rows[inside]] = number, there[inside]
    return Located(region, within)


class LiftedPositions(NamedTuple):
    """Lifted positions: names without `chr` (n,), empty where a position has no counterpart; int64 (n,), then -1."""

    chrom: np.ndarray
    position: np.ndarray


def lift_positions(chains: Chains, chrom: str | np.ndarray, position: np.ndarray) -> LiftedPositions:
    """Lift single positions, each along the chain with the highest score that aligns it.

    Args:
        chains: chains; names of their chromosomes may lack `chr`.
        chrom: one name for all, or n names, with `chr` or without.
        position: int64 (n,), 0-based.
    """
    from regssl.liftover.lift import lift

    codes, names = pd.factorize(np.asarray([chrom] if isinstance(chrom, str) else chrom, object))
    spelt = {_bare(name): name for name in chains.target_sizes}
    called = np.array([*(spelt.get(_bare(name), name) for name in names), ""], object)[codes]
    name = str(called[0]) if isinstance(chrom, str) else called
    lifted = lift(chains, name, position, np.asarray(position) + 1, min_match=1, multiple=True)
    order = np.lexsort((-chains.score[lifted.chain], lifted.index))
    first = np.unique(lifted.index[order], return_index=True)[1]
    best = order[first]
    index, score = lifted.index[order], chains.score[lifted.chain[order]]
    for row in np.flatnonzero(np.diff(np.append(first, len(order))) > 1).tolist():
        at = first[row]
        ties = order[(index == index[at]) & (score == score[at])]
        best[row] = ties[_first_in_tree(chains, lifted.chain[ties], int(np.asarray(position)[index[at]]))]
    to, at = np.full(len(position), "", object), np.full(len(position), -1, np.int64)
    bare = np.array([*map(_bare, lifted.names), ""], object)
    to[lifted.index[best]], at[lifted.index[best]] = bare[lifted.chrom[best]], lifted.start[best]
    return LiftedPositions(to, at)


def _first_in_tree(chains: Chains, tied: np.ndarray, position: int) -> int:
    """Choose among chains of one score that align a position: the first that a search tree of their blocks finds.

    The tree halves the chromosome again and again and keeps a block at the first middle that lies in it. Where all
    scores are equal, as in Ensembl's chains, this is the order of pyliftover, by which the tables that others made
    were lifted; no order is better founded.

    Returns:
        Position in `tied`.
    """
    spans = []
    for chain in tied.tolist():
        holds = (chains.block_chain == chain) & (chains.block_start <= position) & (chains.block_end > position)
        block = int(np.flatnonzero(holds)[0])
        spans.append((int(chains.block_start[block]), int(chains.block_end[block])))
    low, high = 0.0, float(list(chains.target_sizes.values())[chains.target[tied[0]]])
    left = list(range(len(tied)))
    while len(left) > 1:
        middle = (low + high) / 2
        here = [row for row in left if spans[row][0] <= middle < spans[row][1]]
        if position < middle:
            if len(here) == len(left):
                return min(here, key=lambda row: spans[row][0])
            left, high = [row for row in left if row not in here], middle
        elif here:
            return max(here, key=lambda row: spans[row][1])
        else:
            low = middle
    return left[0]


def _bare(name: str) -> str:
    return name.removeprefix("chr")
