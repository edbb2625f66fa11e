"""Tables that lack a row are refused, whichever row it is, and the message names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from helpers.evidence import AUPR, NAMES, evidence
from helpers.runs import runs
from regssl.cli import main
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.io.digests import digest_path
from regssl.io.json_object import write_json_object
from regssl.io.tsv import write_tsv
from regssl.leakage.columns import COUNTS, STRATA
from regssl.reporting.completeness import (
    check_audit,
    check_comparison,
    check_data,
    check_effects,
    check_lift,
    check_runs,
    check_scores,
    check_strata,
    check_variant_counts,
)
from regssl.variants.effects import MEASURES

GENOMES = {"hg38": "Human", "mm10": "Mouse", "canFam3": "Dog"}
DISPLAY = DisplayNames(
    {"ctcf": "CTCF", "atf3": "ATF3"}, {"deepbind": "CNN-27K"}, {"sl": "SL", "ssl": "SSL"}, {}, GENOMES, {"a": "A"}
)
SUMMARY = runs(*product(DISPLAY.datasets, DISPLAY.models, DISPLAY.methods, (0, 1, 2), (0.5,)))


def table(columns: dict[str, list], constant: dict[str, object] | None = None) -> pd.DataFrame:
    """All combinations of some values, with the same other cells."""
    return pd.DataFrame(product(*columns.values()), columns=list(columns)).assign(**(constant or {}))


def refuses_each_lost_row(check: Callable[[pd.DataFrame], None], whole: pd.DataFrame) -> None:
    check(whole)
    check(whole.sample(frac=1, random_state=1))
    for row in whole.index:
        with pytest.raises(DataError):
            check(whole.drop(index=row))
    with pytest.raises(DataError):
        check(whole.iloc[:0])


def test_runs() -> None:
    test = SUMMARY[SUMMARY["split"] == "test"]
    refuses_each_lost_row(lambda summary: check_runs(summary, DISPLAY), test)
    with pytest.raises(
        DataError,
        match=r"the summary of runs has no row of dataset ctcf, model deepbind, method ssl, seed 2, nor 6 others that",
    ):
        check_runs(test.iloc[:5], DISPLAY)
    ablation = test[test["method"] == "ssl"].assign(method="ssl-nearest4")
    with pytest.raises(DataError, match="method ssl-nearest4, seed 1"):
        check_runs(pd.concat([test, ablation.drop(index=ablation.index[1])]), DISPLAY)


def test_a_model_lacks_no_run_of_a_method_that_it_does_not_run() -> None:
    names = replace(DISPLAY, models={"deepbind": "CNN-27K", "own": "Own"}, model_methods={"own/ssl": "SSL"})
    ran = [
        (dataset, *run)
        for dataset in names.datasets
        for run in [("deepbind", "sl"), ("deepbind", "ssl"), ("own", "ssl")]
    ]
    summary = runs(*((*run, seed, 0.5) for run in ran for seed in (0, 1)))
    refuses_each_lost_row(lambda lost: check_runs(lost, names), summary[summary["split"] == "test"])
    strata = pd.DataFrame([(*run, "all") for run in ran], columns=["dataset", "model", "method", "stratum"])
    refuses_each_lost_row(lambda lost: check_strata(lost, names), strata)
    effects = pd.DataFrame(
        [(*run, "a", "test", seed, measure) for run in ran[:3] for seed in ("0", "all") for measure in MEASURES],
        columns=["dataset", "model", "method", "variant_set", "split", "seed", "measure"],
    )
    refuses_each_lost_row(lambda lost: check_effects(lost, names), effects)


def test_data_and_lift() -> None:
    lift = table({"dataset": list(DISPLAY.datasets), "genome": ["mm10", "canFam3"], "label": [1, 0]})
    refuses_each_lost_row(lambda lost: check_lift(lost, DISPLAY), lift)
    counts = table({"dataset": list(DISPLAY.datasets), "split": ["train", "validation", "test"]})
    peaks = table({"dataset": list(DISPLAY.datasets)})
    refuses_each_lost_row(lambda lost: check_data(lost, peaks, DISPLAY), counts)
    refuses_each_lost_row(lambda lost: check_data(counts, lost, DISPLAY), peaks)


def audit() -> pd.DataFrame:
    sets = [("human", "hg38"), ("homologs", "mm10"), ("homologs", "canFam3")]
    counts = table({"dataset": list(DISPLAY.datasets), "split": ["validation", "test"], "of": sets})
    counts["set"], counts["genome"] = zip(*counts.pop("of"), strict=True)
    counts = counts.assign(**{name: 0 for name in COUNTS if name not in counts})
    counts = counts.astype({"homolog": "Int64", "back_lift": "Int64"})
    counts.loc[counts["set"] == "human", "homolog"] = pd.NA
    return counts


def test_an_audit_says_nothing_of_what_it_has_not_counted() -> None:
    counts = audit()
    refuses_each_lost_row(lambda lost: check_audit(lost, DISPLAY), counts)
    for column, row in [("back_lift", 0), ("back_lift", 1), ("homolog", 1)]:
        lost = counts.copy()
        lost.loc[row, column] = pd.NA
        with pytest.raises(DataError, match=rf"column {column} is empty .*nothing says that the set is clean"):
            check_audit(lost, DISPLAY)


def test_strata() -> None:
    strata = table(
        {"dataset": ["ctcf", "atf3"], "model": ["deepbind"], "method": ["sl", "ssl"], "stratum": ["all", "below 0.1"]},
        dict.fromkeys(list(STRATA)[4:], 0),
    )
    refuses_each_lost_row(lambda lost: check_strata(lost, DISPLAY), strata)
    with_subset = replace(DISPLAY, methods={**DISPLAY.methods, "ssl-nearest1": "SSL, nearest genome"})
    check_strata(strata, with_subset)  # methods with a subset of the data are not stratified


def test_comparison() -> None:
    whole = evidence({dataset: AUPR[dataset] for dataset in ("ctcf", "rest")})
    methods = whole.methods.assign(failure="")
    names = DisplayNames({"ctcf": "", "rest": ""}, {"deepbind": ""}, {one: NAMES[one] for one in AUPR["ctcf"]})
    check_comparison(methods, whole.differences, whole.exposure, names)
    for row in methods.index[::5]:
        with pytest.raises(DataError, match="the table of methods has no row of dataset"):
            check_comparison(methods.drop(index=row), whole.differences, whole.exposure, names)
    for row in whole.differences.index[::5]:
        with pytest.raises(DataError, match="the table of differences has no row of dataset"):
            check_comparison(methods, whole.differences.drop(index=row), whole.exposure, names)
    for row in whole.exposure.index:
        with pytest.raises(DataError, match="the table of exposure has no row of dataset"):
            check_comparison(methods, whole.differences, whole.exposure.drop(index=row), names)


def test_variants() -> None:
    group = {"dataset": ["ctcf"], "variant_set": ["a"], "split": ["test", "train"], "model": ["deepbind"]}
    effects = table(
        {**group, "method": ["sl", "ssl"], "seed": ["0", "1", "all"], "measure": list(MEASURES)},
        {"n": 2, "n_balanced": 1},
    )
    refuses_each_lost_row(lambda lost: check_effects(lost, DISPLAY), effects)
    scores = table({**group, "method": ["sl", "ssl"], "pos": [1, 2, 3]})
    refuses_each_lost_row(lambda lost: check_scores(lost, effects), scores)
    counts = pd.DataFrame({"variant_set": "a", "outcome": ["rows", "n_content", "test"], "n_variants": [9, 2, 7]})
    refuses_each_lost_row(lambda lost: check_variant_counts(lost, DISPLAY), counts)


def test_half_a_summary_gives_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tsv(SUMMARY[SUMMARY["split"] == "test"], tmp_path / "summary.tsv")
    write_json_object(
        tmp_path / "names.json", {"datasets": DISPLAY.datasets, "models": DISPLAY.models, "methods": DISPLAY.methods,
                                  "paper_methods": DISPLAY.methods})  # fmt: skip
    words = ["report", "table2", "--summary", tmp_path / "summary.tsv", "--names", tmp_path / "names.json", "--out"]
    assert main([*map(str, words), str(tmp_path / "whole")]) == 0
    lines = (tmp_path / "summary.tsv").read_text().splitlines(keepends=True)
    for n in range(len(lines)):
        (tmp_path / "summary.tsv").write_text("".join(lines[:n]))
        for kept in (True, False):
            if not kept:
                digest_path(tmp_path / "summary.tsv").unlink(missing_ok=True)
            assert main([*map(str, words), str(tmp_path / "half")]) == 1
            message = capsys.readouterr().err
            assert message.count("\n") == 1 and "summary" in message
    assert not list(tmp_path.glob("half*"))
