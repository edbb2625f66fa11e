"""Human bins: how they are made, split, labelled and sampled to the windows of a dataset."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.intervals import covered_bases, overlaps_any
from regssl.data.settings import SPLITS, Sampling, Splits
from regssl.data.windows import constant_column, window_table
from regssl.errors import DataError
from regssl.evaluation.metrics import missing_class
from regssl.io.bed import read_bed
from regssl.sequences.belonging import check_on_genome
from regssl.sequences.genome import Genome


def read_blacklist(path: str | Path, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Read the regions of the human genome that are left out.

    Args:
        path: BED file.
        sizes: chromosome sizes of the human genome.

    Returns:
        chrom, start, end.

    Raises:
        DataError: as `read_bed`; there is no region; they do not belong to the human genome (`check_on_genome`).
    """
    regions = read_bed(path, sizes)
    if regions.empty:
        raise DataError(f"{path}: no region in it", "a blacklist names regions; for none, set `blacklist` to null")
    check_on_genome(path, regions["chrom"], sizes, "blacklisted regions", "the human genome")
    return regions


def make_bins(genome: Genome, splits: Splits, width: int, blacklist: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cut the chromosomes of the splits into consecutive bins; drop those with any N or overlapping the blacklist.

    Args:
        genome: the human genome.
        splits: chromosomes of each split.
        width: length of a bin in bp; a shorter rest at the end of a chromosome is dropped.
        blacklist: intervals: chrom, start, end.

    Returns:
        One row per bin, in genome order: chrom (category), start, end (int64), split (category). The `source` of a
        window is its row number in this table.

    Raises:
        ConfigError: a chromosome is in two splits, or a split has no chromosome in this genome.
        DataError: no bin of a split is usable.
    """
    assigned = splits.assign(list(genome.sizes), str(genome.path))
    tables = []
    for chrom, split in assigned.items():
        start = np.arange(0, genome.sizes[chrom] - width + 1, width, dtype=np.int64)
        if split is not None:
            tables.append(pd.DataFrame({"chrom": chrom, "start": start, "end": start + width, "split": split}))
    bins: pd.DataFrame = pd.concat(tables, ignore_index=True).astype({"chrom": "category"})
    bins["split"] = pd.Categorical(bins["split"], categories=SPLITS)
    intervals = (bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    usable = genome.n_bases(*intervals) == 0
    if blacklist is not None:
        usable &= ~overlaps_any(blacklist, *intervals)
    bins = bins[usable].reset_index(drop=True)
    for split in SPLITS:
        if not (bins["split"] == split).any():
            chroms = ", ".join(chrom for chrom, of_chrom in assigned.items() if of_chrom == split)
            raise DataError(
                f"{genome.path}: no bin of {width} bp of the {split} chromosomes ({chroms}) is usable",
                "they are shorter, all N, or in the blacklist: see `splits` and `blacklist`",
            )
    return bins


def label_bins(bins: pd.DataFrame, peaks: pd.DataFrame, min_overlap: int) -> np.ndarray:
    """Label bins as bound (1) where peaks cover enough of their bases, else 0.

    Args:
        bins: n bins, as `make_bins` returns.
        peaks: merged peaks, as `peaks.load_peaks` returns.
        min_overlap: smallest number of covered bases of a positive bin.

    Returns:
        uint8 (n,).
    """
    covered = covered_bases(peaks, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    return (covered >= min_overlap).astype(np.uint8)


def find_ambiguous(bins: pd.DataFrame, labels: np.ndarray, peaks: pd.DataFrame) -> np.ndarray:
    """Find the bins that share a base with a peak and are not positive: neither bound nor known to be unbound.

    Args:
        bins: n bins.
        labels: uint8 (n,), as `label_bins` returns.
        peaks: chrom, start, end, also of peaks that too few files have.

    Returns:
        bool (n,).
    """
    touched = overlaps_any(peaks, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    return np.asarray(touched & (labels == 0))


def sample_windows(
    bins: pd.DataFrame,
    labels: np.ndarray,
    sampling: Sampling,
    genome: str,
    dataset: str,
    left_out: np.ndarray | None = None,
) -> dict[str, pd.DataFrame]:
    """Sample the human windows of each split: all positives, and all or some of the negatives.

    The test split keeps every bin but those left out, because AUPR depends on prevalence. The sample depends on the
    seed, the dataset's id and the split only.

    Args:
        bins: n bins, as `make_bins` returns.
        labels: uint8 (n,), as `label_bins` returns.
        sampling: negatives per positive, and the seed.
        genome: id of the human genome.
        dataset: id of the dataset.
        left_out: bool (n,), bins that no split takes; None: none.

    Returns:
        For each split a table of windows in genome order (`windows.COLUMNS`). A split without positives keeps as many
        negatives as a split with one; such a dataset is not trained on (`metrics.missing_class`).
    """
    limits: Mapping[str, tuple[float | None, int | None]] = {
        "train": (sampling.negatives_per_positive, sampling.max_negatives),
        "validation": (sampling.validation_negatives_per_positive, None),
        "test": (None, None),
    }
    usable = np.ones(len(bins), bool) if left_out is None else ~left_out
    sets = {}
    for number, (split, limit) in enumerate(limits.items()):
        rng = np.random.default_rng([sampling.seed, zlib.crc32(dataset.encode()), number])
        chosen = _sample(np.flatnonzero((bins["split"] == split) & usable), labels, *limit, rng)
        sets[split] = _windows_of(bins, chosen, labels, genome)
    return sets


def find_undrawn_negatives(
    bins: pd.DataFrame, labels: np.ndarray, train: pd.DataFrame, genome: str, left_out: np.ndarray
) -> pd.DataFrame:
    """Find the training negatives that `sample_windows` did not draw.

    Args:
        bins, labels, genome, left_out: as for `sample_windows`.
        train: the training windows that it sampled.

    Returns:
        A table of windows in genome order (`windows.COLUMNS`).
    """
    undrawn = (bins["split"] == "train").to_numpy() & (labels == 0) & ~left_out
    undrawn[train["source"]] = False
    return _windows_of(bins, np.flatnonzero(undrawn), labels, genome)


def count_labels(sets: Mapping[str, pd.DataFrame], dataset: str, ambiguous: pd.Series) -> pd.DataFrame:
    """Count the windows of each split of a dataset.

    Args:
        sets: windows of each split, as `sample_windows` returns.
        dataset: id of the dataset.
        ambiguous: the split of each bin that was left out as ambiguous.

    Returns:
        One row per split: dataset, split, windows, positives, ambiguous, failure (`metrics.missing_class`; empty if
        none).
    """
    rows = [
        (
            *(dataset, split, len(windows), int(windows["label"].sum()), int((ambiguous == split).sum())),
            missing_class(windows["label"], split),
        )
        for split, windows in sets.items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "split", "windows", "positives", "ambiguous", "failure"])


def _windows_of(bins: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, genome: str) -> pd.DataFrame:
    """Make the table of windows of some bins, on their strands where they have one."""
    own = bins.iloc[rows]
    strand = own["strand"] if "strand" in own else constant_column("+", len(rows))
    genomes = constant_column(genome, len(rows))
    return window_table(own.assign(genome=genomes, strand=strand, label=labels[rows], source=rows))


def _sample(
    rows: np.ndarray, labels: np.ndarray, ratio: float | None, maximum: int | None, rng: np.random.Generator
) -> np.ndarray:
    """Keep the positive rows and sample `ratio` negatives per positive (None: all), at most `maximum`."""
    positives, negatives = rows[labels[rows] == 1], rows[labels[rows] == 0]
    n_wanted = len(negatives) if ratio is None else max(1, round(ratio * max(1, len(positives))))
    n_sampled = min(len(negatives), n_wanted, len(negatives) if maximum is None else maximum)
    if n_sampled == len(negatives):
        return rows
    return np.sort(np.concatenate([positives, rng.choice(negatives, n_sampled, replace=False)]))
