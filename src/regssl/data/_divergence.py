"""Compiled kernels of `regssl.data.divergence`."""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit


@njit(nogil=True)
def best_chain_mask(row: np.ndarray, chain: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Select the segments of the chain that aligns most bases of their interval; the first chain if several do.

    Args:
        row: (m,), interval of each segment; segments of one interval are consecutive.
        chain: (m,), chain of each segment.
        size: (m,), bases.

    Returns:
        bool (m,).
    """
    best = np.zeros(row.size, np.bool_)
    first = 0
    while first < row.size:
        stop = first + 1
        while stop < row.size and row[stop] == row[first]:
            stop += 1
        winner, most = chain[first], 0
        for i in range(first, stop):
            aligned = 0
            for j in range(first, stop):
                if chain[j] == chain[i]:
                    aligned += size[j]
            if aligned > most:
                winner, most = chain[i], aligned
        for i in range(first, stop):
            best[i] = chain[i] == winner
        first = stop
    return best


@njit(nogil=True)
def count_substitutions(
    row: np.ndarray, at: np.ndarray, other_at: np.ndarray, size: np.ndarray, codes: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """Count substitutions in aligned segments without gaps, by row.

    Args:
        row: (m,), row of `codes` and of `others`.
        at, other_at: (m,), start of the segment in each.
        size: (m,), bases.
        codes, others: uint8 (rows, width), windows as byte codes, on the strands on which they are aligned.

    Returns:
        int64 (rows, 3): aligned bases (neither is N), transitions, transversions.
    """
    counts = np.zeros((len(codes), 3), np.int64)
    for k in range(row.size):
        aligned, transitions, transversions = 0, 0, 0
        for i in range(size[k]):
            base, other = codes[row[k], at[k] + i], others[row[k], other_at[k] + i]
            if base < 4 and other < 4:
                aligned += 1
                if base != other:
                    if base ^ other == 2:  # A and G are 0 and 2, C and T are 1 and 3
                        transitions += 1
                    else:
                        transversions += 1
        counts[row[k], 0] += aligned
        counts[row[k], 1] += transitions
        counts[row[k], 2] += transversions
    return counts
