"""The block bootstrap against scikit-learn with weights, and against writing every sampled window out."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from regssl.errors import DataError
from regssl.evaluation.bootstrap import CHUNK_REPLICATES, SCORES, assign_blocks, bootstrap_scores, sample_blocks
from regssl.evaluation.metrics import evaluate


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of both kinds, scores with many ties, and blocks of any size: (n,) each."""
    n = draw(st.integers(2, 40))
    score = st.one_of(st.sampled_from([-0.0, 0.0, 0.5, np.inf, -np.inf]), st.floats(-9, 9, width=32))
    labels = np.array([True, False, *(draw(st.booleans()) for _ in range(n - 2))])
    scores = np.array([draw(score) for _ in range(n)], draw(st.sampled_from([np.float32, np.float64])))
    return labels, scores, np.array([draw(st.integers(0, 5)) for _ in range(n)], np.int32)


def precision_at(labels: np.ndarray, scores: np.ndarray, recall: float) -> float:
    """By definition, threshold by threshold."""
    for threshold in np.unique(scores)[::-1]:
        called = scores >= threshold
        if labels[called].sum() >= recall * labels.sum() - 1e-9:
            return float(labels[called].mean())
    raise AssertionError


def obvious(labels: np.ndarray, scores: np.ndarray, count: np.ndarray, recall: float) -> list[float]:
    """All four scores of a set in which every window occurs as often as it was sampled."""
    labels, scores = np.repeat(labels, count), np.clip(np.repeat(scores, count), -1e9, 1e9)
    if labels.all() or not labels.any():
        return [np.nan] * 4
    aupr = average_precision_score(labels, scores)
    return [aupr, aupr / labels.mean(), roc_auc_score(labels, scores), precision_at(labels, scores, recall)]


@given(rankings(), st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]), st.integers(0, 99))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_every_replicate_is_that_of_the_windows_written_out(ranking, recall, seed):
    labels, scores, block = ranking
    weights = sample_blocks(6, 5, seed)
    found = bootstrap_scores(labels, scores, block, weights, recall)
    expected = [obvious(labels, scores, weights[block, k].astype(int), recall) for k in range(6)]
    np.testing.assert_allclose(found.T, expected, atol=1e-12)


def test_equal_to_scikit_learn_with_weights():
    rng = np.random.default_rng(2)
    labels = rng.random(20_000) < 0.02
    scores = np.round(rng.normal(size=labels.size) + labels, 2).astype(np.float32)
    block = np.sort(rng.integers(0, 80, labels.size)).astype(np.int32)
    weights = sample_blocks(80, CHUNK_REPLICATES + 3)
    found = bootstrap_scores(labels, scores, block, weights)
    for replicate in (0, 1, CHUNK_REPLICATES - 1, CHUNK_REPLICATES, CHUNK_REPLICATES + 3):
        weight = weights[block, replicate]
        aupr, over, auroc, precision = found[:, replicate]
        assert aupr == pytest.approx(average_precision_score(labels, scores, sample_weight=weight), abs=1e-12)
        assert auroc == pytest.approx(roc_auc_score(labels, scores, sample_weight=weight), abs=1e-12)
        assert over == pytest.approx(aupr / np.average(labels, weights=weight))
        precisions, recalls, _ = precision_recall_curve(labels, scores, sample_weight=weight)
        assert precision == pytest.approx(precisions[np.flatnonzero(recalls >= 0.5 - 1e-12)[-1]], abs=1e-12)


