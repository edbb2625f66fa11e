"""Conclusions that stand alone; tests over datasets."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from helpers.evidence import AUPR, NAMES, evidence
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import compare_across_datasets, conclusions, rank_correlation

VERDICT = ["dataset", "model", "conclusion", "text", "remark", "p_claim", "smallest_detectable"]


def concluded(aupr, **more):
    found = evidence(aupr, **more)
    return conclusions(found.methods, found.differences, NAMES, ComparisonSettings()).set_index("dataset")


def test_a_conclusion_is_of_its_dataset_alone():
    """Whatever datasets, models, baselines, ablations and extensions stand beside it; corrected p do depend on them."""
    alone = evidence({"ctcf": AUPR["ctcf"]}, p=0.03)
    many = {**AUPR["ctcf"], "random": 0.02, "motif_scan": 0.1, "ssl_ns": 0.1, "ssl-nearest1": 0.15, "sl-train50": 0.05}
    crowd = evidence({**{f"d{i}": AUPR["max"] for i in range(20)}, "ctcf": many, "rest": AUPR["rest"]}, p=0.03)
    other = evidence({"ctcf": AUPR["rest"]}, p=0.03, model="deepsea")
    methods = pd.concat([crowd.methods, other.methods], ignore_index=True)
    differences = pd.concat([crowd.differences, other.differences], ignore_index=True)
    expected = conclusions(alone.methods, alone.differences, NAMES, ComparisonSettings())
    table = conclusions(methods, differences, NAMES, ComparisonSettings())
    own = table[(table["dataset"] == "ctcf") & (table["model"] == "deepbind")].reset_index(drop=True)
    assert expected.loc[0, "conclusion"] == "improves"
    pd.testing.assert_frame_equal(own[VERDICT], expected[VERDICT])
    assert own.loc[0, "p_claim_holm"] > expected.loc[0, "p_claim_holm"] == 0.03


def test_each_dataset_has_its_conclusion():
    table = concluded(AUPR)
    assert table["conclusion"].to_dict() == {"ctcf": "improves", "rest": "explained_by_control", "max": "equivalent"}
    assert table.loc["ctcf", "text"] == "helps beyond every control: +100 % (+90 to +110) against SL"
    expected = "explained by oversampling (95 % of the gain, 73 to 123): +40 % (+30 to +50) against SL"
    assert table.loc["rest", "text"] == expected
    assert table.loc["rest", "remark"] == "Cannot be told from the baseline “GC and CpG”."
    assert table.loc["ctcf", "smallest_detectable"] == pytest.approx(14.2), "0.0142 of 0.1"
    assert table.loc["ctcf", ["positives", "blocks", "seeds"]].tolist() == [200, 70, 5]


def test_a_control_without_a_gain_of_its_own_explains_nothing():
    table = concluded({"rest": AUPR["rest"] | {"sl_oversampled": 0.109, "ssl": 0.115}})
    assert table.loc["rest", "conclusion"] == "not_separated"


def test_without_ssl_or_its_score_there_is_a_reason():
    assert concluded({"ctcf": AUPR["ctcf"], "max": {"sl": 0.1}}).loc["max", "text"] == "no score: SL or SSL was not run"
    table = concluded({"ctcf": AUPR["ctcf"], "max": {"sl": math.nan, "ssl": math.nan}})
    assert table.loc["max", "text"] == "no score: no motif of this factor is known"


def test_across_datasets():
    aupr = {f"d{i}": {"sl": 0.1 * i, "ssl": 0.11 * i, "gc_logistic": 0.01, "ssl-nearest1": 0.1} for i in range(1, 7)}
    tests = compare_across_datasets(evidence(aupr).methods)
    of_aupr = tests[tests["metric"] == "aupr"].set_index("baseline")
    assert set(of_aupr.index) == {"sl", "gc_logistic"}, "no ablations"
    assert of_aupr.loc["sl", ["pairs", "n_better", "n_worse", "rank_biserial"]].tolist() == [6, 6, 0, 1.0]
    assert of_aupr.loc["sl", "mean"] == pytest.approx(0.035)
    assert of_aupr.loc["sl", "p"] == of_aupr.loc["sl", "p_holm"] == 2 / 2**6, "one question, one model"
    assert set(tests["metric"]) == {"aupr", "aupr_over_prevalence", "auroc", "precision"}


@pytest.mark.parametrize(
    ("order", "rho", "p", "is_bound"),
    [
        ([1, 2, 3, 4, 9], 1, 2 / 120, False),
        ([1, 3, 2, 4], 0.8, 8 / 24, False),  # 1 order above, 3 as far
        (range(20), 1, 2 / 10_000, True),  # never 0
        ([3, 3, 3, 3, 3], math.nan, 1, False),
    ],
)
def test_p_of_a_rank_correlation_is_over_all_orders(order, rho, p, is_bound):
    found = rank_correlation(range(len(order)), order)
    assert found[0] == pytest.approx(rho, nan_ok=True)
    assert found[1] == (pytest.approx(p), is_bound)
