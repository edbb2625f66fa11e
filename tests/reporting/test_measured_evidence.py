"""What is known of copied labels, for table, figure and page."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pandas as pd
import pytest

from helpers.measured_tables import CTCF_MOUSE, NAMES, measured_tables, wilson
from regssl.evaluation.auroc_interval import auroc_interval
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import write_tsv
from regssl.measured.columns import RATES
from regssl.reporting.measured_evidence import MOTIF, MeasuredTables, asking_methods, tidy_table

DOG = ("max", "canFam3")


def test_tables_that_were_written_are_read_again(tmp_path) -> None:
    tables = measured_tables()
    for field in fields(tables):
        write_tsv(getattr(tables, field.name), tmp_path / f"{field.name}.tsv")
    read = MeasuredTables.read({field.name: [tmp_path / f"{field.name}.tsv"] for field in fields(tables)})
    pd.testing.assert_frame_equal(tidy_table(read), tidy_table(tables))
    bare = MeasuredTables.read({field.name: [tmp_path / f"{field.name}.tsv"] for field in fields(tables)[:4]})
    assert bare.filtered.empty and bare.mean_filter().empty and set(bare.gains()["where"]) == {"own"}


def test_the_rate_is_that_of_the_configured_aligned_fraction() -> None:
    tables = measured_tables()
    assert tables.min_match == 0.1 and tables.share(CTCF_MOUSE, 1)["copies"] == 96
    rates = tables.rates.copy()
    rates.loc[rates["stratum"] != "all", "min_match"] = 0.5
    assert replace(tables, rates=rates).share(CTCF_MOUSE, 1)["copies"] == 85, "strata have the configured one"
    rates = tables.rates[tables.rates["stratum"] == "all"]
    assert replace(tables, rates=rates).min_match == 0.1, "the least without strata"
    assert tables.share(DOG, 1) == {}


def test_places_are_in_the_order_of_the_names() -> None:
    assert measured_tables([DOG, CTCF_MOUSE, ("unnamed", "mm10")]).places(NAMES) == [CTCF_MOUSE, DOG]


def test_auroc_is_the_mean_over_seeds_with_the_interval_of_the_copies() -> None:
    tables = measured_tables()
    row = tables.truth_of(CTCF_MOUSE, ("probability", "deepbind", "sl"))
    expected = auroc_interval(0.64, 27, 69)
    assert (row["auroc"], row["low"], row["high"]) == pytest.approx(expected[:3])
    assert tables.truth_of(CTCF_MOUSE, MOTIF, label=0)["bound"] == 68, "of negatives, the false copies are bound"
    assert tables.truth_of(CTCF_MOUSE, MOTIF, "train") == {}


def test_gains_are_beside_the_share_of_true_copies() -> None:
    gains = measured_tables([CTCF_MOUSE, DOG], factor=2).gains()
    assert gains["where"].tolist() == ["human", "own"] * 2
    assert gains["share"].tolist() == pytest.approx([27 / 96] * 2 + [54 / 96] * 2)
    assert gains["difference"].iloc[0] == pytest.approx(0.02) and gains["low"].iloc[0] == pytest.approx(0.01)


def test_what_the_filter_keeps_is_averaged_over_seeds() -> None:
    means = measured_tables().mean_filter().set_index("label")
    assert means.loc[1, ["copies", "kept", "true_kept"]].tolist() == [76, 21, 12]
    assert means.loc[1, "share_true"] == 21 / 76 and means.loc[1, "share_true_kept"] == 12 / 21
    given_up = means.loc[1, [f"share_true_given_up{end}" for end in ("", "_low", "_high")]]
    assert means.loc[1, "given_up"] == 55 and given_up.tolist() == pytest.approx(wilson(9, 55))
    less, low, high = (means.loc[1, f"kept_less_given_up{end}"] for end in ("", "_low", "_high"))
    assert less == pytest.approx(12 / 21 - 9 / 55) and low < less < high
    tables = measured_tables()
    nothing = replace(tables, filtered=tables.filtered.assign(kept=0, true_kept=0))
    assert nothing.mean_filter()["share_true_kept"].isna().all(), "nothing kept is no share"
    every = replace(tables, filtered=tables.filtered.assign(kept=76, copies=76, true_kept=21, true=21))
    assert every.mean_filter()["share_true_given_up"].isna().all(), "nothing given up neither"


def test_teachers_that_disagree_leave_the_gain_of_filtering_open() -> None:
    """Of 60 copies, 14 true: 12 of 38, 5 of 13 and 6 of 8 are kept; beside teachers that all keep 8 of 20."""
    tables = measured_tables()
    positives = tables.filtered[tables.filtered["label"] == 1].assign(
        copies=60, true=14, kept=[38, 13, 8], true_kept=[12, 5, 6]
    )
    (row,) = replace(tables, filtered=positives).mean_filter().to_dict("records")
    assert row["kept_less_given_up"] == pytest.approx(23 / 59 - 19 / 121) and row["kept_less_given_up_low"] < 0
    (row,) = replace(tables, filtered=positives.assign(kept=20, true_kept=8)).mean_filter().to_dict("records")
    assert row["kept_less_given_up_low"] > 0


def test_every_number_is_in_one_table() -> None:
    tables = measured_tables()
    tidy = tidy_table(tables)
    assert tidy["quantity"].value_counts().to_dict() == {
        "share_bound": len(tables.rates), "auroc_bound": len(tables.truth), "own_prevalence": 3, "own_aupr": 15,
        "own_auroc": 15, "own_aupr_difference": 12, "own_auroc_difference": 12, "share_kept": 2, "share_true": 2,
        "share_true_kept": 2, "share_true_given_up": 2, "kept_less_given_up": 2, "ssl_gain_human": 1, "ssl_gain_own": 1,
    }  # fmt: skip
    known = tidy[(tidy["quantity"] == "share_bound") & (tidy["unit"] == "peaks") & (tidy["level"] == "all 7")]
    assert known[["n", "value"]].to_numpy().tolist() == [[31, pytest.approx(20 / 31)]]


def test_controls_and_subsets_are_not_shown_first() -> None:
    methods = {name: name for name in ("sl", "ssl", "ssl_ns", "ssl_shuffled", "gc_logistic", "ssl-nearest4")}
    assert asking_methods(DisplayNames({}, {}, methods)) == ["sl", "ssl", "ssl_ns"]


def test_no_copies_have_no_share() -> None:
    tables = measured_tables()
    empty = tables.rates.assign(copies=0, bound=0, share_bound=math.nan, low=math.nan, high=math.nan)
    assert math.isnan(replace(tables, rates=empty).gains()["share"].iloc[0])
    assert list(tables.rates) == list(RATES)
