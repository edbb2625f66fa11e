"""Conclusions from literal numbers: their kinds, sentences and remarks."""

from __future__ import annotations

import math

import pytest

from regssl.evaluation.conclusions import EXPLANATIONS, OTHER_USES, Difference, conclude
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
            {"sl": BEATEN, "sl_oversampled": BEATEN, "sl_mutated": BEATEN, "ssl_shuffled": BEATEN},
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
            {"sl": BEATEN, **ALL_BEATEN, "sl_mutated": BEATS, "ssl_shuffled": GAINING},
            "explained_by_control",
            "explained by random mutations (200 % of the gain) and homologs with any label (80 % of the gain): "
            f"{BETTER} against SL",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": less(0.03, 0.035, 0.3, True)},
            "not_separated",
            f"better than SL, {BETTER}, but cannot be distinguished from “SL, oversampled”",
        ),
        (
            {"sl": BEATEN, **ALL_BEATEN, "sl_oversampled": APART, "sl_finetuned": APART},
            "not_separated",
            f"better than SL, {BETTER}, but cannot be distinguished from “SL, two phases” or “SL, oversampled”",
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
            "cannot be distinguished from SL: +10 % (−10 to +30), the interval holds 0",
        ),
        (
            {"sl": less(0.05, 0.04, 0.2), **ALL_BEATEN},
            "inconclusive",
            "cannot be distinguished from SL: +50 % (+10 to +90), not significant after correction",
        ),
        (
            {"sl": Difference(0.1, NAN, NAN, NAN), **ALL_BEATEN},
            "insufficient_data",
            "not enough data: one seed, or too few blocks of the test chromosomes",
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
    found = conclude({"sl": BEATEN}, NAMES, failure="no positive window on the test chromosomes")
    assert found == ("no_score", "no score: no positive window on the test chromosomes", "")


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
        ({"motif_scan": APART}, "Does not beat the baseline “Motif”."),
        ({"motif_scan": APART, "gc_logistic": APART}, "Does not beat the baselines “GC and CpG” and “Motif”."),
        (
            {"motif_scan": BEATS, "random": APART},
            "Below the baseline “Motif”. Does not beat the baseline “Random scores”.",
        ),
        ({"phylo_augmentation": APART}, "“Phylogenetic augmentation” cannot be distinguished from SSL."),
        ({"phylo_augmentation": BEATS}, "“Phylogenetic augmentation” does better."),
        ({"ssl_filtered": BEATEN}, ""),
        (
            {"ssl_filtered": BEATS, "phylo_augmentation": APART},
            "“SSL, filtered” does better. “Phylogenetic augmentation” cannot be distinguished from SSL.",
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
