"""Intervals of seeds, of blocks and of both: known cases, symmetry, and coverage on simulated experiments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regssl.evaluation.confidence import UNKNOWN, mean_interval, of_difference, of_gain, of_scores, percent_increase

seeds_of = st.lists(st.floats(0.05, 0.9), min_size=2, max_size=6, unique=True)


def known(interval) -> bool:
    return not any(map(math.isnan, interval))


@given(seeds_of)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_where_blocks_agree_both_is_students_interval(values):
    samples = np.tile(np.array(values)[:, None], (1, 40))
    found, student = of_scores(samples), mean_interval(values)
    assert found.value == pytest.approx(student.mean)
    assert found.seeds == pytest.approx((student.low, student.high))
    assert found.both == pytest.approx((student.low, student.high), abs=1e-6)
    assert found.blocks == pytest.approx((student.mean, student.mean))
    p = stats.ttest_1samp(values, 0).pvalue
    assert found.p == pytest.approx(max(p, 2 / 40), rel=1e-6)


def test_where_seeds_agree_both_is_the_percentile_interval():
    replicates = np.random.default_rng(1).normal(0.3, 0.1, 1_001)
    found = of_scores(np.tile(replicates, (5, 1)))
    assert found.both == found.blocks == pytest.approx(np.quantile(replicates[1:], [0.025, 0.975]))
    assert found.seeds == pytest.approx((replicates[0], replicates[0]))
    below = np.mean(replicates[1:] < 0)
    assert found.p == pytest.approx(max(2 * below, 2 / 1_001))


def test_both_adds_the_two_doubts():
    """Many seeds, so that Student's distribution is normal: variances add."""
    rng = np.random.default_rng(2)
    shift = rng.normal(0, 0.03, 4_001)
    shift[0] = 0
    samples = 0.5 + shift + rng.normal(0, 0.04 * math.sqrt(400), (400, 1))
    found = of_scores(samples)
    half = (found.both.high - found.both.low) / 2
    assert half == pytest.approx(1.96 * 0.05, rel=0.06)
    assert half > (found.seeds.high - found.seeds.low) / 2 > (found.blocks.high - found.blocks.low) / 2


@given(st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=25)
def test_swapping_the_methods_mirrors_difference_and_gain(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0.1, 0.9, (2, 4, 101))
    there, back = of_difference(one, other), of_difference(other, one)
    assert there.p == pytest.approx(back.p) and there.both == pytest.approx((-back.both.high, -back.both.low), abs=1e-7)
    gain, loss = of_gain(one, other), of_gain(other, one)
    assert gain.value == pytest.approx(100 * (one[:, 0].mean() / other[:, 0].mean() - 1))
    for interval, inverse in zip(gain[1:4], loss[1:4], strict=True):
        assert 1 + interval.low / 100 == pytest.approx(1 / (1 + inverse.high / 100), rel=1e-6)


@given(seeds_of, seeds_of)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_of_two_methods_seeds_say_what_welchs_test_says(treated, control):
    samples = [np.tile(np.array(values)[:, None], (1, 2_001)) for values in (treated, control)]
    found, witness = of_difference(*samples), stats.ttest_ind(treated, control, equal_var=False)
    interval = witness.confidence_interval(0.95)
    assert found.seeds == pytest.approx((interval.low, interval.high))
    assert found.both == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert found.p == pytest.approx(max(witness.pvalue, 2 / 2_001), rel=1e-6)
    increase, gain = percent_increase(treated, control), of_gain(*samples)
    assert (gain.value, *gain.seeds) == pytest.approx(increase[:3])


def test_blocks_are_paired():
    """Two methods whose scores go up and down together over blocks: the difference does not."""
    rng = np.random.default_rng(6)
    shift = rng.normal(0, 0.1, 501)
    one, other = (0.5 + gain + shift + rng.normal(0, 0.001, (5, 1)) for gain in (0.02, 0.0))
    found = of_difference(one, other)
    assert found.both.low > 0.015 and found.both.high < 0.025 and found.p == 2 / 501


@pytest.mark.parametrize(("n", "seed_sd", "block_sd"), [(5, 0.02, 0.02), (5, 0.03, 0.005), (3, 0.01, 0.03)])
def test_the_interval_of_both_covers_the_truth(n, seed_sd, block_sd):
    """400 experiments: both doubts are real, so either interval alone misses the truth too often."""
    rng = np.random.default_rng(3)
    inside = np.zeros(3)
    for _ in range(400):
        shift = rng.normal(0, block_sd) + np.append(0, rng.normal(0, block_sd, 200))
        found = of_scores(0.1 + shift + rng.normal(0, seed_sd, (n, 1)))
        inside += [low <= 0.1 <= high for low, high in (found.both, found.seeds, found.blocks)]
    both, seeds, blocks = inside / 400
    assert both >= 0.93 and min(seeds, blocks) < 0.9


def test_p_of_nothing_is_rarely_small():
    """Where there is no difference, p is below 0.05 in at most about one experiment of twenty."""
    rng = np.random.default_rng(4)
    p = [
        of_scores(rng.normal(0, 1) + np.append(0, rng.normal(0, 1, 150)) + rng.normal(0, 1, (5, 1))).p
        for _ in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.065


def test_what_cannot_be_known():
    one_seed = of_scores(np.random.default_rng(5).normal(size=(1, 50)))
    assert not known(one_seed.seeds) and not known(one_seed.both) and math.isnan(one_seed.p) and known(one_seed.blocks)
    no_replicates = of_scores(np.array([[0.1], [0.2]]))
    assert known(no_replicates.seeds) and not known(no_replicates.blocks) and not known(no_replicates.both)
    without = of_scores(np.array([[0.1, math.nan, 0.1], [0.2, math.nan, 0.2]]))
    assert known(without.both), "a replicate that drew no positive is left out"
    uneven = of_difference(np.random.default_rng(5).normal(size=(1, 50)), np.ones((3, 50)))
    assert not known(uneven.both) and known(uneven.blocks), "one seed of either is not enough"
    zero = of_gain(np.ones((2, 3)), np.zeros((2, 3)))
    assert math.isnan(zero.value) and zero.both == UNKNOWN


def test_equal_methods_have_a_p_of_one():
    assert of_scores(np.zeros((5, 100))).p == 1.0
