"""DNABERT-2 in the one training routine, in small and with random weights."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import regssl
from helpers.killing import killed_after
from helpers.training_sets import job_of
from regssl.data.dataset import WindowDataset
from regssl.models import build
from regssl.models.dnabert2.tiny import write_random
from regssl.models.ensemble import Ensemble
from regssl.models.predict import predict
from regssl.models.serialization import read_card, save
from regssl.sequences.encoding import encode, reverse_complement
from regssl.training.data import TrainingData, TrainingFiles
from regssl.training.fit import fit

SETTINGS: dict[str, Any] = {
    "architecture": "dnabert2_tiny",
    "params": {},
    "training": {
        "optimizer": "adamw",
        "batch_size": 16,
        "learning_rate": 0.003,
        "weight_decay": 0.01,
        "schedule": "linear",
        "warmup_steps": 5,
        "gradient_clip_norm": 1.0,
        "steps_per_epoch": 8,
        "min_passes": None,
        "max_epochs": 3,
        "patience": 3,
        "precision": "bf16-mixed",  # takes effect where the hardware has it
    },
    "finetuning": {"learning_rate_factor": 0.1},
    "noisy_student": {"confidence_power": 1.0, "noise_sd": 0.1, "rounds": 1},
}
MOTIF = encode("TGACTCA")


def windows(n: int, seed: int, width: int = 60) -> WindowDataset:
    """Random sequences; every third one is positive and holds the motif four times."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, width), dtype=np.uint8)
    labels = (np.arange(n) % 3 == 0).astype(np.float32)
    for row in np.flatnonzero(labels):
        for part in range(4):
            place = part * 15 + rng.integers(0, 8)
            codes[row, place : place + 7] = MOTIF if rng.random() < 0.5 else reverse_complement(MOTIF)
    return WindowDataset(torch.from_numpy(codes), torch.from_numpy(labels))


def trained(folder: Path, method: str, seeds: list[int], **options: Any) -> list[dict[str, torch.Tensor]]:
    settings, teachers = {**SETTINGS, **options.pop("settings", {})}, options.pop("teachers", None)
    homologs = windows(120, 2)
    homologs.sources, homologs.genomes = torch.arange(120) % 90, torch.arange(120) // 90
    data = TrainingData(windows(90, 1), homologs, windows(60, 3), 2)
    runs = fit(job_of(settings, method, seeds, **options), data, folder, teachers)
    return [run.network.state_dict() for run in runs]


def equal(ours: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(ours[name], others[name]) for name in ours)


def teacher(folder: Path) -> list[list[torch.nn.Module]]:
    data = TrainingData(windows(90, 1), None, windows(60, 3))
    return [[run.network] for run in fit(job_of(SETTINGS, "sl", [0]), data, folder)]


def test_it_learns(tmp_path: Path) -> None:
    longer = {"training": {**SETTINGS["training"], "steps_per_epoch": 60, "max_epochs": 4}}
    data = TrainingData(windows(600, 1), None, windows(90, 3))
    (run,) = fit(job_of({**SETTINGS, **longer}, "sl", [0]), data, tmp_path)
    assert max(row["validation_aupr"] for row in run.history) > 0.6  # prevalence is 0.33


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("killed_at", [1, 4])
def test_a_killed_run_goes_on_bit_for_bit(tmp_path: Path, killed_at: int, stacked: bool) -> None:
    whole = trained(tmp_path / "whole", "ssl", [0, 1], stacked=stacked)
    with killed_after(killed_at):
        trained(tmp_path / "resumed", "ssl", [0, 1], stacked=stacked)
    resumed = trained(tmp_path / "resumed", "ssl", [0, 1], stacked=stacked)
    assert all(equal(one, other) for one, other in zip(whole, resumed, strict=True))


def test_a_seed_is_the_same_alone_among_others_and_stacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regssl.models.predict.processor_has_bf16", lambda: False)  # they round otherwise
    (alone,) = trained(tmp_path / "a", "ssl", [1])
    _, other = trained(tmp_path / "b", "ssl", [0, 1])
    _, stacked = trained(tmp_path / "c", "ssl", [0, 1], stacked=True)
    assert equal(alone, other)
    for name, tensor in alone.items():
        torch.testing.assert_close(tensor, stacked[name], rtol=1e-3, atol=1e-4)


def test_noisy_student_without_noise_and_trust_is_ssl_bit_for_bit(tmp_path: Path) -> None:
    taught = teacher(tmp_path / "teacher")
    plain = {"noisy_student": {"confidence_power": 0.0, "noise_sd": 0.0, "rounds": 1}}
    noisy = {"noisy_student": {"confidence_power": 0.0, "noise_sd": 0.1, "rounds": 1}}
    (ssl,) = trained(tmp_path / "ssl", "ssl", [0])
    (same,) = trained(tmp_path / "same", "ssl_ns", [0], teachers=taught, settings=plain)
    (other,) = trained(tmp_path / "other", "ssl_ns", [0], teachers=taught, settings=noisy)
    (weighted,) = trained(tmp_path / "weighted", "ssl_ns", [0], teachers=taught,
                          settings={"noisy_student": {**plain["noisy_student"], "confidence_power": 1.0}})  # fmt: skip
    assert equal(ssl, same)
    assert not equal(ssl, other) and not equal(ssl, weighted)


