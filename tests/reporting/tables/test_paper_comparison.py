"""The paper's public numbers beside ours, from runs whose numbers can be checked by eye."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from regssl.evaluation.paper_numbers import KEY, paper_numbers
from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.reporting.document import Document, make_cells
from regssl.reporting.html import render_page
from regssl.reporting.tables.base import Table
from regssl.reporting.tables.paper_comparison import (
    ALL_SOURCES,
    our_numbers,
    paper_comparison_table,
)

NAMES = DisplayNames(
    {"atf3": "ATF3", "ctcf": "CTCF"}, {"deepbind": "CNN-27K", "dnabert2": "DNABERT-2"}, {"sl": "SL", "ssl": "SSL"}
)
POSITIVES = pd.DataFrame(
    [("atf3", 1300, 1000, 20_000, 21_000, 21.0), ("ctcf", 40_000, 30_000, 500_000, 530_000, 17.7)],
    columns=[
        "dataset", "human_positives", "training_positives", "pseudo_labelled_positives", "total_positives", "fold",
    ],
)  # fmt: skip


def summary(scores: dict[tuple[str, str, str], list[float]]) -> pd.DataFrame:
    """Runs by dataset, model, method and AUPR of each seed; AUROC is 0.9 throughout."""
    return pd.DataFrame([
        {
            "dataset": dataset, "model": model, "method": method, "seed": seed, "split": "test", "windows": 1000,
            "positives": 10, "prevalence": 0.01, "aupr": aupr, "auroc": 0.9,
        }
        for (dataset, model, method), auprs in scores.items()
        for seed, aupr in enumerate(auprs)
    ])  # fmt: skip


RUNS = summary({
    ("ctcf", "deepbind", "sl"): [0.50, 0.51, 0.49],
    ("ctcf", "deepbind", "ssl"): [0.68, 0.69, 0.67],  # + 36 %, as the paper has it
    ("ctcf", "dnabert2", "sl"): [0.50, 0.51, 0.49],
    ("ctcf", "dnabert2", "ssl"): [0.68, 0.69, 0.67],  # better, where the paper has worse
    ("atf3", "deepbind", "ssl"): [0.30, 0.31, 0.29],
})  # fmt: skip


def made(**changed: object) -> Table:
    arguments = {"summary": RUNS, "positives": POSITIVES, "correlations": None, "names": NAMES, "same_data": True}
    return paper_comparison_table(**{**arguments, **changed})  # type: ignore[arg-type]


def test_the_increase_has_the_interval_of_all_sources_where_there_are_replicates() -> None:
    components = pd.DataFrame(
        [("ctcf", "deepbind", "aupr", scale, low, high)
         for scale, low, high in (("difference", 0.1, 0.2), ("relative", -5.0, 90.0))],
        columns=["dataset", "model", "metric", "scale", "low", "high"],
    )  # fmt: skip
    ours = our_numbers(RUNS, POSITIVES, None, components).set_index(KEY)[["value", "low", "high", "remark"]]
    own = ours.loc[("ctcf", "deepbind", "ssl", "sl", "aupr increase")]
    assert own.tolist() == [pytest.approx(36), -5, 90, ALL_SOURCES]
    without = our_numbers(RUNS, POSITIVES, None).set_index(KEY)
    others = ours.drop(("ctcf", "deepbind", "ssl", "sl", "aupr increase"))
    pd.testing.assert_frame_equal(others, without.loc[others.index, list(others)])


def row(tidy: pd.DataFrame, **wanted: str) -> dict:
    found = tidy[(tidy[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    assert len(found) == 1, found
    return found.iloc[0].to_dict()


def test_the_papers_numbers_name_only_what_the_benchmark_knows() -> None:
    numbers = paper_numbers()
    config = {"deepbind", "deepsea", "dnabert2", ""}
    assert set(numbers["model"]) <= config and set(numbers["method"]) <= {*METHODS, ""}
    assert not numbers.duplicated([*KEY, "value"]).any()
    for value in numbers["value"]:
        assert value in (">0", "<0") or float(value) > 0
    increases = numbers[numbers["quantity"].str.endswith("increase")]
    assert (increases["baseline"] != "").all() and (increases["method"] != "").all()


def test_a_number_inside_our_interval_and_one_of_the_other_sign() -> None:
    tidy = made().tidy
    same = row(tidy, dataset="ctcf", model="deepbind", quantity="aupr increase")
    assert same["paper"] == "36" and same["value"] == pytest.approx(36) and same["agreement"] == "inside our interval"
    assert same["deviation"] == pytest.approx(0, abs=1e-9)
    worse = row(tidy, dataset="ctcf", model="dnabert2", quantity="aupr increase")
    assert worse["paper"] == "<0" and worse["low"] > 0 and worse["agreement"] == "opposite sign"
    assert math.isnan(worse["deviation"])


def test_a_number_outside_our_interval_and_counts() -> None:
    tidy = made().tidy
    aupr = row(tidy, dataset="atf3", model="deepbind", method="ssl", quantity="aupr", paper="0.176")
    assert aupr["agreement"] == "outside our interval" and aupr["deviation"] == pytest.approx(0.3 - 0.176)
    count = row(tidy, dataset="atf3", quantity="total positives")
    assert (count["paper"], count["value"], count["deviation"]) == ("23555", 21_000, 21_000 - 23_555)


def test_what_was_not_run_and_what_is_not_public_are_reported() -> None:
    tidy = made().tidy
    assert row(tidy, dataset="rest", model="deepsea", quantity="auroc increase")["agreement"] == "not run"
    assert row(tidy, dataset="ctcf", model="deepbind", method="sl", quantity="aupr")["paper"] == "unknown"
    assert len(tidy) == len(tidy.drop_duplicates([*KEY, "paper"])), "each pair once"
    ours = our_numbers(RUNS, POSITIVES, None)
    displayed = tidy.dropna(subset="value")
    assert set(map(tuple, ours[KEY].to_numpy())) == set(map(tuple, displayed[KEY].to_numpy())), "none of ours is lost"


def test_a_number_without_a_model_is_beside_each_it_may_mean() -> None:
    scores = {("atf3", model, method): [0.1, 0.11] for model in ("deepbind", "dnabert2") for method in ("sl", "ssl")}
    tidy = made(summary=summary(scores)).tidy
    unclear = tidy[(tidy["dataset"] == "atf3") & (tidy["paper"] == "0.149")]
    assert {*zip(unclear["model"], unclear["method"], strict=True)} == {cell[1:] for cell in scores}
    huge = tidy[tidy["paper"] == "2323.8"]
    assert list(huge["model"]) == ["deepbind", "dnabert2"] and huge["note"].str.contains("contradicts").all()


def test_one_seed_gives_no_agreement() -> None:
    scores = {("ctcf", "dnabert2", "sl"): [0.5], ("ctcf", "dnabert2", "ssl"): [0.4]}
    one = row(made(summary=summary(scores)).tidy, dataset="ctcf", model="dnabert2", quantity="aupr increase")
    assert one["value"] == pytest.approx(-20) and one["agreement"] == "inconclusive"


def test_correlations_of_variant_effects_take_part() -> None:
    found = pd.DataFrame(
        [("andr", "deepbind", "sl", "", "variant correlation", -0.2, -0.3, -0.1)],
        columns=[*KEY, "value", "low", "high"],
    )
    tidy = made(correlations=found).tidy
    assert row(tidy, dataset="andr", method="sl", quantity="variant correlation")["agreement"] == "same sign"


def test_of_other_data_only_datasets_of_the_papers_names_are_compared() -> None:
    names = replace(NAMES, datasets={"ctcf": "CTCF", "gata1": "GATA1"})
    scores = {(dataset, "deepbind", method): [0.5, 0.6] for dataset in names.datasets for method in ("sl", "ssl")}
    positives = POSITIVES.replace({"dataset": {"atf3": "gata1"}})
    tidy = made(summary=summary(scores), positives=positives, names=names, same_data=False).tidy
    assert set(tidy["dataset"]) == {"ctcf"} and "not run" in set(tidy["agreement"]), "CTCF by other models"
    here = made(summary=summary(scores), positives=positives, names=names).tidy
    assert set(here["dataset"]) == {"gata1", *paper_numbers()["dataset"]}
    none = made(names=replace(NAMES, datasets={"gata1": "GATA1"}), same_data=False)
    assert none.tidy.empty and none.display.empty and list(none.tidy) == list(tidy)


def test_the_page_warns_of_other_data() -> None:
    assert "NOT on the paper's data" in made(same_data=False).caption
    table = made()
    assert "NOT" not in table.caption
    html = render_page(Document(title="Agreement", blocks=[make_cells(table.display, table.caption)]))
    assert "Agreement with the paper" in html and "AUPR increase, SSL over SL, %" in html and "−2,555" in html
