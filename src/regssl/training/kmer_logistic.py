"""Fit the logistic regression on counts of k-mers; k and the ridge are the best on validation windows, by AUPR."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from regssl.data.dataset import WindowDataset
from regssl.evaluation.metrics import average_precision
from regssl.models.baselines import KmerLogistic, canonical_kmers
from regssl.training._kmer_counts import sum_scores, sum_windows

KS = (6, 7, 8)
"""Lengths of k-mers that are tried, in bp, where windows are as long."""
RIDGES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""Weights of half the squared coefficients beside the summed loss that are tried, until one is worse than the last."""
CHUNK_WINDOWS = 1 << 16

_log = logging.getLogger(__name__)


class _Fit(NamedTuple):
    """The coefficients of a fit, the bias last, and how well it ranks the validation windows."""

    k: int
    ridge: float
    coefficients: NDArray[np.float64]
    validation_aupr: float


def fit_kmer_logistic(human: WindowDataset, validation: WindowDataset) -> KmerLogistic:
    """Fit the regression for each k, from strong ridges to weak ones.

    Counts are taken as they are. A fit of 30,000 windows of 100 bp takes a second or two.

    Args:
        human: training windows.
        validation: windows on which k and the ridge are chosen.
    """
    width = human.codes.shape[1]
    fits = [fit for k in sorted({min(k, width) for k in KS}) for fit in _fits(human, validation, k)]
    best = max(fits, key=lambda fit: fit.validation_aupr)
    _log.info("k-mers of %d bp, ridge %g: validation AUPR %.4f", best.k, best.ridge, best.validation_aupr)
    network = KmerLogistic(width, best.k)
    with torch.no_grad():
        network.scores.copy_(torch.from_numpy(best.coefficients[:-1]))
        network.bias.fill_(float(best.coefficients[-1]))
    return network.eval()


def _fits(human: WindowDataset, validation: WindowDataset, k: int) -> list[_Fit]:
    """Fit with each ridge, until one ranks the validation windows worse than the last."""
    kmers, held_out = _kmers(human, k), _kmers(validation, k)
    is_bound = validation.labels.numpy() > 0.5
    fits: list[_Fit] = []
    coefficients = np.zeros(4**k + 2)
    for ridge in RIDGES:
        coefficients = fit_counts(kmers, human.labels.numpy() > 0.5, ridge, coefficients)
        scores = sum_scores(held_out, coefficients[:-1]) + coefficients[-1]
        fits.append(_Fit(k, ridge, coefficients, average_precision(is_bound, scores)))
        if len(fits) > 1 and fits[-1].validation_aupr < fits[-2].validation_aupr:
            break
    return fits


def fit_counts(
    kmers: NDArray[np.int32], labels: NDArray[np.bool_], ridge: float, start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit the regression for one ridge by L-BFGS; the bias has none.

    Args:
        kmers: (n, places), of `canonical_kmers`; the largest number, that of k-mers with an N, has no coefficient.
        labels: (n,).
        ridge: weight of half the squared coefficients beside the summed loss: scikit-learn's 1 / C.
        start: (4**k + 2,), coefficients to start from: of the k-mers, 0 for those with an N, the bias.

    Returns:
        The coefficients, likewise.
    """
    from scipy.optimize import minimize

    sign = np.where(labels, 1.0, -1.0)

    def loss(coefficients: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores, bias = coefficients[:-1], coefficients[-1]
        margins = sign * (sum_scores(kmers, scores) + bias)
        slopes = -sign * np.exp(-np.logaddexp(0, margins))
        gradient = sum_windows(kmers, slopes, len(scores)) + ridge * scores
        gradient[-1] = 0
        return float(np.logaddexp(0, -margins).sum() + ridge * (scores @ scores) / 2), np.append(gradient, slopes.sum())

    options = {"maxiter": 1_000, "gtol": 1e-6 * len(labels), "ftol": 1e-9}
    fitted: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return fitted


def _kmers(windows: WindowDataset, k: int) -> NDArray[np.int32]:
    """Number the k-mers of windows: (n, places)."""
    parts = [canonical_kmers(part, k).int() for part in windows.codes.split(CHUNK_WINDOWS)]
    return torch.cat(parts).numpy()
