"""Load the peak files of a dataset: peaks are trimmed, lifted, pooled and merged, and losses counted.

A wide peak covers more bins than the factor binds; trimming keeps its centre. Peaks of another human assembly are
trimmed on that assembly and then lifted as by UCSC liftOver, so that the lifted peak is that of the centre, whatever
was inserted further out. Peaks that do not belong to the genome are refused (`regssl.sequences.belonging`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.intervals import merge, overlapping_pairs, overlaps_any
from regssl.data.settings import PeakSettings
from regssl.errors import ChainError, DataError
from regssl.io.bed import read_bed
from regssl.liftover.chains import Chains
from regssl.liftover.lift import lift
from regssl.liftover.status import UCSC_OUTCOMES, LiftStatus
from regssl.sequences.belonging import check_chromosomes, check_in_n, check_names, check_on_genome
from regssl.sequences.genome import Genome

IN_FEW_FILES = "in_few_files"
"""The loss of peaks in a merged peak of which too few of the files have a base (`min_support`)."""
LOSSES = (
    *(
        status.value
        for status in (*UCSC_OUTCOMES, LiftStatus.TOO_LONG, LiftStatus.ELSEWHERE)
        if status != LiftStatus.MAPPED
    ),
    IN_FEW_FILES,
)
"""Why a peak is lost, in the order in which the reasons are tested."""

HUMAN = "the human genome"
COUNT_COLUMNS = ("file", "assembly", "peaks", "trimmed", *LOSSES, "kept")
"""Columns of the counts that `load_peaks` returns, one row per file."""


def load_peaks(
    paths: Sequence[str | Path],
    genome: Genome,
    settings: PeakSettings = PeakSettings(),  # noqa: B008
    chains: Chains | None = None,
    name: str = HUMAN,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read peak files, trim and lift their peaks, pool them and merge those that overlap.

    Args:
        paths: BED, narrowPeak or bigBed files, such as those of cell types or replicates.
        genome: the genome that the peaks belong to.
        settings: trimming, lifting, and in how many files a peak must be.
        chains: from the peaks' assembly to that genome; None if they are on it.
        name: what the genome is called in messages.

    Returns:
        Merged peaks (chrom, start, end; sorted, disjoint) with the number of files that have a peak there
        (`count_files`; column files), also those of fewer than `min_support`; and one row of counts (COUNT_COLUMNS) per
        file, where peaks = kept + all losses.

    Raises:
        DataError: a file is damaged, ends past a chromosome, lacks summits that the settings need, or does not belong
            to the genome; there are fewer files than `min_support`.
        ChainError: the chains lead to another genome.
    """
    if settings.min_support > len(paths):
        raise DataError(f"peaks in {settings.min_support} of {len(paths)} files are none", "lower `min_support`")
    if chains is not None:
        chain_file = f"the chains from {settings.assembly or 'the other assembly'}"
        check_chromosomes(chain_file, chains.query_sizes, genome.sizes, name, ChainError)
    tables, counts = [], []
    for path in paths:
        read = read_peaks(path, genome.sizes if chains is None else chains.target_sizes, settings, name)
        trimmed = read if settings.width is None else trim_peaks(read, settings.width)
        kept, lost = (trimmed, dict[str, int]()) if chains is None else lift_peaks(trimmed, chains, settings)
        if kept.empty and not read.empty:
            raise DataError(
                f"{path}: none of its {len(read):,} peaks can be lifted from {settings.assembly}",
                "are they of that assembly? see the column `assembly` of the datasets table",
            )
        check_peaks(path, read if chains is None else kept, genome, name)
        on_genome = kept["chrom"].isin(genome.sizes.keys())
        tables.append(kept.loc[on_genome, ["chrom", "start", "end"]])
        narrower = int(((trimmed["end"] - trimmed["start"]) < (read["end"] - read["start"])).sum())
        counts.append(
            {"file": Path(path).name, "assembly": settings.assembly, "peaks": len(read), "trimmed": narrower}
            | {reason: lost.get(reason, 0) for reason in LOSSES}
            | {LiftStatus.ELSEWHERE.value: int((~on_genome).sum()), LiftStatus.KEPT.value: int(on_genome.sum())}
        )
    merged = merge(pd.concat(tables, ignore_index=True))
    merged["files"] = count_files(merged, tables)
    few = merged[merged["files"] < settings.min_support]
    of_files = pd.DataFrame(counts, columns=list(COUNT_COLUMNS))
    of_files[IN_FEW_FILES] = [int(overlaps_any(few, *_columns(table)).sum()) for table in tables]
    of_files[LiftStatus.KEPT.value] -= of_files[IN_FEW_FILES]
    return merged, of_files


