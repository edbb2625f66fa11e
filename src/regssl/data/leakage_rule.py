"""The leakage rule: no training homolog shares a base with anything that is homologous to a held-out bin.

A homolog belongs to the split of its human bin. A training homolog is discarded if it overlaps, by one base or more, a
homolog of a validation or test bin or any segment that any chain aligns to one. `regssl.leakage` checks the result by
other means and imports nothing from here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.data.intervals import overlaps_any
from regssl.data.windows import categorical
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks


def violates_leakage_rule(bins: pd.DataFrame, index: np.ndarray, windows: pd.DataFrame, chains: Chains) -> np.ndarray:
    """Select the windows of another genome that must not be trained on: bool (m,).

    Args:
        bins: n human bins: chrom, start, end, split.
        index: (m,), row in `bins` of the bin that each window is homologous to.
        windows: m windows of the other genome: chrom, start, end (bp, 0-based half-open).
        chains: from the human genome to the other genome.
    """
    in_training = (bins["split"] == "train").to_numpy()[index]
    held_out = pd.concat([_aligned_to_held_out(bins, chains), windows[~in_training]], ignore_index=True)
    overlapping = overlaps_any(held_out, windows["chrom"], windows["start"].to_numpy(), windows["end"].to_numpy())
    violates: np.ndarray = np.logical_and(in_training, overlapping)
    return violates


def _aligned_to_held_out(bins: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """Return every segment of the other genome that any chain aligns to a validation or test bin, however short.

    This includes segments of bins that were not lifted as a whole: deleted in part, split, duplicated.
    """
    held_out = bins[bins["split"] != "train"]
    intervals = (held_out["chrom"], held_out["start"].to_numpy(), held_out["end"].to_numpy())
    _, chrom, start, end = aligned_blocks(chains, *intervals)
    return pd.DataFrame({"chrom": categorical(chrom, tuple(chains.query_sizes)), "start": start, "end": end})
