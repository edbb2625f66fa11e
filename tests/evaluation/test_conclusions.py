"""Conclusions from literal numbers: their kinds, sentences and remarks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from regssl.evaluation.conclusions import EXPLANATIONS, OTHER_USES, Difference, claim_pvalue, conclude
from regssl.methods import METHODS

NAMES = {method_id: method.name for method_id, method in METHODS.items()}
NAN = math.nan


def less(difference: float, half: float, p: float, improves: bool = False, of: float = 0.1) -> Difference:
    """SSL less a method whose AUPR is `of`."""
    low, high = difference - half, difference + half
    return Difference(difference, low, high, p, *(100 * x / of for x in (difference, low, high)), improves=improves)


BEATEN, APART, BEATS = less(0.05, 0.02, 0.004, False), less(0.01, 0.02, 0.9, False), less(-0.05, 0.02, 0.004, True)
GAINING = APART._replace(improves=True)
ALL_BEATEN = dict.fromkeys(EXPLANATIONS, BEATEN)
BETTER = "+50 % (+30 to +70)"


@pytest.mark.parametrize(
    ("differences", "kind", "text"),
    [
        ({"sl": BEATEN, **ALL_BEATEN}, "improves", f"helps beyond every control: {BETTER} against SL"),
        (
            {"sl": BEATEN, **{method: BEATEN for method in EXPLANATIONS if method != "sl_finetuned"}},
            "improves",
            f"helps beyond every control that was run (not run: a second training phase): {BETTER} against SL",
        ),
        ({"sl": BEATEN, "gc_logistic": BEATEN}, "no_control", f"better than SL, {BETTER}, but no control was run"),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": GAINING},
            "explained_by_control",
            f"explained by oversampling (80 % of the gain): {BETTER} against SL",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": GAINING, "sl_finetuned": APART},
            "explained_by_control",
            f"explained by oversampling (80 % of the gain): {BETTER} against SL"
            "; nor can SSL be told from “SL, two phases”",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": GAINING._replace(fraction=(-0.061, 1.904))},
            "explained_by_control",
            f"explained by oversampling (80 % of the gain, −6 to 190): {BETTER} against SL",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_mutated": BEATS, "ssl_shuffled": GAINING},
            "explained_by_control",
            "explained by random mutations (200 % of the gain) and homologs with any label (80 % of the gain): "
            f"{BETTER} against SL",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": less(0.03, 0.035, 0.3, True)},
            "not_separated",
            f"better than SL, {BETTER}, but cannot be told from “SL, oversampled”",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": APART, "sl_finetuned": APART},
            "not_separated",
            f"better than SL, {BETTER}, but cannot be told from “SL, two phases” or “SL, oversampled”",
        ),
        ({"sl": BEATS, **ALL_BEATEN}, "worsens", "hurts: −50 % (−70 to −30) against SL"),
        (
            {"sl": less(0.001, 0.004, 0.6), **ALL_BEATEN},
            "equivalent",
            "no difference: +1 % (−3 to +5) against SL, all within ±10 %",
        ),
        (
            {"sl": less(0.01, 0.02, 0.6), **ALL_BEATEN},
            "inconclusive",
            "cannot be told from SL: +10 % (−10 to +30), p = 0.6",
        ),
        (
            {"sl": less(0.05, 0.04, 0.2)._replace(p_is_bound=True), **ALL_BEATEN},
            "inconclusive",
            "cannot be told from SL: +50 % (+10 to +90), p ≤ 0.2",
        ),
        (
            {"sl": Difference(0.1, NAN, NAN, NAN), **ALL_BEATEN},
            "insufficient_data",
            "not enough data: one seed, or too few blocks of test windows",
        ),
        ({}, "no_score", "no score: SL or SSL was not run"),
    ],
)
def test_conclusions(differences: dict[str, Difference], kind: str, text: str) -> None:
    found = conclude(differences, NAMES)
    assert (found.kind, found.text) == (kind, text)


def test_a_significant_difference_within_the_margin_is_a_difference():
    """An interval from +1 to +7 % is small, and above 0."""
    assert conclude({"sl": less(0.004, 0.003, 0.01), **ALL_BEATEN}, NAMES).kind == "improves"


def test_the_margin_is_a_setting():
    near = {"sl": less(0.001, 0.004, 0.6)}
    assert conclude(near, NAMES, margin=4).kind == "inconclusive"
    assert conclude(near, NAMES, margin=5).kind == "equivalent"


def test_why_there_is_no_score():
    found = conclude({"sl": BEATEN}, NAMES, failure="no positive test window")
    assert found == ("no_score", "no score: no positive test window", "")


@pytest.mark.parametrize(
    ("others", "remark"),
    [
        ({}, ""),
        (
            {
                "gc_logistic": BEATEN,
                "motif_scan": BEATEN,
                "random": BEATEN,
                "phylo_augmentation": BEATEN,
                "ssl_ns": APART,
            },
            "",
        ),
        ({"motif_scan": APART}, "Cannot be told from the baseline “Motif”."),
        ({"motif_scan": APART, "gc_logistic": APART}, "Cannot be told from the baselines “GC and CpG” and “Motif”."),
        (
            {"motif_scan": BEATS, "random": APART},
            "Below the baseline “Motif”. Cannot be told from the baseline “Random scores”.",
        ),
        ({"phylo_augmentation": APART}, "“Phylogenetic augmentation” cannot be told from SSL."),
        ({"phylo_augmentation": BEATS}, "“Phylogenetic augmentation” does better."),
        ({"ssl_filtered": BEATEN}, ""),
        (
            {"ssl_filtered": BEATS, "phylo_augmentation": APART},
            "“SSL, filtered” does better. “Phylogenetic augmentation” cannot be told from SSL.",
        ),
        (
            {"ssl_filtered": APART, "ssl_positives": BEATS, "ssl_negatives": APART, "phylo_augmentation": BEATS},
            "“SSL, positives only” and “Phylogenetic augmentation” do better. "
            "“SSL, filtered” and “SSL, negatives only” cannot be told from SSL.",
        ),
    ],
)
def test_remarks(others: dict[str, Difference], remark: str) -> None:
    """What uses the homologs too, and what is no training, explains nothing away but has a remark."""
    found = conclude({"sl": BEATEN, **ALL_BEATEN, **others}, NAMES)
    assert (found.kind, found.remark) == ("improves", remark)


def test_where_ssl_gains_nothing_it_is_no_news_that_augmentation_does_not():
    assert conclude({"sl": APART, "phylo_augmentation": APART}, NAMES).remark == ""
    assert (
        conclude({"sl": APART, "phylo_augmentation": BEATS}, NAMES).remark == "“Phylogenetic augmentation” does better."
    )


def test_every_control_explains_or_uses_the_homologs():
    kinds = {method_id: method.kind for method_id, method in METHODS.items()}
    assert {method_id for method_id, kind in kinds.items() if kind in ("control", "extension")} == {
        *EXPLANATIONS,
        *OTHER_USES,
    }
    assert {kinds[method_id] for method_id in EXPLANATIONS} == {"control"}


NOT_ABOVE = less(-0.001, 0.02, 0.9)


@pytest.mark.parametrize(
    ("others", "p"),
    [
        ({"sl": less(0.05, 0.02, 0.001), "ssl_shuffled": less(0.05, 0.02, 0.02), "sl_mutated": BEATEN}, 0.02),
        ({"sl": less(0.05, 0.02, 0.03), "ssl_shuffled": BEATEN}, 0.03),
        ({"sl": BEATEN, "ssl_shuffled": BEATEN, "gc_logistic": APART, "ssl_filtered": BEATS}, 0.004),
        ({"sl": BEATEN, "ssl_shuffled": NOT_ABOVE}, 1.0),
        ({"sl": BEATEN, "ssl_shuffled": less(0.05, 0.02, NAN)}, NAN),
        ({"sl": BEATEN, "gc_logistic": BEATEN}, NAN),
        ({"ssl_shuffled": BEATEN}, NAN),
    ],
)
def test_the_claim_over_every_control_has_the_largest_p(others: dict[str, Difference], p: float) -> None:
    """Of SL and the controls alone; 1 where SSL is not above one of them, unknown where one is, or without any."""
    assert claim_pvalue(others) == pytest.approx((p, False), nan_ok=True)


def test_the_p_of_a_claim_is_a_bound_where_the_largest_is():
    bound = less(0.05, 0.02, 0.0002)._replace(p_is_bound=True)
    assert claim_pvalue({"sl": bound, "ssl_shuffled": bound}) == (0.0002, True)
    assert claim_pvalue({"sl": bound, "ssl_shuffled": BEATEN}) == (0.004, False)


def test_the_claim_is_wrong_no_more_often_than_its_level():
    """Of 20,000 experiments of four controls, one of which is as good as SSL, about 2.5 % find SSL above them all."""
    z = np.random.default_rng(0).normal([5, 5, 5, 5, 0], 1, (20_000, 5))
    claims = [
        claim_pvalue({name: less(x, 1.96, p) for name, x, p in zip(("sl", *EXPLANATIONS), row, p_row, strict=False)})
        for row, p_row in zip(z, 2 * norm.sf(abs(z)), strict=True)
    ]
    assert np.mean([p < 0.05 for p, _ in claims]) == pytest.approx(0.025, abs=0.004)
