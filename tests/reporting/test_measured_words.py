"""What is said of measured labels, and what is not where the numbers do not allow it."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from helpers.measured_tables import CTCF_MOUSE, NAMES, measured_tables, wilson
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.measured_evidence import MeasuredTables
from regssl.reporting.measured_words import describe_gains, describe_place, place_title

TABLES = measured_tables()


def said(tables: MeasuredTables, subject: str, names: DisplayNames = NAMES) -> str:
    return dict(describe_place(tables, names, CTCF_MOUSE)).get(subject, "")


def with_rate(bound: int, copies: int, **where: object) -> MeasuredTables:
    """The tables with another number of bound copies in some rows."""
    rates = TABLES.rates.copy()
    rows = (rates[list(where)] == pd.Series(where)).all(axis=1)
    rates.loc[rows, ["copies", "bound", "share_bound", "low", "high"]] = [copies, bound, *wilson(bound, copies)]
    return replace(TABLES, rates=rates)


def test_the_known_numbers_of_ctcf_in_mouse() -> None:
    assert said(TABLES, "The copies.") == (
        "Most copied positives are not bound there: 27 of 96 are, 28 % (20 to 38); of 3,230 copied negatives, "
        "2.1 % (1.7 to 2.7), so that positives are bound 13 times as often. Of 96 sites of "
        "peaks, 28 % (20 to 38) are bound. The counts are small."
    )
    assert said(TABLES, "What it depends on.").endswith(
        "it rises with the number of peak files that have the peak, from 6.4 % (1 to 3) to 65 % (all 7); it rises with "
        "the motif in the homolog, from 3.2 % (below 2) to 74 % (10 and more). No clear change with the divergence of "
        "the homolog."
    )


@pytest.mark.parametrize(
    ("bound", "copies", "verdict"),
    [(700, 1000, "Most copied positives are bound there: 700 of 1,000 are, 70 % (67"),
     (300, 1000, "Most copied positives are not bound there: 300 of"),
     (500, 1000, "Whether most copied positives are bound there cannot be said: 500"),
     (9, 9, "Only 9 copied positives can be")],
)  # fmt: skip
def test_a_verdict_needs_its_interval(bound: int, copies: int, verdict: str) -> None:
    words = said(with_rate(bound, copies, label=1, stratum="all", unit="windows"), "The copies.")
    assert words.startswith(verdict) and "small" not in words.replace("too few", "")


def test_nothing_is_said_of_what_is_not_there() -> None:
    none = with_rate(0, 3230, label=0, stratum="all")
    assert "times as often" not in said(none, "The copies."), "no ratio to none"
    one = with_rate(1, 3230, label=0, stratum="all")
    assert "bound 908 times as often" in said(one, "The copies."), "no power of ten"
    bare = replace(TABLES, rates=TABLES.rates[TABLES.rates["label"] == 0])
    assert said(bare, "The copies.").startswith("Only 0 copied positives")
    empty = {name: getattr(TABLES, name).iloc[:0] for name in ("discrimination", "own", "own_summary", "filtered")}
    found = describe_place(replace(bare, **empty), NAMES, CTCF_MOUSE)
    assert [subject for subject, _ in found] == ["The copies."]


def test_models_are_judged_by_held_out_ones() -> None:
    assert said(TABLES, "What tells them apart.") == (
        "Bound copied positives are told from others (AUROC) by the motif in the homolog, 0.92 (0.83 to 0.96); "
        "and the motif in the lifted site (sites of peaks), 0.92 (0.83 to 0.96). Not clearly by SL (held-out copies), "
        "0.64 (0.37 to 0.84); SSL (held-out copies), 0.69 (0.41 to 0.87); and SSL-NS (held-out "
        "copies), 0.74 (0.46 to 0.90)."
    )
    few = TABLES.discrimination.copy()
    few.loc[few["split"] == "held_out", "true"] = 4
    words = said(replace(TABLES, discrimination=few), "What tells them apart.")
    assert "Too few copies to say it of SL (held-out copies) (4 bound, 14 not); SSL (held" in words
    motif = TABLES.discrimination["score"].isin(["motif", "site_motif"])
    unknown = TABLES.discrimination.assign(auroc=TABLES.discrimination["auroc"].mask(motif))
    assert "motif" not in said(replace(TABLES, discrimination=unknown), "What tells them apart."), "none is known"
    chance = replace(TABLES, discrimination=TABLES.discrimination.assign(auroc=0.5))
    assert said(chance, "What tells them apart.").startswith("Bound copied positives are not clearly told from others")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.08, "helps in"), (-0.08, -0.01, "hurts in"), (-0.01, 0.08, "cannot be said"),
     (math.nan, math.nan, "without an interval")],
)  # fmt: skip
def test_the_species_itself(low: float, high: float, words: str) -> None:
    summary = TABLES.own_summary.assign(difference_low=low, difference_high=high)
    found = said(replace(TABLES, own_summary=summary), "The species itself.")
    assert (
        found.startswith("On the species' own windows, 64 bound of 4,000, the AUPR of SSL is 0.24") and words in found
    )


def test_filtering_and_its_aupr() -> None:
    names = replace(NAMES, methods={**NAMES.methods, "ssl_filtered": "SSL, filtered"})
    difference = TABLES.differences[TABLES.differences["baseline"] == "sl"].assign(baseline="ssl_filtered")
    tables = replace(TABLES, differences=pd.concat([TABLES.differences, difference]))
    assert said(tables, "Filtering.", names) == (
        "Of 76 copied positives in training, SSL, filtered keeps 21: 57 (37 to 76) % of these are true, of those given "
        "up 16 (9 to 28) %, of all 28 (19 to 39) %; filtering raises the share of true ones. On human test windows, "
        "the AUPR of SSL, filtered less that of SSL is −0.020 (−0.030 to −0.010)."
    )
    few = replace(TABLES, filtered=TABLES.filtered.assign(kept=3, true_kept=1))
    assert said(few, "Filtering.").endswith("the filter keeps 3: too few to say whether more of them are true.")
    every = replace(
        TABLES, filtered=TABLES.filtered.assign(kept=TABLES.filtered["copies"] - 2, true_kept=TABLES.filtered["true"])
    )
    assert "too few are given up to say" in said(every, "Filtering.")


@pytest.mark.parametrize(
    ("kept", "given_up", "words"),
    [((12, 40), (2, 20), "whether filtering raises the share of true ones cannot be said"),
     ((23, 60), (5, 40), "; filtering raises the share"), ((5, 40), (23, 60), "; filtering lowers the share")],
)  # fmt: skip
def test_the_kept_are_held_against_those_given_up(kept: tuple[int, int], given_up: tuple[int, int], words: str) -> None:
    """Not against all copies, of which the kept are most: 23 of 60 beside 5 of 40 is no chance, 28 of 100 or not."""
    (right, left), (lost, gone) = kept, given_up
    shares = {"share_true": wilson(right + lost, left + gone), "share_true_kept": wilson(right, left)}
    named = {
        f"{name}{end}": value
        for name, found in shares.items()
        for end, value in zip(("", "_low", "_high"), found, strict=True)
    }
    numbers = {"copies": left + gone, "kept": left, "true": right + lost, "true_kept": right}
    assert words in said(replace(TABLES, filtered=TABLES.filtered.assign(**numbers, **named)), "Filtering.")


def test_gains_against_true_copies_need_points() -> None:
    assert describe_gains(TABLES, NAMES).endswith("cannot be said of 1 dataset and genome.")
    datasets = {f"d{n}": f"D{n}" for n in range(6)}
    names = replace(NAMES, datasets=datasets)
    tables = measured_tables([(dataset, "mm10") for dataset in datasets], names)
    assert "none can be computed" in describe_gains(tables, names), "all have the same share"
    rates = tables.rates.copy()
    rates["share_bound"] = rates["dataset"].str[1:].astype(int) / 10
    words = describe_gains(replace(tables, rates=rates), names)
    assert "human test windows: ρ = 1.00 (n = 6, p = 0.0028)" in words, "2 of 720 orders"
    nothing = replace(tables, differences=tables.differences.iloc[:0], own_summary=tables.own_summary.iloc[:0])
    assert describe_gains(nothing, names) == ""


def test_models_are_named_where_there_are_several() -> None:
    names = replace(NAMES, models={"deepbind": "CNN-27K", "deepsea": "DeepSEA"})
    tables = measured_tables(names=names)
    assert "SSL, DeepSEA (held-out copies)" in said(tables, "What tells them apart.", names)
    assert "own windows (DeepSEA)" in said(tables, "The species itself.", names)


def test_the_cells_are_in_the_title() -> None:
    assert place_title(NAMES, CTCF_MOUSE) == "CTCF in Mouse"
    assert place_title(replace(NAMES, measured={"ctcf/mm10": "ES cells"}), CTCF_MOUSE) == "CTCF in Mouse (ES cells)"
