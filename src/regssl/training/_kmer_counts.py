"""Compiled kernels of `regssl.training.kmer_logistic`: products of the matrix of k-mer counts, which is never made."""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit


@njit(nogil=True)
def sum_scores(kmers: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Sum the scores of the k-mers of each window: counts × scores.

    Args:
        kmers: int32 (n, places), numbers of k-mers.
        scores: float64 (numbers,).

    Returns:
        float64 (n,).
    """
    n, places = kmers.shape
    sums = np.zeros(n)
    for window in range(n):
        for place in range(places):
            sums[window] += scores[kmers[window, place]]
    return sums


@njit(nogil=True)
def sum_windows(kmers: np.ndarray, values: np.ndarray, numbers: int) -> np.ndarray:
    """Sum the values of the windows of each k-mer, once for each place where it is: counts transposed × values.

    Args:
        kmers: int32 (n, places), numbers of k-mers.
        values: float64 (n,).
        numbers: how many k-mers there are.

    Returns:
        float64 (numbers,).
    """
    n, places = kmers.shape
    sums = np.zeros(numbers)
    for window in range(n):
        for place in range(places):
            sums[kmers[window, place]] += values[window]
    return sums
