"""Divergence of a genome from the human one, estimated on the homologs of training bins.

The chain through which a training bin is lifted aligns it base by base to the other genome; differences, insertions
and deletions are counted along it. Validation and test bins are not used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from regssl.data.settings import DivergenceSettings
from regssl.errors import DataError
from regssl.io.tsv import read_tsv
from regssl.liftover.chains import Chains, concatenated_ranges
from regssl.liftover.lift import AlignedSegments, aligned_segments
from regssl.sequences.genome import Genome

CHUNK_ROWS = 1 << 17
"""Bins whose sequences are in memory at a time."""


@dataclass(frozen=True)
class Divergence:
    """Divergence of one genome's homologs from human training bins; NaN where nothing is aligned.

    Attributes:
        bins: number of bins used.
        aligned_bases: pairs of aligned bases, neither of which is N.
        differences: fraction of them that differ (p).
        substitutions_per_site: corrected for multiple hits (`kimura_distance`); infinite if saturated.
        transition_fraction: fraction of the differences that are transitions (A↔G, C↔T).
        insertions_per_base, deletions_per_base: events per pair of neighbouring human bases. A stretch that the human
            genome has and the other lacks counts as a deletion, whatever its history.
        insertion_length, deletion_length: mean length in bp, of events of up to `longest_indel`.
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


RATES = {name: "int64" if field.type == "int" else "float64" for name, field in Divergence.__dataclass_fields__.items()}
"""Columns of a table of divergence, beside the genome, and their types."""


def read_divergence(path: str | Path, genome: str) -> Divergence:
    """Read the divergence of one genome from a TSV file with one row per genome.

    Args:
        path: table with the columns genome and RATES.
        genome: id of the genome.

    Raises:
        DataError: the table cannot be read or lacks a column, or does not have one row of the genome.
    """
    table = read_tsv([path], {"genome": "str", **RATES})
    rows = table[table["genome"] == genome]
    if len(rows) != 1:
        raise DataError(f"{path}: {len(rows)} rows of genome '{genome}'", "expected one: estimate the divergence again")
    row = rows.iloc[0]
    return Divergence(int(row["bins"]), int(row["aligned_bases"]), *(float(row[name]) for name in list(RATES)[2:]))


