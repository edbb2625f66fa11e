"""Ranks within the rows of an array, counted rather than sorted, and the AUROC that follows from them."""

from __future__ import annotations

import numpy as np


def rank_codes(values: np.ndarray) -> np.ndarray:
    """Number the distinct values of each row from the smallest, shifted by row so that no two rows share a code.

    Columns of the result can be taken in any order, or again: `mean_ranks` of them needs no other sort.

    Args:
        values: float (k, n), without NaN.

    Returns:
        int64 (k, n), below k × n.
    """
    codes = np.stack([np.unique(row, return_inverse=True)[1] for row in values])
    return np.asarray(codes + np.arange(len(values))[:, None] * values.shape[1])


def mean_ranks(codes: np.ndarray, n_codes: int) -> np.ndarray:
    """Rank from 1 within each row, ties at their mean rank.

    Args:
        codes: columns of what `rank_codes` returned, int64 (k, m).
        n_codes: the size of what it returned, k × n.

    Returns:
        float64 (k, m).
    """
    counts = np.bincount(codes.ravel(), minlength=n_codes).reshape(len(codes), -1)
    return np.take(np.cumsum(counts, axis=1) - (counts - 1) / 2, codes)


def auroc_of_ranks(ranks: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Compute the chance, within each row, that a positive ranks above a negative, ties counting half.

    Args:
        ranks: of all, as `mean_ranks` returns them, (k, m).
        positive: bool (m,).

    Returns:
        (k,); NaN where all are of one class.
    """
    positives = int(positive.sum())
    pairs = positives * (len(positive) - positives)
    if not pairs:
        return np.full(len(ranks), np.nan)
    return np.asarray((ranks @ positive - positives * (positives + 1) / 2) / pairs)
