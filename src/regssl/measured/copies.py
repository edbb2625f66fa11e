"""Measure copies: is the homolog of each human window bound in its own species, as the copied label says?

One row per human window with a homolog, whatever its split; nothing trains on the result. Copies outside the regions
in which the other species was measured are left out: there no peak means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regssl.data.bins import label_bins
from regssl.data.divergence import count_substitutions
from regssl.data.intervals import covered_bases, merge
from regssl.data.pseudo_labels import copy_labels
from regssl.data.windows import window_width
from regssl.errors import DataError
from regssl.liftover.chains import Chains
from regssl.liftover.lift import LiftedIntervals, aligned_segments, lift
from regssl.sequences.genome import Genome
from regssl.sequences.intervals import ChromNames
from regssl.sequences.motifs import Motif

MIN_ALIGNED = 50
"""With fewer aligned bases the divergence of a window is not known."""
CHUNK_ROWS = 1 << 14
"""Windows that a motif scans at a time."""


@dataclass(frozen=True)
class AlignedGenomes:
    """Two genomes and the chains from the human one to the other, whose id is `name`."""

    human: Genome
    other: Genome
    name: str
    chains: Chains


@dataclass(frozen=True)
class MeasuredPeaks:
    """Peaks of one factor in both species.

    Attributes:
        human: merged peaks of each file of the dataset.
        other: merged peaks of the other species: chrom, start, end.
        regions: where that species was measured: chrom, start, end; None: everywhere.
        min_overlap: bp of a window that peaks must cover for a positive label.
    """

    human: Sequence[pd.DataFrame]
    other: pd.DataFrame
    regions: pd.DataFrame | None
    min_overlap: int

    def within_regions(self, chrom: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Select intervals that lie wholly in the measured regions: bool (n,)."""
        if self.regions is None:
            return np.ones(len(start), bool)
        inside: np.ndarray = covered_bases(merge(self.regions), chrom, start, end) == end - start
        return inside


def measure_copies(
    windows: pd.DataFrame,
    homologs: pd.DataFrame,
    genomes: AlignedGenomes,
    peaks: MeasuredPeaks,
    min_match: float,
    motif: Motif | None,
) -> pd.DataFrame:
    """Measure the copy of every human window that has one.

    Args:
        windows: human windows of all splits (`windows.COLUMNS`).
        homologs: as `homologs.find_homologs` returns, one row per bin.
        genomes: both genomes.
        peaks: of the factor in both species.
        min_match: with which the homologs were found.
        motif: of the factor; None: its columns are NaN.

    Returns:
        The homologs as windows with the copied label, in the order of `windows`, and: human_chrom, human_start,
        cell_lines (number of files of the dataset whose peaks make the human window positive), bound (bool: measured
        peaks make the homolog positive, by the same rule), aligned_fraction of the human window, divergence
        (substitutions per aligned base; NaN where fewer than MIN_ALIGNED are aligned), motif and human_motif (best
        match on either strand, bits).

    Raises:
        DataError: the homologs were found by other chains, or with another `min_match`.
    """
    copies = copy_labels(windows, homologs, genomes.name, window_width(windows))
    rows = peaks.within_regions(copies["chrom"], copies["start"].to_numpy(), copies["end"].to_numpy())
    copies = copies[rows].reset_index(drop=True)
    human = windows.set_index("source").loc[copies["source"], ["chrom", "start", "end"]].reset_index(drop=True)
    lifted = lift(
        genomes.chains, human["chrom"], human["start"].to_numpy(), human["end"].to_numpy(), min_match=min_match
    )
    if len(lifted.index) != len(human):
        raise DataError(
            f"{len(human) - len(lifted.index):,} of {len(human):,} homologs are not where the chains lead",
            "they were found by other chains or with another min_match: run `regssl step find-homologs` again",
        )
    return copies.assign(
        human_chrom=human["chrom"],
        human_start=human["start"],
        cell_lines=sum(label_bins(human, of_file, peaks.min_overlap).astype(np.int64) for of_file in peaks.human),
        bound=label_bins(copies, peaks.other, peaks.min_overlap) == 1,
        aligned_fraction=aligned_fraction(human, lifted),
        divergence=divergence_of_each(human, lifted, genomes),
        motif=best_match(motif, genomes.other, copies["chrom"], copies["start"].to_numpy(), window_width(windows)),
        human_motif=best_match(motif, genomes.human, human["chrom"], human["start"].to_numpy(), window_width(windows)),
    )


def aligned_fraction(human: pd.DataFrame, lifted: LiftedIntervals) -> np.ndarray:
    """Return the fraction of each lifted interval that its chain aligns, float64 (m,), as lift-over counts it."""
    length = (human["end"] - human["start"]).to_numpy()[lifted.index]
    return np.asarray(lifted.aligned / length, np.float64)


def divergence_of_each(human: pd.DataFrame, lifted: LiftedIntervals, genomes: AlignedGenomes) -> np.ndarray:
    """Return substitutions per aligned base along the chain that lifted each interval.

    Args:
        human: n intervals: chrom, start, end.
        lifted: m of them.
        genomes: both genomes.

    Returns:
        float64 (m,); NaN where fewer than MIN_ALIGNED bases are aligned.
    """
    bins = human.iloc[lifted.index]
    segments = aligned_segments(genomes.chains, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    segments = segments.select(segments.chain == lifted.chain[segments.index])
    counts = count_substitutions(bins, segments, genomes.chains, genomes.human, genomes.other)
    aligned = counts[:, 0]
    return np.where(aligned >= MIN_ALIGNED, (counts[:, 1] + counts[:, 2]) / np.maximum(aligned, 1), np.nan)


def best_match(motif: Motif | None, genome: Genome, chrom: ChromNames, start: np.ndarray, width: int) -> np.ndarray:
    """Return the best match of a motif in each window, on either strand, in bits: float64 (n,), NaN without a motif."""
    best = np.full(len(start), np.nan)
    if motif is None or motif.width > width:
        return best
    names = pd.Series(chrom)
    for first in range(0, len(start), CHUNK_ROWS):
        rows = slice(first, first + CHUNK_ROWS)
        best[rows] = motif.max_score(genome.windows(names.iloc[rows], start[rows], width))
    return best
