"""Compiled kernel of `loss`. Imported lazily, because importing numba takes half a second."""

from __future__ import annotations

import math

import numpy as np

from regssl.compilation import njit


@njit(nogil=True)
def cross_entropy(
    logits: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    losses: np.ndarray,
    gradient: np.ndarray,
) -> None:
    """Compute the mean binary cross-entropy of each row of logits, and its gradient.

    Args:
        logits, targets: float32 (rows, batch).
        weights: float32 (rows, batch), of each loss in the mean; of shape (0, 0): 1.
        losses: float32 (rows,), written.
        gradient: float32 (rows, batch), written: of the losses, by the logits.
    """
    rows, batch = logits.shape
    for row in range(rows):
        total = 0.0
        for at in range(batch):
            logit, target = np.float64(logits[row, at]), np.float64(targets[row, at])
            weight = np.float64(weights[row, at]) if weights.size else 1.0
            small = math.exp(-abs(logit))
            total += weight * (max(logit, 0.0) - logit * target + math.log1p(small))
            positive = (1.0 if logit >= 0 else small) / (1.0 + small)
            gradient[row, at] = weight * (positive - target) / batch
        losses[row] = total / batch
