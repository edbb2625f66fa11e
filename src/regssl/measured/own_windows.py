"""Own windows of another species: its consecutive bins, labelled by its own peaks.

They have the prevalence of its genome. Where there are too many, whole blocks are sampled, which keeps the prevalence
and lets blocks be resampled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.data.bins import label_bins
from regssl.data.intervals import overlaps_any
from regssl.data.pseudo_labels import copy_labels
from regssl.data.settings import SPLITS
from regssl.data.windows import categorical, constant_column, window_width
from regssl.errors import DataError
from regssl.evaluation.bootstrap import assign_blocks
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks
from regssl.measured.copies import AlignedGenomes, MeasuredPeaks
from regssl.measured.settings import MeasuredSettings
from regssl.sequences.genome import Genome

HOMOLOG = (*SPLITS, "none")
"""Which human windows something of is aligned to an own window: training ones, else validation, test, or none."""


def make_own_windows(
    windows: pd.DataFrame,
    homologs: pd.DataFrame,
    genomes: AlignedGenomes,
    peaks: MeasuredPeaks,
    settings: MeasuredSettings,
) -> pd.DataFrame:
    """Make the own windows of a species.

    Args:
        windows: human windows of all splits (`windows.COLUMNS`).
        homologs: as `homologs.find_homologs` returns, one row per bin.
        genomes: both genomes.
        peaks: of the factor, and the regions.
        settings: sample of blocks.

    Returns:
        genome, chrom, start, end, strand, label (by `peaks.other`), homolog (category of HOMOLOG): in genome order.

    Raises:
        DataError: no bin lies in the measured regions.
    """
    own = _bins_within(genomes.other, window_width(windows), peaks)
    if own.empty:
        raise DataError(
            f"{genomes.other.path}: no window of {window_width(windows)} bp without N lies in the measured regions",
            "see the column `regions` of the measured table",
        )
    own = sample_blocks_of(own, settings)
    columns = {
        "genome": constant_column(genomes.name, len(own)),
        "chrom": own["chrom"],
        "start": own["start"],
        "end": own["end"],
        "strand": constant_column("+", len(own)),
        "label": label_bins(own, peaks.other, peaks.min_overlap),
        "homolog": _homolog_of(own, windows, homologs, genomes),
    }
    return pd.DataFrame(columns)


def sample_blocks_of(own: pd.DataFrame, settings: MeasuredSettings) -> pd.DataFrame:
    """Sample whole blocks, in random order, until the next would make more than `max_windows`; at least one.

    Args:
        own: chrom, start.
        settings: length and largest number of windows, seed.
    """
    if settings.max_windows is None or len(own) <= settings.max_windows:
        return own
    block = assign_blocks(own["chrom"], own["start"], settings.block_bp)
    sizes = np.bincount(block)
    order = np.random.default_rng(settings.seed).permutation(len(sizes))
    fit = max(int(np.searchsorted(np.cumsum(sizes[order]), settings.max_windows, side="right")), 1)
    return own[np.isin(block, order[:fit])].reset_index(drop=True)


def _bins_within(genome: Genome, width: int, peaks: MeasuredPeaks) -> pd.DataFrame:
    """Cut a genome into bins that lie in the measured regions and hold no N."""
    names, sizes = list(genome.sizes), np.array(list(genome.sizes.values()), np.int64)
    counts = sizes // width
    chrom = np.repeat(np.arange(len(names), dtype=np.int32), counts)
    start = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) * width
    own = pd.DataFrame({"chrom": categorical(chrom, tuple(names)), "start": start, "end": start + width})
    own = own[peaks.within_regions(own["chrom"], start, start + width)]
    n_bases = genome.n_bases(own["chrom"], own["start"].to_numpy(), own["end"].to_numpy())
    usable: pd.DataFrame = own[n_bases == 0].reset_index(drop=True)
    return usable


def _homolog_of(
    own: pd.DataFrame, windows: pd.DataFrame, homologs: pd.DataFrame, genomes: AlignedGenomes
) -> pd.Categorical[str]:
    """Find the split of the human windows to which something of each own window is homologous.

    That is the kept homolog of one, or any segment that any chain aligns to it, however short.
    """
    copies = copy_labels(windows, homologs, genomes.name, window_width(windows))
    codes = np.full(len(own), HOMOLOG.index("none"), np.int8)
    for code in reversed(range(len(SPLITS))):  # training last, so that it wins
        of_split = windows[windows["split"] == SPLITS[code]]
        found = pd.concat(
            [copies.loc[copies["split"] == SPLITS[code], ["chrom", "start", "end"]], _aligned(of_split, genomes.chains)]
        )
        found["chrom"] = found["chrom"].astype("category")
        codes[overlaps_any(found, own["chrom"], own["start"].to_numpy(), own["end"].to_numpy())] = code
    return categorical(codes, HOMOLOG)


def _aligned(windows: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    start, end = windows["start"].to_numpy(), windows["end"].to_numpy()
    _, chrom, first, last = aligned_blocks(chains, windows["chrom"], start, end)
    return pd.DataFrame({"chrom": categorical(chrom, tuple(chains.query_sizes)), "start": first, "end": last})
