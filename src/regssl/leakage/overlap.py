"""Leakage by place: does a training window overlap a held-out human bin, or something homologous to one?

Tested twice, in two directions. *Reciprocal liftover*: the training window is lifted through the swapped chains, and no
base of it may arrive in a held-out bin. *Homolog*: held-out bins are lifted through the chains as they are, and the
window may share no base with any interval they align to, nor with their re-centred homologs. A window whose `source` is
a held-out bin is a homolog of it.

Nothing here uses `data.homologs`, which makes the sets that are audited.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.data.intervals import overlapping_pairs
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks

COLUMNS = ["window", "bin", "bases"]


def overlaps_held_out(windows: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Find human training windows that overlap held-out bins.

    Args:
        windows: human windows.
        bins: as `bins.make_bins` returns.

    Returns:
        One row per pair: window, bin (row numbers of the two), bases (shared).
    """
    return _overlaps(_window_places(windows), _held_out(bins))


def given_for_held_out(windows: pd.DataFrame, bins: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find homologs, given as sequences without a place, whose human sequence overlaps or is a held-out one.

    Args:
        windows: training windows of another genome.
        bins: human sequences, in the place of bins.

    Returns:
        Pairs as of `overlaps_held_out`: of those whose human sequence overlaps a held-out one, and of those whose human
        sequence is one.
    """
    source = windows["source"].to_numpy()
    overlapping = overlaps_held_out(bins.iloc[source].reset_index(drop=True), bins)
    return overlapping, _from_held_out(windows, bins)


def reciprocal_liftover(windows: pd.DataFrame, swapped: Chains, bins: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Find windows of another genome that are aligned to held-out bins, and count those aligned to their own human bin.

    Args:
        windows: training windows of the other genome.
        swapped: chains from it to the human genome.
        bins: as `bins.make_bins` returns.

    Returns:
        Pairs as of `overlaps_held_out`, and the number of windows that are reciprocal: aligned back to their own bin.
        Without these, that none leaks would mean little.
    """
    row, chrom, start, end = aligned_blocks(
        swapped, windows["chrom"], windows["start"].to_numpy(), windows["end"].to_numpy()
    )
    names = pd.Categorical.from_codes(chrom, pd.Index(list(swapped.query_sizes)))
    lifted = pd.DataFrame({"chrom": names, "start": start, "end": end, "window": row})
    own = bins.iloc[windows["source"].to_numpy()[row]]
    on_own = (own["chrom"].astype(str).to_numpy() == np.asarray(names.astype(str))) & (
        (np.minimum(end, own["end"]) > np.maximum(start, own["start"])).to_numpy()
    )
    return _overlaps(lifted, _held_out(bins)), len(np.unique(row[on_own]))


def overlaps_held_out_homologs(
    windows: pd.DataFrame, chains: Chains, bins: pd.DataFrame, homologs: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Find windows of another genome that overlap homologs of held-out bins, and the held-out bins that have any.

    Args:
        windows: training windows of the other genome.
        chains: from the human genome to it.
        bins: as `bins.make_bins` returns.
        homologs: where each bin lies in that genome, as `homologs.find_homologs` returns.

    Returns:
        Pairs as of `overlaps_held_out`, and row numbers of the bins of which a base is aligned: where there are none,
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
    homologous = pd.concat([aligned, lifted[["chrom", "start", "end", "bin"]]], ignore_index=True)
    by_place = _overlaps(_window_places(windows), homologous)
    by_source = _from_held_out(windows, bins)
    return _largest(pd.concat([by_place, by_source], ignore_index=True)), np.unique(aligned["bin"])


def _from_held_out(windows: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Pairs of windows and the bins they come from, where these are held out: all bases of the bin."""
    source = windows["source"].to_numpy()
    rows = np.flatnonzero((bins["split"] != "train").to_numpy()[source])
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    return pd.DataFrame({"window": rows, "bin": source[rows], "bases": width})


def _overlaps(of_windows: pd.DataFrame, of_bins: pd.DataFrame) -> pd.DataFrame:
    """Pairs of windows and bins whose places overlap, with the most bases that two of their places share."""
    i, j, bases = overlapping_pairs(of_windows, of_bins)
    window, bin_ = of_windows["window"].to_numpy()[i], of_bins["bin"].to_numpy()[j]
    return _largest(pd.DataFrame({"window": window, "bin": bin_, "bases": bases}))


def _largest(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per pair: that of most bases."""
    return pairs.groupby(["window", "bin"], as_index=False).agg({"bases": "max"})[COLUMNS].astype(np.int64)


def _held_out(bins: pd.DataFrame) -> pd.DataFrame:
    held_out = bins[bins["split"] != "train"]
    return held_out.assign(bin=held_out.index)


def _window_places(windows: pd.DataFrame) -> pd.DataFrame:
    return windows[["chrom", "start", "end"]].assign(window=np.arange(len(windows)))
