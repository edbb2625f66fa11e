"""Pearson's and Spearman's correlation of many predictions with one observation, how often they have its sign, and the
bootstrap of all three.

Predictions are rows of one array, so that all are resampled together: a difference between two of them has an interval
of its own, much narrower than the two intervals side by side.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

DRAWS = 2_000
CELLS = 500_000
"""Numbers in the largest array of the bootstrap: so many draws are made at once."""


class Correlations(NamedTuple):
    """How predictions go with the observation, float64 of one shape.

    Attributes:
        pearson, spearman: the coefficients; NaN where a variable is constant.
        direction: the share of observations whose sign is predicted. A prediction of 0 has no sign and counts one half,
            as a guess would; an observation of 0 has none to predict and does not count. NaN where none counts.
    """

    pearson: np.ndarray
    spearman: np.ndarray
    direction: np.ndarray


def correlate(predicted: np.ndarray, observed: np.ndarray) -> Correlations:
    """The correlation of each row of `predicted`, (k, n), with `observed`, (n,): (k,) each."""
    one = np.ones((1, predicted.shape[1]))
    ranks, of_observed = np.apply_along_axis(rankdata, 1, predicted), rankdata(observed)
    return Correlations(
        _weighted(one, predicted, observed)[0],
        _weighted(one, ranks, of_observed)[0],
        _right(one, *_signs(predicted, observed))[0],
    )


def bootstrap(predicted: np.ndarray, observed: np.ndarray, draws: int = DRAWS, seed: int = 0) -> Correlations:
    """The same in `draws` samples of the n observations with replacement: (draws, k) each.

    A sample is how often it holds each observation, so that Pearson's coefficients of all samples are a few matrix
    products. Ranks within a sample follow from the running total of these numbers, taken in sorted order.

    Args:
        predicted: float (k, n).
        observed: float (n,).
        draws: number of samples.
        seed: of the samples.
    """
    rng = np.random.default_rng(seed)
    n = predicted.shape[1]
    parts = []
    at_once = max(1, CELLS // max(n, 1))
    orders = [_ties(row) for row in (observed, *predicted)]
    signs = _signs(predicted, observed)
    for first in range(0, draws, at_once):
        size = min(at_once, draws - first)
        picks = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
        counts = np.bincount(picks.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)
        of_observed = _ranks(counts, *orders[0])
        ranked = [_paired(counts, _ranks(counts, *order), of_observed) for order in orders[1:]]
        parts.append((_weighted(counts, predicted, observed), np.stack(ranked, axis=1), _right(counts, *signs)))
    return Correlations(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of bootstrap draws, (draws,); NaN where no draw is a number."""
    known = draws[np.isfinite(draws)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _signs(predicted: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How right each predicted sign is, 0, 1/2 or 1 (k, n), NaN without a prediction; which count, 0 or 1 (n,)."""
    right = (1 + np.sign(predicted) * np.sign(observed)) / 2
    counting = (observed != 0).astype(np.float64)
    return np.where(np.isnan(predicted), np.nan, right * counting), counting


def _right(counts: np.ndarray, right: np.ndarray, counting: np.ndarray) -> np.ndarray:
    """The share of right signs in each sample of `counts` (draws, n): (draws, k)."""
    of = counts @ counting[:, None]
    with np.errstate(invalid="ignore"):
        return np.where(of == 0, np.nan, counts @ right.T / of)


def _weighted(counts: np.ndarray, predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Pearson's coefficient of each row of `predicted` (k, n) in each sample of `counts` (draws, n): (draws, k)."""
    # centred first: the sums of squares of numbers far from 0 would cancel
    x = predicted - predicted.mean(axis=1, keepdims=True)
    y = observed - observed.mean()
    n = counts.sum(axis=1, keepdims=True)
    mean_x, mean_y = counts @ x.T / n, counts @ y[:, None] / n
    covariance = counts @ (x * y).T / n - mean_x * mean_y
    variance_x, variance_y = counts @ (x * x).T / n - mean_x**2, counts @ (y * y)[:, None] / n - mean_y**2
    # what is left of a constant by rounding is no variance
    flat = (variance_x <= 1e-12 * (x * x).mean(axis=1)) | (variance_y <= 1e-12 * (y * y).mean())
    return _ratio(covariance, variance_x * variance_y, flat)


def _ties(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order that sorts values, and where in it each group of equal values begins."""
    order = np.argsort(values, kind="stable")
    return order, np.flatnonzero(np.concatenate([[True], np.diff(values[order]) > 0]))


def _ranks(counts: np.ndarray, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The rank of every observation within each sample, ties sharing their mean rank: (draws, n)."""
    groups, ties = counts[:, order], len(starts) < len(order)
    if ties:
        groups = np.add.reduceat(groups, starts, axis=1)
    middle = np.cumsum(groups, axis=1) - (groups - 1) / 2
    ranks = np.empty_like(counts)
    ranks[:, order] = np.repeat(middle, np.diff(np.append(starts, len(order))), axis=1) if ties else middle
    return ranks


def _paired(counts: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson's coefficient of ranks, (draws, n) both, in each sample: (draws,). Mean ranks are (n + 1) / 2."""
    middle = (counts.shape[1] + 1) / 2
    x, y = x - middle, y - middle
    weighted = counts * x
    covariance = np.einsum("dn,dn->d", weighted, y)
    variance_x, variance_y = np.einsum("dn,dn->d", weighted, x), np.einsum("dn,dn,dn->d", counts, y, y)
    return _ratio(covariance, variance_x * variance_y, (variance_x == 0) | (variance_y == 0))


def _ratio(covariance: np.ndarray, variances: np.ndarray, flat: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.where(flat, np.nan, np.clip(covariance / np.sqrt(variances), -1, 1))
