"""Methods of one dataset compared, from saved predictions whose truth is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import matthews_corrcoef

from regssl.cli import main
from regssl.cli.options import options_of
from regssl.errors import DataError
from regssl.evaluation.bootstrap import SCORES
from regssl.evaluation.comparison import (
    EXPOSURE_COLUMNS,
    FILTER_COLUMNS,
    RunFiles,
    compare,
    differences_table,
    exposure_table,
    methods_table,
)
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.metrics import evaluate
from regssl.evaluation.settings import ComparisonSettings
from regssl.io.parquet import save_table
from regssl.methods.settings import RunSettings

SETTINGS = ComparisonSettings(block_bp=10_000, replicates=200)
WIDTH, N = 200, 4_000
STEPS = {"pretrain": {"steps": 200, "positive_fraction": 0.25}, "finetune": {"steps": 100, "positive_fraction": 0.5}}


def windows() -> pd.DataFrame:
    start = np.tile(np.arange(N // 2) * WIDTH, 2)
    chrom = pd.Categorical(np.repeat(["chr8", "chr9"], N // 2))
    label = (np.random.default_rng(0).random(N) < 0.05).astype(np.uint8)
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + WIDTH, "label": label})


def write_run(
    folder: Path, method: str, seed: int, gain: float | None, dataset: str = "ctcf", **more: object
) -> RunFiles:
    """A run whose positives score `gain` above the noise; None: it could not be trained."""
    place = folder / method / f"seed{seed}"
    table = windows()
    noise = np.random.default_rng(seed).normal(size=N)  # of the seed, the same for all methods
    table["logit"] = np.float32(noise + gain * table["label"]) if gain is not None else np.float32(np.nan)
    save_table(table, place / "predictions.parquet")
    metrics = {"dataset": dataset, "model": "deepbind", "method": method, "split": "test", "seed": seed}
    metrics |= {"collapsed": False} if gain is not None else {"failure": "no motif of this factor is known"}
    (place / "metrics.json").write_text(json.dumps(metrics | more))
    record = {"method": method, "settings": RunSettings(architecture="deepbind").model_dump()}
    record |= {"exposure": STEPS if method == "ssl" else {}}
    (place / "run.json").write_text(json.dumps(record, sort_keys=True))
    return RunFiles(place / "predictions.parquet", place / "metrics.json", place / "run.json")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[RunFiles]:
    folder = tmp_path_factory.mktemp("runs")
    gains = {"sl": 1.0, "ssl": 1.5, "ssl_shuffled": 1.0, "motif_scan": None, "sl-train25": 0.5, "ssl-train25": 0.9}
    return [
        write_run(folder, method, seed, gain and gain + 0.02 * seed)
        for method, gain in gains.items()
        for seed in (0, 1, 2)
    ]


def test_scores_of_methods(files):
    table = methods_table(compare(files, SETTINGS)).set_index(["method", "metric"])
    of_sl = table.loc["sl", "aupr"]
    frames = [pd.read_parquet(run.predictions) for run in files[:3]]
    areas = [evaluate(frame["label"], frame["logit"]) for frame in frames]
    student = mean_interval([area["aupr"] for area in areas])
    assert of_sl["value"] == pytest.approx(student.value)
    assert (of_sl["seed_ci_low"], of_sl["seed_ci_high"]) == pytest.approx((student.low, student.high))
    assert of_sl["ci_low"] < of_sl["bootstrap_ci_low"] < of_sl["value"] < of_sl["bootstrap_ci_high"] < of_sl["ci_high"]
    assert (of_sl["windows"], of_sl["positives"]) == (N, areas[0]["positives"])
    assert (
        of_sl["blocks"]
        == frames[0][frames[0]["label"] == 1].groupby(["chrom", frames[0]["start"] // 10_000], observed=True).ngroups
    )
    over = table.loc["sl", "aupr_over_prevalence"]["value"]
    assert over == pytest.approx(student.value / areas[0]["prevalence"])
    assert table.loc["sl", "auroc"]["value"] == pytest.approx(np.mean([area["auroc"] for area in areas]))
    assert set(table.index.get_level_values("metric")) == set(SCORES)
    assert (table[["ci_low", "ci_high"]].dropna().loc[:, ["ci_low"]] >= 0).all().all()


def test_mcc_is_compared_where_it_is_asked_for(files, tmp_path):
    record = json.loads(Path(files[0].record).read_text())
    (tmp_path / "run.json").write_text(json.dumps(record | {"threshold": 1.5, "validation_mcc": 0.5}))
    runs = [replace(run, record=tmp_path / "run.json") for run in files[:6]]
    found = compare(runs, SETTINGS, further=["mcc", "mcc_tuned"])
    table = methods_table(found).set_index(["method", "metric"])
    frames = [pd.read_parquet(run.predictions) for run in runs[:3]]
    for metric, threshold in (("mcc", 0.0), ("mcc_tuned", 1.5)):
        own = table.loc["sl", metric]
        expected = mean_interval([matthews_corrcoef(one["label"], one["logit"] >= threshold) for one in frames])
        assert (own["value"], own["seed_ci_low"]) == pytest.approx((expected.value, expected.low))
        assert own["ci_low"] < own["bootstrap_ci_low"] < own["value"] < own["bootstrap_ci_high"] < own["ci_high"]
    pair = differences_table(found).set_index(["method", "baseline", "metric"]).loc["ssl", "sl", "mcc_tuned"]
    values = [table.loc[method, "mcc_tuned"]["value"] for method in ("ssl", "sl")]
    assert pair["difference"] == pytest.approx(values[0] - values[1]) and 0 < pair["ci_low"] < pair["difference"]
    with pytest.raises(DataError, match="has no threshold for mcc_tuned"):
        compare(files[:1], SETTINGS, further=["mcc_tuned"])


def test_runs_that_collapsed_or_have_not_converged_are_counted(tmp_path):
    flags = [{"collapsed": True}, {"converged": False}, {"converged": False}, {}]
    runs = [write_run(tmp_path, "sl", seed, 1.0, **own) for seed, own in enumerate(flags)]
    table = methods_table(compare(runs, SETTINGS))
    assert table[["collapsed", "not_converged"]].drop_duplicates().to_numpy().tolist() == [[1, 2]]


def test_a_run_that_could_not_be_trained_passes_through(files):
    found = compare(files, SETTINGS)
    motif = methods_table(found).set_index("method").loc["motif_scan"]
    assert set(motif["failure"]) == {"no motif of this factor is known"} and motif["value"].isna().all()
    differences = differences_table(found)
    assert "motif_scan" not in set(differences["baseline"]) | set(differences["method"])


def test_a_dataset_without_a_positive_test_window_passes_through(tmp_path):
    runs = [write_run(tmp_path, method, 0, None, failure="no positive test window") for method in ("sl", "ssl")]
    for run in runs:
        save_table(pd.read_parquet(run.predictions).assign(label=np.uint8(0)), run.predictions)
    found = compare(runs, SETTINGS)
    table = methods_table(found)
    assert found.n_blocks == 0 and set(table["failure"]) == {"no positive test window"}
    assert len(table) == 8 and table["value"].isna().all() and differences_table(found).empty


def test_differences_are_those_on_the_same_windows(files):
    """Noise is shared, so the interval of a difference over blocks is far narrower than those of the scores."""
    found = compare(files, SETTINGS)
    scores = methods_table(found).set_index(["method", "metric"])
    table = differences_table(found).set_index(["method", "baseline", "metric"])
    row = table.loc["ssl", "sl", "aupr"]
    assert row["difference"] == pytest.approx(scores.loc["ssl", "aupr"]["value"] - scores.loc["sl", "aupr"]["value"])
    assert row["ci_low"] > 0 and row["p"] < 0.05 and row["relative_ci_low"] > 0
    assert row["relative_difference_percent"] == pytest.approx(
        100 * row["difference"] / scores.loc["sl", "aupr"]["value"]
    )
    assert row["bootstrap_ci_high"] - row["bootstrap_ci_low"] < sum(
        0.5 * (scores.loc[name, "aupr"]["bootstrap_ci_high"] - scores.loc[name, "aupr"]["bootstrap_ci_low"])
        for name in ("sl", "ssl")
    )
    none = table.loc["ssl_shuffled", "sl", "aupr"]
    assert (
        none["difference"] == 0
        and none["p"] == 1
        and none["relative_bootstrap_ci_low"] == none["relative_bootstrap_ci_high"] == 0
    )


def test_a_difference_does_not_depend_on_other_methods(files):
    """Bit for bit: blocks and resamples are those of the test windows."""
    pair = [run for run in files if Path(run.predictions).parts[-3] in ("sl", "ssl")]
    alone, among = (differences_table(compare(runs, SETTINGS)) for runs in (pair, files))
    chosen = (among["method"] == "ssl") & (among["baseline"] == "sl")
    pd.testing.assert_frame_equal(alone, among[chosen].reset_index(drop=True), check_exact=True)
    assert len(among) > len(alone) == 4


def test_exposure(files):
    table = exposure_table(compare(files, SETTINGS))
    assert table[list(EXPOSURE_COLUMNS)].to_numpy().tolist() == [
        ["ctcf", "deepbind", "ssl", "pretrain", 3, 200.0, 0.25],
        ["ctcf", "deepbind", "ssl", "finetune", 3, 100.0, 0.5],
    ]
    assert table[list(FILTER_COLUMNS)].isna().all(axis=None)


def test_homologs_kept_are_means_over_seeds(files, tmp_path):
    runs = [files[0]]
    for seed, kept in enumerate((10, 30)):
        run = write_run(tmp_path, "ssl_filtered", seed, 1.0)
        counts = dict(zip(FILTER_COLUMNS, (40, kept, 400, 390), strict=True))
        record = json.loads(Path(run.record).read_text()) | {"method": "ssl_filtered"}
        exposure = {"pretrain": STEPS["pretrain"] | counts, "finetune": STEPS["finetune"]}
        Path(run.record).write_text(json.dumps(record | {"exposure": exposure}))
        runs.append(run)
    table = exposure_table(compare(runs, SETTINGS)).set_index("phase")
    assert table.loc["pretrain", list(FILTER_COLUMNS)].tolist() == [40, 20, 400, 390]
    assert table.loc["finetune", list(FILTER_COLUMNS)].isna().all()


def test_too_few_blocks_have_no_interval(files):
    table = methods_table(compare(files, ComparisonSettings(block_bp=100_000, replicates=200)))
    of_sl = table[(table["method"] == "sl") & (table["metric"] == "aupr")].iloc[0]
    assert of_sl["blocks"] == 8 and math.isnan(of_sl["bootstrap_ci_low"]) and math.isnan(of_sl["ci_low"])
    assert of_sl["seed_ci_low"] < of_sl["value"]


def test_the_command_writes_three_tables_alike_with_one_thread_or_two(files, tmp_path):
    for threads in (1, 2):
        settings = options_of(SETTINGS, exclude=["equivalence_margin_percent"])
        out = tmp_path / str(threads)
        names = {"predictions": "predictions", "metrics": "metrics", "records": "record"}
        paths = [word for name in names for word in (f"--{name}", *(getattr(run, names[name]) for run in files))]
        arguments = ["step", "compare", out, *paths, *settings, "--threads", threads]
        assert main([str(argument) for argument in arguments]) == 0
    for name in ("methods", "differences", "exposure"):
        assert (tmp_path / f"1/{name}.tsv").read_bytes() == (tmp_path / f"2/{name}.tsv").read_bytes()


def test_runs_that_cannot_be_compared(files, tmp_path):
    other = write_run(tmp_path, "sl", 0, 1.0, dataset="rest")
    with pytest.raises(DataError, match="runs of datasets ctcf and rest"):
        compare([files[0], other], SETTINGS)
    table = pd.read_parquet(other.predictions)
    table.loc[7, "label"] = 1 - table.loc[7, "label"]
    save_table(table, other.predictions)
    with pytest.raises(DataError, match=f"{other.predictions}: scored on other windows than {files[0].predictions}"):
        compare([files[0], other], SETTINGS)
