"""Intervals against SciPy, simulation and paper-and-pencil values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regssl.errors import DataError
from regssl.evaluation.confidence import ConfidenceInterval, mean_interval, percent_increase

scores = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=8)


def test_mean_and_interval_of_three_seeds():
    mean, low, high, n = mean_interval([0.1, 0.2, 0.3])
    assert (mean, n) == (pytest.approx(0.2), 3)
    half = 4.302653 * 0.1 / math.sqrt(3)
    assert (low, high) == pytest.approx((0.2 - half, 0.2 + half), rel=1e-6)


@given(scores)
@settings(deadline=None, derandomize=True)
def test_interval_is_scipys_t_interval(values):
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    witness = stats.t.interval(0.9, len(values) - 1, loc=np.mean(values), scale=max(error, 1e-12))
    assert mean_interval(values, level=0.9)[1:3] == pytest.approx(witness, abs=1e-9)


def test_one_seed_has_a_mean_but_no_bounds():
    estimate = mean_interval([0.4])
    assert estimate.value == 0.4 and estimate.n == 1
    assert math.isnan(estimate.low) and math.isnan(estimate.high)


def test_percent_increase_of_the_means():
    assert percent_increase([0.3, 0.5], [0.1, 0.3]).value == pytest.approx(100.0)


def test_percent_increase_by_hand():
    treated, control = [0.30, 0.40, 0.50], [0.10, 0.20]
    v_t, v_c = 0.1**2 / (3 * 0.4**2), 0.005 / (2 * 0.15**2)
    freedom = (v_t + v_c) ** 2 / (v_t**2 / 2 + v_c**2 / 1)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(v_t + v_c)
    expected = [100 * (math.exp(math.log(0.4 / 0.15) + shift) - 1) for shift in (0, -half, half)]
    assert percent_increase(treated, control) == pytest.approx((*expected, 2))


@given(scores, scores)
@settings(deadline=None, derandomize=True)
def test_swapping_the_samples_inverts_the_interval(treated, control):
    there, back = percent_increase(treated, control), percent_increase(control, treated)
    assert 1 + there.low / 100 == pytest.approx(1 / (1 + back.high / 100), abs=1e-9)
    assert there.low >= -100 - 1e-9 and there.low <= there.value + 1e-9


@pytest.mark.parametrize("n", [3, 5])
def test_interval_of_the_increase_covers_the_truth(n):
    """2,000 experiments with a true increase of 50 %, unequal spreads of 5 % and 15 % between seeds."""
    rng = np.random.default_rng(7)
    control = rng.normal(0.2, 0.2 * 0.05, size=(2_000, n))
    treated = rng.normal(0.3, 0.3 * 0.15, size=(2_000, n))
    intervals = [percent_increase(a, b) for a, b in zip(treated, control, strict=True)]
    coverage = np.mean([i.low <= 50.0 <= i.high for i in intervals])
    assert 0.93 <= coverage <= 0.98


@pytest.mark.parametrize(("treated", "control"), [([0.3], [0.2]), ([0.3], [0.1, 0.3]), ([0.2, 0.4], [0.2])])
def test_a_single_run_gives_an_increase_without_bounds(treated, control):
    estimate = percent_increase(treated, control)
    assert estimate.value == pytest.approx(50.0) and estimate.n == 1
    assert math.isnan(estimate.low) and math.isnan(estimate.high)


def test_equal_runs_have_an_interval_of_no_width():
    assert percent_increase([0.3, 0.3], [0.2, 0.2]) == pytest.approx((50.0, 50.0, 50.0, 2))
    assert mean_interval([0.3, 0.3]) == ConfidenceInterval(0.3, 0.3, 0.3, 2)


def test_zero_scores():
    assert math.isnan(percent_increase([0.1, 0.2], [0.0, 0.0]).value), "no ratio to nothing"
    lost = percent_increase([0.0, 0.0], [0.1, 0.2])
    assert lost.value == -100.0 and math.isnan(lost.low)


@pytest.mark.parametrize("values", [[], [0.1, math.nan], [math.inf]])
def test_estimates_need_finite_values(values):
    with pytest.raises(DataError):
        mean_interval(values)
    with pytest.raises(DataError):
        percent_increase(values, [0.1])


def test_negative_scores_and_impossible_levels_are_refused():
    with pytest.raises(DataError, match="below zero"):
        percent_increase([0.1], [-0.1])
    with pytest.raises(DataError, match=r"level 95"):
        mean_interval([0.1, 0.2], level=95)
