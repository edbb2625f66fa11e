"""Clear the homologs of a genome once for all datasets that share their bins.

Leakage by place depends on chains, which are large, and hardly on a dataset: what it trains on are homologs of some of
its bins. So all training homologs of a genome are audited together, and a dataset's windows are looked up. A window
that is not among the cleared ones, for whatever reason, is audited by itself, with the chains.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.windows import window_width
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.leakage.overlap import overlaps_held_out_homologs, reciprocal_liftover
from regssl.liftover.chains import Chains
from regssl.liftover.status import LiftStatus

CLEARED = ["chrom", "start", "reciprocal", "aligned"]


def clear_homologs(bins: pd.DataFrame, chains: Chains, homologs: pd.DataFrame) -> pd.DataFrame:
    """Audit the kept homologs of all training bins by place.

    Args:
        bins: as `bins.make_bins` returns.
        chains: from the human genome to the other one.
        homologs: where each bin lies there, as `homologs.find_homologs` returns.

    Returns:
        One row per bin, CLEARED: chrom, start (-1 where there is none) of a homolog that no held-out bin is aligned to,
        nor a homolog of one overlaps; reciprocal: it is aligned to its own bin; aligned: of held-out bins, a base is
        aligned to the genome.
    """
    kept = (homologs["lift_status"] == LiftStatus.KEPT).to_numpy() & (bins["split"] == "train").to_numpy()
    source = np.flatnonzero(kept)
    start = homologs["start"].to_numpy(np.int64)
    windows = pd.DataFrame({"chrom": homologs["chrom"].iloc[source].array, "start": start[source], "source": source})
    windows["end"] = windows["start"] + window_width(bins)
    back, reciprocal = reciprocal_liftover(windows, chains, bins)
    on_homologs, aligned = overlaps_held_out_homologs(windows, chains, bins, homologs)
    for leaks in (back, on_homologs):
        kept[source[leaks["window"]]] = False
    table = pd.DataFrame({"chrom": homologs["chrom"].where(kept), "start": np.where(kept, start, -1)})
    for name, rows in (("reciprocal", source[reciprocal]), ("aligned", aligned)):
        table[name] = np.zeros(len(bins), bool)
        table.loc[rows, name] = True
    table["reciprocal"] &= kept
    return table


def load_cleared(path: str | Path, bins: pd.DataFrame) -> pd.DataFrame:
    """Read a table of `clear_homologs`.

    Raises:
        DataError: it is damaged, or of other bins.
    """
    table = load_table(path, CLEARED)
    if len(table) != len(bins):
        raise DataError(f"{path}: {len(table):,} rows, but there are {len(bins):,} bins", "make it again")
    return table


def are_cleared(windows: pd.DataFrame, cleared: pd.DataFrame, width: int) -> np.ndarray:
    """Select the windows that are homologs cleared for their source, base by base the same: bool (n,).

    Args:
        windows: chrom, start, end, source.
        cleared: as `clear_homologs` returns.
        width: of bins, bp.
    """
    own = cleared.iloc[windows["source"]]
    chrom = windows["chrom"].astype("category").cat.set_categories(own["chrom"].cat.categories).cat.codes.to_numpy()
    start = windows["start"].to_numpy()
    same_place = (chrom == own["chrom"].cat.codes.to_numpy()) & (start == own["start"].to_numpy())
    cleared_place: np.ndarray = same_place & (chrom >= 0) & (windows["end"].to_numpy() == start + width)
    return cleared_place
