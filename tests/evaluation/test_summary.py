"""Summaries of runs: means over seeds, increases over a baseline, runs without a score."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from helpers.runs import NAMES, SUMMARY, runs
from regssl.errors import DataError
from regssl.evaluation.confidence import mean_interval, percent_increase
from regssl.evaluation.summary import (
    DisplayNames,
    estimates,
    failed_datasets,
    increase_table,
    present_names,
    select_methods,
    summarize,
    unscored,
)


def test_estimates_are_means_over_the_seeds_of_one_split():
    tidy = estimates(SUMMARY)
    cell = tidy[(tidy["dataset"] == "atf3") & (tidy["method"] == "ssl")].iloc[0]
    assert (cell["n"], cell["prevalence"]) == (2, 0.005)
    assert tuple(cell[["aupr", "aupr_low", "aupr_high"]]) == pytest.approx((0.15, 0, 0.785), abs=1e-3), "cut at 0"
    assert tuple(cell[["auroc", "auroc_low", "auroc_high"]]) == pytest.approx(mean_interval([0.55, 0.6])[:3])
    single = tidy[tidy["model"] == "dnabert2"].iloc[0]
    assert single["n"] == 1 and math.isnan(single["aupr_low"])


def test_increase_only_where_both_methods_ran():
    increase = increase_table(SUMMARY)
    assert increase[["dataset", "model", "method", "baseline", "metric", "n"]].to_numpy().tolist() == [
        ["atf3", "deepbind", "ssl", "sl", "aupr", 2],
        ["atf3", "deepbind", "ssl", "sl", "auroc", 2],
    ]
    expected = percent_increase([0.1, 0.2], [0.02, 0.04])
    assert tuple(increase.loc[0, ["percent", "low", "high"]]) == pytest.approx(expected[:3])
    assert increase_table(SUMMARY, treated=["ssl_ns"]).empty


def test_methods_without_a_display_name_are_left_out() -> None:
    control = runs(("ctcf", "deepbind", "motif_scan", 0, math.nan)).assign(failure="no motif of this factor is known")
    kept = select_methods(pd.concat([SUMMARY, control], ignore_index=True), NAMES)
    assert set(kept["method"]) == set(SUMMARY["method"]) and len(kept) == len(SUMMARY)


def test_datasets_without_a_score_are_named_with_the_first_reason() -> None:
    failed = runs(("atf3", "deepbind", "sl", 0, math.nan), ("atf3", "deepbind", "ssl", 0, math.nan))
    table = pd.concat([SUMMARY, failed.assign(failure=["a", "a", "b", "b"])], ignore_index=True)
    assert failed_datasets(table) == {"atf3": "a"} and failed_datasets(SUMMARY) == {}
    assert unscored({"atf3": "a", "other": "b"}, NAMES.datasets) == "Without a score: ATF3 (a)."
    assert unscored({}, NAMES.datasets) == ""


def test_metrics_of_runs_are_gathered(tmp_path: Path) -> None:
    identity: dict[str, object] = {"dataset": "ctcf", "model": "deepbind", "method": "sl", "split": "test"}
    identity |= {"windows": 10, "positives": 5, "prevalence": 0.5, "auroc": None}
    for seed, more in enumerate(({"aupr": 0.5}, {"aupr": None, "failure": "why"})):
        (tmp_path / f"{seed}.json").write_text(json.dumps({**identity, "seed": seed, **more}))
    table = summarize([tmp_path / "0.json", tmp_path / "1.json"])
    assert table["aupr"].tolist()[0] == 0.5 and table["failure"].tolist()[1] == "why" and len(table) == 2
    assert not {"mcc", "mcc_tuned", "validation_mcc"} & set(table.columns)
    with pytest.raises(DataError, match="no run has a score: ctcf: why"):
        summarize([tmp_path / "1.json"])
    of_another_type: list[dict[str, object]] = [{"aupr": "0.5"}, {"seed": True}, {"windows": 0.5}, {"dataset": None}]
    impossible: list[dict[str, object]] = [{"aupr": math.nan}, {"auroc": 1.5}, {"windows": -1}, {"seed": 10**30}]
    of_calls: list[dict[str, object]] = [{"mcc": -1.1}, {"mcc_tuned": "0.5"}, {"mcc": math.nan}]
    for wrong in of_another_type + impossible + of_calls:
        (tmp_path / "0.json").write_text(json.dumps({**identity, "seed": 0, "aupr": 0.5, **wrong}))
        with pytest.raises(DataError, match=rf"0\.json: key '{next(iter(wrong))}' holds"):
            summarize([tmp_path / "0.json"])
    (tmp_path / "0.json").write_text(json.dumps({**identity, "seed": 0, "aupr": 0.5, "mcc": -0.1, "mcc_tuned": 0.25}))
    assert summarize([tmp_path / "0.json"])[["mcc", "mcc_tuned"]].to_numpy().tolist() == [[-0.1, 0.25]]


def test_display_names_keep_their_order() -> None:
    assert list(present_names({"b": "B", "a": "A", "c": "C"}, ["a", "b", "d"])) == ["b", "a"]
    names = DisplayNames({}, {}, {"sl": "SL", "x": "X"}, paper_methods={"sl": "SL"})
    assert names.of_paper().methods == {"sl": "SL"}


def test_a_model_may_run_fewer_methods() -> None:
    own = {"b/ssl": "SSL", "b/sl": "SL"}
    names = DisplayNames(
        {}, {"a": "A", "b": "B"}, {"sl": "SL", "x": "X", "ssl": "SSL"}, {"sl": "SL"}, model_methods=own
    )
    assert names.runs() == [("a", "sl"), ("a", "x"), ("a", "ssl"), ("b", "sl"), ("b", "ssl")]
    assert names.of_paper().runs() == [("a", "sl"), ("b", "sl")]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"datasets": {}, "models": {}}, "has no key 'methods'"),
        ({"datasets": {}, "models": {}, "methods": {}, "more": {}}, "unknown key 'more'"),
        ({"datasets": ["ctcf"], "models": {}, "methods": {}}, "'datasets' does not map ids to texts"),
        ({"datasets": {}, "models": {"cnn": 1}, "methods": {}}, "'models' does not map ids to texts"),
    ],
)
def test_display_names_of_another_form(tmp_path: Path, values: dict, message: str) -> None:
    (tmp_path / "names.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match=f"names.json: .*{message}"):
        DisplayNames.read(tmp_path / "names.json")


def test_an_id_without_a_display_name_is_named_with_the_file(tmp_path: Path) -> None:
    values = {"datasets": {"ctcf": "CTCF"}, "models": {}, "methods": {}, "variant_sets": {}}
    (tmp_path / "names.json").write_text(json.dumps(values))
    names = DisplayNames.read(tmp_path / "names.json")
    assert names == DisplayNames({"ctcf": "CTCF"}, {}, {}) and "rest" not in names.datasets
    with pytest.raises(DataError, match=r"names.json: dataset 'rest' has no display name \(names: ctcf\)"):
        names.datasets["rest"]
    with pytest.raises(DataError, match="variant set 'x' has no display name"):
        names.variant_sets["x"]
