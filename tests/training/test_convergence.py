"""Budgets in runs: steps by passes over the dataset, the start as a candidate, and who has converged."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.training_sets import SETTINGS, job_of, on_disk, run
from regssl.evaluation.metrics import average_precision
from regssl.io.tsv import write_tsv
from regssl.methods.settings import Training
from regssl.training.convergence import is_converged
from regssl.training.data import TrainingFiles
from regssl.training.predict import predict_files
from regssl.training.runs import train


def trained(folder: Path, method: str, counted: bool, **training: Any) -> dict[str, Any]:
    """The record of a run with 160 human windows and 200 homologs; the counts are of those and of 300 more."""
    write_tsv(pd.DataFrame({"genome": ["human", "all"], "windows": [160, 500], "positives": 0}), folder / "counts.tsv")
    counts = folder / "counts.tsv" if counted else None
    sets = on_disk(folder, "human", 160, 1), on_disk(folder, "validation", 80, 4), [on_disk(folder, "mouse", 200, 2)]
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "patience": None, **training}}
    (record,) = train(job_of(settings, method, [0]), TrainingFiles(*sets, counts=counts), folder / method)
    return record


def rows(folder: Path, method: str) -> list[dict[str, str]]:
    with (folder / method / "seed0/history.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("method", ["sl", "ssl", "sl-train25", "sl_finetuned"])
def test_every_method_sees_the_windows_of_the_dataset_as_often(tmp_path: Path, method: str) -> None:
    """3 passes over 660 windows in 2 epochs are 62 steps of 16 each, though SL has 160 windows and its quarter 40."""
    record = trained(tmp_path, method, counted=True, min_passes=3, max_epochs=2)
    assert record["budget"] == {"windows": 660, "steps_per_epoch": 62, "steps": 124, "passes": 124 * 16 / 660}
    assert {phase["steps"] for phase in record["exposure"].values()} == {124}
    assert [int(row["steps"]) for row in rows(tmp_path, method)][-3:] == [0, 62, 124]


def test_without_counts_the_windows_of_the_run_are_those_of_the_dataset(tmp_path: Path) -> None:
    record = trained(tmp_path, "ssl", counted=False, min_passes=4, max_epochs=2)
    assert record["budget"]["windows"] == 360 and record["budget"]["steps_per_epoch"] == 45


def test_the_start_of_a_phase_may_be_its_best(tmp_path: Path) -> None:
    """Fine-tuning with a rate that destroys: the result is the pre-trained network."""
    record = run(tmp_path, "ssl", finetuning={"learning_rate_factor": 30})
    best, start = record["best"]["pretrain"], record["best"]["finetune"]
    assert (start["epoch"], start["steps"], start["train_loss"]) == (0, 0, None)
    assert start["validation_aupr"] == best["validation_aupr"] and start["converged"]
    (table,) = predict_files([tmp_path / "out/seed0/model.safetensors"], tmp_path / "validation.npy")
    found = average_precision(table["label"].to_numpy(), table["logit"].to_numpy())
    assert found == pytest.approx(best["validation_aupr"], abs=1e-6)


def test_the_last_tenth_of_a_budget() -> None:
    thirty = Training(max_epochs=30, steps_per_epoch=100)
    assert [epoch for epoch in range(31) if not is_converged(100 * epoch, thirty)] == [28, 29, 30]
    assert is_converged(3000, thirty.model_copy(update={"schedule": "linear"}))
    assert is_converged(0, Training(max_epochs=1)) and not is_converged(100, Training(max_epochs=1))


@pytest.mark.parametrize(("rate", "converged"), [(0.02, False), (1e-30, True)])
def test_a_run_that_still_improves_is_recorded(
    tmp_path: Path, rate: float, converged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A network that learns is best after its one epoch; at a rate of nearly nothing its start is."""
    record = trained(tmp_path, "sl", counted=False, learning_rate=rate, max_epochs=1)
    assert record["best"]["train"]["epoch"] == (0 if converged else 1)
    assert record["converged"] is record["best"]["train"]["converged"] is converged
    assert ("--config budget=2" in caplog.text) is not converged
    assert record["collapsed"] is ("no epoch is better than the weights it started from" in caplog.text) is converged


def test_a_phase_that_makes_something_better_is_enough(tmp_path: Path) -> None:
    assert run(tmp_path, "ssl", finetuning={"learning_rate_factor": 30})["collapsed"] is False
