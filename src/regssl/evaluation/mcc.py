"""Matthews' correlation coefficient (MCC): of windows called bound at a threshold, with resamples of test blocks.

A window is called bound where its score is at least the threshold. For trained networks a logit of 0 is a probability
of one half; where positives are rare few windows reach it, and a threshold that is best on validation windows is fair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regssl.evaluation.bootstrap import CHUNK_REPLICATES
from regssl.evaluation.metrics import validate_scores


class Threshold(NamedTuple):
    """The lowest score that is called bound, and the MCC of the windows on which it was chosen."""

    score: float
    mcc: float


def mcc(labels: ArrayLike, scores: ArrayLike, threshold: float = 0.0) -> float:
    """Compute the MCC of calls at a threshold: (TP × TN - FP × FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)).

    As scikit-learn's `matthews_corrcoef`: 0 where all windows are called, or none. Labels 1, 1, 0, 0 and scores 2, -1,
    -1, -2 give (1 × 2 - 0 × 1) / √(1 × 2 × 2 × 3) = 0.577 at 0.

    Args:
        labels: (n,) bool, or integers 0 and 1.
        scores: (n,) of any float dtype.
        threshold: the lowest score that is called bound.

    Raises:
        DataError: as `metrics.average_precision`.
    """
    truth, values = validate_scores(labels, scores)
    called = _called(values, threshold)
    positives = np.count_nonzero(truth)
    true, false = np.count_nonzero(called & truth), np.count_nonzero(called & ~truth)
    return float(_mcc(true, false, positives, truth.size - positives))


def best_threshold(labels: ArrayLike, scores: ArrayLike) -> Threshold:
    """Find the threshold with the largest MCC, the highest of equals, among the scores.

    Arguments and errors as for `mcc`. Labels 1, 1, 0, 0 and scores 5, 4, 4, 1 give 0.577 at 5 and at 4, 0 at 1: so 5.
    """
    truth, values = validate_scores(labels, scores)
    order = np.argsort(values)[::-1]
    ranked = values[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # windows of one score are called together
    true = np.cumsum(truth[order], dtype=np.int64)[last]
    called = np.flatnonzero(last) + 1
    positives = true[-1]
    found = _mcc(true, called - true, positives, truth.size - positives)
    best = int(np.argmax(found))
    return Threshold(float(ranked[last][best]), float(found[best]))


def bootstrap_mcc(
    labels: ArrayLike,
    scores: ArrayLike,
    threshold: float,
    block: NDArray[np.int32],
    weights: NDArray[np.unsignedinteger],
) -> NDArray[np.float64]:
    """Compute the MCC at a threshold in every replicate: (r,), NaN without a positive or without a negative.

    Args:
        labels, scores, threshold: as for `mcc`.
        block: int32 (n,), of `bootstrap.assign_blocks`.
        weights: (blocks, r), of `bootstrap.sample_blocks`.
    """
    truth, values = validate_scores(labels, scores)
    called = _called(values, threshold)
    kinds = called & truth, called & ~truth, truth, ~truth
    per_block = np.stack([np.bincount(block[kind], minlength=len(weights)) for kind in kinds]).astype(np.float64)
    parts = range(0, weights.shape[1], CHUNK_REPLICATES)
    counts = np.concatenate([per_block @ weights[:, at : at + CHUNK_REPLICATES] for at in parts], axis=1)
    return np.where((counts[2:] == 0).any(axis=0), np.nan, _mcc(*counts))


def _called(scores: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    return scores >= np.float64(threshold)  # a plain float would be rounded to the scores' dtype


def _mcc(true: ArrayLike, false: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> NDArray[np.float64]:
    """The MCC from true and false calls, and all positives and negatives."""
    tp, fp, p, n = (np.asarray(count, np.float64) for count in (true, false, positives, negatives))
    called = tp + fp
    scale = np.sqrt(called * p) * np.sqrt((p + n - called) * n)
    covariance = tp * (n - fp) - fp * (p - tp)
    found: NDArray[np.float64] = np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 0)
    return found
