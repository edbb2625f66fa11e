"""AUPR and AUROC against scikit-learn, which is slower and larger but long trusted."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from regssl.errors import DataError
from regssl.evaluation.metrics import (
    COLLAPSED_SD,
    auroc,
    average_precision,
    evaluate,
    is_constant,
    missing_class,
)


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """At least one positive and one negative, few distinct scores so that ties abound."""
    score = st.one_of(st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5]), st.floats(-1024, 1024, width=32))
    pairs = draw(st.lists(st.tuples(st.booleans(), score), max_size=40))
    pairs += [(True, draw(score)), (False, draw(score))]
    labels, scores = zip(*pairs, strict=True)
    return np.array(labels), np.array(scores, dtype=draw(st.sampled_from([np.float32, np.float64])))


@given(rankings())
@settings(deadline=None, derandomize=True, max_examples=300)
def test_equal_to_scikit_learn(ranking):
    labels, scores = ranking
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_equal_to_scikit_learn_on_many_tied_windows():
    rng = np.random.default_rng(1)
    labels = (rng.random(200_000) < 0.01).astype(np.uint8)
    scores = np.round(rng.normal(size=200_000) + labels, 2).astype(np.float32)
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize(
    ("labels", "scores", "aupr", "area"),
    [
        ([1, 0, 1], [0.9, 0.8, 0.7], 0.5 + 0.5 * 2 / 3, 0.5),
        ([1, 1, 0, 0], [4.0, 3.0, 2.0, 1.0], 1.0, 1.0),
        ([0, 0, 1], [3.0, 2.0, 1.0], 1 / 3, 0.0),
        ([1, 0, 0, 0], [7.0, 7.0, 7.0, 7.0], 0.25, 0.5),
        ([1, 0, 0], [np.inf, -np.inf, 0.0], 1.0, 1.0),
        ([1, 0], [0.0, -0.0], 0.5, 0.5),
        ([1, 0, 0], [2, 3, 1], 0.5, 0.5),
    ],
    ids=["worked example", "perfect", "reversed", "constant", "infinite", "signed zeros tie", "whole numbers"],
)
def test_small_cases_by_hand(labels, scores, aupr, area):
    assert average_precision(labels, scores) == pytest.approx(aupr, abs=1e-15)
    assert auroc(labels, scores) == pytest.approx(area, abs=1e-15)


def test_infinite_scores_rank_like_the_largest_finite_ones():
    labels, scores = np.array([1, 0, 1, 0, 1]), np.array([np.inf, np.inf, 0.0, -np.inf, -np.inf])
    finite = np.clip(scores, -9, 9)
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, finite))
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, finite))


def test_evaluate_gives_both_areas_and_what_the_set_was_like():
    labels, scores = np.array([1, 0, 0, 0], dtype=bool), np.array([0.3, 0.9, 0.1, 0.2], dtype=np.float32)
    assert evaluate(labels, scores) == {
        "aupr": 0.5,
        "auroc": pytest.approx(2 / 3),
        "prevalence": 0.25,
        "positives": 1,
        "windows": 4,
    }


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 0], [0.1, 0.2], "no positive among 2 windows"),
        ([1, 1], [0.1, 0.2], "no negative among 2 windows"),
        ([], [], "no positive among 0 windows"),
        ([1, 0, 0], [0.1, np.nan, np.nan], "2 of 3 scores are NaN, the first of window 1"),
        ([1, 0, 2], [0.1, 0.2, 0.3], "label .*2.* of window 2"),
        ([1, 0], [0.1], "labels of shape"),
        ([[1, 0]], [[0.1, 0.2]], "labels of shape"),
    ],
)
@pytest.mark.parametrize("metric", [average_precision, auroc, evaluate])
def test_what_has_no_answer_is_refused(metric, labels, scores, message):
    with pytest.raises(DataError, match=message):
        metric(np.array(labels), np.array(scores, dtype=np.float32))


def test_inputs_are_left_as_they_were():
    labels, scores = np.array([0, 1, 0, 1]), np.array([3.0, 1.0, 2.0, 0.0])
    evaluate(labels, scores)
    assert labels.tolist() == [0, 1, 0, 1] and scores.tolist() == [3.0, 1.0, 2.0, 0.0]


def test_two_million_windows_in_a_second_or_two_and_little_memory():
    rng = np.random.default_rng(0)
    labels = rng.random(2_000_000) < 0.01
    scores = rng.normal(size=labels.size).astype(np.float32)
    tracemalloc.start()
    began = time.perf_counter()
    evaluate(labels, scores)
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * labels.size, "bytes per window: 15 million windows must stay far below 1 GB"
    assert seconds < 5


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        (np.full(1000, -2.7, np.float32), True),
        (-2.7 + 0.9 * COLLAPSED_SD * np.tile([1, -1], 500), True),
        (-2.7 + 1.1 * COLLAPSED_SD * np.tile([1, -1], 500), False),
        (np.float32([0.3, 0.3, 0.4]), False),
    ],
)
def test_a_network_with_one_score_for_all_windows_has_collapsed(logits: np.ndarray, expected: bool) -> None:
    assert is_constant(logits) is expected


@pytest.mark.parametrize(
    ("labels", "split", "message"),
    [
        ([0, 1], "train", ""),
        ([0, 0], "train", "no positive training window"),
        ([], "test", "no positive test window"),
        ([1, 1], "validation", "no negative validation window"),
    ],
)
def test_a_missing_class(labels: list[int], split: str, message: str) -> None:
    assert missing_class(np.array(labels), split) == message
