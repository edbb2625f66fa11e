"""Networks of transformers in the one training routine, in small and with random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from helpers.killing import killed_after
from helpers.language_models import write_language_model
from helpers.training_sets import MOTIF, job_of, on_disk, windows
from regssl.cli import main
from regssl.data.dataset import WindowDataset
from regssl.sequences.encoding import decode
from regssl.training import fit as module
from regssl.training.data import TrainingData
from regssl.training.fit import FitResult, fit

pytest.importorskip("transformers")
TRAINING: dict[str, Any] = {
    "optimizer": "adamw",
    "batch_size": 16,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "schedule": "linear",
    "warmup_steps": 5,
    "gradient_clip_norm": 1.0,
    "steps_per_epoch": 4,
    "min_passes": None,
    "max_epochs": 3,
    "patience": 3,
    "precision": "bf16-mixed",  # takes effect where the hardware has it
}


@pytest.fixture(scope="module", params=["dnabert", "mistral"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_language_model(tmp_path_factory.mktemp(request.param), request.param)


def settings_of(folder: Path, **options: Any) -> dict[str, Any]:
    training = {**TRAINING, **options.pop("training", {})}
    return {
        "architecture": "huggingface",
        "params": {"pretrained": str(folder), "dropout": 0.2},
        "training": training,
        "finetuning": {"learning_rate_factor": 0.1},
        "noisy_student": {"confidence_power": 1.0, "noise_sd": 0.1, "rounds": 1},
        **options,
    }


def data_of() -> TrainingData:
    sets = []
    for n, seed in ((60, 1), (80, 2), (40, 3)):
        codes, labels = windows(n, seed)
        sets.append(WindowDataset(torch.from_numpy(codes), torch.from_numpy(labels).float()))
    human, homologs, validation = sets
    homologs.sources, homologs.genomes = torch.arange(80) % 60, torch.arange(80) // 60
    return TrainingData(human, homologs, validation, 2)


def supervised() -> TrainingData:
    data = data_of()
    return TrainingData(data.human, None, data.validation)


def weights(runs: list[FitResult]) -> list[dict[str, torch.Tensor]]:
    return [run.network.state_dict() for run in runs]


def equal(ours: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(ours[name], others[name]) for name in ours)


def test_a_killed_run_goes_on_bit_for_bit(folder: Path, tmp_path: Path) -> None:
    """With the dropout of the network, of its attention, and of the head."""
    job = job_of(settings_of(folder), "ssl", [0, 1])
    whole = weights(fit(job, data_of(), tmp_path / "whole"))
    with killed_after(8):  # of the second seed, in its first phase
        fit(job, data_of(), tmp_path / "resumed")
    resumed = weights(fit(job, data_of(), tmp_path / "resumed"))
    assert all(equal(one, other) for one, other in zip(whole, resumed, strict=True))


def test_a_seed_is_the_same_alone_and_among_others_which_are_never_stacked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, ensemble = [], module.Ensemble
    monkeypatch.setattr(module, "Ensemble", lambda networks: (sizes.append(len(networks)), ensemble(networks))[1])
    (alone,) = weights(fit(job_of(settings_of(folder), "sl", [1]), supervised(), tmp_path / "a"))
    first, second = weights(fit(job_of(settings_of(folder), "sl", [0, 1], stacked=True), supervised(), tmp_path / "b"))
    assert equal(alone, second) and not equal(first, second) and set(sizes) == {1}


def test_the_noisy_student_adds_noise_to_embeddings(folder: Path, tmp_path: Path) -> None:
    teachers = [[fit(job_of(settings_of(folder), "sl", [0]), supervised(), tmp_path / "teacher")[0].network]]

    def trained(name: str, method: str, sd: float) -> dict[str, torch.Tensor]:
        student = {"confidence_power": 0.0, "noise_sd": sd, "rounds": 1}
        job = job_of(settings_of(folder, noisy_student=student), method, [0])
        return weights(fit(job, data_of(), tmp_path / name, teachers if method == "ssl_ns" else None))[0]

    ssl, same, other = trained("ssl", "ssl", 0.0), trained("same", "ssl_ns", 0.0), trained("other", "ssl_ns", 0.1)
    assert equal(ssl, same) and not equal(ssl, other)


def test_training_starts_from_the_weights_of_the_files_and_a_head_of_the_seed(folder: Path, tmp_path: Path) -> None:
    frozen = {"learning_rate": 1e-12, "max_epochs": 1, "weight_decay": 0.0}
    job = job_of(settings_of(folder, training=frozen), "sl", [0, 1])
    first, second = weights(fit(job, supervised(), tmp_path))
    for name in first:
        if name.startswith("base."):
            torch.testing.assert_close(first[name], second[name])
    assert not torch.allclose(first["classifier.weight"], second["classifier.weight"])


def test_it_learns(tmp_path: Path) -> None:
    """Overlapping 3-mers and a mean of states can tell sequences with many of a motif from others."""
    folder = write_language_model(tmp_path / "dnabert", "dnabert")
    assert decode(MOTIF) == "TGACTCA"
    longer = {"steps_per_epoch": 40, "max_epochs": 4, "learning_rate": 0.005}
    codes, labels = windows(600, 1)
    for place in range(0, 35, 7):
        codes[labels > 0, place : place + 7] = MOTIF
    sets = WindowDataset(torch.from_numpy(codes), torch.from_numpy(labels).float())
    (run,) = fit(job_of(settings_of(folder, training=longer), "sl", [0]), TrainingData(sets, None, sets), tmp_path)
    assert run.validation_aupr > 0.9  # prevalence is 0.25


def test_the_command_line_trains_and_predicts(folder: Path, tmp_path: Path) -> None:
    """As a job of the workflow does it: files in, a model file out that needs none of them."""
    for name, n, seed in (("human", 60, 1), ("validation", 40, 2)):
        on_disk(tmp_path, name, n, seed)
    files = [str(path) for path in sorted(folder.iterdir())]
    settings = {"architecture": "huggingface", "training": {**TRAINING, "max_epochs": 1}}
    sets = ["--human", str(tmp_path / "human.npy"), "--validation", str(tmp_path / "validation.npy")]
    command = ["train", str(tmp_path / "out"), "--method", "sl", "--seeds", "0", "--settings", json.dumps(settings)]
    assert main([*command, *sets, "--pretrained", *files]) == 0
    run = tmp_path / "out/seed0"
    assert json.loads((run / "run.json").read_text())["origin"].startswith("model.safetensors sha256=")
    assert main(["predict", sets[3], str(run / "model.safetensors"), "--out", str(tmp_path / "p.parquet")]) == 0
    assert pd.read_parquet(tmp_path / "p.parquet")["logit"].notna().all()
