"""Scores that others published beside those of runs: the table, the figure, the command."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

from regssl.cli import main
from regssl.errors import DataError
from regssl.evaluation.comparison import METHODS_COLUMNS
from regssl.evaluation.published import published_scores, published_tasks
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.tables.published import MEAN, published_means, published_table, runs_on_tasks

NAMES = DisplayNames(
    {"a": "Factor A", "b": "Factor B"},
    {"deepbind": "CNN-27K", "deepsea": "DeepSEA"},
    {"sl": "SL", "kmer_logistic": "k-mer counts", "sl-train25": "SL, 25 %"},
)
TASKS = {"a": "gue_tf_0", "b": "gue_tf_3"}


def methods_of(values: dict[tuple[str, str, str], float]) -> pd.DataFrame:
    """The table of `comparison`, from MCC by dataset, model and method; tuned it is 0.1 more."""
    rows = [
        {
            **{"dataset": dataset, "model": model, "method": method, "metric": metric, "value": value + more},
            **{"ci_low": value + more - 0.03, "ci_high": value + more + 0.04, "windows": 1_000, "seeds": 5},
            **{"positives": 500, "prevalence": 0.5, "blocks": 1_000},
            **{"collapsed": int(method == "sl" and dataset == "a"), "not_converged": 0, "failure": ""},
        }
        for (dataset, model, method), value in values.items()
        for metric, more in (("aupr", 0.2), ("mcc", 0.0), ("mcc_tuned", 0.1))
    ]
    return pd.DataFrame(rows).reindex(columns=list(METHODS_COLUMNS))


METHODS = methods_of({
    ("a", "deepbind", "sl"): 0.7, ("a", "deepbind", "kmer_logistic"): 0.6, ("a", "deepsea", "sl"): 0.65,
    ("a", "deepsea", "kmer_logistic"): 0.6, ("b", "deepbind", "sl"): 0.5, ("b", "deepbind", "kmer_logistic"): 0.4,
    ("b", "deepsea", "sl"): 0.57, ("b", "deepsea", "kmer_logistic"): 0.4,
})  # fmt: skip


SUMMARY = pd.DataFrame([
    {
        **dict(zip(("dataset", "model", "method"), run, strict=True)), "seed": seed, "split": "test", "windows": 1_000,
        "positives": 500, "prevalence": 0.5, "aupr": 0.9, "auroc": 0.9, "validation_mcc": 0.3 + 0.1 * seed,
    }
    for run in METHODS[["dataset", "model", "method"]].drop_duplicates().itertuples(index=False, name=None)
    for seed in (0, 1)
])  # fmt: skip


def test_what_zhou_et_al_published() -> None:
    """100 × MCC of DNABERT-2 on tf 0 to 4, as in their table; the mean is 70.1."""
    scores = published_scores()
    assert published_tasks() == [f"gue_tf_{task}" for task in range(5)]
    assert (100 * scores["mcc"]).round(2).tolist() == [71.99, 76.06, 66.52, 58.54, 77.43]
    assert scores["note"].tolist() == [f"published as {100 * mcc:.2f}: 100 × MCC" for mcc in scores["mcc"]]
    assert published_means(published_tasks())["DNABERT-2"][MEAN] == pytest.approx(0.70108)
    with pytest.raises(DataError, match="no published score of task 'gue_tf_9'"):
        published_means(["gue_tf_0", "gue_tf_9"])


def test_the_mean_over_tasks_and_its_interval() -> None:
    runs = runs_on_tasks(METHODS, SUMMARY, TASKS, NAMES)
    mean = runs[(runs["task"] == MEAN) & (runs["method"] == "sl") & (runs["model"] == "deepbind")]
    assert mean["value"].tolist() == pytest.approx([0.6, 0.7, 0.35]), "at 0, tuned, and on validation windows"
    assert mean.iloc[0]["ci_low"] == pytest.approx(0.6 - math.sqrt(2) * 0.03 / 2), "tasks are independent"
    assert mean.iloc[0]["ci_high"] == pytest.approx(0.6 + math.sqrt(2) * 0.04 / 2)
    assert len(runs) == 3 * 3 * 3, "three kinds of MCC; two networks and the baseline once; two tasks and their mean"
    half = runs_on_tasks(METHODS.assign(value=METHODS["value"].where(METHODS["dataset"] == "a")), SUMMARY, TASKS, NAMES)
    on_test = half[(half["task"] == MEAN) & (half["metric"] != "validation_mcc")]
    assert on_test["value"].isna().all(), "of all tasks or of none"


def test_what_is_not_run_on_a_task_is_a_dash() -> None:
    less = METHODS[(METHODS["dataset"] == "a") | (METHODS["model"] == "deepbind")]
    names = replace(NAMES, methods={**NAMES.methods, "ssl": "SSL"})
    table = published_table(runs_on_tasks(less, SUMMARY, TASKS, names), less, names)
    row = table.display[(table.display["Model"] == "DeepSEA") & (table.display["Threshold"] == "0")]
    assert row.iloc[0].tolist()[1:] == ["SL", "test", "0", "0.650 (0.620 to 0.690) †1", "–", "–"]
    assert "SSL" not in set(table.display["Method"]) and "mean over 5 seeds" in table.caption


def test_the_table() -> None:
    table = published_table(runs_on_tasks(METHODS, SUMMARY, TASKS, NAMES), METHODS, NAMES)
    assert table.display.iloc[0].tolist() == ["DNABERT-2, published", "–", "test", "–", "0.720", "0.585", "0.653"]
    assert list(table.display)[4:] == ["Factor A", "Factor B", "Mean of 2"]
    assert table.display["Model"].tolist()[1:4] == ["CNN-27K", "k-mer counts", "DeepSEA"]
    assert table.display.iloc[1].tolist()[:5] == ["CNN-27K", "SL", "test", "0", "0.700 (0.670 to 0.740) †1"]
    assert table.display.iloc[-1].tolist()[2:] == ["validation", "validation", "0.350 †1", "0.350", "0.350"]
    assert table.bold is not None and table.bold.sum().tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert "1,000 sequences each: mean over 5 seeds" in table.caption and "Zhou et al. 2023" in table.caption
    tidy = table.tidy.set_index(["task", "metric", "model", "method"])["difference"]
    assert tidy["gue_tf_0", "mcc", "deepsea", "sl"] == pytest.approx(0.65 - 0.7199)
    assert tidy[MEAN, "mcc_tuned", "deepbind", "sl"] == pytest.approx(0.7 - (0.7199 + 0.5854) / 2)
    on_validation = table.tidy[table.tidy["metric"] == "validation_mcc"]
    assert on_validation[["published", "difference"]].isna().all(axis=None), "published are test sequences"


def test_a_run_without_mcc_is_named() -> None:
    with pytest.raises(DataError, match="the summary of runs has no column 'validation_mcc'"):
        runs_on_tasks(METHODS, SUMMARY.drop(columns="validation_mcc"), TASKS, NAMES)
    with pytest.raises(DataError, match="no row of dataset a, model deepbind, method sl, metric mcc_tuned"):
        runs_on_tasks(METHODS[METHODS["metric"] != "mcc_tuned"], SUMMARY, TASKS, NAMES)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for dataset in TASKS:
        METHODS[METHODS["dataset"] == dataset].to_csv(tmp_path / f"{dataset}.tsv", sep="\t", index=False)
    (tmp_path / "names.json").write_text(json.dumps(asdict(NAMES)))
    SUMMARY.to_csv(tmp_path / "summary.tsv", sep="\t", index=False)
    paths = ["--methods", f"{tmp_path}/a.tsv", f"{tmp_path}/b.tsv", "--names", f"{tmp_path}/names.json"]
    paths += ["--summary", f"{tmp_path}/summary.tsv"]
    command = ["report", "published", *paths, "--out", f"{tmp_path}/published", "--tasks"]
    assert main([*command, *TASKS.values()]) == 0
    page, drawing = ((tmp_path / f"published.{kind}").read_text() for kind in ("html", "svg"))
    assert "<title>Small networks on DNABERT-2&#39;s own tasks.</title>" in page
    for text in ("Factor A", "Mean", "CNN-27K, SL", "DNABERT-2, published", "k-mer counts"):
        assert f">{text}<" in drawing
    assert drawing.count(">k-mer counts<") == 1 and (tmp_path / "published.png").stat().st_size > 10_000
    assert main([*command, "gue_tf_0"]) == 1
    assert "--tasks: 1 given for 2 inputs" in capsys.readouterr().err
