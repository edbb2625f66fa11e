"""Homologs of human bins in another genome: lifted, filtered, and counted by LiftStatus."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from regssl.data.leakage_rule import violates_leakage_rule
from regssl.data.settings import HomologSettings
from regssl.data.windows import categorical, window_width
from regssl.liftover.chains import Chains
from regssl.liftover.lift import LiftedIntervals, lift
from regssl.liftover.status import UCSC_OUTCOMES, LiftStatus
from regssl.sequences.genome import Genome

STATUSES = (
    LiftStatus.KEPT,
    *(status for status in UCSC_OUTCOMES if status != LiftStatus.MAPPED),
    LiftStatus.TOO_LONG,
    LiftStatus.ELSEWHERE,
    LiftStatus.OUT_OF_BOUNDS,
    LiftStatus.N_CONTENT,
    LiftStatus.LEAKAGE,
    LiftStatus.DUPLICATE_TARGET,
)
"""Possible values of `lift_status`: kept, or the first reason that applies. Codes agree with UCSC_OUTCOMES."""

LOSSES = tuple(status.value for status in STATUSES if status != LiftStatus.KEPT)
"""Why the homolog of a bin is not kept, in the order in which the reasons are tested."""


def find_homologs(bins: pd.DataFrame, chains: Chains, genome: Genome, settings: HomologSettings) -> pd.DataFrame:
    """Lift all bins to another genome, re-centre the results to the width of a bin, and give each bin a status.

    Args:
        bins: as `bins.make_bins` returns, or sequences with a place, which have a strand too. They may overlap.
        chains: from the human genome to `genome`.
        genome: the other genome.
        settings: thresholds.

    Returns:
        One row per bin, in the order of `bins`: lift_status (category of STATUSES), chrom (category), start (int64, -1
        where the bin is not mapped), strand (category). Only rows with the status `kept` may be used, and only those of
        training bins may be used for training.

    """
    width = window_width(bins)
    intervals = (bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    minus = (bins["strand"] == "-").to_numpy() if "strand" in bins else None
    lifted = lift(chains, *intervals, minus, min_match=settings.min_match)
    windows = _recentred(lifted, width)
    kept = STATUSES.index(LiftStatus.KEPT)
    status = lifted.status.copy()
    for reason, lost in _losses(bins, chains, genome, settings, lifted, windows).items():
        rows = lifted.index[lost]
        status[rows[status[rows] == kept]] = STATUSES.index(reason)
    remaining = windows[status[lifted.index] == kept]
    duplicates = remaining.index[remaining.duplicated(["chrom", "start"])]
    status[lifted.index[duplicates]] = STATUSES.index(LiftStatus.DUPLICATE_TARGET)

    start = np.full(len(bins), -1, np.int64)
    chrom, strand = (np.full(len(bins), -1, np.int32) for _ in range(2))
    start[lifted.index], chrom[lifted.index], strand[lifted.index] = windows["start"], lifted.chrom, lifted.minus
    return pd.DataFrame(
        {
            "lift_status": categorical(status, tuple(map(str, STATUSES))),
            "chrom": categorical(chrom, lifted.names),
            "start": start,
            "strand": categorical(strand, ("+", "-")),
        }
    )


def count_lift_status(homologs: pd.DataFrame, groups: pd.Series | np.ndarray) -> pd.DataFrame:
    """Count bins by status within each group.

    Args:
        homologs: n rows with the column lift_status.
        groups: (n,), group of each row, such as its split or label.

    Returns:
        One row per group (the index); columns: windows (all), then one per status, in the order of STATUSES.
    """
    counts = pd.crosstab(np.asarray(groups), homologs["lift_status"].to_numpy())
    counts = counts.reindex(columns=list(map(str, STATUSES)), fill_value=0).rename_axis(columns=None)
    counts.insert(0, "windows", counts.sum(axis=1))
    return counts


def count_by_label(train: pd.DataFrame, homologs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count the human training windows of a dataset by genome, label and status.

    Args:
        train: human training windows: label, source.
        homologs: by genome id, tables with the column lift_status and one row per bin.

    Returns:
        genome, label (1 before 0), windows, mapped (by lift-over, before any filter), then one column per status.
    """
    tables = []
    for genome, of_genome in homologs.items():
        counts = count_lift_status(of_genome.iloc[train["source"]], train["label"])
        counts = counts.rename_axis("label").sort_index(ascending=False).reset_index()
        counts.insert(0, "genome", genome)
        tables.append(counts)
    table = pd.concat(tables, ignore_index=True)
    unmapped = [status.value for status in UCSC_OUTCOMES if status != LiftStatus.MAPPED]
    table.insert(3, "mapped", table["windows"] - table[unmapped].sum(axis=1))
    return table


def _recentred(lifted: LiftedIntervals, width: int) -> pd.DataFrame:
    """Cut or extend the lifted intervals around their centres to `width`: chrom, start, end."""
    start = (lifted.start.astype(np.int64) + lifted.end) // 2 - width // 2
    chrom = categorical(lifted.chrom, lifted.names)
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + width})


def _losses(
    bins: pd.DataFrame,
    chains: Chains,
    genome: Genome,
    settings: HomologSettings,
    lifted: LiftedIntervals,
    windows: pd.DataFrame,
) -> dict[LiftStatus, np.ndarray]:
    """Select the m lifted intervals that each filter discards: bool (m,) by status, in the order of the filters."""
    width = window_width(bins)
    sizes = np.array(list(chains.query_sizes.values()))[lifted.chrom]
    outside = (windows["start"] < 0).to_numpy() | (windows["end"].to_numpy() > sizes)
    elsewhere = ~np.isin(lifted.names, list(genome.sizes))[lifted.chrom]
    readable = ~(outside | elsewhere)
    inside = windows[readable]
    n_bases = np.zeros(len(windows), np.int64)
    n_bases[readable] = genome.n_bases(inside["chrom"], inside["start"].to_numpy(), inside["end"].to_numpy())
    return {
        LiftStatus.TOO_LONG: lifted.end - lifted.start > settings.max_length_ratio * width,
        LiftStatus.ELSEWHERE: elsewhere,
        LiftStatus.OUT_OF_BOUNDS: outside,
        LiftStatus.N_CONTENT: n_bases > settings.max_n_fraction * width,
        LiftStatus.LEAKAGE: violates_leakage_rule(bins, lifted.index, windows, chains),
    }
