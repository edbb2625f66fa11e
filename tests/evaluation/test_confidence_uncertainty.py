"""Intervals over seeds, over bootstrap replicates and over both: known cases, symmetry, coverage in simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regssl.evaluation.confidence import (
    NO_INTERVAL,
    ConfidenceInterval,
    difference_uncertainty,
    mean_interval,
    percent_increase,
    relative_uncertainty,
    score_uncertainty,
    smallest_detectable,
)

pytestmark = pytest.mark.filterwarnings("ignore:Precision loss occurred:RuntimeWarning")  # older scipy
seeds_of = st.lists(st.floats(0.05, 0.9), min_size=2, max_size=6, unique=True)


def known(interval) -> bool:
    return not any(map(math.isnan, interval.bounds))


@given(seeds_of)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_where_blocks_agree_both_is_students_interval(values):
    samples = np.tile(np.array(values)[:, None], (1, 40))
    found, student = score_uncertainty(samples), mean_interval(values)
    assert found.value == pytest.approx(student.value)
    assert found.seed_ci.bounds == pytest.approx((student.low, student.high))
    assert found.ci.bounds == pytest.approx((student.low, student.high), abs=1e-6)
    assert found.bootstrap_ci.bounds == pytest.approx((student.value, student.value))
    p = stats.ttest_1samp(values, 0).pvalue
    assert found.p == pytest.approx(max(p, 2 / 40), rel=1e-6)


def test_where_seeds_agree_both_is_the_percentile_interval():
    replicates = np.random.default_rng(1).normal(0.3, 0.1, 1_001)
    found = score_uncertainty(np.tile(replicates, (5, 1)))
    assert found.ci == found.bootstrap_ci
    assert found.ci.bounds == pytest.approx(np.quantile(replicates[1:], [0.025, 0.975]))
    assert found.seed_ci.bounds == pytest.approx((replicates[0], replicates[0]))
    below = np.mean(replicates[1:] < 0)
    assert found.p == pytest.approx(max(2 * below, 2 / 1_001))
    assert not found.p_is_bound
    assert found.standard_error == pytest.approx(replicates[1:].std())


def test_both_adds_the_two_variances():
    """Many seeds, so that Student's distribution is normal: variances add."""
    rng = np.random.default_rng(2)
    shift = rng.normal(0, 0.03, 4_001)
    shift[0] = 0
    samples = 0.5 + shift + rng.normal(0, 0.04 * math.sqrt(400), (400, 1))
    found = score_uncertainty(samples)
    half = (found.ci.high - found.ci.low) / 2
    assert half == pytest.approx(1.96 * 0.05, rel=0.06)
    assert found.standard_error == pytest.approx(0.05, rel=0.06)
    assert smallest_detectable(found.ci, found.standard_error) == pytest.approx(2.8 * 0.05, rel=0.06)
    assert half > (found.seed_ci.high - found.seed_ci.low) / 2 > (found.bootstrap_ci.high - found.bootstrap_ci.low) / 2


@given(st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=25)
def test_swapping_the_methods_mirrors_difference_and_gain(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0.1, 0.9, (2, 4, 101))
    there, back = difference_uncertainty(one, other), difference_uncertainty(other, one)
    assert there.p == pytest.approx(back.p)
    assert there.ci.bounds == pytest.approx((-back.ci.high, -back.ci.low), abs=1e-7)
    gain, loss = relative_uncertainty(one, other), relative_uncertainty(other, one)
    assert gain.value == pytest.approx(100 * (one[:, 0].mean() / other[:, 0].mean() - 1))
    for interval, inverse in zip(gain[:3], loss[:3], strict=True):
        assert 1 + interval.low / 100 == pytest.approx(1 / (1 + inverse.high / 100), rel=1e-6)


@given(seeds_of, seeds_of)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_intervals_over_seeds_of_two_methods_agree_with_welchs_test(treated, control):
    samples = [np.tile(np.array(values)[:, None], (1, 2_001)) for values in (treated, control)]
    found, witness = difference_uncertainty(*samples), stats.ttest_ind(treated, control, equal_var=False)
    interval = witness.confidence_interval(0.95)
    assert found.seed_ci.bounds == pytest.approx((interval.low, interval.high))
    assert found.ci.bounds == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert found.p == pytest.approx(max(witness.pvalue, 2 / 2_001), rel=1e-6)
    increase, gain = percent_increase(treated, control), relative_uncertainty(*samples)
    assert gain.seed_ci[:3] == pytest.approx(increase[:3])


