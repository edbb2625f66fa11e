"""Families of tests: Holm's correction by hand and by its error, one family per question, what is found."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from helpers.evidence import AUPR, NAMES, P_FLOOR, evidence
from regssl.evaluation.families import EVERY_CONTROL, adjust_pvalues, findings, holm, holm_with_bounds
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import conclusions


def test_a_family_is_one_question_over_datasets_and_models():
    """Ten comparisons, of which SSL against SL, and against GC, are of two datasets each."""
    found = evidence({"ctcf": AUPR["ctcf"] | {"ssl-nearest1": 0.15}, "rest": AUPR["rest"], "max": AUPR["max"]})
    adjusted = adjust_pvalues(found.differences)
    of_aupr = adjusted[adjusted["metric"] == "aupr"].set_index(["dataset", "method", "baseline"])["p_holm"]
    assert of_aupr["ctcf", "ssl", "sl"] == pytest.approx(3 * 0.0004), "of CTCF, REST and MAX"
    assert of_aupr["max", "ssl", "sl"] == 0.5
    assert of_aupr["ctcf", "ssl", "gc_logistic"] == pytest.approx(2 * 0.0004), "GC has no score for MAX"
    assert of_aupr["ctcf", "ssl", "ssl-nearest1"] == 0.0004, "of one dataset"
    assert of_aupr["ctcf", "ssl_shuffled", "sl"] == pytest.approx(2 * 0.0004), "a question of its own"


def test_two_models_are_in_one_family():
    both = pd.concat([evidence({"ctcf": AUPR["ctcf"]}, model=model).differences for model in ("deepbind", "deepsea")])
    adjusted = adjust_pvalues(both.reset_index(drop=True))
    assert set(adjusted.loc[adjusted["baseline"] == "gc_logistic", "p_holm"]) == {2 * 0.0004}


def test_what_is_found_alone_and_in_several_datasets():
    """p of 0.03 is enough alone, and not three times."""
    found = evidence(AUPR | {"yy1": AUPR["ctcf"]}, p=0.03)
    concluded = conclusions(found.methods, found.differences, NAMES, ComparisonSettings())
    table = findings(concluded, adjust_pvalues(found.differences), 0.95).set_index(["question", "dataset"])
    assert table.loc["sl", "alone"].to_dict() == {"ctcf": "better", "rest": "better", "max": "none", "yy1": "better"}
    assert set(table.loc["sl", "corrected"]) == {"none"}
    assert table.loc["gc_logistic", "p_holm"].to_dict() == pytest.approx({"ctcf": 0.09, "rest": 0.5, "yy1": 0.09})
    assert table.loc[EVERY_CONTROL, "alone"].to_dict() == {"ctcf": "better", "rest": "none", "yy1": "better"}
    assert table.loc[(EVERY_CONTROL, "ctcf"), "p_holm"] == pytest.approx(0.09), "MAX has no control"


def test_worse_is_found_too():
    found = evidence({"ctcf": {"ssl": 0.1, "sl": 0.2, "ssl_shuffled": 0.1}})
    concluded = conclusions(found.methods, found.differences, NAMES, ComparisonSettings())
    table = findings(concluded, adjust_pvalues(found.differences), 0.95).set_index("question")
    assert table["corrected"].to_dict() == {"sl": "worse", "ssl_shuffled": "none", EVERY_CONTROL: "none"}


@pytest.mark.parametrize(
    ("p", "is_bound", "adjusted", "bounds"),
    [
        ([0.01, 0.04], [True, False], [0.02, 0.04], [True, False]),
        ([0.01, 0.011], [True, False], [0.02, 0.02], [True, True]),
        ([0.01, 0.5, math.nan], [False, False, False], [0.02, 0.5, math.nan], [False, False, False]),
        ([0.6, 0.7], [True, False], [1, 1], [True, True]),
        ([], [], [], []),
    ],
)
def test_corrected_bounds(p, is_bound, adjusted, bounds):
    """The second of two that are corrected to the same value may be smaller if the first may."""
    found = holm_with_bounds(p, is_bound)
    np.testing.assert_allclose(found[0], adjusted)
    assert found[1].tolist() == bounds


def test_the_floor_of_the_resamples_is_a_bound_after_correction_too():
    adjusted = adjust_pvalues(evidence(AUPR, p=P_FLOOR).differences)
    of_sl = adjusted[(adjusted["method"] == "ssl") & (adjusted["baseline"] == "sl") & (adjusted["metric"] == "auroc")]
    assert dict(zip(of_sl["dataset"], of_sl["p_holm_is_bound"], strict=True)) == {
        "ctcf": True,
        "rest": True,
        "max": False,
    }


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.01, math.nan, 0.04], [0.02, math.nan, 0.04]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([], []),
    ],
)
def test_holm_by_hand(p, adjusted):
    np.testing.assert_allclose(holm(p), adjusted)


def test_holm_keeps_the_familys_error():
    """Of 4,000 families of ten true hypotheses about 5 % have an adjusted p below 0.05."""
    p = np.random.default_rng(1).random((4_000, 10))
    false = np.mean([(holm(family) < 0.05).any() for family in p])
    assert false == pytest.approx(0.05, abs=0.01)
