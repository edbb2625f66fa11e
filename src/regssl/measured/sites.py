"""Sites: the human peaks of all cell types, joined where they overlap, and lifted as they are.

Windows cut a peak where they begin and end; sites ask the question of the biology: is this binding site bound in the
other species? A site is 200 bp (a window's width) about the median of its peaks' summits, and is bound there if a
measured peak shares a base with the lifted site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.intervals import overlapping_pairs, overlaps_any
from regssl.data.peaks import count_files
from regssl.data.windows import categorical
from regssl.errors import DataError
from regssl.io.bed import read_bed
from regssl.liftover.chains import Chains
from regssl.liftover.lift import lift
from regssl.measured.copies import AlignedGenomes, MeasuredPeaks, aligned_fraction, best_match, divergence_of_each
from regssl.sequences.motifs import Motif


def read_summits(path: str | Path, chains: Chains | None = None) -> pd.DataFrame:
    """Read the summits of a peak file, or the middles of its peaks where it has no summits.

    Args:
        path: BED, narrowPeak or bigBed file.
        chains: to the human genome, from the assembly of the peaks; None if they are on it.

    Returns:
        chrom, start, end of one base each; those that cannot be lifted are left out.
    """
    try:
        peaks = read_bed(path, summits=True)
    except DataError:  # no narrowPeak, or no summits in it; what else is wrong with it is so without them
        peaks = read_bed(path)
        peaks["summit"] = (peaks["start"] + peaks["end"]) // 2
    start = peaks["summit"].to_numpy()
    if chains is None:
        return pd.DataFrame({"chrom": peaks["chrom"], "start": start, "end": start + 1})
    lifted = lift(chains, peaks["chrom"], start, start + 1, min_match=1)
    chrom = np.array(lifted.names, object)[lifted.chrom]
    return pd.DataFrame({"chrom": chrom, "start": lifted.start.astype(np.int64), "end": lifted.end.astype(np.int64)})


def join_peaks(
    merged: pd.DataFrame, files: Sequence[pd.DataFrame], summits: Sequence[pd.DataFrame], width: int
) -> pd.DataFrame:
    """Make one site of each merged peak.

    Args:
        merged: the dataset's merged peaks: chrom, start, end.
        files: merged peaks of each of its files.
        summits: of each file, as `read_summits` returns.
        width: of a site, bp.

    Returns:
        One row per merged peak: chrom, start, end (about the median of its summits, rounded down, or about its middle
        where it has none), cell_lines (number of files with a peak there).
    """
    places = pd.concat(list(summits), ignore_index=True)
    peak, summit, _ = overlapping_pairs(merged.reset_index(drop=True), places)
    median = places["start"].iloc[summit].groupby(peak).median().reindex(np.arange(len(merged)))
    middle = (merged["start"] + merged["end"]).to_numpy() // 2
    centre = np.where(median.isna(), middle, np.floor(median.fillna(0))).astype(np.int64)
    start = centre - width // 2
    return pd.DataFrame(
        {
            "chrom": merged["chrom"].to_numpy(),
            "start": start,
            "end": start + width,
            "cell_lines": count_files(merged, files),
        }
    )


def measure_sites(
    sites: pd.DataFrame,
    splits: Mapping[str, str],
    genomes: AlignedGenomes,
    peaks: MeasuredPeaks,
    min_match: float,
    motif: Motif | None,
) -> pd.DataFrame:
    """Lift sites, and ask of each whether it is bound in the other species.

    Args:
        sites: as `join_peaks` returns.
        splits: split by human chromosome; sites of others are left out.
        genomes, peaks, min_match, motif: as in `copies.measure_copies`.

    Returns:
        One row per site that lies on the human genome, is lifted and lies in the measured regions: genome, chrom, start
        and end of the lifted site, strand, label (1), split, human_chrom, human_start, human_end, and the other
        columns of `copies.measure_copies`. `motif` is of as many bp as a site has, about the middle of the lifted one.
    """
    size = sites["chrom"].map(genomes.human.sizes).to_numpy(np.float64, na_value=-1)
    usable = sites["chrom"].isin(list(splits)) & (sites["start"] >= 0) & (sites["end"] <= size)
    human = sites[usable].reset_index(drop=True)
    start, end = human["start"].to_numpy(), human["end"].to_numpy()
    lifted = lift(genomes.chains, human["chrom"], start, end, min_match=min_match)
    of_lifted = human.iloc[lifted.index]
    found = pd.DataFrame(
        {
            "chrom": categorical(lifted.chrom, lifted.names),
            "start": lifted.start.astype(np.int64),
            "end": lifted.end.astype(np.int64),
            "strand": categorical(lifted.minus.astype(np.int8), ("+", "-")),
            "human_chrom": of_lifted["chrom"].to_numpy(),
            "human_start": of_lifted["start"].to_numpy(),
            "human_end": of_lifted["end"].to_numpy(),
            "cell_lines": of_lifted["cell_lines"].to_numpy(),
            "aligned_fraction": aligned_fraction(human, lifted),
            "divergence": divergence_of_each(human, lifted, genomes),
        }
    )
    on_genome = found["chrom"].isin(list(genomes.other.sizes))
    measured = peaks.within_regions(found["chrom"], found["start"].to_numpy(), found["end"].to_numpy())
    found = found[on_genome & measured].reset_index(drop=True)
    intervals = found["chrom"], found["start"].to_numpy(), found["end"].to_numpy()
    return found.assign(
        genome=genomes.name,
        label=np.uint8(1),
        split=found["human_chrom"].map(splits),
        bound=overlaps_any(peaks.other, *intervals),
        motif=_best_about_middle(motif, genomes, found),
        human_motif=best_match(
            motif, genomes.human, found["human_chrom"], found["human_start"].to_numpy(), _width(found)
        ),
    )


def _width(found: pd.DataFrame) -> int:
    return int(found["human_end"].iloc[0] - found["human_start"].iloc[0]) if len(found) else 0


def _best_about_middle(motif: Motif | None, genomes: AlignedGenomes, found: pd.DataFrame) -> np.ndarray:
    """Scan windows about the middles of the lifted sites; near the end of a contig, within it."""
    width, best = _width(found), np.full(len(found), np.nan)
    size = found["chrom"].astype(str).map(genomes.other.sizes).to_numpy(np.int64)
    start = np.clip((found["start"] + found["end"]).to_numpy() // 2 - width // 2, 0, np.maximum(size - width, 0))
    fits = size >= width
    best[fits] = best_match(motif, genomes.other, found.loc[fits, "chrom"], start[fits], width)
    return best
