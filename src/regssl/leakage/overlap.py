"""Leakage by place: does a training window overlap a held-out human bin, or something homologous to one?

Tested twice, in two directions. *Reciprocal liftover*: the training window is carried back along every block of every
chain, and no base of it may arrive in a held-out bin. *Homolog*: held-out bins are lifted through the chains as they
are, and the window may share no base with any interval they align to, nor with their re-centred homologs. A window
whose `source` is a held-out bin is a homolog of it.

Nothing here uses `data.homologs`, which makes the sets that are audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from regssl.data.intervals import overlapping_pairs
from regssl.errors import ChainError
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks
from regssl.sequences.belonging import check_names

if TYPE_CHECKING:
    from regssl.leakage._places import Places

COLUMNS = ["window", "bin", "bases"]
CHUNK_ROWS = 1 << 18
"""Held-out bins lifted at a time: what they are aligned to is in memory."""


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


def reciprocal_liftover(windows: pd.DataFrame, chains: Chains, bins: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Find windows of another genome that are aligned to held-out bins, and those aligned to their own human bin.

    Every block of every chain is read once, from its side in the other genome: no inverted chains are made.

    Args:
        windows: training windows of the other genome.
        chains: from the human genome to it.
        bins: as `bins.make_bins` returns.

    Returns:
        Pairs as of `overlaps_held_out`, and bool (windows,): reciprocal, aligned back to their own bin. Without these,
        that none leaks would mean little.
    """
    from regssl.leakage import _places  # numba

    own = bins.iloc[windows["source"].to_numpy()]
    own_places = chrom_codes(own["chrom"], chains.target_sizes), *_sides(own)
    blocks = _places.Blocks(*(getattr(chains, name) for name in _places.Blocks._fields))
    places = index_places(windows, chains.query_sizes)
    held_out = np.flatnonzero(bins["split"] != "train")
    targets = index_places(bins.iloc[held_out], chains.target_sizes)
    reciprocal, (window, place, bases) = _places.lift_back(blocks, places, *own_places, targets)
    return _largest(pd.DataFrame({"window": window, "bin": held_out[place], "bases": bases})), reciprocal


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
    from regssl.leakage import _places  # numba

    places = index_places(windows, chains.query_sizes)
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    held_out = np.flatnonzero(bins["split"] != "train")
    found, aligned = [_from_held_out(windows, bins)], [np.empty(0, np.int64)]

    def add(bin_: np.ndarray, chrom: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
        place, window, bases = _places.overlaps(chrom, start, end, places)
        found.append(_largest(pd.DataFrame({"window": window, "bin": bin_[place], "bases": bases})))

    for first in range(0, len(held_out), CHUNK_ROWS):
        of_chunk = held_out[first : first + CHUNK_ROWS]
        row, *segments = aligned_blocks(chains, bins["chrom"].iloc[of_chunk], *_sides(bins.iloc[of_chunk]))
        add(of_chunk[row], *segments)
        aligned.append(of_chunk[np.unique(row)])
    lifted = homologs.iloc[held_out]
    mapped = (lifted["start"] >= 0).to_numpy()
    start = lifted["start"].to_numpy(np.int64)[mapped]
    add(held_out[mapped], chrom_codes(lifted["chrom"], chains.query_sizes)[mapped], start, start + width)
    return _largest(pd.concat(found, ignore_index=True)), np.concatenate(aligned)


def check_chains(path: str | Path, chains: Chains, windows: pd.DataFrame, bins: pd.DataFrame) -> None:
    """Check that chains name chromosomes as the bins and the windows do: else nothing would be found.

    Raises:
        ChainError: they have no chromosome in common, or one that is spelt otherwise.
    """
    placed = bins[bins["chrom"].astype(str) != bins["id"]] if "id" in bins else bins  # not sequences without a place
    for sides, table, of in ((chains.target_sizes, placed, "bins"), (chains.query_sizes, windows, "homologs")):
        if len(table):
            check_names(path, sides, list(table["chrom"].unique()), f"the {of}", ChainError)


def index_places(table: pd.DataFrame, sizes: Mapping[str, int]) -> Places:
    """Index the intervals of a table by position; those on other chromosomes than of `sizes` are left out.

    Args:
        table: chrom, start, end.
        sizes: chromosome name → length in bp.
    """
    from regssl.leakage import _places  # numba

    chrom, (start, end) = chrom_codes(table["chrom"], sizes), _sides(table)
    row = np.flatnonzero(chrom >= 0)
    row = row[np.argsort(chrom[row].astype(np.int64) << 32 | start[row], kind="stable")]
    offsets = np.searchsorted(chrom[row], np.arange(len(sizes) + 1))
    buckets = (np.array(list(sizes.values()), np.int64) >> _places.BUCKET_BITS) + 1
    bucket_offsets = np.concatenate([[0], np.cumsum(buckets)])
    start, end = start[row].astype(np.int32), end[row].astype(np.int32)
    # allocated by numpy, which asks for large pages of memory: they are read at random
    max_end, bucket = np.empty(len(row), np.int32), np.empty(bucket_offsets[-1], np.int64)
    places = _places.Places(offsets, start, end, row, max_end, bucket, bucket_offsets)
    _places.fill_places(places)
    return places


def chrom_codes(chrom: pd.Series, sizes: Mapping[str, int]) -> np.ndarray:
    """Return the position of each chromosome in `sizes`, int32 (n,), -1 where it is not there."""
    codes = {name: code for code, name in enumerate(sizes)}
    occurring, names = pd.factorize(chrom)
    return np.array([*(codes.get(name, -1) for name in names), -1], np.int32)[occurring]


def _sides(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table["start"].to_numpy(np.int64), table["end"].to_numpy(np.int64)


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
