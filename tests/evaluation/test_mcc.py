"""MCC against scikit-learn, its threshold against trying every one, its resamples against windows written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef

from regssl.errors import DataError
from regssl.evaluation.bootstrap import CHUNK_REPLICATES, sample_blocks
from regssl.evaluation.mcc import best_threshold, bootstrap_mcc, mcc


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of both kinds, scores with many ties, and blocks of any size: (n,) each."""
    n = draw(st.integers(2, 40))
    score = st.one_of(st.sampled_from([-0.0, 0.0, 0.1, np.inf, -np.inf]), st.floats(-9, 9, width=32))
    labels = np.array([True, False, *(draw(st.booleans()) for _ in range(n - 2))])
    scores = np.array([draw(score) for _ in range(n)], draw(st.sampled_from([np.float32, np.float64])))
    return labels, scores, np.array([draw(st.integers(0, 5)) for _ in range(n)], np.int32)


@given(rankings(), st.sampled_from([-1.0, 0.0, 0.1, float(np.float32(0.1))]))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_equal_to_scikit_learn(ranking, threshold):
    labels, scores, _ = ranking
    called = [float(score) >= threshold for score in scores]
    assert mcc(labels, scores, threshold) == pytest.approx(matthews_corrcoef(labels, called), abs=1e-12)


@given(rankings())
@settings(deadline=None, derandomize=True, max_examples=150)
def test_the_best_threshold_is_that_of_trying_every_score(ranking):
    labels, scores, _ = ranking
    every = {float(score): matthews_corrcoef(labels, scores >= score) for score in scores}
    found = best_threshold(labels, scores)
    assert found.mcc == pytest.approx(max(every.values()), abs=1e-12) == mcc(labels, scores, found.score)
    assert found.score == max(score for score, value in every.items() if value > found.mcc - 1e-12)


def test_an_example_by_hand():
    assert mcc([1, 1, 0, 0], [2, -1, -1, -2]) == pytest.approx(2 / np.sqrt(12))
    assert best_threshold([1, 1, 0, 0], [5, 4, 4, 1]) == (5.0, pytest.approx(2 / np.sqrt(12)))
    assert mcc([1, 0], [3, 2]) == mcc([1, 0], [-3, -2]) == 0, "all are called, or none"


def test_a_threshold_between_two_floats_of_32_bits_is_not_rounded_to_one():
    below, above = np.float32(1), np.nextafter(np.float32(1), np.float32(2))
    assert mcc([1, 0], np.array([above, below]), float(below) + 1e-12) == 1


def test_counts_whose_product_is_beyond_64_bits():
    labels = np.arange(3_000_000) % 2 == 0
    assert mcc(labels, np.where(labels, 1.0, -1.0)) == 1


@given(rankings(), st.sampled_from([-1.0, 0.0, 0.1]), st.integers(0, 99))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_every_replicate_is_that_of_the_windows_written_out(ranking, threshold, seed):
    labels, scores, block = ranking
    weights = sample_blocks(6, 5, seed)
    found = bootstrap_mcc(labels, scores, threshold, block, weights)
    for k in range(6):
        own, values = (np.repeat(of_window, weights[block, k].astype(int)) for of_window in (labels, scores))
        both = own.any() and not own.all()
        expected = matthews_corrcoef(own, values.astype(float) >= threshold) if both else np.nan
        np.testing.assert_allclose(found[k], expected, atol=1e-12)


def test_replicates_are_counted_in_chunks():
    rng = np.random.default_rng(0)
    labels, block = rng.random(60) < 0.5, rng.integers(0, 6, 60).astype(np.int32)
    weights = sample_blocks(6, CHUNK_REPLICATES + 10)
    whole = bootstrap_mcc(labels, rng.normal(size=60) + labels, 0.0, block, weights)
    assert whole.shape == (CHUNK_REPLICATES + 11,) and np.isfinite(whole).sum() > CHUNK_REPLICATES


def test_one_class_is_refused():
    with pytest.raises(DataError, match="no positive"):
        mcc([0, 0], [1.0, 2.0])
    with pytest.raises(DataError, match="no negative"):
        best_threshold([1, 1], [1.0, 2.0])
