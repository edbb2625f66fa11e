"""Human bins: their windows, labels, splits and samples."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from regssl.data.intervals import covered_bases, overlaps
from regssl.data.settings import SPLITS, Sampling, Splits
from regssl.data.windows import constant_column, window_table
from regssl.errors import DataError
from regssl.sequences.genome import Genome


def make_bins(genome: Genome, splits: Splits, width: int, blacklist: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cut the chromosomes of the splits into consecutive bins; leave out those with any N or touching the blacklist.

    Args:
        genome: the human genome.
        splits: which chromosomes are used for what.
        width: length of a bin in bp; what is left at the end of a chromosome is dropped.
        blacklist: intervals to stay clear of.

    Returns:
        One row per bin, in genome order: chrom (category), start, end (int64), split (category). The row number is the
        bin's number, `source` elsewhere.

    Raises:
        ConfigError: a chromosome is in two splits, or a split has no chromosome in this genome.
        DataError: no bin of a split is usable.
    """
    assigned = splits.assign(list(genome.sizes), str(genome.path))
    tables = []
    for chrom, used_for in assigned.items():
        start = np.arange(0, genome.sizes[chrom] - width + 1, width, dtype=np.int64)
        if used_for is not None:
            tables.append(pd.DataFrame({"chrom": chrom, "start": start, "end": start + width, "split": used_for}))
    bins = pd.concat(tables, ignore_index=True).astype({"chrom": "category"})
    bins["split"] = pd.Categorical(bins["split"], categories=SPLITS)
    place = (bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    usable = genome.n_bases(*place) == 0
    if blacklist is not None:
        usable &= ~overlaps(blacklist, *place)
    bins = bins[usable].reset_index(drop=True)
    for split in SPLITS:
        if not (bins["split"] == split).any():
            chroms = ", ".join(chrom for chrom, used_for in assigned.items() if used_for == split)
            raise DataError(
                f"{genome.path}: no bin of {width} bp of the {split} chromosomes ({chroms}) is usable",
                "they are shorter, all N, or in the blacklist: see `splits` and `blacklist`",
            )
    return bins


def label_bins(bins: pd.DataFrame, peaks: pd.DataFrame, min_overlap: int) -> np.ndarray:
    """1 where peaks cover at least `min_overlap` bases of the bin, else 0: uint8 (bins,).

    Args:
        bins: as `make_bins` returns.
        peaks: merged peaks, as `peaks.load_peaks` returns.
        min_overlap: in bp.
    """
    covered = covered_bases(peaks, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    return (covered >= min_overlap).astype(np.uint8)


def sample_windows(
    bins: pd.DataFrame, labels: np.ndarray, sampling: Sampling, genome: str, dataset: str
) -> dict[str, pd.DataFrame]:
    """Choose the human windows of each split: all positives, and all or a sample of the negatives.

    Test keeps every bin, because AUPR depends on prevalence. The sample depends only on the seed and the dataset's id.

    Returns:
        For each split a table of windows, in genome order, with the columns of this module. A split without positives
        has as many negatives as one positive would bring: such a dataset is not trained (see `shortfalls`).
    """
    limits: Mapping[str, tuple[float | None, int | None]] = {
        "train": (sampling.negatives_per_positive, sampling.max_negatives),
        "validation": (sampling.validation_negatives_per_positive, None),
        "test": (None, None),
    }
    sets = {}
    for number, (split, limit) in enumerate(limits.items()):
        rng = np.random.default_rng([sampling.seed, zlib.crc32(dataset.encode()), number])
        chosen = _sample(np.flatnonzero(bins["split"] == split), labels, *limit, rng)
        same = {"genome": constant_column(genome, len(chosen)), "strand": constant_column("+", len(chosen))}
        sets[split] = window_table(bins.iloc[chosen].assign(**same, label=labels[chosen], source=chosen))
    return sets


def _sample(
    rows: np.ndarray, labels: np.ndarray, ratio: float | None, most: int | None, rng: np.random.Generator
) -> np.ndarray:
    if ratio is None:
        return rows
    positives, negatives = rows[labels[rows] == 1], rows[labels[rows] == 0]
    drawn = max(1, round(ratio * max(1, len(positives))))
    wanted = min(len(negatives), drawn, len(negatives) if most is None else most)
    return np.sort(np.concatenate([positives, rng.choice(negatives, wanted, replace=False)]))
