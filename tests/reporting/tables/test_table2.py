"""Table 2 from a few runs whose numbers can be checked by eye."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from helpers.outline import Outline
from helpers.runs import NAMES, SUMMARY, runs
from regssl.errors import DataError
from regssl.evaluation.summary import estimates, increase_table, select_methods
from regssl.reporting.tables.base import write_table
from regssl.reporting.tables.table2 import table2

COLUMNS = [("deepbind", "sl"), ("deepbind", "ssl"), ("dnabert2", "sl")]


def test_table2_has_every_cell_or_a_dash_and_the_best_in_bold():
    table = table2(SUMMARY, NAMES, COLUMNS)
    assert table.display.columns.tolist() == [
        ("", "Dataset"), ("", "Prevalence"), ("CNN-27K", "SL"), ("CNN-27K", "SSL"), ("DNABERT-2", "SL"),
    ]  # fmt: skip
    assert table.display.to_numpy().tolist() == [
        ["ATF3", "0.005", "0.030 (0.000 to 0.157)", "0.150 (0.000 to 0.785)", "–"],
        ["CTCF", "0.05", "0.550 (0.000 to 1.000)", "–", "0.700"],
    ]
    assert table.bold.to_numpy().tolist() == [[False, False, False, True, False], [False, False, False, False, True]]
    assert "1 to 2 seeds" in table.caption and "(AUPR)" in table.caption
    assert table.tidy.columns.tolist() == [
        "dataset", "model", "method", "n", "aupr", "aupr_low", "aupr_high", "auroc", "auroc_low", "auroc_high",
        "prevalence", "collapsed", "not_converged",
    ]  # fmt: skip


def test_a_cell_alone_in_its_row_is_not_the_best():
    assert not table2(SUMMARY, NAMES, COLUMNS[1:2]).bold.to_numpy().any()


def test_table2_of_the_other_metric():
    table = table2(SUMMARY, NAMES, COLUMNS[2:], metric="auroc")
    assert table.display["DNABERT-2", "SL"].tolist() == ["–", "0.850"]
    assert "ROC curve" in table.caption and "one seed" in table.caption


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.drop(columns="auroc"), "no column 'auroc'"),
        (lambda s: pd.concat([s, s.tail(1)]), "two rows of dataset ctcf, model dnabert2, method sl, seed 0"),
        (lambda s: s.assign(windows=[*s["windows"][:-1], 9]), "dataset ctcf were scored on different test windows"),
        (lambda s: s[s["split"] != "test"], "no run of split 'test'"),
        (lambda s: s.replace({"dataset": {"ctcf": "rest"}}), "dataset rest .* no display name"),
    ],
)
def test_summaries_that_contradict_themselves_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        table2(change(SUMMARY), NAMES, COLUMNS)


def test_only_methods_with_a_name_are_displayed():
    """A control without a score, for example, is not reported as a dataset without one."""
    control = runs(("ctcf", "deepbind", "motif_scan", 0, math.nan)).assign(failure="no motif of this factor is known")
    summary = pd.concat([SUMMARY, control], ignore_index=True)
    kept = select_methods(summary, NAMES)
    assert set(kept["method"]) == set(SUMMARY["method"]) and len(kept) == len(SUMMARY)
    assert "Without a score" not in table2(kept, NAMES, COLUMNS).caption


def test_written_table_reads_back_and_its_page_is_self_contained(tmp_path):
    table = table2(SUMMARY, NAMES, COLUMNS)
    write_table(table, tmp_path / "table2")
    back = pd.read_csv(tmp_path / "table2.tsv", sep="\t")
    pd.testing.assert_frame_equal(back, table.tidy, rtol=1e-5, check_dtype=False)

    text = (tmp_path / "table2.html").read_text()
    outline = Outline(text)
    assert ("CNN-27K", "colgroup") in outline.headings and ("SSL", "col") in outline.headings
    assert ("ATF3", "row") in outline.headings
    assert ("0.030", "number") in outline.cells and ("(0.000 to 0.157)", "number") in outline.cells
    assert outline.strong[1:] == ["0.150", "0.700"] and outline.strong[0].startswith("Table 2. ")
    assert "src=" not in text and "://" not in text, "nothing to fetch"
    kinds = ["html", "json", "tsv"]
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == [f"table2.{kind}" for kind in kinds]


def test_collapsed_runs_are_marked_and_not_left_out():
    """One of the two seeds of ATF3 by SSL scored all windows alike: its AUPR is the prevalence."""
    summary = SUMMARY.assign(collapsed=False)
    fell = (summary["dataset"] == "atf3") & (summary["method"] == "ssl") & (summary["seed"] == 1)
    summary.loc[fell, ["aupr", "auroc", "collapsed"]] = 0.006, 0.5, True
    table = table2(summary, NAMES, COLUMNS)
    assert table.display["CNN-27K", "SSL"].tolist() == ["0.053 (0.000 to 0.650) †1", "–"]
    assert table.display["CNN-27K", "SL"].str.contains("†").sum() == 0
    assert "†n: n of the runs collapsed" in table.caption and "†" not in table2(SUMMARY, NAMES, COLUMNS).caption
    assert table.tidy.set_index(["dataset", "model", "method"])["collapsed"].tolist() == [0, 1, 0, 0]
    increase = increase_table(summary)
    assert increase[["dataset", "method", "collapsed"]].drop_duplicates().to_numpy().tolist() == [["atf3", "ssl", 1]]
    assert estimates(SUMMARY)["collapsed"].sum() == 0, "a summary from before has no such column"


def test_runs_that_have_not_converged_are_marked_beside_those_that_collapsed():
    summary = SUMMARY.assign(collapsed=SUMMARY["seed"] == 1, converged=SUMMARY["method"] != "ssl")
    table = table2(summary, NAMES, COLUMNS)
    assert [cell.split(")")[-1] for cell in table.display["CNN-27K", "SSL"]] == [" †1 ‡2", "–"]
    assert [cell.split(")")[-1] for cell in table.display["CNN-27K", "SL"]] == [" †1", " †1"]
    assert (
        "‡n: n of the runs have not converged" in table.caption and "‡" not in table2(SUMMARY, NAMES, COLUMNS).caption
    )
    assert table.tidy["not_converged"].tolist() == [0, 2, 0, 0]
    increase = increase_table(summary)
    assert increase["not_converged"].tolist() == [2, 2] and increase["collapsed"].tolist() == [2, 2]


def test_what_must_be_known_of_a_model_is_said_where_its_numbers_stand():
    names = replace(NAMES, model_notes={"dnabert2": "it has read the test chromosomes"})
    assert table2(SUMMARY, names, COLUMNS).caption.endswith("not run. DNABERT-2: it has read the test chromosomes.")
    assert "DNABERT-2" not in table2(SUMMARY, names, COLUMNS[:2]).caption


def test_a_dataset_without_a_score_is_a_dash_and_its_reason_is_reported():
    reason = "no positive test window"
    unscored = runs(("atf3", "deepbind", "sl", 0, math.nan)).assign(failure=reason, positives=0, prevalence=0.0)
    summary = pd.concat([SUMMARY[SUMMARY["dataset"] == "ctcf"], unscored], ignore_index=True)
    table = table2(summary, NAMES, COLUMNS)
    assert table.display.to_numpy().tolist()[0] == ["ATF3", "0", "–", "–", "–"]
    assert table.caption.endswith(f"not run. Without a score: ATF3 ({reason}).")
    assert set(table.tidy["dataset"]) == {"ctcf"} and set(estimates(summary)["dataset"]) == {"ctcf"}
    with pytest.raises(DataError, match="the summary has no run of split 'test'"):
        estimates(unscored)