def test_filtered_homologs_without_limits_are_those_of_ssl(tmp_path: Path) -> None:
    taught = teacher(tmp_path / "teacher")
    (ssl,) = trained(tmp_path / "ssl", "ssl", [0])
    found = []
    for limit in (0.0, 1.0):
        limits = {"filtering": {"min_genome_fraction": limit, "min_label_probability": limit}}
        found += trained(tmp_path / str(limit), "ssl_filtered", [0], teachers=taught, settings=limits)
    assert equal(ssl, found[0]) and not equal(ssl, found[1])


def test_the_noise_goes_on_the_word_embeddings_and_nowhere_else() -> None:
    torch.manual_seed(0)
    network = build("dnabert2_tiny", 60, {})
    ensemble = Ensemble([network]).train()
    assert ensemble.set_noise(0.5) is True
    embeddings, ids = ensemble.network.bert.embeddings, torch.full((2000, 6), 9)
    embedded: list[torch.Tensor] = []
    embeddings.LayerNorm.register_forward_pre_hook(lambda _, args: embedded.append(args[0].detach()))
    embeddings(ids)
    plain = embeddings.word_embeddings.weight[9] + embeddings.token_type_embeddings.weight[0]
    noise = embedded[0] - plain.detach()
    assert noise.std().item() == pytest.approx(0.5, rel=0.02) and noise.mean().item() == pytest.approx(0, abs=0.01)
    ensemble.eval()
    embeddings(ids)
    torch.testing.assert_close(embedded[1], plain.detach().expand_as(embedded[1]), rtol=0, atol=0)
    assert Ensemble([build("deepbind", 60, {"filters": 8})]).set_noise(0.5) is False


def test_a_trained_model_needs_none_of_the_files_it_started_from(tmp_path: Path) -> None:
    write_random(tmp_path / "files")
    torch.manual_seed(3)
    params = {"pretrained": str(tmp_path / "files"), "tokens": 24}
    network = build("dnabert2_tiny", 60, params).eval()
    metadata = {"architecture": "dnabert2_tiny", "params": params, "width": 60}
    save(network, metadata, tmp_path / "model.safetensors")
    shutil.rmtree(tmp_path / "files")
    again = regssl.load(tmp_path / "model.safetensors")
    codes = windows(20, 5).codes
    assert torch.equal(network(codes), again(codes)) and again.tokens == 24
    assert read_card(tmp_path / "model.safetensors").params["origin"] == "random initialisation"
    assert str(tmp_path) not in str(read_card(tmp_path / "model.safetensors"))


def test_pretrained_weights_are_where_training_starts(tmp_path: Path) -> None:
    write_random(tmp_path / "files", seed=7)
    frozen = {**SETTINGS["training"], "learning_rate": 1e-12, "max_epochs": 1, "weight_decay": 0.0}
    params = {"pretrained": str(tmp_path / "files")}
    first, second = trained(tmp_path / "r", "sl", [0, 1], settings={"params": params, "training": frozen})
    word = "bert.embeddings.word_embeddings.weight"
    torch.testing.assert_close(first[word], second[word])
    assert not torch.allclose(first["classifier.weight"], second["classifier.weight"]), "sampled from the seed"


def test_scores_are_the_mean_of_both_strands_whatever_the_company() -> None:
    torch.manual_seed(0)
    network, data = build("dnabert2_tiny", 60, {}).eval(), windows(2100, 4)
    with torch.inference_mode():
        other = torch.from_numpy(reverse_complement(data.codes.numpy()))
        expected = (network(data.codes) + network(other)) / 2
    np.testing.assert_allclose(predict(network, data.codes.numpy()), expected.numpy(), atol=1e-6)
    with torch.inference_mode():
        np.testing.assert_allclose(network(data.codes[7:8]).numpy(), network(data.codes)[7:8].numpy(), atol=1e-6)


def test_windows_are_tokenised_once_for_all_epochs_phases_and_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regssl.models.dnabert2.tokenizer import Tokenizer

    sizes, tokenize = [], Tokenizer.tokenize
    monkeypatch.setattr(
        Tokenizer, "tokenize", lambda self, codes, *rest: (sizes.append(len(codes)), tokenize(self, codes, *rest))[1]
    )
    trained(tmp_path, "ssl", [0, 1])
    assert sizes == [210, 210, 60, 60]  # human and homologs, then validation, each on both strands


def test_a_run_on_disk(tmp_path: Path) -> None:
    """As `regssl train` writes it: the metadata records what it started from, the history each epoch."""
    import pandas as pd

    from regssl.training.runs import train

    for name, data in {"human": windows(40, 1), "validation": windows(30, 2)}.items():
        np.save(tmp_path / f"{name}.npy", data.codes.numpy())
        table = pd.DataFrame({"label": data.labels.numpy().astype(int), "source": np.arange(len(data))})
        table.to_parquet(tmp_path / f"{name}.parquet")
    files = TrainingFiles(tmp_path / "human.npy", tmp_path / "validation.npy")
    (record,) = train(job_of(SETTINGS, "sl", [0]), files, tmp_path / "out")
    card = read_card(tmp_path / "out/seed0/model.safetensors")
    assert record["origin"] == "random initialisation"
    assert card.precision == "bf16-mixed" and card.params["origin"] == "random initialisation"
    with (tmp_path / "out/seed0/history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2", "3"]
