"""Runs: what they read and write, and what stops them."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import matthews_corrcoef

import regssl
from helpers.training_sets import SETTINGS, job_of, on_disk, run
from regssl.errors import ConfigError, DataError
from regssl.evaluation.metrics import average_precision
from regssl.models.serialization import read_card
from regssl.training.data import TrainingFiles
from regssl.training.early_stopping import HISTORY_COLUMNS
from regssl.training.predict import predict_files
from regssl.training.runs import train


def test_a_run_learns_and_writes_its_files(tmp_path: Path) -> None:
    record = run(tmp_path, "ssl", params={**SETTINGS["params"], "filters": 32})
    out = tmp_path / "out/seed0"
    assert record["windows"] == {"human": 160, "homologs": 300, "validation": 80}
    with (out / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HISTORY_COLUMNS
    assert [row["phase"] for row in rows] == ["pretrain"] * 5 + ["finetune"] * 5
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3, 4] * 2
    assert [int(row["steps"]) for row in rows] == [0, 20, 40, 60, 80] * 2  # whatever the number of windows
    assert {path.name for path in out.iterdir()} == {"model.safetensors", "history.csv"}  # no checkpoint is left
    (table,) = predict_files([out / "model.safetensors"], tmp_path / "validation.npy")
    assert average_precision(table["label"].to_numpy(), table["logit"].to_numpy()) > 0.6  # prevalence is 0.25


def test_the_saved_model_is_that_of_the_best_epoch(tmp_path: Path) -> None:
    record = run(tmp_path, "sl", training={**SETTINGS["training"], "learning_rate": 0.05, "max_epochs": 6})
    (table,) = predict_files([tmp_path / "out/seed0/model.safetensors"], tmp_path / "validation.npy")
    with (tmp_path / "out/seed0/history.csv").open() as file:
        best = max(float(row["validation_aupr"]) for row in csv.DictReader(file))
    assert record["best"]["train"]["validation_aupr"] == pytest.approx(best)
    assert average_precision(table["label"].to_numpy(), table["logit"].to_numpy()) == pytest.approx(best, abs=1e-6)


def test_the_threshold_for_calls_is_the_best_on_validation_windows(tmp_path: Path) -> None:
    record = run(tmp_path, "sl")
    (table,) = predict_files([tmp_path / "out/seed0/model.safetensors"], tmp_path / "validation.npy")
    every = {float(logit): matthews_corrcoef(table["label"], table["logit"] >= logit) for logit in table["logit"]}
    assert record["validation_mcc"] == pytest.approx(max(every.values()))
    assert every[record["threshold"]] == pytest.approx(record["validation_mcc"])


def test_the_metadata_of_a_model_names_its_data_and_its_validation_scores(tmp_path: Path) -> None:
    record = run(tmp_path, "ssl")
    card = read_card(tmp_path / "out/seed0/model.safetensors")
    sets = {"human": ["human"], "homologs": ["mouse", "dog"], "validation": ["validation"]}
    for kind, names in sets.items():
        codes = b"".join(np.load(tmp_path / f"{name}.npy").tobytes() for name in names)
        tables = [pd.read_parquet(tmp_path / f"{name}.parquet") for name in names]
        labels = b"".join(table["label"].to_numpy(np.float32).tobytes() for table in tables)
        assert card.data[kind] == hashlib.sha256(codes + labels).hexdigest()
    best = record["best"]["finetune"]
    assert card.metrics == {name: best[name] for name in card.metrics} and "validation_aupr" in card.metrics


def test_sl_never_reads_homologs(tmp_path: Path) -> None:
    human, validation = on_disk(tmp_path, "human", 80, 1), on_disk(tmp_path, "validation", 40, 4)
    files = TrainingFiles(human, validation, [tmp_path / "does-not-exist.npy"])
    (record,) = train(job_of(SETTINGS, "sl", [0]), files, tmp_path / "out")
    assert record["windows"]["homologs"] == 0


def test_a_network_from_any_import_path_works(tmp_path: Path) -> None:
    run(tmp_path, "sl", architecture="regssl.models.deepsea:DeepSEA",
        params={"channels": [4, 4], "filter_width": 4, "hidden": 3, "dropout": [0.1, 0.1]})  # fmt: skip
    path = tmp_path / "out/seed0/model.safetensors"
    with pytest.raises(DataError, match="which regssl does not have"):
        regssl.load(path)
    network = regssl.load(path, "regssl.models.deepsea:DeepSEA")
    assert type(network).__name__ == "DeepSEA"
    assert network(torch.zeros(2, 40, dtype=torch.uint8)).shape == (2,)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"architecture": "regssl.models.deepbind:Nothing"}, ConfigError, "has no attribute 'Nothing'"),
        ({"params": {"filtres": 8}}, ConfigError, "filtres"),
        ({"params": {"filter_width": 50}}, ConfigError, "shorter than the filters"),
    ],
)
def test_a_network_that_cannot_be_built_is_an_error(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(tmp_path, "sl", **change)


def test_unknown_methods_and_missing_homologs_are_errors(tmp_path: Path) -> None:
    human, validation = on_disk(tmp_path, "human", 40, 1), on_disk(tmp_path, "validation", 40, 2)
    with pytest.raises(ConfigError, match="unknown method 'slx'"):
        job_of(SETTINGS, "slx", [0])
    files = TrainingFiles(human, validation)
    with pytest.raises(DataError, match="method 'ssl' needs homologs"):
        train(job_of(SETTINGS, "ssl", [0]), files, tmp_path)
    with pytest.raises(DataError, match="needs a teacher per seed: 2 seeds, 1 teachers"):
        job = job_of(SETTINGS, "ssl_ns", [0, 1], teachers=[tmp_path / "a"])
        train(job, replace(files, homologs=[human]), tmp_path)


def test_what_a_teacher_that_was_not_trained_teaches_is_not_trained(tmp_path: Path) -> None:
    """All positives are in one block, so one fold has all of them."""
    settings = {**SETTINGS, "cross_fitting": {"folds": 2, "block_length": 400, "margin": 0}}
    human, validation = on_disk(tmp_path, "human", 40, 1), on_disk(tmp_path, "validation", 40, 2)
    table = pd.read_parquet(human.with_suffix(".parquet"))
    table.assign(label=(table.index < 3).astype(np.uint8)).to_parquet(human.with_suffix(".parquet"))
    files = TrainingFiles(human, validation, [on_disk(tmp_path, "mouse", 30, 3)])
    teachers = [tmp_path / f"sl-fold{fold}/seed0/model.safetensors" for fold in (1, 2)]
    for fold, path in enumerate(teachers, start=1):
        train(job_of(settings, f"sl-fold{fold}", [0]), files, path.parents[1])
    (record,) = train(job_of(settings, "ssl_ns", [0], teachers=teachers), files, tmp_path / "out")
    assert record["failure"] == ("teacher sl-fold1: no positive training window outside the fold that is left out")
    assert read_card(tmp_path / "out/seed0/model.safetensors").failure == record["failure"]


def test_a_teacher_whose_part_of_the_windows_has_no_positive_outside_its_fold_is_not_trained(tmp_path: Path) -> None:
    """There are four positives, so that a quarter of the windows has one: in one of the two folds."""
    settings = {**SETTINGS, "cross_fitting": {"folds": 2, "block_length": 40, "margin": 0}}
    human, validation = on_disk(tmp_path, "human", 160, 1), on_disk(tmp_path, "validation", 40, 2)
    table = pd.read_parquet(human.with_suffix(".parquet"))
    table.assign(label=(table.index < 4).astype(np.uint8)).to_parquet(human.with_suffix(".parquet"))
    methods = [f"sl-train25-fold{fold}" for fold in (1, 2)]
    records = [
        train(job_of(settings, method, [0]), TrainingFiles(human, validation), tmp_path / method)[0]
        for method in methods
    ]
    trained, failed = sorted(records, key=lambda record: "failure" in record)
    assert trained["exposure"]["train"]["positive_fraction"] > 0
    assert failed["failure"] == "no positive training window outside the fold that is left out"
