"""Folds of the human training windows, so that a window is judged by a network that saw neither it nor its neighbours.

A fold is made of contiguous blocks of the chromosomes, since neighbouring windows share peaks. After Roberts et al.
2017, *Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic structure*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.methods.settings import CrossFitting

COLUMNS = ["chrom", "start", "end", "label"]
"""What the folds of a table of windows depend on."""


@dataclass(frozen=True)
class Folds:
    """The fold of each window, and the windows that may train the network which judges a fold.

    Attributes:
        of_window: int64 (windows,), from 0.
        trains: bool (folds, windows): neither in the fold nor near a window of it.
    """

    of_window: NDArray[np.int64]
    trains: NDArray[np.bool_]


def make_folds(windows: pd.DataFrame, settings: CrossFitting) -> Folds:
    """Deal blocks of windows to folds, so that each fold has about as many positives, and as many windows.

    The blocks with most positives come first: each goes to the fold with the fewest positives so far, and then those
    without positives, the largest first, to the fold with the fewest windows.

    Args:
        windows: one row per window, COLUMNS.
        settings: number of folds, length of a block, margin.

    Raises:
        DataError: there are fewer blocks than folds.
    """
    names, chrom = np.unique(windows["chrom"].to_numpy(str), return_inverse=True)
    start, end = windows["start"].to_numpy(np.int64), windows["end"].to_numpy(np.int64)
    _, block = np.unique(np.stack([chrom, start // settings.block_length]), axis=1, return_inverse=True)
    block = block.reshape(-1)  # NumPy 2.0.0 gives it a second axis
    sizes = np.bincount(block)
    if len(sizes) < settings.folds:
        where = f"{len(sizes)} blocks of {settings.block_length} bp on {', '.join(names)}"
        raise DataError(
            f"{settings.folds} folds of the human training windows, which lie in {where}",
            "lower `cross_fitting.block_length` or `cross_fitting.folds`",
        )
    positives = np.bincount(block, windows["label"].to_numpy() > 0.5).astype(np.int64)
    fold_of_block = np.empty(len(sizes), np.int64)
    dealt = np.zeros((settings.folds, 2), np.int64)  # positives, windows
    for one in np.lexsort([np.arange(len(sizes)), -sizes, -positives]):
        scarce, other = (0, 1) if positives[one] else (1, 0)
        fold_of_block[one] = np.lexsort([dealt[:, other], dealt[:, scarce]])[0]
        dealt[fold_of_block[one]] += positives[one], sizes[one]
    of_window = fold_of_block[block]
    trains = [~_near(of_window == fold, chrom, start, end, settings.margin) for fold in range(settings.folds)]
    return Folds(of_window, np.stack(trains))


def _near(
    chosen: NDArray[np.bool_], chrom: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], margin: int
) -> NDArray[np.bool_]:
    """Find the windows that are chosen, or have fewer than `margin` bp between them and a chosen one: bool (windows,).

    All windows have one width, so the nearest chosen one on either side is the nearest in start.
    """
    near = chosen.copy()
    for one in np.unique(chrom):
        here = np.flatnonzero(chrom == one)
        starts = np.sort(start[here][chosen[here]])
        if not len(starts):
            continue
        width = end[here] - start[here]
        after = np.searchsorted(starts, start[here])
        gap_after = starts[np.minimum(after, len(starts) - 1)] - start[here] - width
        gap_before = start[here] - starts[np.maximum(after - 1, 0)] - width
        near[here] |= (gap_after < margin) & (after < len(starts)) | (gap_before < margin) & (after > 0)
    return near