def test_blocks_are_paired():
    """Two methods whose scores go up and down together over blocks: the difference does not."""
    rng = np.random.default_rng(6)
    shift = rng.normal(0, 0.1, 501)
    one, other = (0.5 + gain + shift + rng.normal(0, 0.001, (5, 1)) for gain in (0.02, 0.0))
    found = difference_uncertainty(one, other)
    assert found.ci.low > 0.015 and found.ci.high < 0.025 and found.p == 2 / 501 and found.p_is_bound


@pytest.mark.parametrize(("n", "seed_sd", "block_sd"), [(5, 0.02, 0.02), (5, 0.03, 0.005), (3, 0.01, 0.03)])
def test_the_interval_of_both_covers_the_truth(n, seed_sd, block_sd):
    """400 experiments: both sources of variance are real, so either interval alone misses the truth too often."""
    rng = np.random.default_rng(3)
    inside = np.zeros(3)
    for _ in range(400):
        shift = rng.normal(0, block_sd) + np.append(0, rng.normal(0, block_sd, 200))
        found = score_uncertainty(0.1 + shift + rng.normal(0, seed_sd, (n, 1)))
        inside += [low <= 0.1 <= high for _, low, high, _ in (found.ci, found.seed_ci, found.bootstrap_ci)]
    both, seeds, blocks = inside / 400
    assert both >= 0.93 and min(seeds, blocks) < 0.9


def test_p_of_nothing_is_rarely_small():
    """Where there is no difference, p is below 0.05 in at most about one experiment of twenty."""
    rng = np.random.default_rng(4)
    p = [
        score_uncertainty(rng.normal(0, 1) + np.append(0, rng.normal(0, 1, 150)) + rng.normal(0, 1, (5, 1))).p
        for _ in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.065


def test_the_smallest_detectable_difference_by_hand():
    interval = ConfidenceInterval(0.02, 0.01, 0.03, 5)
    assert smallest_detectable(interval, 0.005) == pytest.approx(0.01 + 0.8416 * 0.005, abs=1e-6)
    assert smallest_detectable(interval, 0.005, power=0.9) == pytest.approx(0.01 + 1.2816 * 0.005, abs=1e-6)


@pytest.mark.parametrize(("n", "seed_sd", "block_sd"), [(5, 0.02, 0.01), (3, 0.01, 0.02)])
def test_the_smallest_detectable_difference_is_found_in_four_of_five_experiments(n, seed_sd, block_sd):
    """The truth is what earlier experiments of the same size gave as smallest."""
    rng = np.random.default_rng(7)

    def experiment(truth):
        shift = rng.normal(0, block_sd) + np.append(0, rng.normal(0, block_sd, 150))
        treated = truth + shift + rng.normal(0, seed_sd, (n, 1))
        return difference_uncertainty(treated, rng.normal(0, seed_sd, (n, 1)) * np.ones(151))

    pilots = [experiment(0.0) for _ in range(100)]
    smallest = np.mean([smallest_detectable(pilot.ci, pilot.standard_error) for pilot in pilots])
    assert np.mean([experiment(smallest).ci.low > 0 for _ in range(300)]) == pytest.approx(0.8, abs=0.06)


def test_what_cannot_be_known():
    one_seed = score_uncertainty(np.random.default_rng(5).normal(size=(1, 50)))
    assert (
        not known(one_seed.seed_ci)
        and not known(one_seed.ci)
        and math.isnan(one_seed.p)
        and known(one_seed.bootstrap_ci)
    )
    no_replicates = score_uncertainty(np.array([[0.1], [0.2]]))
    assert math.isnan(smallest_detectable(one_seed.ci, one_seed.standard_error))
    assert known(no_replicates.seed_ci) and not known(no_replicates.bootstrap_ci) and not known(no_replicates.ci)
    without = score_uncertainty(np.array([[0.1, math.nan, 0.1], [0.2, math.nan, 0.2]]))
    assert known(without.ci), "a replicate that drew no positive is left out"
    uneven = difference_uncertainty(np.random.default_rng(5).normal(size=(1, 50)), np.ones((3, 50)))
    assert not known(uneven.ci) and known(uneven.bootstrap_ci), "one seed of either is not enough"
    zero = relative_uncertainty(np.ones((2, 3)), np.zeros((2, 3)))
    assert math.isnan(zero.value) and zero.ci == NO_INTERVAL._replace(n=2)


def test_equal_methods_have_a_p_of_one():
    assert score_uncertainty(np.zeros((5, 100))).p == 1.0
