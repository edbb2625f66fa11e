"""A relative of the human genome: its segments in another order and on other strands, changed; and the chains to it.

Each relative descends from the human genome alone: what two of them share, both share with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.sequences.encoding import reverse_complement
from regssl.sequences.twobit import TwoBit, TwoBitRecord, write_twobit
from rehearsal._bases import SOFT, copy_blocks, fill_random, soften
from rehearsal.alignment import Alignment, align
from rehearsal.chain_file import Chain, ChainWriter
from rehearsal.human import all_sites, known_stretches, plant, record
from rehearsal.world import POSITIVES, World

CHROMOSOMES = [f"chr{i}" for i in range(1, 20)] + ["chrX"]
BREAKS, BREAKS_PER_DISTANCE = 24, 600  # rearrangements of a whole genome
LOSS = 2.0  # a site is kept with probability exp(-LOSS × substitutions per site)
SPACER, GAP, SHORTEST = 20, 10_000, 1_000  # bp between filling chains, N between segments, least segment
MASKED = 100  # insertions of at least so many bp are repeats


class Segment(NamedTuple):
    """A stretch of a human chromosome, and its strand in the relative."""

    chrom: str
    lo: int
    hi: int
    minus: bool


class Homologs(NamedTuple):
    """The chains of a segment, placed on a chromosome of the relative.

    align: the chains. starts, minus: of each chain there, forward. forward: of each block there.
    """

    alignment: Alignment
    starts: np.ndarray
    minus: np.ndarray
    forward: np.ndarray


class Relative:
    """A relative, made a chromosome at a time.

    Attributes:
        bound: by chromosome, start of each site that is bound there, and its dataset: kept ones and its own.
        sizes: bases of each chromosome so far.
    """

    def __init__(self, world: World, genome: str, human: Path) -> None:
        self.world, self.genome, self.human = world, genome, TwoBit(human)
        self.distance = world.distances[genome]
        self.sizes: dict[str, int] = {}
        self.bound: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def write(self, sequence: Path, chains: Path) -> str:
        """Write its 2bit file and the chain file from the human genome to it; return how many chains there are."""
        sequence.parent.mkdir(parents=True, exist_ok=True)
        writer = ChainWriter(sequence.parent)
        write_twobit(sequence, self._records(writer))
        writer.write(chains)
        megabases = sum(self.sizes.values()) / 1e6
        return f"{self.genome}: {megabases:,.0f} Mb, {writer.chains:,} chains of {writer.blocks:,} blocks"

    def chromosomes(self) -> dict[str, list[Segment]]:
        """Return the segments of each chromosome."""
        rng = self.world.stream("segments", self.genome)
        number = self.world.number(round(BREAKS + BREAKS_PER_DISTANCE * self.distance))
        stretches = [(chrom, *pair) for chrom in self.world.sizes for pair in known_stretches(self.world, chrom)]
        weights = np.array([hi - lo for _, lo, hi in stretches], float)
        broken = rng.choice(len(stretches), number, p=weights / weights.sum())
        pieces: list[tuple[str, int, int]] = []
        for index, (chrom, lo, hi) in enumerate(stretches):
            edges = np.unique([lo, *rng.integers(lo, hi, np.count_nonzero(broken == index)), hi])
            pieces += [(chrom, a, b) for a, b in pairwise(edges) if b - a >= SHORTEST]
        pieces = [pieces[i] for i in rng.permutation(len(pieces))]
        ends = np.cumsum([hi - lo for _, lo, hi in pieces])
        where = np.minimum((ends - 1) * len(CHROMOSOMES) // ends[-1], len(CHROMOSOMES) - 1)
        found: dict[str, list[Segment]] = {}
        for (chrom, lo, hi), index, minus in zip(pieces, where, rng.random(len(pieces)) < 0.5, strict=True):
            found.setdefault(CHROMOSOMES[index], []).append(Segment(chrom, int(lo), int(hi), bool(minus)))
        return found

    def _records(self, writer: ChainWriter) -> Iterator[TwoBitRecord]:
        for name, segments in self.chromosomes().items():
            yield self._chromosome(name, segments, writer)

    def _chromosome(self, name: str, segments: list[Segment], writer: ChainWriter) -> TwoBitRecord:
        """Lay out the chains of all segments, then write bases and chains of each."""
        rng = self.world.stream("chromosome", self.genome, name)
        kept = [self._sites(segment, rng) for segment in segments]
        laid, gaps, size = self._lay_out(segments, kept, rng)
        bases = np.empty(size, np.uint8)
        fill_random(bases, int(rng.integers(2**62)))
        starts, datasets = [], []
        for segment, homologs, sites in zip(segments, laid, kept, strict=True):
            starts.append(self._write_bases(bases, segment, homologs, sites, rng))
            datasets.append(sites[1][sites[2]])
            writer.add(*self._chains(segment, homologs, name, size))
        self.sizes[name] = size
        self.bound[name] = self._own_sites(bases, gaps, np.concatenate(starts), np.concatenate(datasets), rng)
        return record(name, bases, gaps)

    def _sites(self, segment: Segment, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the intervals of human sites within a segment, their datasets, and which of them are kept."""
        sites = all_sites(self.world)[segment.chrom]
        widths = np.array([self.world.motifs[dataset].width for dataset in POSITIVES])[sites.dataset]
        inside = (sites.start >= segment.lo) & (sites.start + widths <= segment.hi)
        start, width = sites.start[inside], widths[inside]
        kept = rng.random(len(start)) < np.exp(-LOSS * self.distance)
        return np.stack([start, start + width], axis=1), sites.dataset[inside], kept

    def _lay_out(
        self, segments: list[Segment], sites: list[tuple[np.ndarray, np.ndarray, np.ndarray]], rng: np.random.Generator
    ) -> tuple[list[Homologs], np.ndarray, int]:
        """Place the chains: the long ones of the segments with N between, then all filling ones in a random order."""
        alignments = [
            align(segment.lo, segment.hi, self.distance, intervals[kept], rng)
            for segment, (intervals, _, kept) in zip(segments, sites, strict=True)
        ]
        gap = min(GAP, self.world.number(100 * GAP))
        spans = np.array([alignment.spans[0] for alignment in alignments]) + gap
        longs = gap + np.cumsum(spans) - spans
        fills = np.concatenate([alignment.spans[1:] for alignment in alignments]) + SPACER
        order = rng.permutation(len(fills))
        places = np.empty(len(fills), np.int64)
        places[order] = longs[-1] + spans[-1] + np.cumsum(fills[order]) - fills[order]
        size = int(longs[-1] + spans[-1] + fills.sum() + gap)
        laid, used = [], 0
        for segment, alignment, start in zip(segments, alignments, longs, strict=True):
            fillers = len(alignment.spans) - 1
            begins = np.concatenate([[start], places[used : used + fillers]])
            minus = np.concatenate([[segment.minus], rng.random(fillers) < 0.5])
            used += fillers
            _, sizes, place, chain = alignment.blocks
            turned = begins[chain] + alignment.spans[chain] - place - sizes
            forward = np.where(minus[chain], turned, begins[chain] + place)
            laid.append(Homologs(alignment, begins, minus, forward))
        runs = np.stack([np.append(longs - gap, size - gap), np.append(longs, size)], axis=1)
        return laid, runs, size

    def _write_bases(
        self,
        out: np.ndarray,
        segment: Segment,
        homologs: Homologs,
        sites: tuple[np.ndarray, np.ndarray, np.ndarray],
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Write the homologous bases of a segment; return where its kept sites lie."""
        start, size, place, chain = homologs.alignment.blocks
        human = self.human.windows(segment.chrom, np.array([segment.lo]), segment.hi - segment.lo)[0]
        masks = np.clip(self.human.mask_blocks(segment.chrom), segment.lo, segment.hi) - segment.lo
        soften(human, masks[:, 0], masks[:, 1])
        intervals, datasets, kept = sites
        for number in range(len(POSITIVES)):
            lost = intervals[(datasets == number) & ~kept]
            if len(lost):
                where = lost[:, :1] - segment.lo + np.arange(lost[0, 1] - lost[0, 0])
                human[where] = rng.permuted(human[where], axis=1)
        chance = 0.75 * (1 - np.exp(-4 / 3 * self.distance))  # Jukes and Cantor
        seed, minus = int(rng.integers(2**62)), homologs.minus[chain]
        copy_blocks(human, start - segment.lo, size, homologs.forward, minus, np.uint64(chance * 2**24), seed, out)
        inserted = place[1:] - place[:-1] - size[:-1]
        wide = np.flatnonzero((chain[1:] == chain[:-1]) & (inserted >= MASKED))
        before = np.where(minus[wide], homologs.forward[wide] - inserted[wide], homologs.forward[wide] + size[wide])
        soften(out, before, before + inserted[wide])
        return self._restore(out, human, segment, homologs, intervals[kept])

    def _restore(
        self, out: np.ndarray, human: np.ndarray, segment: Segment, homologs: Homologs, kept: np.ndarray
    ) -> np.ndarray:
        """Undo the substitutions within kept sites, which selection removes; return where these lie."""
        start, size, _, chain = homologs.alignment.blocks
        long = np.count_nonzero(chain == 0)
        block = np.searchsorted(start[:long], kept[:, 0], "right") - 1
        offset, width = kept[:, 0] - start[block], kept[:, 1] - kept[:, 0]
        assert (offset + width <= size[block]).all(), "a kept site lies within a block"
        turned = homologs.forward[block] + size[block] - offset - width
        where = turned if segment.minus else homologs.forward[block] + offset
        for each in np.unique(width):
            here = width == each
            words = human[kept[here, :1] - segment.lo + np.arange(each)] & ~np.uint8(SOFT)
            out[where[here, None] + np.arange(each)] = reverse_complement(words) if segment.minus else words
        return where

    def _chains(
        self, segment: Segment, homologs: Homologs, name: str, size: int
    ) -> tuple[list[Chain], np.ndarray, np.ndarray, np.ndarray]:
        """Return the chains of a segment as `ChainWriter.add` takes them."""
        start, bases, place, chain = homologs.alignment.blocks
        spans = homologs.alignment.spans
        first = np.searchsorted(chain, np.arange(len(spans) + 1))
        gaps = np.zeros((len(start), 2), np.int64)
        gaps[:-1, 0] = start[1:] - start[:-1] - bases[:-1]
        gaps[:-1, 1] = place[1:] - place[:-1] - bases[:-1]
        last = first[1:] - 1
        columns = (start[first[:-1]], start[last] + bases[last], homologs.starts, homologs.starts + spans)
        numbers = (*columns, homologs.minus, np.add.reduceat(bases, first[:-1]))
        rows = zip(*(column.tolist() for column in numbers), strict=True)
        human = (segment.chrom, self.world.sizes[segment.chrom])
        chains = [Chain(*human, a, b, name, size, c, d, minus, aligned) for a, b, c, d, minus, aligned in rows]
        return chains, first, bases, gaps

    def _own_sites(
        self, bases: np.ndarray, gaps: np.ndarray, kept: np.ndarray, datasets: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Plant sites of the relative's own, as many as it lost of those that it would have; return all bound ones."""
        starts, numbers = [kept], [datasets]
        clear = 300
        for number in range(len(POSITIVES)):
            share = np.exp(-LOSS * self.distance)
            wanted = int(np.count_nonzero(datasets == number) * (1 / share - 1))
            places = rng.integers(clear, max(len(bases) - clear, clear + 1), wanted)
            run = np.searchsorted(gaps[:, 0], places + clear, "right") - 1
            places = np.unique(places[(places - clear >= gaps[run, 1]) & (places + clear < len(bases))])
            places = places[np.diff(places, prepend=-clear) >= clear]
            plant(bases, self.world, number, places, rng.random(len(places)) < 0.5, rng)
            starts.append(places)
            numbers.append(np.full(len(places), number))
        return np.concatenate(starts), np.concatenate(numbers)
