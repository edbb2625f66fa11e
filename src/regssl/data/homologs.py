"""Homologs: where human bins lie in another genome, and which of them may be trained on.

The leakage rule lives here: a homolog follows its human bin's split, and a training homolog that shares even one base
with anything homologous to a validation or test bin is given up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.data.intervals import overlaps
from regssl.data.lift_status import FATES
from regssl.data.settings import HomologSettings
from regssl.liftover.chains import Chains
from regssl.liftover.lift import Lifted, aligned_blocks, lift
from regssl.sequences.genome import Genome


def find_homologs(bins: pd.DataFrame, chains: Chains, genome: Genome, settings: HomologSettings) -> pd.DataFrame:
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

    Raises:
        DataError: the chains name a chromosome that the other genome does not have.
    """
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    lifted = lift(chains, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy(), min_match=settings.min_match)
    found = _recentred(lifted, width)
    fate = lifted.status.copy()
    for reason, lost in _losses(bins, chains, genome, settings, lifted, found).items():
        rows = lifted.row[lost]
        fate[rows[fate[rows] == FATES.index("kept")]] = FATES.index(reason)
    kept = found[fate[lifted.row] == FATES.index("kept")]
    fate[lifted.row[kept.index[kept.duplicated(["chrom", "start"])]]] = FATES.index("same_place")

    start = np.full(len(bins), -1, np.int64)
    chrom, strand = (np.full(len(bins), -1, np.int32) for _ in range(2))
    start[lifted.row], chrom[lifted.row], strand[lifted.row] = found["start"], lifted.chrom, lifted.minus
    return pd.DataFrame(
        {
            "fate": _category(fate, FATES),
            "chrom": _category(chrom, lifted.names),
            "start": start,
            "strand": _category(strand, ("+", "-")),
        }
    )


def _recentred(lifted: Lifted, width: int) -> pd.DataFrame:
    """The lifted pieces, each cut or extended around its centre to `width`: chrom, start, end."""
    start = (lifted.start.astype(np.int64) + lifted.end) // 2 - width // 2
    chrom = _category(lifted.chrom, lifted.names)
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + width})


def _losses(
    bins: pd.DataFrame, chains: Chains, genome: Genome, settings: HomologSettings, lifted: Lifted, found: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Which lifted pieces are lost, bool (pieces,), by reason, the first reason first."""
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    sizes = np.array(list(chains.query_sizes.values()))[lifted.chrom]
    outside = (found["start"] < 0).to_numpy() | (found["end"].to_numpy() > sizes)
    inside = found[~outside]
    n_bases = np.zeros(len(found), np.int64)
    n_bases[~outside] = genome.n_bases(inside["chrom"], inside["start"].to_numpy(), inside["end"].to_numpy())
    trains = (bins["split"] == "train").to_numpy()[lifted.row]
    forbidden = pd.concat([_aligned_to_held_out(bins, chains), found[~trains]], ignore_index=True)
    return {
        "grown": lifted.end - lifted.start > settings.max_growth * width,
        "off_end": outside,
        "n_bases": n_bases > settings.max_n_fraction * width,
        "held_out": trains & overlaps(forbidden, found["chrom"], found["start"].to_numpy(), found["end"].to_numpy()),
    }


def _aligned_to_held_out(bins: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """Every stretch of the other genome that any chain aligns to a validation or test bin, however short.

    This covers bins that were not lifted as a whole: deleted in part, split, duplicated.
    """
    held_out = bins[bins["split"] != "train"]
    place = (held_out["chrom"], held_out["start"].to_numpy(), held_out["end"].to_numpy())
    _, chrom, start, end = aligned_blocks(chains, *place)
    names = _category(chrom, tuple(chains.query_sizes))
    return pd.DataFrame({"chrom": names, "start": start, "end": end})


def _category(codes: np.ndarray, names: tuple[str, ...]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))
