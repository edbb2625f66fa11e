"""Does a training window lie where a held-out human bin, or something homologous to one, lies?

Asked twice, on different ways. *Back-lift*: the training window is taken through the chains turned round
(`chain_inversion`), and no base of it may arrive in a held-out bin. *Homolog*: held-out bins are taken through the
chains as they are, and the window may share no base with any stretch they align to, nor with their re-centred homologs.
A window that says itself that it comes from a held-out bin (`source`) is a homolog of it.

Nothing here comes from `homologs`, which makes the sets that are audited.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.data.intervals import overlapping_pairs
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks

COLUMNS = ["window", "bin", "bases"]


def on_held_out(windows: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Human training windows that lie on held-out bins: window, bin (row numbers of the two), shared bases.

    Args:
        windows: human windows.
        bins: as `windows.make_bins` returns.
    """
    return _pairs(_places(windows), _held_out(bins))


def back_lifted(windows: pd.DataFrame, inverted: Chains, bins: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Windows of another genome that are aligned to held-out bins, and how many are aligned to their own human bin.

    Args:
        windows: training windows of the other genome.
        inverted: chains from it to the human genome.
        bins: as `windows.make_bins` returns.

    Returns:
        Pairs as `on_held_out` gives them, and the number of windows that come home: without it, none that leaks would
        say little.
    """
    row, chrom, start, end = aligned_blocks(
        inverted, windows["chrom"], windows["start"].to_numpy(), windows["end"].to_numpy()
    )
    names = pd.Categorical.from_codes(chrom, pd.Index(list(inverted.query_sizes)))
    arrived = pd.DataFrame({"chrom": names, "start": start, "end": end, "window": row})
    home = bins.iloc[windows["source"].to_numpy()[row]]
    at_home = (home["chrom"].astype(str).to_numpy() == np.asarray(names.astype(str))) & (
        (np.minimum(end, home["end"]) > np.maximum(start, home["start"])).to_numpy()
    )
    return _pairs(arrived, _held_out(bins)), len(np.unique(row[at_home]))


def on_homologs(
    windows: pd.DataFrame, chains: Chains, bins: pd.DataFrame, homologs: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Windows of another genome that lie on homologs of held-out bins, and the held-out bins that have any.

    Args:
        windows: training windows of the other genome.
        chains: from the human genome to it.
        bins: as `windows.make_bins` returns.
        homologs: where each bin lies in that genome, as `homologs.find_homologs` returns.

    Returns:
        Pairs as `on_held_out` gives them, and row numbers of the bins of which a base is aligned: where there are none,
        nothing could leak this way.
    """
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    held_out = np.flatnonzero(bins["split"] != "train")
    places = bins.iloc[held_out]
    row, chrom, start, end = aligned_blocks(
        chains, places["chrom"], places["start"].to_numpy(), places["end"].to_numpy()
    )
    names = pd.Categorical.from_codes(chrom, pd.Index(list(chains.query_sizes)))
    aligned = pd.DataFrame({"chrom": names, "start": start, "end": end, "bin": held_out[row]})
    lifted = homologs.iloc[held_out].assign(bin=held_out)
    lifted = lifted[lifted["start"] >= 0].assign(end=lambda table: table["start"] + width)
    by_place = pd.concat([aligned, lifted[["chrom", "start", "end", "bin"]]], ignore_index=True)
    found = _pairs(_places(windows), by_place)
    own = windows["source"].to_numpy()
    admitted = np.flatnonzero((bins["split"] != "train").to_numpy()[own])
    by_word = pd.DataFrame({"window": admitted, "bin": own[admitted], "bases": width})
    return _one_each(pd.concat([found, by_word], ignore_index=True)), np.unique(aligned["bin"])


def _pairs(of_windows: pd.DataFrame, of_bins: pd.DataFrame) -> pd.DataFrame:
    """Pairs of windows and bins whose places overlap, with the most bases that two of their places share."""
    mine, theirs, bases = overlapping_pairs(of_windows, of_bins)
    window, bin_ = of_windows["window"].to_numpy()[mine], of_bins["bin"].to_numpy()[theirs]
    return _one_each(pd.DataFrame({"window": window, "bin": bin_, "bases": bases}))


def _one_each(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.groupby(["window", "bin"], as_index=False).agg({"bases": "max"})[COLUMNS].astype(np.int64)


def _held_out(bins: pd.DataFrame) -> pd.DataFrame:
    held_out = bins[bins["split"] != "train"]
    return held_out.assign(bin=held_out.index)


def _places(windows: pd.DataFrame) -> pd.DataFrame:
    return windows[["chrom", "start", "end"]].assign(window=np.arange(len(windows)))
