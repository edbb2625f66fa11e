"""The human genome: random bases, repeats of families, runs of N, and the sites at which motifs are planted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.sequences.encoding import reverse_complement
from regssl.sequences.twobit import TwoBitRecord, write_twobit
from rehearsal._bases import SOFT, fill_random, pack, paste_repeats, soft_edges
from rehearsal.world import BINS_PER_PEAK, MISSED, POSITIVES, SPURIOUS, World

FAMILIES, COMMON = 400, 0.9  # families of repeats; the k-th has a share in proportion to k ** -COMMON
REPEATED, SHORTEST, TYPICAL = 0.45, 60, 300  # share of the genome; bp of a copy
CELL = 1_000  # bp with at most one site
TELOMERE, CENTROMERE, GAPS_PER_MB = 10_000, 0.015, 0.2  # N: at each end, share of a chromosome, further runs


class Sites(NamedTuple):
    """Binding sites of a chromosome, in order: start (bp), index of the dataset in POSITIVES, strand, place in it."""

    start: np.ndarray
    dataset: np.ndarray
    minus: np.ndarray

    def of(self, dataset: int) -> np.ndarray:
        """Return the indices of the sites of a dataset."""
        return np.flatnonzero(self.dataset == dataset)


def n_blocks(world: World, chrom: str) -> np.ndarray:
    """Runs of N of a chromosome: both ends, the centromere, and some between: int64 (n, 2), in order."""
    size, rng = world.sizes[chrom], world.stream("N", chrom)
    end = min(TELOMERE, size // 50)
    middle = int(size * rng.uniform(0.25, 0.5))
    runs = [(0, end), (middle, middle + int(CENTROMERE * size)), (size - end, size)]
    for at in rng.integers(end, size - end, max(int(GAPS_PER_MB * size / 1e6), 1)).tolist():
        runs.append((at, at + int(min(50_000, size // 100))))
    merged: list[list[int]] = []
    for start, stop in sorted((start, min(stop, size)) for start, stop in runs):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], stop)
        else:
            merged.append([start, stop])
    return np.array(merged, np.int64)


def known_stretches(world: World, chrom: str) -> np.ndarray:
    """What lies between the runs of N: int64 (n, 2), in order."""
    blocks = n_blocks(world, chrom)
    return np.stack([blocks[:-1, 1], blocks[1:, 0]], axis=1)


@cache
def free_cells(world: World) -> dict[str, np.ndarray]:
    """Starts of the cells of a thousand bp without N, by chromosome."""
    cells = {}
    for chrom in world.sizes:
        stretches = known_stretches(world, chrom)
        first, last = -(-stretches[:, 0] // CELL), stretches[:, 1] // CELL
        cells[chrom] = np.concatenate([np.arange(*pair) for pair in zip(first, last, strict=True)]) * CELL
    return cells


@cache
def all_sites(world: World) -> dict[str, Sites]:
    """Binding sites of every chromosome: as many as give each dataset its positive bins."""
    cells, rng = free_cells(world), world.stream("sites")
    names = list(cells)
    ends = np.cumsum([len(cells[chrom]) for chrom in names])
    numbers = [round(world.positives(dataset) / BINS_PER_PEAK * (1 - SPURIOUS) / (1 - MISSED)) for dataset in POSITIVES]
    drawn = rng.choice(ends[-1], sum(numbers), replace=False)
    datasets = np.repeat(np.arange(len(numbers)), numbers)
    starts, minus = rng.integers(300, 600, len(drawn)), rng.random(len(drawn)) < 0.5
    order = np.argsort(drawn)
    drawn, datasets, starts, minus = drawn[order], datasets[order], starts[order], minus[order]
    bounds = np.searchsorted(drawn, np.concatenate([[0], ends]))
    found = {}
    for number, chrom in enumerate(names):
        here = slice(bounds[number], bounds[number + 1])
        offset = ends[number - 1] if number else 0
        found[chrom] = Sites(cells[chrom][drawn[here] - offset] + starts[here], datasets[here], minus[here])
    return found


@cache
def _library(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Consensus sequences of repeats end to end, where each begins, and its length."""
    rng = world.stream("repeats")
    lengths = np.clip(rng.lognormal(np.log(900), 0.9, FAMILIES), 300, 6_000).astype(np.int64)
    ends = np.cumsum(lengths)
    return rng.integers(0, 4, ends[-1]).astype(np.uint8), ends - lengths, lengths


def chromosome(world: World, chrom: str) -> np.ndarray:
    """Make the bases of a chromosome (see `_bases`); what the 2bit file calls N is random here."""
    size, rng = world.sizes[chrom], world.stream("chromosome", chrom)
    bases = np.empty(size, np.uint8)
    fill_random(bases, int(rng.integers(2**62)))
    library, begins, longest = _library(world)
    n = int(size * REPEATED / TYPICAL * 1.2) + 10
    share = np.arange(1, FAMILIES + 1) ** -COMMON
    family = rng.choice(FAMILIES, n, p=share / share.sum())
    lengths = np.minimum(SHORTEST + rng.lognormal(np.log(TYPICAL - SHORTEST), 0.7, n), longest[family]).astype(np.int64)
    gaps = 1 + rng.exponential(lengths.mean() * (1 / REPEATED - 1), n).astype(np.int64)
    starts = np.cumsum(gaps + lengths) - lengths
    here = starts + lengths <= size
    sources = (begins[family] + rng.random(n) * (longest[family] - lengths)).astype(np.int64)
    thresholds = (rng.uniform(0.05, 0.25, n) * 2**24).astype(np.uint32)
    chosen = (array[here] for array in (starts, lengths, sources, thresholds, rng.random(n) < 0.5))
    paste_repeats(bases, *chosen, library, int(rng.integers(2**62)))
    _plant(bases, world, all_sites(world)[chrom], rng)
    return bases


def _plant(bases: np.ndarray, world: World, sites: Sites, rng: np.random.Generator) -> None:
    """Write the motifs of the sites."""
    for number in range(len(POSITIVES)):
        plant(bases, world, number, sites.start[sites.of(number)], sites.minus[sites.of(number)], rng)


def plant(
    bases: np.ndarray, world: World, dataset: int, starts: np.ndarray, minus: np.ndarray, rng: np.random.Generator
) -> None:
    """Write samples of a dataset's motif at some places, none weaker than the weakest tenth; masked bases remain so."""
    motif = world.motifs[list(POSITIVES)[dataset]]
    words = motif.sample(len(starts), rng, motif.quantile(0.1))
    words[minus] = reverse_complement(words[minus])
    where = starts[:, None] + np.arange(motif.width)
    bases[where] = bases[where] & SOFT | words


def record(name: str, bases: np.ndarray, blocks: np.ndarray) -> TwoBitRecord:
    """Make a record of a 2bit file of bases and their runs of N."""
    packed = np.empty((len(bases) + 3) // 4, np.uint8)
    pack(bases, packed)
    edges = np.empty(soft_edges(bases, np.empty(0, np.int64)), np.int64)
    soft_edges(bases, edges)
    return TwoBitRecord(name, len(bases), blocks, edges.reshape(-1, 2), memoryview(packed))


def write_human(world: World, path: Path) -> None:
    """Write the human genome, a chromosome at a time."""

    def records() -> Iterator[TwoBitRecord]:
        for chrom in world.sizes:
            yield record(chrom, chromosome(world, chrom), n_blocks(world, chrom))

    write_twobit(path, records())
