"""What fraction of SSL's gain another method makes: Fieller's interval against its definition, and its coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from regssl.evaluation.gain_fraction import Estimate, fraction_of_gain

QUANTILE = 1.96


def interval(values: np.ndarray, covariance: np.ndarray) -> tuple[float, float] | None:
    """Bounds from AUPR of SL, another method and SSL, and their covariance."""
    part, gain, rest = (
        Estimate(float(weights @ values), math.sqrt(weights @ covariance @ weights))
        for weights in np.array([[-1.0, 1, 0], [-1, 0, 1], [0, -1, 1]])
    )
    return fraction_of_gain(part, gain, rest, QUANTILE * gain.standard_error)


def covariances(rng: np.random.Generator, size: int) -> np.ndarray:
    """Random covariances of three methods, (size, 3, 3)."""
    roots = rng.normal(0, 0.01, (size, 3, 3))
    return roots @ roots.transpose(0, 2, 1) + 1e-6 * np.eye(3)


def test_the_interval_holds_the_fractions_that_cannot_be_told_from_the_one_found():
    """Of fractions from -40 to 40, it holds those f with which other - SL - f (SSL - SL) is within its own interval."""
    rng = np.random.default_rng(0)
    fractions = np.linspace(-40, 40, 16_001)
    bounded = 0
    for covariance in covariances(rng, 200):
        values = rng.uniform(0.05, 0.3, 3)
        weights = np.stack([fractions - 1, np.ones_like(fractions), -fractions])
        error = np.sqrt(np.einsum("if,ij,jf->f", weights, covariance, weights))
        inside = np.abs(values @ weights) <= QUANTILE * error
        found = interval(values, covariance)
        if found is None:
            assert inside[[0, -1]].any() or not inside.any()
        elif -40 < found[0] < found[1] < 40:
            bounded += 1
            np.testing.assert_array_equal(inside, (fractions >= found[0]) & (fractions <= found[1]))
    assert bounded > 100


@pytest.mark.parametrize("truth", [0.0, 0.5, 1.0, 1.5])
def test_it_covers_the_true_fraction_as_often_as_its_level(truth: float):
    """19 of 20 experiments, in which SL, the other method and SSL share the luck of the test windows."""
    rng = np.random.default_rng(1)
    covariance = 1e-4 * np.array([[2.0, 1, 1], [1, 3, 1], [1, 1, 2]])
    means = np.array([0.2, 0.2 + 0.1 * truth, 0.3])
    found = [interval(values, covariance) for values in rng.multivariate_normal(means, covariance, 4_000)]
    assert None not in found, "the gain is seven of its standard errors"
    assert np.mean([low <= truth <= high for low, high in found]) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("error", [0.06, math.nan, 0.0])
def test_without_a_gain_that_can_be_told_from_nothing_any_fraction_may_be(error: float):
    assert fraction_of_gain(Estimate(0.05, 0.02), Estimate(0.1, error), Estimate(0.05, 0.03), 2 * error) is None
