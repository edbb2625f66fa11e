"""Correlation, direction and their bootstrap against SciPy and plain counts on the resampled values themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regssl.variants.agreement import bootstrap, measure, percentile_interval


def values(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three predictions, one of them with many ties, of one observation with some."""
    rng = np.random.default_rng(seed)
    observed = rng.normal(size=n).round(1)
    predicted = np.stack([observed + rng.normal(size=n), rng.normal(size=n), rng.integers(0, 3, n) - observed.round()])
    return predicted, observed


def directions(x: np.ndarray, y: np.ndarray) -> list[float]:
    """AUROC of the sign, concordance, the same above always saying reference, zeros, concordance without them."""
    signed = [(a, b) for a, b in zip(x, y, strict=True) if b != 0]
    pairs = [(a > c) + (a == c) / 2 for a, b in signed for c, d in signed if b > 0 > d]
    right = [0.5 if a == 0 else float((a > 0) == (b > 0)) for a, b in signed]
    told = [float((a > 0) == (b > 0)) for a, b in signed if a != 0]
    concordance = sum(right) / len(right)
    reference = sum(b < 0 for _, b in signed) / len(signed)
    zeros = sum(a == 0 for a, _ in signed) / len(signed)
    return [sum(pairs) / len(pairs), concordance, concordance - reference, zeros, sum(told) / len(told)]


def test_directions_by_hand() -> None:
    """Three of four prefer the reference; the last observation has no direction and does not count."""
    observed = np.array([2.0, -1.0, -1.0, -3.0, 0.0])
    predicted = np.array([[1, -1, 0, 2, 0], [0, 0, 0, 0, 0], [-1, -1, -1, -1, 5]])
    found = measure(predicted, observed)
    assert found.sign_auroc == pytest.approx([2 / 3, 0.5, 0.5]), "above -1 and 0, below 2"
    assert found.sign_concordance == pytest.approx([0.625, 0.5, 0.75])
    assert found.concordance_above_reference == pytest.approx([-0.125, -0.25, 0]), "the last says reference always"
    assert found.zero_fraction == pytest.approx([0.25, 1, 0])
    assert found.concordance_without_zeros == pytest.approx([2 / 3, np.nan, 0.75], nan_ok=True)


def test_of_one_direction_there_is_no_auroc() -> None:
    found = measure(np.array([[1.0, -2.0, 3.0]]), np.array([-1.0, -1.0, -2.0]))
    assert np.isnan(found.sign_auroc[0]) and found.sign_concordance[0] == pytest.approx(1 / 3)


def test_sign_concordance_by_hand() -> None:
    observed = np.array([1.0, 2.0, -1.0, -3.0, 0.0])
    predicted = np.array([[1, -1, -1, -2, 5], [0, 0, 0, 0, 0], [np.nan, 1, 1, 1, 1], [-0.0, 3, -1, -1, -1]])
    assert measure(predicted, observed).sign_concordance == pytest.approx([0.75, 0.5, np.nan, 0.875], nan_ok=True)
    assert np.isnan(measure(predicted[:1], np.zeros(5)).sign_concordance).all(), "no sign to predict"
    assert (bootstrap(predicted, observed, 50).sign_concordance[:, 1] == 0.5).all()


def test_coefficients_are_scipys() -> None:
    predicted, observed = values(40)
    found = measure(predicted, observed)
    for row, pearson, spearman in zip(predicted, found.pearson, found.spearman, strict=True):
        assert pearson == pytest.approx(stats.pearsonr(row, observed).statistic, abs=1e-12)
        assert spearman == pytest.approx(stats.spearmanr(row, observed).statistic, abs=1e-12)


def test_every_sample_is_scipys_coefficient_of_the_resampled_values() -> None:
    predicted, observed = values(25)
    found = bootstrap(predicted, observed, n_bootstrap=50, seed=7)
    picks = np.random.default_rng(7).integers(25, size=(50, 25))
    for sample, pick in enumerate(picks):
        for row in range(3):
            x, y = predicted[row, pick], observed[pick]
            assert found.pearson[sample, row] == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
            assert found.spearman[sample, row] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)
            of_sample = [part[sample, row] for part in found[2:]]
            assert of_sample == pytest.approx(directions(x, y), abs=1e-12)


def test_the_interval_is_that_of_scipys_bootstrap() -> None:
    predicted, observed = values(300)
    samples = bootstrap(predicted, observed, n_bootstrap=4000)
    for row in range(3):
        witness = stats.bootstrap(
            (predicted[row], observed), lambda x, y: stats.pearsonr(x, y).statistic, paired=True, vectorized=False,
            n_resamples=1500, method="percentile", rng=np.random.default_rng(3),
        ).confidence_interval  # fmt: skip
        assert percentile_interval(samples.pearson[:, row]) == pytest.approx(tuple(witness), abs=0.02)


def test_the_same_seed_gives_the_same_samples() -> None:
    predicted, observed = values(30)
    first, again, other = (bootstrap(predicted, observed, 20, seed) for seed in (0, 0, 1))
    assert np.array_equal(first.pearson, again.pearson) and np.array_equal(first.spearman, again.spearman)
    assert not np.array_equal(first.pearson, other.pearson)


def test_a_constant_has_no_correlation_and_shifts_do_not_matter() -> None:
    predicted, observed = values(30)
    flat = np.stack([np.full(30, 0.1), predicted[0] + 1e6, predicted[0]])
    found, samples = measure(flat, observed), bootstrap(flat, observed, 20)
    for one in (*found[:2], *samples[:2]):
        assert np.isnan(one[..., 0]).all()
        assert one[..., 1] == pytest.approx(one[..., 2], abs=1e-6)
    assert np.isnan(percentile_interval(samples.pearson[:, 0])).all()


def test_a_missing_prediction_is_nan_and_does_not_change_the_others() -> None:
    predicted, observed = values(30)
    holed = predicted.copy()
    holed[1, 4], holed[2] = np.nan, np.nan
    for found, whole in ((measure(holed, observed), measure(predicted, observed)),
                         (bootstrap(holed, observed, 20), bootstrap(predicted, observed, 20))):  # fmt: skip
        for one, other in zip(found, whole, strict=True):
            assert np.isnan(one[..., 1:]).all()
            assert np.array_equal(one[..., 0], other[..., 0])
