"""An outside reader, with scikit-learn and the prediction files, finds the same scores, intervals, p and verdicts."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import outside_reader
from regssl.evaluation.comparison import (
    ComparisonTables,
    RunFiles,
    compare,
    differences_table,
    exposure_table,
    methods_table,
)
from regssl.evaluation.conclusions import EXPLANATIONS
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import write_tsv
from regssl.methods import METHODS
from regssl.methods.settings import RunSettings
from regssl.reporting.comparison_page import write_comparison_page

SETTINGS = ComparisonSettings(block_bp=10_000, replicates=300)
OPTIONS = ["--block-bp", "10000", "--replicates", "300"]
GAINS = {
    "helps": {"sl": 1.0, "ssl": 1.8, "ssl_shuffled": 0.9, "gc_logistic": 0.3},
    "explained": {"sl": 1.0, "ssl": 2.2, "ssl_shuffled": 1.0, "sl_oversampled": 2.2},
    "alike": {"sl": 1.0, "ssl": 1.0},
    "unscored": {"sl": 1.0, "ssl": 1.6, "motif_scan": None},
    "few_blocks": {"sl": 1.0, "ssl": 1.6},
}
"""How far the positives of a method stand out, by dataset; None: it has no score."""


def write_runs(folder: Path, dataset: str) -> list[RunFiles]:
    """Predictions of 3,000 windows, with ties, 5 % positive; of `few_blocks` on a stretch of 6 blocks alone."""
    rng = np.random.default_rng(list(GAINS).index(dataset))
    chrom = pd.Categorical(np.repeat(["chr9", "chr8"], 1_500))
    label = (rng.random(3_000) < 0.05).astype(np.uint8)
    start = np.tile(np.arange(1_500) * 200, 2)
    label[(start >= 30_000) & (dataset == "few_blocks")] = 0
    noise, files = rng.normal(size=(3, 3_000)), []
    for method, gain in GAINS[dataset].items():
        for seed in range(3):
            place = folder / "runs" / dataset / "deepbind" / method / f"seed{seed}"
            place.mkdir(parents=True)
            own = rng.normal(scale=0.2, size=3_000)
            logit = np.round(noise[0] if METHODS[method].kind == "baseline" else noise[seed] + own, 2)
            table = pd.DataFrame({"chrom": chrom, "start": start, "end": start + 200, "label": label})
            table["logit"] = np.float32(logit + gain * label) if gain is not None else np.float32(np.nan)
            table.to_parquet(place / "predictions.parquet")
            known = {"dataset": dataset, "model": "deepbind", "method": method, "seed": seed}
            scores = {"failure": "no motif of this factor is known"}
            if gain is not None:
                scores = {"aupr": outside_reader.average_precision_score(label, table["logit"])}
                scores["auroc"] = outside_reader.roc_auc_score(label, table["logit"])
            (place / "metrics.json").write_text(json.dumps(known | scores))
            settings = RunSettings(architecture="deepbind").model_dump()
            (place / "run.json").write_text(json.dumps({"method": method, "settings": settings}))
            files.append(RunFiles(place / "predictions.parquet", place / "metrics.json", place / "run.json"))
    return files


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder: runs, their comparisons and the page."""
    folder, found = tmp_path_factory.mktemp("results"), []
    for dataset in GAINS:
        comparison = compare(write_runs(folder, dataset), SETTINGS)
        tables = methods_table(comparison), differences_table(comparison), exposure_table(comparison)
        for name, table in zip(("methods", "differences"), tables, strict=False):
            write_tsv(table, folder / "runs" / dataset / "comparison" / f"{name}.tsv")
        found.append(tables)
    joined = ComparisonTables(*(pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True)))
    methods = dict.fromkeys(method for gains in GAINS.values() for method in gains)
    names = DisplayNames(
        {name: name for name in GAINS}, {"deepbind": "CNN"}, {name: METHODS[name].name for name in methods}
    )
    write_comparison_page(joined, names, SETTINGS, folder / "comparison")
    return folder


def test_the_reader_agrees(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outside_reader.main([str(results), *OPTIONS]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == ["The", "same."]
    assert {line[0]: line[2] for line in lines[1:6]} == {
        "helps": "improves",
        "explained": "explained_by_control",
        "alike": "inconclusive",
        "unscored": "no_control",
        "few_blocks": "insufficient_data",
    }


def test_the_reader_notices(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tmp_path / "results"
    shutil.copytree(results, changed)
    for file, column in (("runs/helps/comparison/differences.tsv", "ci_low"), ("comparison.tsv", "p_claim")):
        table = pd.read_csv(changed / file, sep="\t")
        table[column] *= 1.01
        table["conclusion"] = "improves"
        table.to_csv(changed / file, sep="\t", index=False)
    assert outside_reader.main([str(changed), *OPTIONS]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("NOT the same: bounds, p, ") and last.endswith("verdict on unscored, verdict on few_blocks")


@pytest.mark.parametrize(
    ("file", "column", "value", "words"),
    [
        ("comparison_findings.tsv", "corrected", "worse", "finding on helps"),
        ("comparison.tsv", "model", "deepsea", "verdict on helps"),
    ],
)
def test_the_reader_notices_a_finding_and_a_model_without_runs(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, column: str, value: str, words: str
) -> None:
    changed = tmp_path / "results"
    shutil.copytree(results, changed)
    table = pd.read_csv(changed / file, sep="\t")
    table.loc[table["dataset"] == "helps", column] = value
    table.to_csv(changed / file, sep="\t", index=False)
    assert outside_reader.main([str(changed), *OPTIONS]) == 1
    assert words in capsys.readouterr().out.splitlines()[-1]


def test_its_resampled_aupr_is_scikit_learns_with_weights():
    rng = np.random.default_rng(0)
    label, score = (rng.random(400) < 0.1).astype(int), rng.normal(size=400).round(1)
    block = np.repeat(np.arange(20), 20)
    weights = outside_reader.resample(20, outside_reader.Options(replicates=5))
    expected = [outside_reader.average_precision_score(label, score, sample_weight=w[block]) for w in weights.T]
    np.testing.assert_allclose(outside_reader.resampled_aupr(label, score, block, weights), expected, rtol=1e-12)


def test_it_is_an_outsider():
    """It imports nothing of regssl, and it knows every control of the package."""
    tree = ast.parse(Path(outside_reader.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported - set(sys.stdlib_module_names) == {"numpy", "pandas", "scipy", "sklearn"}
    assert set(EXPLANATIONS) <= set(outside_reader.CONTROLS)
