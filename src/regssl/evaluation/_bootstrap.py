"""Numba kernel of `regssl.evaluation.bootstrap`: score one ranking under many weightings side by side.

The windows are visited once, best score first. The running counts of positives and negatives are arrays over
replicates, so that the inner loop adds one row of weights to them, many replicates per instruction. Counts are
integers: there is no rounding, whatever the number of windows.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit


@njit(nogil=True)
def score_replicates(
    scores: np.ndarray, positive: np.ndarray, block: np.ndarray, weights: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score a ranking under r weightings. Windows of one score pass the threshold together.

    Args:
        scores: (n,) any float dtype, descending.
        positive: bool (n,).
        block: int32 (n,), the row of `weights` of each window.
        weights: unsigned (blocks, r), contiguous: how often each replicate holds each block.
        needed: int64 (r,), positives at which the precision is taken.

    Returns:
        Arrays over replicates: the sum over thresholds of (positives gained) × precision, float64; twice the number of
        (positive, negative) pairs in the wrong order, ties counting one half, int64; the precision of the highest
        threshold with at least `needed` positives, float64 (NaN: never reached).
    """
    n, r = len(scores), weights.shape[1]
    true, false = np.zeros(r, np.int32), np.zeros(r, np.int32)
    gained, tied = np.empty(r, np.int32), np.empty(r, np.int32)
    area, twice_wrong = np.zeros(r), np.zeros(r, np.int64)
    precision = np.full(r, np.nan)
    first = 0
    while first < n:
        stop, any_positive = first, False
        while stop < n and scores[stop] == scores[first]:
            any_positive |= positive[stop]
            stop += 1
        if not any_positive:
            for i in range(first, stop):
                _add(false, weights[block[i]])
        else:
            gained[:] = 0
            tied[:] = 0
            for i in range(first, stop):
                _add(gained if positive[i] else tied, weights[block[i]])
            for k in range(r):
                above = true[k]
                reached = above + gained[k]
                called = reached + false[k] + tied[k]
                precision_here = reached / max(called, 1)
                area[k] += gained[k] * precision_here
                twice_wrong[k] += np.int64(gained[k]) * (2 * np.int64(false[k]) + tied[k])
                if above < needed[k] <= reached:
                    precision[k] = precision_here
                true[k] = reached
                false[k] += tied[k]
        first = stop
    return area, twice_wrong, precision


@njit(nogil=True, inline="always")
def _add(counts: np.ndarray, weights: np.ndarray) -> None:
    for k in range(len(counts)):
        counts[k] += weights[k]