def count_files(merged: pd.DataFrame, files: Sequence[pd.DataFrame]) -> np.ndarray:
    """Count the files that have a peak at one base of each merged one, the base that most have: int64 (merged peaks,).

    Peaks that are merged because each touches the next need not share a base: of 0 to 300 in one file, 290 to 600 in
    another and 590 to 900 in a third, two files have one.
    """
    peaks = pd.concat([merge(of_file) for of_file in files], ignore_index=True)
    within, peak, _ = overlapping_pairs(merged.reset_index(drop=True), peaks)
    place = np.concatenate([peaks[side].to_numpy(np.int64)[peak] for side in ("start", "end")])
    change, within = np.repeat([1, -1], len(peak)), np.tile(within, 2)
    order = np.lexsort([change, place, within])  # a peak ends before the next begins there
    found = np.zeros(len(merged), np.int64)
    np.maximum.at(found, within[order], np.cumsum(change[order]))
    return found


def _columns(intervals: pd.DataFrame) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    return intervals["chrom"], intervals["start"].to_numpy(), intervals["end"].to_numpy()


def read_peaks(
    path: str | Path, sizes: Mapping[str, int] | None, settings: PeakSettings, name: str = HUMAN
) -> pd.DataFrame:
    """Read a peak file, as `read_bed`, with summits where the settings need them.

    Args:
        path: the file.
        sizes: chromosome sizes of the assembly of its peaks, as far as they are known; None: not at all.
        settings: trimming.
        name: what the assembly is called in messages, if the settings do not name it.

    Raises:
        DataError: as `read_bed`, or the assembly calls the chromosomes otherwise.
    """
    name = settings.assembly or name
    summits = settings.width is not None and settings.centre == "summit"
    peaks = read_bed(path, sizes, summits=summits, genome=name)
    if sizes is not None:
        check_names(path, peaks["chrom"], sizes, name)
    return peaks


def check_peaks(path: str | Path, peaks: pd.DataFrame, genome: Genome, name: str = HUMAN) -> None:
    """Check that peaks belong to a genome: its chromosomes, and sequence that can be read.

    Args:
        path: their file, for messages.
        peaks: chrom, start, end, within the chromosomes.
        genome: the genome.
        name: what it is called in messages.

    Raises:
        DataError: there is none; as `check_on_genome` and `check_in_n`.
    """
    if peaks.empty:
        raise DataError(f"{path}: no peak in it", "is it the right file?")
    check_on_genome(path, peaks["chrom"], genome.sizes, "peaks", name)
    here = peaks[peaks["chrom"].isin(genome.sizes.keys())]
    start, end = here["start"].to_numpy(), here["end"].to_numpy()
    in_n = genome.n_bases(here["chrom"], start, end) == end - start
    check_in_n(path, int(in_n.sum()), len(here), "peaks", name)


def trim_peaks(peaks: pd.DataFrame, width: int) -> pd.DataFrame:
    """Trim peaks wider than `width` bp to that width around their summits, or their middles without such a column.

    A trimmed peak is always within the original one, so a summit near an edge gives a narrower peak.

    Args:
        peaks: start, end, and optionally summit.
        width: in bp.

    Returns:
        The same table with new start and end.
    """
    start, end = peaks["start"].to_numpy(), peaks["end"].to_numpy()
    centre = peaks["summit"].to_numpy() if "summit" in peaks else (start + end) // 2
    first = centre - width // 2
    wide = end - start > width
    return peaks.assign(
        start=np.where(wide, np.maximum(first, start), start), end=np.where(wide, np.minimum(first + width, end), end)
    )


def lift_peaks(peaks: pd.DataFrame, chains: Chains, settings: PeakSettings) -> tuple[pd.DataFrame, dict[str, int]]:
    """Lift peaks to the query genome of the chains.

    Returns:
        The lifted peaks (chrom, start, end) in the order of `peaks`, and the number lost by reason.
    """
    start, end = peaks["start"].to_numpy(), peaks["end"].to_numpy()
    lifted = lift(chains, peaks["chrom"], start, end, min_match=settings.min_match)
    lost = np.bincount(lifted.status, minlength=len(UCSC_OUTCOMES))
    too_long = lifted.end - lifted.start > settings.max_length_ratio * (end - start)[lifted.index]
    table = pd.DataFrame(
        {
            "chrom": np.array(lifted.names, object)[lifted.chrom],
            "start": lifted.start.astype(np.int64),
            "end": lifted.end.astype(np.int64),
        }
    )
    reasons = {status.value: int(lost[status.code]) for status in UCSC_OUTCOMES if status != LiftStatus.MAPPED}
    return table[~too_long].reset_index(drop=True), reasons | {LiftStatus.TOO_LONG.value: int(too_long.sum())}


def summarize_losses(counts: pd.DataFrame) -> str:
    """Summarize in a sentence how many peaks were kept and lost, for captions and logs.

    Args:
        counts: the counts that `load_peaks` returns.
    """
    total = counts[["peaks", "trimmed", "kept", *LOSSES]].sum()
    assembly = next((name for name in counts["assembly"] if isinstance(name, str)), "")  # an empty cell reads as NaN
    losses = [f"{total[reason]:,} {reason.replace('_', ' ')}" for reason in LOSSES if total[reason]]
    text = f"{total['peaks']:,} peaks"
    if total["trimmed"]:
        text += f", {total['trimmed']:,} of them trimmed to their centre"
    if assembly:
        text += f", lifted from {assembly}"
    return f"{text}: {total['kept']:,} kept" + (f"; {', '.join(losses)}." if losses else ".")
