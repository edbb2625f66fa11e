"""Compiled kernels of `motif_head`: what follows the scan of a motif network, for a whole batch.

On one thread: a batch takes tens of microseconds. Sums are in an order that the compiler chooses for the processor.
Imported lazily, like `_kmer_conv`.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit

_REORDER = {"reassoc", "nsz", "contract"}
"""What lets sums use vector registers; NaN and infinities keep their meaning."""


@njit(nogil=True)
def _hash32(value: np.uint32) -> np.uint32:
    """Hash a uint32, as `dropout.hash32` does."""
    mixed = np.uint32(value ^ (value >> np.uint32(16)))
    mixed = np.uint32(mixed * np.uint32(0x7FEB352D))
    mixed = np.uint32(mixed ^ (mixed >> np.uint32(15)))
    mixed = np.uint32(mixed * np.uint32(0x846CA68B))
    mixed = np.uint32(mixed ^ (mixed >> np.uint32(16)))
    return np.uint32(mixed & np.uint32(0x7FFFFFFF))


@njit(nogil=True)
def _relu(value: np.float32) -> np.float32:
    return np.float32(0) if value <= 0 else value  # NaN stays


@njit(nogil=True, fastmath=_REORDER)
def forward(
    scores: np.ndarray,
    seed: int,
    rate: float,
    weight: np.ndarray,
    bias: np.ndarray,
    logit_weight: np.ndarray,
    logit_bias: np.ndarray,
    features: np.ndarray,
    units: np.ndarray,
    logits: np.ndarray,
) -> None:
    """Compute ReLU, dropout, hidden units, ReLU and logits.

    Args:
        scores: float32 (batch, filters).
        seed, rate: of the dropout; a rate of 0: none.
        weight, bias: of the hidden units, float32 (hidden, filters) and (hidden,).
        logit_weight, logit_bias: float32 (1, hidden) and (1,).
        features: float32 (batch, filters), written: after the dropout.
        units: float32 (batch, hidden), written: after their ReLU.
        logits: float32 (batch,), written.
    """
    batch, filters = scores.shape
    first, least = np.uint32(seed), np.uint32(rate * 2**31)
    scale = np.float32(1) / np.float32(1 - rate)
    for sequence in range(batch):
        if rate:
            for filter_ in range(filters):
                kept = _hash32(np.uint32(first + np.uint32(sequence * filters + filter_))) >= least
                features[sequence, filter_] = _relu(scores[sequence, filter_]) * (scale if kept else np.float32(0))
        else:
            for filter_ in range(filters):
                features[sequence, filter_] = _relu(scores[sequence, filter_])
        logit = np.float32(0)
        for unit in range(len(bias)):
            total = np.float32(0)
            for filter_ in range(filters):
                total += features[sequence, filter_] * weight[unit, filter_]
            units[sequence, unit] = _relu(total + bias[unit])
            logit += units[sequence, unit] * logit_weight[0, unit]
        logits[sequence] = logit + logit_bias[0]


@njit(nogil=True, fastmath=_REORDER)
def backward(
    gradient: np.ndarray,
    features: np.ndarray,
    units: np.ndarray,
    rate: float,
    weight: np.ndarray,
    logit_weight: np.ndarray,
    of_scores: np.ndarray,
    of_weight: np.ndarray,
    of_bias: np.ndarray,
    of_logit_weight: np.ndarray,
    of_logit_bias: np.ndarray,
) -> None:
    """Compute gradients from that of the logits, float32 (batch,), in the order of the batch.

    Args:
        gradient: of the logits.
        features, units, rate, weight, logit_weight: as in `forward`.
        of_scores, of_weight, of_bias, of_logit_weight, of_logit_bias: written, of the shapes of what they are of.
    """
    batch, filters = features.shape
    scale = np.float32(1) / np.float32(1 - rate)
    for total in (of_weight, of_logit_weight):
        total[:] = 0
    of_scores[:] = 0
    of_bias[:] = 0
    of_logit_bias[:] = 0
    for sequence in range(batch):
        of_logit = gradient[sequence]
        of_logit_bias[0] += of_logit
        for unit in range(len(of_bias)):
            of_logit_weight[0, unit] += of_logit * units[sequence, unit]
            of_unit = np.float32(0) if units[sequence, unit] <= 0 else of_logit * logit_weight[0, unit]
            of_bias[unit] += of_unit
            for filter_ in range(filters):
                of_weight[unit, filter_] += of_unit * features[sequence, filter_]
                of_scores[sequence, filter_] += of_unit * weight[unit, filter_]
        for filter_ in range(filters):
            own = of_scores[sequence, filter_] * scale
            of_scores[sequence, filter_] = np.float32(0) if features[sequence, filter_] <= 0 else own
