"""The AUROC of imbalance and its bootstrap against plain counting and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regssl.variants.floor import bootstrap_imbalance, measure_imbalance


def auroc(sizes: np.ndarray, floor: np.ndarray) -> float:
    return float(stats.mannwhitneyu(sizes, floor).statistic) / (len(sizes) * len(floor))


def test_sizes_are_compared_and_ties_count_half() -> None:
    imbalanced, balanced = np.array([[-3.0, 0.0, 1.0]]), np.array([[0.0, -1.0]])
    assert measure_imbalance(imbalanced, balanced) == pytest.approx([(2 + 0.5 + 1.5) / 6])


def test_a_missing_prediction_is_nan() -> None:
    found = measure_imbalance(np.array([[1.0, np.nan], [1.0, 2.0]]), np.array([[0.0], [0.5]]))
    assert np.isnan(found[0]) and found[1] == 1


def test_each_sample_is_resampled_within_both_kinds() -> None:
    rng = np.random.default_rng(2)
    imbalanced, balanced = rng.normal(0, 2, (3, 20)).round(1), rng.normal(0, 1, (3, 15)).round(1)
    found = bootstrap_imbalance(imbalanced, balanced, n_bootstrap=20, seed=5)
    picks = np.random.default_rng(5)
    for sample in range(20):
        first, second = picks.integers(20, size=20), picks.integers(15, size=15)
        witness = [auroc(np.abs(a[first]), np.abs(b[second])) for a, b in zip(imbalanced, balanced, strict=True)]
        assert found[sample] == pytest.approx(witness)
