"""Baselines: random scores, GC and CpG, the best hit of a motif."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers.training_sets import job_of
from regssl.data.dataset import WindowDataset
from regssl.models.baselines import gc_and_cpg
from regssl.models.predict import predict
from regssl.models.serialization import load, read_card
from regssl.sequences.encoding import encode
from regssl.sequences.motifs import find_motif, load_jaspar, read_motifs
from regssl.training.baselines import fit_baseline, fit_gc_logistic
from regssl.training.data import TrainingFiles
from regssl.training.runs import train


def windows(n: int = 400, seed: int = 0) -> WindowDataset:
    """Positives are richer in G and C."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 4 == 0).astype(np.float32)
    gc = np.where(labels == 1, 0.6, 0.4) + rng.normal(0, 0.05, n)
    uniform = rng.random((n, 60))
    codes = np.where(
        uniform < gc[:, None] / 2, 1, np.where(uniform < gc[:, None], 2, np.where(rng.random((n, 60)) < 0.5, 0, 3))
    )
    return WindowDataset(torch.from_numpy(codes.astype(np.uint8)), torch.from_numpy(labels))


def test_gc_and_cpg() -> None:
    codes = torch.from_numpy(np.stack([encode("ACGTCG"), encode("AANNTT"), encode("GCGCNA")]))
    torch.testing.assert_close(gc_and_cpg(codes), torch.tensor([[4 / 6, 2 / 5], [0, 0], [4 / 6, 1 / 5]]))


def test_the_gc_model_is_scikit_learns() -> None:
    data = windows()
    features = gc_and_cpg(data.codes).double().numpy()
    scaled = (features - features.mean(0)) / features.std(0)
    theirs = LogisticRegression(C=1.0, tol=1e-10).fit(scaled, data.labels.numpy()).decision_function(scaled)
    with torch.inference_mode():
        ours = fit_gc_logistic(data)(data.codes).numpy()
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_the_motif_baseline_is_the_motifs_best_hit() -> None:
    motif, codes = load_jaspar()["CTCF"], windows().codes
    codes[0, 7] = 4  # an N
    network, params = fit_baseline("motif_scan", 0, windows(), motif)
    assert params == {"motif_width": motif.width}
    with torch.inference_mode():
        np.testing.assert_allclose(network(codes).numpy(), motif.max_score(codes.numpy()), atol=1e-4)


def test_random_scores_depend_on_sequence_and_seed_alone() -> None:
    data = windows()
    one, other = (fit_baseline("random", seed, data, None)[0] for seed in (0, 1))
    scores = one(data.codes)
    assert torch.equal(scores, one(data.codes.flip(0)).flip(0)) and not torch.equal(scores, other(data.codes))
    assert len(scores.unique()) > 390 and scores.abs().max() <= 1 and abs(float(scores.mean())) < 0.1
    assert abs(float(torch.corrcoef(torch.stack([scores, data.labels]))[0, 1])) < 0.15


@pytest.mark.parametrize("name", ["CTCF", "ctcf"])
def test_motifs_are_found_by_name(name: str) -> None:
    found = find_motif(name, read_motifs(), "JASPAR")
    assert found is not None and found.name == "CTCF"
    assert find_motif("P300", read_motifs(), "JASPAR") is None


def save(folder: Path, name: str, data: WindowDataset) -> Path:
    np.save(folder / f"{name}.npy", data.codes.numpy())
    table = pd.DataFrame({"label": data.labels.numpy().astype(np.uint8), "source": np.arange(len(data))})
    table.to_parquet(folder / f"{name}.parquet")
    return folder / f"{name}.npy"


@pytest.mark.parametrize("method", ["random", "gc_logistic", "motif_scan"])
def test_a_baseline_is_a_run_like_any_other(tmp_path: Path, method: str) -> None:
    settings = {"architecture": "deepbind", "params": {}, "training": {"reverse_complement": True}}
    human, validation = save(tmp_path, "train", windows()), save(tmp_path, "validation", windows(200, 1))
    job = job_of(settings, method, [0, 1], motif=load_jaspar()["CTCF"])
    records = train(job, TrainingFiles(human, validation), tmp_path / "out")
    assert [(record["seed"], record["best"], record["exposure"]) for record in records] == [(0, {}, {}), (1, {}, {})]
    path = tmp_path / "out/seed1/model.safetensors"
    network = load(path)
    assert isinstance(network, nn.Module) and read_card(path).method == method
    again = fit_baseline(method, 1, windows(), load_jaspar()["CTCF"])[0]
    codes = windows(200, 1).codes.numpy()
    np.testing.assert_array_equal(predict(network, codes), predict(again, codes))
    json.dumps(records)


def test_a_factor_without_a_motif_passes_through(tmp_path: Path) -> None:
    settings = {"architecture": "deepbind", "params": {}, "training": {"reverse_complement": True}}
    human, validation = save(tmp_path, "train", windows()), save(tmp_path, "validation", windows(200, 1))
    (record,) = train(job_of(settings, "motif_scan", [0]), TrainingFiles(human, validation), tmp_path / "out")
    assert record["failure"] == "no motif of this factor is known"
    assert read_card(tmp_path / "out/seed0/model.safetensors").failure == record["failure"]
