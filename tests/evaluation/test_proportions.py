"""Intervals of shares and of their differences, against published ones, scipy's, and their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from regssl.evaluation.confidence import ConfidenceInterval
from regssl.evaluation.proportions import difference_interval, wilson_interval, with_spread


@pytest.mark.parametrize(
    ("found", "n", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(found: int, n: int, low: float, high: float) -> None:
    share = wilson_interval(found, n)
    assert share.value == found / n and share.n == n
    assert share.bounds == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_as_scipy_has_it(n: int, share: float, level: float) -> None:
    found = round(share * n)
    known = binomtest(found, n).proportion_ci(level, "wilson")
    assert wilson_interval(found, n, level).bounds == pytest.approx((known.low, known.high), abs=1e-9)


def test_no_count_has_no_share() -> None:
    assert np.isnan(wilson_interval(0, 0)[:3]).all()


def test_mean_counts_need_not_be_whole() -> None:
    """The limits solve |p − found / n| = z √(p (1 − p) / n)."""
    share = wilson_interval(23 / 3, 59 / 3)
    for bound in share.bounds:
        assert abs(bound - 23 / 59) == pytest.approx(1.959964 * math.sqrt(bound * (1 - bound) / (59 / 3)), rel=1e-6)


def test_the_difference_of_two_shares() -> None:
    """Newcombe 1998, table II, 56 of 70 beside 48 of 80: 0.0524 to 0.3339."""
    found = difference_interval(wilson_interval(56, 70), wilson_interval(48, 80))
    assert found.value == pytest.approx(0.2) and found.bounds == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_seeds_that_differ_widen_an_interval() -> None:
    counts, values = ConfidenceInterval(0.2, 0.1, 0.4, 60), [0.225, 0.193, 0.596]
    spread = float(t.ppf(0.975, 2)) * float(np.std(values, ddof=1)) / math.sqrt(3)
    found = with_spread(counts, values)
    assert found.value == 0.2
    assert found.bounds == pytest.approx((0.2 - math.hypot(0.1, spread), 0.2 + math.hypot(0.2, spread)))
    assert with_spread(counts, [0.2]) == with_spread(counts, [0.3, 0.3, 0.3]) == pytest.approx(counts)
    assert np.isnan(with_spread(counts, [0.2, math.nan]).bounds).all(), "a seed of which nothing is known"
