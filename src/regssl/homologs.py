"""Homologs: where human bins lie in another genome, which of them may be trained on, and the labels they inherit.

The leakage rule lives here: a homolog follows its human bin's split, and a training homolog that shares even one base
with anything homologous to a validation or test bin is given up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.chain import Chains
from regssl.config import Lift
from regssl.genome import Genome
from regssl.intervals import overlaps
from regssl.liftover import LiftStatus, aligned_blocks, lift
from regssl.windows import as_windows

FATES = (
    "kept",
    "deleted",
    "partially_deleted",
    "split",
    "duplicated",
    "grown",
    "off_end",
    "n_bases",
    "held_out",
    "same_place",
)
"""What can become of a bin: kept, or lost for exactly one reason, the first that applies.

deleted, partially_deleted, split, duplicated: UCSC liftOver's reasons. grown: the homolog is longer than `max_growth`
bins. off_end: re-centred, it leaves its chromosome. n_bases: too many N. held_out: a training bin whose homolog
overlaps one of a held-out bin. same_place: another bin, earlier in genome order, has the same place.
"""

_UNMAPPED = {
    LiftStatus.DELETED: "deleted",
    LiftStatus.PARTIALLY_DELETED: "partially_deleted",
    LiftStatus.SPLIT: "split",
    LiftStatus.DUPLICATED: "duplicated",
}


def find_homologs(bins: pd.DataFrame, chains: Chains, genome: Genome, settings: Lift) -> pd.DataFrame:
    """Lift all bins to another genome, re-centre the result to the width of a bin, and say what became of each.

    Args:
        bins: as `windows.make_bins` returns.
        chains: from the human genome to `genome`.
        genome: the other genome.
        settings: thresholds.

    Returns:
        One row per bin, in the order of `bins`: fate (category of FATES), chrom (category), start (int64, -1 where
        there is no place), strand (category). Only rows whose fate is `kept` may be used, and of these only training
        bins may be trained on.
    """
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    place = (bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy())
    lifted = lift(chains, *place, min_match=settings.min_match)
    fate = np.full(len(bins), "kept", dtype=object)
    for status, name in _UNMAPPED.items():
        fate[lifted.status == status] = name

    names = np.array(lifted.names, dtype=object)
    found = pd.DataFrame({"row": lifted.row, "chrom": names[lifted.chrom], "minus": lifted.minus})
    found["start"] = (lifted.start + lifted.end) // 2 - width // 2
    found["end"] = found["start"] + width
    sizes = found["chrom"].map(chains.query_sizes).to_numpy(np.int64)

    def lose(lost: np.ndarray, reason: str) -> None:
        rows = found["row"].to_numpy()[lost]
        fate[rows[fate[rows] == "kept"]] = reason

    lose((lifted.end - lifted.start) > settings.max_growth * width, "grown")
    outside = (found["start"] < 0).to_numpy() | (found["end"].to_numpy() > sizes)
    lose(outside, "off_end")
    inside = found[~outside]
    n_bases = np.zeros(len(found), np.int64)
    n_bases[~outside] = genome.n_bases(inside["chrom"], inside["start"].to_numpy(), inside["end"].to_numpy())
    lose(n_bases > settings.max_n_fraction * width, "n_bases")

    split = bins["split"].to_numpy()[found["row"]]
    forbidden = _held_out_regions(bins, chains, found[split != "train"])
    leaks = overlaps(forbidden, found["chrom"], found["start"].to_numpy(), found["end"].to_numpy())
    lose(leaks & (split == "train"), "held_out")
    kept = found[fate[found["row"]] == "kept"].sort_values("row")
    fate[kept["row"][kept.duplicated(["chrom", "start"])]] = "same_place"

    return _table(bins, fate, found)


def _held_out_regions(bins: pd.DataFrame, chains: Chains, found: pd.DataFrame) -> pd.DataFrame:
    """Every stretch of the other genome that is homologous to a validation or test bin.

    These are the bases aligned to it by any chain, however few, even where the bin as a whole was not lifted (deleted
    in part, split, duplicated), and the re-centred windows of those that were.
    """
    held_out = bins[bins["split"] != "train"]
    place = (held_out["chrom"], held_out["start"].to_numpy(), held_out["end"].to_numpy())
    _, chrom, start, end = aligned_blocks(chains, *place)
    names = np.array(list(chains.query_sizes), dtype=object)
    aligned = pd.DataFrame({"chrom": names[chrom], "start": start, "end": end})
    return pd.concat([aligned, found[["chrom", "start", "end"]]], ignore_index=True)


def _table(bins: pd.DataFrame, fate: np.ndarray, found: pd.DataFrame) -> pd.DataFrame:
    chrom = np.full(len(bins), None, dtype=object)
    start = np.full(len(bins), -1, np.int64)
    strand = np.full(len(bins), None, dtype=object)
    row = found["row"].to_numpy()
    chrom[row], start[row], strand[row] = found["chrom"], found["start"], np.where(found["minus"], "-", "+")
    return pd.DataFrame(
        {
            "fate": pd.Categorical(fate, categories=FATES),
            "chrom": pd.Categorical(chrom),
            "start": start,
            "strand": pd.Categorical(strand, categories=["+", "-"]),
        }
    )


def copy_labels(train: pd.DataFrame, homologs: pd.DataFrame, genome: str, width: int) -> pd.DataFrame:
    """Pseudo-label the homologs of human training windows: each inherits the label and the source of its human bin.

    Args:
        train: human training windows.
        homologs: as `find_homologs` returns, one row per bin.
        genome: id of the other genome.
        width: length of a window in bp.

    Returns:
        Windows of the other genome, in the order of their human windows.
    """
    if not (train["split"] == "train").all():
        raise ValueError("labels are copied from training windows only")
    found = homologs.iloc[train["source"]].reset_index(drop=True)
    windows = found.assign(
        genome=genome,
        end=found["start"] + width,
        label=train["label"].to_numpy(),
        split="train",
        source=train["source"].to_numpy(),
    )
    return as_windows(windows[found["fate"] == "kept"])


def count_fates(homologs: pd.DataFrame, groups: pd.Series | np.ndarray) -> pd.DataFrame:
    """How many bins met which fate, per group (split or label), one row per group.

    Returns:
        Index: the groups; columns: windows, then each fate.
    """
    counts = pd.crosstab(np.asarray(groups), homologs["fate"].to_numpy())
    counts = counts.reindex(columns=list(FATES), fill_value=0).rename_axis(columns=None)
    counts.insert(0, "windows", counts.sum(axis=1))
    return counts
