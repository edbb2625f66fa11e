"""How far each genome has diverged from the human one, measured on the homologs that are trained on.

The chain that carries a training bin aligns it base by base to the other genome: differences, insertions and deletions
are counted there. Nothing is read of validation or test bins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from regssl.data import _divergence
from regssl.data.settings import DivergenceSettings
from regssl.liftover.chains import Chains, ranges
from regssl.liftover.lift import AlignedPairs, aligned_pairs
from regssl.sequences.genome import Genome

CHUNK = 1 << 17
"""Bins whose sequences are in memory at a time."""


@dataclass(frozen=True)
class Divergence:
    """What one genome's homologs of human training bins differ in; NaN where nothing is aligned.

    Attributes:
        bins: bins looked at.
        aligned_bases: pairs of bases that chains align, N on neither side.
        differences: share of them that differ (p).
        substitutions_per_site: of them, corrected for multiple hits (`kimura_distance`); infinite where saturated.
        transition_fraction: share of the differences that are transitions (A↔G, C↔T).
        insertions_per_base, deletions_per_base: events per pair of neighbouring human bases. What the human genome has
            and the other one lacks is a deletion, whatever its history.
        insertion_length, deletion_length: mean length, bp; up to `longest_indel`.
    """

    bins: int
    aligned_bases: int
    differences: float
    substitutions_per_site: float
    transition_fraction: float
    insertions_per_base: float
    insertion_length: float
    deletions_per_base: float
    deletion_length: float


RATES = list(Divergence.__dataclass_fields__)


def kimura_distance(transitions: float, transversions: float) -> float:
    """Substitutions per site from shares of sites that differ, by Kimura's two-parameter model (K80).

    d = -ln(1 - 2P - Q) / 2 - ln(1 - 2Q) / 4, with P the share of transitions and Q of transversions (Kimura 1980, *A
    simple method for estimating evolutionary rates of base substitutions …*, J Mol Evol 16, 111-120). Where a
    logarithm does not exist the sites are saturated with changes, and the answer is infinite.
    """
    first, second = 1 - 2 * transitions - transversions, 1 - 2 * transversions
    if not (first > 0 and second > 0):
        return math.nan if math.isnan(first) else math.inf
    return -math.log(first) / 2 - math.log(second) / 4 + 0.0  # + 0.0: no difference is 0, not -0


def estimate_divergence(
    bins: pd.DataFrame,
    homologs: pd.DataFrame,
    chains: Chains,
    human: Genome,
    genome: Genome,
    settings: DivergenceSettings,
) -> Divergence:
    """Measure the divergence of a genome on the training bins whose homolog is kept, or a sample of them.

    A bin is followed along one chain, that which carries its homolog. Gaps count where both their ends lie in the bin,
    so long deletions are seen less often than they are: each counts the more for that (`_gaps`). A gap on both sides is
    a deletion and an insertion.

    Args:
        bins: as `windows.make_bins` returns.
        homologs: as `homologs.find_homologs` returns.
        chains: from the human genome to `genome`.
        human, genome: their sequences.
        settings: size of the sample, longest gap.
    """
    rows = np.flatnonzero((homologs["lift_status"] == "kept").to_numpy() & (bins["split"] == "train").to_numpy())
    if settings.bins is not None and len(rows) > settings.bins:
        rows = np.sort(np.random.default_rng(settings.seed).choice(rows, settings.bins, replace=False))
    bins = bins.iloc[rows]
    pairs = aligned_pairs(chains, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    best = _divergence.best_chain_mask(pairs.row, pairs.chain, pairs.size)
    pairs = AlignedPairs(*(column[best] for column in pairs))
    aligned, transitions, transversions = _compare(bins, pairs, chains, human, genome)
    differ, width = transitions + transversions, int((bins["end"] - bins["start"]).max()) if len(bins) else 0
    deletions, insertions = _gaps(pairs, chains, width, settings.longest_indel)
    neighbours = int(pairs.size.sum()) - len(np.unique(pairs.row))
    return Divergence(
        bins=len(bins),
        aligned_bases=aligned,
        differences=_share(differ, aligned),
        substitutions_per_site=kimura_distance(_share(transitions, aligned), _share(transversions, aligned)),
        transition_fraction=_share(transitions, differ),
        insertions_per_base=_share(insertions.events, neighbours),
        insertion_length=_share(insertions.bases, insertions.events),
        deletions_per_base=_share(deletions.events, neighbours),
        deletion_length=_share(deletions.bases, deletions.events),
    )


class _Events(NamedTuple):
    """Weighted numbers of events and of the bases in them."""

    events: float
    bases: float


def _gaps(pairs: AlignedPairs, chains: Chains, width: int, longest: int) -> tuple[_Events, _Events]:
    """Deletions and insertions between neighbouring stretches of a bin, of at most `longest` bp.

    Of the width - 1 places between two bases of a bin, width - 1 - L show a deletion of L bases whole: so each one seen
    stands for (width - 1) / (width - 1 - L).
    """
    place = pairs.target_start.astype(np.int64), pairs.query_start.astype(np.int64)
    end = place[0] + pairs.size, place[1] + pairs.size
    same = pairs.row[1:] == pairs.row[:-1]
    deleted = (place[0][1:] - end[0][:-1])[same]
    turned = chains.minus[pairs.chain[1:]]
    inserted = np.where(turned, place[1][:-1] - end[1][1:], place[1][1:] - end[1][:-1])[same]
    shown = (deleted <= min(longest, width - 2)) & (inserted <= longest)
    deleted, inserted = deleted[shown], inserted[shown]
    weight = (width - 1) / (width - 1 - deleted)
    return (
        _Events(float(weight[deleted > 0].sum()), float((weight * deleted).sum())),
        _Events(float(weight[inserted > 0].sum()), float((weight * inserted).sum())),
    )


def _compare(
    bins: pd.DataFrame, pairs: AlignedPairs, chains: Chains, human: Genome, genome: Genome
) -> tuple[int, int, int]:
    """Bases aligned, transitions, transversions.

    The other genome is read in windows that hold a bin's longest span of the query; bins on contigs that are shorter
    than that are left out.
    """
    if not len(pairs.row):
        return 0, 0, 0
    width = int((bins["end"] - bins["start"]).max())
    row, first = np.unique(pairs.row, return_index=True)
    low = np.minimum.reduceat(pairs.query_start, first).astype(np.int64)
    span = int((np.maximum.reduceat(pairs.query_start + pairs.size, first) - low).max())
    chain = pairs.chain[first]
    size = np.array(list(chains.query_sizes.values()), np.int64)[chains.query[chain]]
    fits = np.flatnonzero(size >= span)
    low = np.minimum(low, size - span)
    names = pd.Series(pd.Categorical.from_codes(chains.query[chain], categories=pd.Index(list(chains.query_sizes))))
    bounds = np.append(first, len(pairs.row))
    counts = np.zeros(3, np.int64)
    for at in range(0, len(fits), CHUNK):
        chosen = fits[at : at + CHUNK]
        of_chunk = bins.iloc[row[chosen]]
        codes = human.windows(of_chunk["chrom"], of_chunk["start"].to_numpy(), width)
        minus = chains.minus[chain[chosen]]
        others = genome.windows(names.iloc[chosen], low[chosen], span, minus)
        stretches = ranges(bounds[chosen], bounds[chosen + 1])
        own = np.repeat(np.arange(len(chosen)), bounds[chosen + 1] - bounds[chosen])
        length = pairs.size[stretches]
        offset = pairs.query_start[stretches] - low[chosen][own]
        offset = np.where(minus[own], span - offset - length, offset)
        place = pairs.target_start[stretches] - of_chunk["start"].to_numpy()[own]
        counts += _divergence.count_substitutions(own, place, offset, length, codes, others)
    return int(counts[0]), int(counts[1]), int(counts[2])


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