def kimura_distance(transitions: float, transversions: float) -> float:
    """Estimate substitutions per site by Kimura's two-parameter model (K80).

    d = -ln(1 - 2P - Q) / 2 - ln(1 - 2Q) / 4, with P the fraction of sites with a transition and Q with a transversion
    (Kimura 1980, *A simple method for estimating evolutionary rates of base substitutions …*, J Mol Evol 16, 111-120).

    Args:
        transitions: P.
        transversions: Q.

    Returns:
        d; infinite where a logarithm does not exist, because the sites are saturated with changes; NaN if P is NaN.
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
    """Estimate the divergence of a genome on the training bins whose homolog is kept, or a sample of them.

    Each bin is compared along one chain, the one that aligns most of its bases. A gap counts if both its ends are in
    the bin; long deletions are thus observed less often than they occur and are weighted accordingly (`_gaps`). A gap
    on both sides is a deletion and an insertion.

    Args:
        bins: as `bins.make_bins` returns.
        homologs: as `homologs.find_homologs` returns.
        chains: from the human genome to `genome`.
        human, genome: the two genomes.
        settings: size of the sample, longest gap.
    """
    from regssl.data import _divergence  # numba

    rows = np.flatnonzero((homologs["lift_status"] == "kept").to_numpy() & (bins["split"] == "train").to_numpy())
    if settings.bins is not None and len(rows) > settings.bins:
        rows = np.sort(np.random.default_rng(settings.seed).choice(rows, settings.bins, replace=False))
    bins = bins.iloc[rows]
    segments = aligned_segments(chains, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    best = _divergence.best_chain_mask(segments.index, segments.chain, segments.size)
    segments = segments.select(best)
    counts = count_substitutions(bins, segments, chains, human, genome)
    aligned, transitions, transversions = counts.sum(axis=0).tolist()
    differ, width = transitions + transversions, int((bins["end"] - bins["start"]).max()) if len(bins) else 0
    deletions, insertions = _gaps(segments, chains, width, settings.longest_indel)
    neighbours = int(segments.size.sum()) - len(np.unique(segments.index))
    return Divergence(
        bins=len(bins),
        aligned_bases=aligned,
        differences=_ratio(differ, aligned),
        substitutions_per_site=kimura_distance(_ratio(transitions, aligned), _ratio(transversions, aligned)),
        transition_fraction=_ratio(transitions, differ),
        insertions_per_base=_ratio(insertions.events, neighbours),
        insertion_length=_ratio(insertions.bases, insertions.events),
        deletions_per_base=_ratio(deletions.events, neighbours),
        deletion_length=_ratio(deletions.bases, deletions.events),
    )


class _Events(NamedTuple):
    """Weighted numbers of events and of the bases in them."""

    events: float
    bases: float


def _gaps(segments: AlignedSegments, chains: Chains, width: int, longest: int) -> tuple[_Events, _Events]:
    """Count deletions and insertions of at most `longest` bp between neighbouring aligned segments of a bin.

    At width - 1 - L of the width - 1 positions between two bases of a bin, a deletion of L bases is within the bin, so
    each observed one has the weight (width - 1) / (width - 1 - L).
    """
    start = segments.target_start.astype(np.int64), segments.query_start.astype(np.int64)
    end = start[0] + segments.size, start[1] + segments.size
    same = segments.index[1:] == segments.index[:-1]
    deleted = (start[0][1:] - end[0][:-1])[same]
    reverse = chains.minus[segments.chain[1:]]
    inserted = np.where(reverse, start[1][:-1] - end[1][1:], start[1][1:] - end[1][:-1])[same]
    observed = (deleted <= min(longest, width - 2)) & (inserted <= longest)
    deleted, inserted = deleted[observed], inserted[observed]
    weight = (width - 1) / (width - 1 - deleted)
    return (
        _Events(float(weight[deleted > 0].sum()), float((weight * deleted).sum())),
        _Events(float(weight[inserted > 0].sum()), float((weight * inserted).sum())),
    )


def count_substitutions(
    bins: pd.DataFrame, segments: AlignedSegments, chains: Chains, human: Genome, genome: Genome
) -> np.ndarray:
    """Count aligned bases (neither is N), transitions and transversions of each bin: int64 (n, 3).

    The other genome is read in windows as long as the longest span of a bin in it; bins on shorter contigs are skipped.

    Args:
        bins: n human bins: chrom, start, end.
        segments: aligned segments of the bins, of one chain for each bin.
        chains: from the human genome to `genome`.
        human, genome: the two genomes.
    """
    from regssl.data import _divergence  # numba

    counts = np.zeros((len(bins), 3), np.int64)
    if not len(segments.index):
        return counts
    width = int((bins["end"] - bins["start"]).max())
    row, first = np.unique(segments.index, return_index=True)
    low = np.minimum.reduceat(segments.query_start, first).astype(np.int64)
    span = int((np.maximum.reduceat(segments.query_start + segments.size, first) - low).max())
    chain = segments.chain[first]
    size = np.array(list(chains.query_sizes.values()), np.int64)[chains.query[chain]]
    fits = np.flatnonzero(size >= span)
    low = np.minimum(low, size - span)
    names = pd.Series(pd.Categorical.from_codes(chains.query[chain], categories=pd.Index(list(chains.query_sizes))))
    bounds = np.append(first, len(segments.index))
    for at in range(0, len(fits), CHUNK_ROWS):
        chosen = fits[at : at + CHUNK_ROWS]
        of_chunk = bins.iloc[row[chosen]]
        codes = human.windows(of_chunk["chrom"], of_chunk["start"].to_numpy(), width)
        minus = chains.minus[chain[chosen]]
        others = genome.windows(names.iloc[chosen], low[chosen], span, minus)
        of_bins = concatenated_ranges(bounds[chosen], bounds[chosen + 1])
        own = np.repeat(np.arange(len(chosen)), bounds[chosen + 1] - bounds[chosen])
        length = segments.size[of_bins]
        offset = segments.query_start[of_bins] - low[chosen][own]
        offset = np.where(minus[own], span - offset - length, offset)
        place = segments.target_start[of_bins] - of_chunk["start"].to_numpy()[own]
        counts[row[chosen]] = _divergence.count_substitutions(own, place, offset, length, codes, others)
    return counts


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
