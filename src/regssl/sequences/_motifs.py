"""Compiled kernel of `regssl.sequences.motifs`."""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit


@njit(nogil=True)
def best_scores(codes: np.ndarray, log_odds: np.ndarray, reverse_log_odds: np.ndarray) -> np.ndarray:
    """Score the best placement in each sequence, on either strand.

    Args:
        codes: uint8 (n, length), length at least the motif's.
        log_odds, reverse_log_odds: float64 (width, 5), contiguous.

    Returns:
        float64 (n,); each score is summed from the first position to the last, as `Motif.scan` does.
    """
    n, length = codes.shape
    width = len(log_odds)
    best = np.full(n, -np.inf)
    for row in range(n):
        for start in range(length - width + 1):
            plus, minus = 0.0, 0.0
            for position in range(width):
                base = codes[row, start + position]
                plus += log_odds[position, base]
                minus += reverse_log_odds[position, base]
            best[row] = max(best[row], plus, minus)
    return best
