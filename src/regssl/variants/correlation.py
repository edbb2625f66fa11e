"""Pearson's and Spearman's correlation of many predictions with one observation, their sign concordance, and the
bootstrap of all three.

Predictions are the rows of one array and are resampled together, so that a difference between two of them has a paired
interval, much narrower than the two separate intervals suggest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

N_BOOTSTRAP = 2_000
"""Bootstrap samples."""


class Correlations(NamedTuple):
    """Agreement of k predictions with the observation, float64 (k,), or (n_bootstrap, k) for bootstrap samples.

    Attributes:
        pearson, spearman: the coefficients; NaN where a variable is constant or a prediction is missing.
        sign_concordance: the fraction of observations whose sign is predicted. A prediction of 0 has no sign and counts
            one half, as a guess would; an observation of 0 does not count. NaN where none counts or one is missing.
    """

    pearson: np.ndarray
    spearman: np.ndarray
    sign_concordance: np.ndarray


def correlate(predicted: np.ndarray, observed: np.ndarray) -> Correlations:
    """Correlate each prediction with the observation.

    Args:
        predicted: float (k, n).
        observed: float (n,), without NaN.

    Returns:
        Arrays of shape (k,).
    """
    return Correlations(*(part[0] for part in _samples(predicted, observed, [np.arange(len(observed))])))


def bootstrap(
    predicted: np.ndarray, observed: np.ndarray, n_bootstrap: int = N_BOOTSTRAP, seed: int = 0
) -> Correlations:
    """Correlate in bootstrap samples of the n observations, with replacement, the same samples for all predictions.

    Args:
        predicted: float (k, n).
        observed: float (n,), without NaN.
        n_bootstrap: number of samples.
        seed: seed of the samples.

    Returns:
        Arrays of shape (n_bootstrap, k).
    """
    rng = np.random.default_rng(seed)
    n = len(observed)
    return _samples(predicted, observed, (rng.integers(n, size=n) for _ in range(n_bootstrap)))


def percentile_interval(samples: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Bounds of the percentile interval of bootstrap samples, (n_bootstrap,); NaN if none is finite."""
    known = samples[np.isfinite(samples)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _samples(predicted: np.ndarray, observed: np.ndarray, samples: Iterable[np.ndarray]) -> Correlations:
    """Correlate within each sample, given as indices of observations: (samples, k)."""
    missing = np.isnan(predicted).any(axis=1)
    # row 0 is the observation; a missing prediction is replaced by a constant, whose correlation is NaN
    values = np.vstack([observed, np.where(missing[:, None], 0.0, predicted)])
    # dense ranks, shifted by row: ranks within a sample are then counted, not sorted
    codes = np.stack([np.unique(row, return_inverse=True)[1] for row in values])
    codes += np.arange(len(values))[:, None] * len(observed)
    signs = np.sign(values)
    concordance = np.where(missing[:, None], np.nan, np.abs(signs[0]) + signs[1:] * signs[0]) / 2  # 0, 1/2 or 1
    found = []
    for sample in samples:
        ranks = _mean_ranks(np.take(codes, sample, axis=1))
        flat = np.ptp(ranks, axis=1) == 0
        with np.errstate(invalid="ignore", divide="ignore"):
            agreeing = np.take(concordance, sample, axis=1).sum(axis=1) / np.abs(signs[0, sample]).sum()
        found.append((_pearson(np.take(values, sample, axis=1), flat), _pearson(ranks, flat), agreeing))
    return Correlations(*(np.stack(part) for part in zip(*found, strict=True)))


def _mean_ranks(codes: np.ndarray) -> np.ndarray:
    """Ranks from 1 within each row, ties at their mean rank: float64 (k, n), from the codes of `_samples`."""
    counts = np.bincount(codes.ravel(), minlength=codes.size).reshape(codes.shape)
    return np.take(np.cumsum(counts, axis=1) - (counts - 1) / 2, codes)


def _pearson(values: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Pearson's coefficient of row 0 with each other row, (k,); NaN where one of the two is `flat`, bool (k + 1,)."""
    x = values - values.mean(axis=1, keepdims=True)
    squares = np.einsum("kn,kn->k", x, x)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.clip(x[1:] @ x[0] / np.sqrt(squares[1:] * squares[0]), -1, 1)
    return np.where(flat[1:] | flat[0], np.nan, found)
