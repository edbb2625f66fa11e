"""Area under the precision-recall curve (AUPR) and under the ROC curve (AUROC), exact, from saved predictions.

Both need only one thing: for every distinct score of a positive, how many positives and how many negatives score at
least as much. So positives and negatives are sorted apart, in place and in their own dtype, and the few positives are
looked up among the many negatives. Fifteen million float32 windows, 0.5 % positive, need 0.1 GB beside the input;
64-bit counts exist only per distinct positive score (0.5 GB if half of the windows were positive).
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regssl.errors import DataError

SPLIT_NAMES = {"train": "training", "validation": "validation", "test": "test"}
"""Names of the splits in messages."""
COLLAPSED_SD = 1e-3
"""In units of a logit: all windows then have the same probability to three digits. A trained network's is about 1."""


class Evaluation(TypedDict):
    """How well a set of windows was ranked, and how hard the set was."""

    aupr: float
    auroc: float
    prevalence: float
    positives: int
    windows: int


class _Thresholds(NamedTuple):
    """One entry per distinct score t of a positive, descending; all int64."""

    positives_at: NDArray[np.int64]  # positives with score = t
    negatives_at: NDArray[np.int64]  # negatives with score = t
    positives_from: NDArray[np.int64]  # positives with score >= t
    negatives_from: NDArray[np.int64]  # negatives with score >= t
    negatives: int


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Compute average precision: the sum over thresholds of (gain in recall) × precision, without interpolation.

    Windows with the same score pass the threshold together, as in scikit-learn's `average_precision_score`. A constant
    score gives the prevalence; for labels 1, 0, 1 and scores 0.9, 0.8, 0.7 it is (1/2)(1/1) + (1/2)(2/3) = 0.8333.

    Args:
        labels: (n,) bool, or integers 0 and 1.
        scores: (n,) of any float dtype; higher means more likely positive; infinities are ordered like other values.

    Raises:
        DataError: no positives, no negatives, NaN scores, or labels other than 0 and 1.
    """
    return _average_precision(_thresholds(labels, scores))


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Compute the area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    Equal to the trapezoid rule on the ROC curve and to Mann-Whitney's U / (positives × negatives). Arguments and errors
    as for `average_precision`.
    """
    return _auroc(_thresholds(labels, scores))


def evaluate(labels: ArrayLike, scores: ArrayLike) -> Evaluation:
    """Compute both areas from one sort, with the prevalence (positives / windows), the AUPR of a random ranking.

    Arguments and errors as for `average_precision`.
    """
    thresholds = _thresholds(labels, scores)
    positives = int(thresholds.positives_from[-1])
    windows = positives + thresholds.negatives
    return {
        "aupr": _average_precision(thresholds),
        "auroc": _auroc(thresholds),
        "prevalence": positives / windows,
        "positives": positives,
        "windows": windows,
    }


def is_constant(logits: ArrayLike) -> bool:
    """Test whether a run collapsed: its logits (n,) have a standard deviation below `COLLAPSED_SD`.

    Large networks end so at times, and no mean over seeds reveals it: the AUPR is then that of any small differences.
    `is_constant([0.3, 0.3, 0.3])` is true, `is_constant([0.3, 0.3, 0.4])` is not.
    """
    return bool(np.std(np.asarray(logits, np.float64)) < COLLAPSED_SD)


def missing_class(labels: ArrayLike, split: str) -> str:
    """Report a class that no window of a split has.

    Args:
        labels: 0 or 1, of any shape.
        split: train, validation or test.

    Returns:
        Such as `no positive training window`; empty if both classes occur.
    """
    positives, windows = int(np.count_nonzero(np.asarray(labels))), np.size(labels)
    kind = "positive" if not positives else "negative" if positives == windows else ""
    return f"no {kind} {SPLIT_NAMES[split]} window" if kind else ""


def _average_precision(at: _Thresholds) -> float:
    precision = at.positives_from / (at.positives_from + at.negatives_from)
    return float(np.sum(at.positives_at * precision) / at.positives_from[-1])


def _auroc(at: _Thresholds) -> float:
    # twice the number of (positive, negative) pairs in the right order, so that ties stay whole numbers
    twice_below = 2 * (at.negatives - at.negatives_from) + at.negatives_at
    pairs = int(at.positives_from[-1]) * at.negatives
    return int(np.sum(at.positives_at * twice_below)) / (2 * pairs)


def _thresholds(labels: ArrayLike, scores: ArrayLike) -> _Thresholds:
    is_positive, values = validate_scores(labels, scores)
    negative = values[~is_positive]
    negative.sort()
    distinct, positives_at = np.unique(values[is_positive], return_counts=True)
    below = negative.searchsorted(distinct, side="left")
    up_to = negative.searchsorted(distinct, side="right")
    return _Thresholds(
        positives_at=positives_at[::-1],
        negatives_at=np.subtract(up_to, below)[::-1],
        positives_from=np.cumsum(positives_at[::-1], dtype=np.int64),
        negatives_from=np.subtract(negative.size, below)[::-1],
        negatives=int(negative.size),
    )


def validate_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.floating]]:
    """Return labels as bool and scores as float, (n,) each, of which both areas exist.

    Arguments and errors as for `average_precision`.
    """
    truth: NDArray[Any] = np.asarray(labels)
    values: NDArray[Any] = np.asarray(scores)
    if truth.ndim != 1 or truth.shape != values.shape:
        raise DataError(
            f"labels of shape {truth.shape} and scores of shape {values.shape}",
            "give one label and one score per window",
        )
    if not np.issubdtype(values.dtype, np.floating):
        values = values.astype(np.float64)
    if truth.dtype != np.bool_:
        wrong = (truth != 0) & (truth != 1)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise DataError(f"label {truth[row]!r} of window {row}", "labels are 0 or 1")
        truth = truth.astype(np.bool_)

    positives = int(np.count_nonzero(truth))
    if positives in (0, truth.size):
        missing = "positive" if positives == 0 else "negative"
        raise DataError(
            f"no {missing} among {truth.size:,} windows: AUPR and AUROC are not defined",
            "choose other test windows (`splits`, or the column `split`), or more positives",
        )
    missing_scores = np.isnan(values)
    if missing_scores.any():
        row = int(np.argmax(missing_scores))
        raise DataError(
            f"{int(missing_scores.sum()):,} of {values.size:,} scores are NaN, the first of window {row}",
            "training diverged: lower the learning rate",
        )
    return truth, values
