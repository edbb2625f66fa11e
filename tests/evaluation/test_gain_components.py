"""Variance components of SSL's gain, against a design whose variances are known and against sums by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.nested_design import BLOCK_SD, DESIGN, SL, SSL, differences, summary
from regssl.errors import DataError
from regssl.evaluation.design import DesignRow
from regssl.evaluation.gain_components import (
    Gain,
    components_table,
    replicates_table,
    total_interval,
    variance_components,
)


def test_known_variances_are_found() -> None:
    rng = np.random.default_rng(1)
    sds, gains = {"region": 0.3, "draws": 0.2, "seeds": 0.1}, []
    for number in range(1500):
        region = rng.normal(0, sds["region"])
        gains += [
            Gain(0.5 + region + rng.normal(0, sds["draws"]) + rng.normal(0, sds["seeds"]), f"{number}", 0.01, 8)
            for _ in range(1 + number % 3)  # as many rows in a region as there happen to be
        ]
    found = variance_components(gains, blocks=0.04)
    assert {name: math.sqrt(value) for name, value in found.variances.items()} == pytest.approx(
        {**sds, "blocks": 0.2}, rel=0.1
    )
    assert found.freedoms == {"region": 1499, "draws": 1500, "seeds": 8, "blocks": math.inf}


def test_the_interval_covers_the_mean_gain_of_all_regions_where_that_of_seeds_and_blocks_does_not() -> None:
    rng, blocks_sd, seeds_sd, trials = np.random.default_rng(0), 0.1, 0.06, 300
    covered = {"all sources": 0, "seeds and blocks": 0}
    for _ in range(trials):
        regions, blocks = rng.normal(0, 0.2, 2), rng.normal(0, blocks_sd)
        gains = [
            Gain(region + rng.normal(0, 0.1) + rng.normal(0, seeds_sd) + blocks, str(region), seeds_sd**2, 8)
            for region in regions
            for _ in range(2)
        ]
        for name, rows in zip(covered, (gains, gains[:1]), strict=True):
            _, low, high = total_interval(gains[0].value, variance_components(rows, blocks_sd**2), 0.95)
            covered[name] += low <= 0 <= high
    assert 0.91 < covered["all sources"] / trials <= 1 and covered["seeds and blocks"] / trials < 0.75


def test_components_and_interval_by_hand() -> None:
    table = components_table(summary(), differences(), DESIGN)
    row = table[(table["metric"] == "aupr") & (table["scale"] == "difference")].iloc[0]
    gains = [np.mean(SSL[name]) - np.mean(SL[name]) for name in SL]
    by_seed = {name: [ssl - sl for ssl, sl in zip(SSL[name], SL[name], strict=True)] for name in SL}
    seeds = [np.var(differences_of, ddof=1) / 2 for differences_of in by_seed.values()]
    regions = [(gains[0] + gains[1]) / 2, (gains[2] + gains[3]) / 2]
    square = sum((gain - regions[at // 2]) ** 2 for at, gain in enumerate(gains)) / 2
    draws = max(square - np.mean(seeds), 0)
    region = max(np.var(regions, ddof=1) - square / 2, 0)
    assert row[["sd_region", "sd_draws", "sd_seeds", "sd_blocks"]].tolist() == pytest.approx(
        [math.sqrt(region), math.sqrt(draws), math.sqrt(seeds[0]), BLOCK_SD]
    )
    assert (row["rows"], row["regions"], row["value"]) == (4, 2, pytest.approx(0.06))

    total = region + draws + seeds[0] + BLOCK_SD**2
    freedom = total**2 / (region**2 / 1 + draws**2 / 2 + seeds[0] ** 2 / 1)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(total)
    assert row["freedom"] == pytest.approx(freedom)
    assert (row["low"], row["high"]) == (pytest.approx(0.06 - half), pytest.approx(0.06 + half))


def test_on_the_relative_scale_the_interval_is_that_of_the_logarithm() -> None:
    table = components_table(summary(), differences(), DESIGN)
    row = table[(table["metric"] == "auroc") & (table["scale"] == "relative")].iloc[0]
    value, low, high = (math.log1p(row[name] / 100) for name in ("value", "low", "high"))
    assert value == pytest.approx(math.log(0.67 / 0.61)) and (low + high) / 2 == pytest.approx(value)
    assert row["sd_blocks"] == pytest.approx(10 * BLOCK_SD)


def test_without_replicates_of_a_kind_its_source_is_not_known() -> None:
    def sources(design: list[DesignRow]) -> dict[str, bool]:
        row = components_table(summary(), differences(), design).iloc[0]
        return {name: bool(np.isfinite(row[f"sd_{name}"])) for name in ("region", "draws", "seeds", "blocks")}

    known = dict.fromkeys(["region", "draws", "seeds", "blocks"], True)
    assert sources(DESIGN) == known
    assert sources(DESIGN[:2]) == {**known, "region": False}
    assert sources([DESIGN[0], DESIGN[2]]) == {**known, "draws": False}


def test_a_replicate_that_trained_on_the_same_windows_counts_once() -> None:
    """As one whose region has no more negatives than are asked for, and so no others to draw."""
    runs = summary()
    same = runs[runs["dataset"] == "swapped"].assign(dataset="both")
    doubled = components_table(pd.concat([runs[runs["dataset"] != "both"], same]), differences(), DESIGN)
    without = components_table(runs[runs["dataset"] != "both"], differences(), DESIGN[:3])
    pd.testing.assert_frame_equal(doubled, without)
    assert (doubled["rows"] == 3).all()


def test_one_seed_or_too_few_blocks_leave_no_interval() -> None:
    one = components_table(summary(seeds=1), differences(), DESIGN).iloc[0]
    assert one[["sd_draws", "sd_seeds", "freedom", "low", "high"]].isna().all() and np.isfinite(one["value"])
    unknown = differences().assign(bootstrap_ci_low=math.nan, bootstrap_ci_high=math.nan)
    row = components_table(summary(), unknown, DESIGN).iloc[0]
    assert math.isnan(row["low"]) and row["sd_region"] >= 0


def test_each_replicate_has_its_gain_and_one_without_a_score_has_none() -> None:
    table = replicates_table(summary(), DESIGN)
    rows = table[table["metric"] == "aupr"].set_index("replicate")
    assert list(rows.index) == ["ctcf", "redrawn", "swapped", "both"]
    assert rows.loc["swapped", ["dataset", "splits", "seeds"]].tolist() == ["ctcf", "swapped", 2]
    assert rows.loc["swapped", ["sl", "ssl", "difference", "percent"]].tolist() == pytest.approx(
        [0.07, 0.11, 0.04, 100 * (0.11 / 0.07 - 1)]
    )
    runs = summary()
    failed = runs.assign(failure=np.where(runs["dataset"] == "both", "no positive window in train", ""))
    assert "both" not in set(replicates_table(failed, DESIGN)["replicate"])
    assert (components_table(failed, differences(), DESIGN)["rows"] == 3).all()


def test_replicates_are_scored_on_the_windows_of_their_dataset() -> None:
    runs = summary()
    other = runs.assign(windows=np.where(runs["dataset"] == "swapped", 999, 1000))
    with pytest.raises(DataError, match="dataset ctcf and its replicates were scored on different windows"):
        replicates_table(other, DESIGN)
