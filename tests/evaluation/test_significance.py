"""Comparisons taken together: the family of Holm's correction, conclusions, tests over datasets."""

from __future__ import annotations

import math

import pytest

from helpers.evidence import AUPR, NAMES, evidence
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import (
    adjust_pvalues,
    compare_across_datasets,
    conclusions,
    family_size,
    rank_correlation,
)


def concluded(aupr, **more):
    found = evidence(aupr, **more)
    table = conclusions(found.methods, adjust_pvalues(found.differences), NAMES, ComparisonSettings())
    return table.set_index("dataset")


def test_the_family_is_ssl_with_each_full_method():
    found = evidence({"ctcf": AUPR["ctcf"] | {"ssl-nearest1": 0.15, "sl-train50": 0.05}, "max": AUPR["max"]})
    adjusted = adjust_pvalues(found.differences)
    assert family_size(adjusted) == 6 + 1, "six of CTCF, and SL of MAX, whose GC has no score"
    of_aupr = adjusted[adjusted["metric"] == "aupr"].set_index(["dataset", "method", "baseline"])["p_holm"]
    assert of_aupr["ctcf", "ssl", "sl"] == pytest.approx(7 * 0.0004)
    assert of_aupr["max", "ssl", "sl"] == 0.5
    assert math.isnan(of_aupr["ctcf", "ssl", "ssl-nearest1"]) and math.isnan(of_aupr["ctcf", "ssl", "sl-train50"])
    assert math.isnan(of_aupr["ctcf", "ssl_shuffled", "sl"])


def test_each_dataset_has_its_conclusion():
    table = concluded(AUPR)
    assert table["conclusion"].to_dict() == {"ctcf": "improves", "rest": "explained_by_control", "max": "equivalent"}
    assert table.loc["ctcf", "text"] == "helps beyond every control: +100 % (+90 to +110) against SL"
    assert table.loc["rest", "text"] == "explained by oversampling (95 % of the gain): +40 % (+30 to +50) against SL"
    assert table.loc["rest", "remark"] == "Does not beat the baseline “GC and CpG”."
    assert table.loc["ctcf", ["positives", "blocks", "seeds"]].tolist() == [200, 70, 5]


def test_what_is_found_must_outlast_the_correction():
    """Six comparisons of p 0.01 are 0.06 at best."""
    assert concluded({"ctcf": AUPR["ctcf"]}, p=0.01).loc["ctcf", "conclusion"] == "inconclusive"
    assert concluded({"ctcf": AUPR["ctcf"]}, p=0.008).loc["ctcf", "conclusion"] == "improves"


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
    assert of_aupr.loc["sl", "p"] == 2 / 2**6 and of_aupr.loc["sl", "p_holm"] == 2 * 2 / 2**6
    assert set(tests["metric"]) == {"aupr", "aupr_over_prevalence", "auroc", "precision"}


def test_p_of_a_rank_correlation_is_over_all_orders():
    assert rank_correlation(range(5), [1, 2, 3, 4, 9]) == pytest.approx((1, 2 / 120))
    assert rank_correlation([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx((0.8, 8 / 24)), "1 order above, 3 as far"
    assert rank_correlation(range(20), range(20)) == pytest.approx((1, 2 / 10_000)), "never 0"
    rho, p = rank_correlation(range(5), [3, 3, 3, 3, 3])
    assert math.isnan(rho) and p == 1