def test_the_first_column_is_the_data_as_they_are():
    rng = np.random.default_rng(3)
    labels, scores = rng.random(5_000) < 0.05, rng.normal(size=5_000)
    block = (np.arange(5_000) // 100).astype(np.int32)
    found = dict(zip(SCORES, bootstrap_scores(labels, scores, block, sample_blocks(50, 3))[:, 0], strict=True))
    areas = evaluate(labels, scores)
    assert found["aupr"] == pytest.approx(areas["aupr"]) and found["auroc"] == pytest.approx(areas["auroc"])
    assert found["aupr_over_prevalence"] == pytest.approx(areas["aupr"] / areas["prevalence"])


def test_precision_at_recall_by_hand():
    labels, scores = np.array([1, 0, 1, 0, 1, 1]), np.array([0.9, 0.7, 0.7, 0.6, 0.5, 0.1])
    one = np.ones((1, 1), np.uint8)
    for recall, expected in ((0.25, 1.0), (0.26, 2 / 3), (0.5, 2 / 3), (0.75, 3 / 5), (1.0, 4 / 6)):
        assert bootstrap_scores(labels, scores, np.zeros(6, np.int32), one, recall)[3, 0] == pytest.approx(expected)
    with pytest.raises(DataError, match="recall 0"):
        bootstrap_scores(labels, scores, np.zeros(6, np.int32), one, 0)


def test_blocks_lie_within_chromosomes():
    chrom = pd.Series(["chr8", "chr8", "chr8", "chr9", "chr9"]).astype("category")
    assert assign_blocks(chrom, [0, 99_800, 100_000, 100, 300_000], 100_000).tolist() == [0, 0, 1, 2, 3]


def test_samples_are_with_replacement_reproducible_and_of_one_size():
    weights = sample_blocks(300, 2_000, seed=1)
    assert (weights[:, 0] == 1).all() and (weights.sum(axis=0) == 300).all() and weights.dtype == np.uint8
    assert np.array_equal(weights, sample_blocks(300, 2_000, seed=1))
    assert not np.array_equal(weights, sample_blocks(300, 2_000, seed=2))
    missed = (weights[:, 1:] == 0).mean()
    assert missed == pytest.approx((1 - 1 / 300) ** 300, abs=0.002), "a block is left out as often as chance has it"
    assert sample_blocks(1, 3).tolist() == [[1, 1, 1, 1]]


def test_blocks_matter():
    """Windows that come in runs of fifty alike: the bootstrap of single windows is far too sure of itself."""
    rng = np.random.default_rng(4)
    labels, scores = np.repeat(rng.random(400) < 0.2, 50), np.repeat(rng.normal(size=400), 50)
    blocks = {"windows": np.arange(20_000), "blocks": np.arange(20_000) // 50}
    spread = {
        name: bootstrap_scores(labels, scores, block.astype(np.int32), sample_blocks(block.max() + 1, 200))[2].std()
        for name, block in blocks.items()
    }
    assert 5 < spread["blocks"] / spread["windows"] < 9, "the square root of 50"


def test_the_interval_covers_the_truth():
    """300 test sets of 60 blocks whose windows share a shift: the percentile interval holds the AUROC of the law."""
    rng = np.random.default_rng(5)
    block, weights = np.repeat(np.arange(60, dtype=np.int32), 30), sample_blocks(60, 400)
    inside = 0
    for _ in range(300):
        labels = rng.random(block.size) < 0.2
        scores = rng.normal(size=block.size) + 1.0 * labels + 0.5 * rng.normal(size=60)[block]
        low, high = np.quantile(bootstrap_scores(labels, scores, block, weights)[2, 1:], [0.025, 0.975])
        inside += low <= 0.7365 <= high  # Φ(1 / √(2 × 1.25)) = 0.7365
    assert 0.91 <= inside / 300 <= 0.98


def test_a_million_windows_and_a_hundred_replicates_are_quick():
    rng = np.random.default_rng(6)
    labels, scores = rng.random(1_000_000) < 0.01, rng.normal(size=1_000_000).astype(np.float32)
    block, weights = (np.arange(labels.size) // 500).astype(np.int32), sample_blocks(2_000, 100)
    bootstrap_scores([1, 0], np.float32([1, 2]), block[:2], weights)  # compiles
    began = time.perf_counter()
    bootstrap_scores(labels, scores, block, weights)
    assert time.perf_counter() - began < 5
