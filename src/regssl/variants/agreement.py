"""Agreement of many predictions with one observation: correlation, direction, and the bootstrap of both.

Predictions are the rows of one array and are resampled together, so that a difference between two of them has a paired
interval, much narrower than the two separate intervals suggest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from regssl.variants.ranks import auroc_of_ranks, mean_ranks, rank_codes

N_BOOTSTRAP = 2_000
"""Bootstrap samples."""


class Agreement(NamedTuple):
    """Agreement of k predictions with the observation, float64 (k,), or (n_bootstrap, k) for bootstrap samples.

    An observation above 0 prefers the alternative allele, one below 0 the reference; one of 0 prefers none and counts
    for the correlations only. All measures are NaN where they do not exist or a prediction is missing.

    Attributes:
        pearson, spearman: the coefficients; NaN where a variable is constant.
        sign_auroc: the chance that the prediction is higher where the alternative is preferred than where the reference
            is, ties counting half. One half is chance, however many prefer the reference.
        sign_concordance: the fraction of observations whose sign is predicted. A prediction of 0 has no sign and counts
            one half, as a guess would.
        concordance_above_reference: the same minus the fraction that prefer the reference, which is the concordance of
            one who always says reference.
        zero_fraction: the fraction of predictions that are exactly 0.
        concordance_without_zeros: the fraction of observations whose sign is predicted, among the other predictions.
    """

    pearson: np.ndarray
    spearman: np.ndarray
    sign_auroc: np.ndarray
    sign_concordance: np.ndarray
    concordance_above_reference: np.ndarray
    zero_fraction: np.ndarray
    concordance_without_zeros: np.ndarray


def measure(predicted: np.ndarray, observed: np.ndarray) -> Agreement:
    """Measure the agreement of each prediction with the observation.

    Args:
        predicted: float (k, n).
        observed: float (n,), without NaN.

    Returns:
        Arrays of shape (k,).
    """
    return Agreement(*(part[0] for part in _samples(predicted, observed, [np.arange(len(observed))])))


def bootstrap(predicted: np.ndarray, observed: np.ndarray, n_bootstrap: int = N_BOOTSTRAP, seed: int = 0) -> Agreement:
    """Measure agreement in bootstrap samples of the n observations, with replacement, the same for all predictions.

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


def _samples(predicted: np.ndarray, observed: np.ndarray, samples: Iterable[np.ndarray]) -> Agreement:
    """Measure agreement within each sample, given as indices of observations: (samples, k)."""
    missing = np.isnan(predicted).any(axis=1)
    # row 0 is the observation; a missing prediction is replaced by a constant
    values = np.vstack([observed, np.where(missing[:, None], 0.0, predicted)])
    codes, sign = rank_codes(values), np.sign(observed)
    products = np.sign(values[1:]) * sign
    # what is counted of each observation: right and told, of each prediction; for the reference; with a sign
    counted = np.vstack([products > 0, products != 0, sign < 0, sign != 0]).astype(float)
    found = []
    for sample in samples:
        ranks = mean_ranks(np.take(codes, sample, axis=1), codes.size)
        flat = np.ptp(ranks, axis=1) == 0
        signed = sample[sign[sample] != 0]
        ranks_of_signed = (
            ranks if len(signed) == len(sample) else mean_ranks(np.take(codes, signed, axis=1), codes.size)
        )
        auroc = auroc_of_ranks(ranks_of_signed[1:], sign[signed] > 0)
        coefficients = _pearson(np.take(values, sample, axis=1), flat), _pearson(ranks, flat)
        counts = counted @ np.bincount(sample, minlength=len(sign)).astype(float)
        measures = np.stack([*coefficients, auroc, *_concordance(counts)])
        found.append(np.where(missing, np.nan, measures))
    return Agreement(*np.stack(found, axis=1))


def _concordance(counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Compute the last four measures, (k,) each, from numbers of observations.

    Args:
        counts: of right predictions, (k,), of those that are not 0, (k,), of observations for the reference, and with
            a sign: one after the other.
    """
    right, told = counts[:-2].reshape(2, -1)
    reference, n = counts[-2:]
    with np.errstate(invalid="ignore", divide="ignore"):
        concordance = (right + (n - told) / 2) / n
        return concordance, concordance - reference / n, 1 - told / n, right / told


def _pearson(values: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Pearson's coefficient of row 0 with each other row, (k,); NaN where one of the two is `flat`, bool (k + 1,)."""
    x = values - values.mean(axis=1, keepdims=True)
    squares = np.einsum("kn,kn->k", x, x)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.clip(x[1:] @ x[0] / np.sqrt(squares[1:] * squares[0]), -1, 1)
    return np.where(flat[1:] | flat[0], np.nan, found)
