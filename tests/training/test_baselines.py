"""Baselines: random scores, GC and CpG, the best hit of a motif."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from torch import nn

from helpers.training_sets import job_of
from regssl.data.dataset import WindowDataset
from regssl.models.baselines import KmerLogistic, canonical_kmers, gc_and_cpg
from regssl.models.predict import predict
from regssl.models.serialization import load, read_card
from regssl.sequences.encoding import encode
from regssl.sequences.motifs import find_motif, load_jaspar, read_motifs
from regssl.training import kmer_logistic
from regssl.training.baselines import fit_baseline, fit_gc_logistic
from regssl.training.data import TrainingFiles
from regssl.training.kmer_logistic import fit_counts, fit_kmer_logistic
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


def count_kmers(codes: np.ndarray, k: int) -> tuple[np.ndarray, list[str]]:
    """Counts of each k-mer or its reverse complement, whichever is first in the alphabet; none with an N."""
    sequences = ["".join("ACGTN"[code] for code in row) for row in codes]
    pairs = [
        (one, one.translate(str.maketrans("ACGT", "TGCA"))[::-1]) for one in map("".join, product("ACGT", repeat=k))
    ]
    names = [one for one, other in pairs if one <= other]
    place = {word: names.index(min(pair)) for pair in pairs for word in pair}
    counts = np.zeros((len(codes), len(names)))
    for row, sequence in enumerate(sequences):
        for start in range(len(sequence) - k + 1):
            if "N" not in (word := sequence[start : start + k]):
                counts[row, place[word]] += 1
    return counts, names


def test_kmers_of_both_strands_have_one_number() -> None:
    codes = torch.from_numpy(np.stack([encode("CATGNTG"), encode("AAAAATT")]))
    assert canonical_kmers(codes, 2).tolist() == [[4, 3, 4, 16, 16, 4], [0, 0, 0, 0, 3, 0]]
    reverse = torch.from_numpy(np.stack([encode("CANCATG"), encode("AATTTTT")]))
    assert canonical_kmers(reverse, 2).tolist() == [[4, 16, 16, 4, 3, 4], [0, 3, 0, 0, 0, 0]]


@pytest.mark.parametrize("ridge", [30.0, 1.0])
def test_the_model_of_kmers_is_scikit_learns(ridge: float) -> None:
    """On counts that are written out, window by window."""
    data, k = windows(), 3
    data.codes[::7, 20] = 4  # some windows with an N
    counts, _ = count_kmers(data.codes.numpy(), k)
    theirs = LogisticRegression(C=1 / ridge, tol=1e-8, max_iter=1000).fit(counts, data.labels.numpy())
    kmers, labels = canonical_kmers(data.codes, k).int().numpy(), data.labels.numpy() > 0.5
    found = fit_counts(kmers, labels, ridge, np.zeros(4**k + 2))
    network = KmerLogistic(60, k)
    network.load_state_dict({"scores": torch.from_numpy(found[:-1]), "bias": torch.tensor(found[-1])})
    with torch.inference_mode():
        np.testing.assert_allclose(network(data.codes), theirs.decision_function(counts), atol=5e-3)


def test_k_and_the_ridge_are_chosen_on_validation_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a motif of six bases, the six bases are the word to count, and its reverse complement the same."""
    monkeypatch.setattr(kmer_logistic, "KS", (2, 6))
    rng = np.random.default_rng(4)
    codes, labels = rng.integers(0, 4, (900, 40), dtype=np.uint8), rng.random(900) < 0.5
    for row in np.flatnonzero(labels):
        codes[row, (at := rng.integers(0, 34)) : at + 6] = encode("GATTCA" if rng.random() < 0.5 else "TGAATC")
    sets = [
        WindowDataset(torch.from_numpy(codes[part]), torch.from_numpy(labels[part].astype(np.float32)))
        for part in (slice(0, 600), slice(600, 900))
    ]
    network = fit_kmer_logistic(*sets)
    assert network.k == 6, "not 2"
    with torch.inference_mode():
        scores = network(sets[1].codes).numpy()
        best = network.scores.argmax()
    assert best == canonical_kmers(torch.from_numpy(encode("GATTCA")[None]), 6)[0, 0]
    assert average_precision_score(labels[600:], scores) > 0.95
    shorter = WindowDataset(sets[0].codes[:, :5], sets[0].labels)
    assert fit_kmer_logistic(shorter, shorter).k == 5, "no longer than the windows"


@pytest.mark.parametrize("k", [0, 11, 2**31])
def test_kmers_that_no_table_holds_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match="give 1 to 10 bp"):
        KmerLogistic(200, k)


def test_the_motif_baseline_is_the_motifs_best_hit() -> None:
    motif, codes = load_jaspar()["CTCF"], windows().codes
    codes[0, 7] = 4  # an N
    network, params = fit_baseline("motif_scan", 0, windows(), windows(), motif)
    assert params == {"motif_width": motif.width}
    with torch.inference_mode():
        np.testing.assert_allclose(network(codes).numpy(), motif.max_score(codes.numpy()), atol=1e-4)


def test_random_scores_depend_on_sequence_and_seed_alone() -> None:
    data = windows()
    one, other = (fit_baseline("random", seed, data, data, None)[0] for seed in (0, 1))
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


@pytest.mark.parametrize("method", ["random", "gc_logistic", "kmer_logistic", "motif_scan"])
def test_a_baseline_is_a_run_like_any_other(tmp_path: Path, method: str) -> None:
    settings = {"architecture": "deepbind", "params": {}, "training": {"reverse_complement": True}}
    human, validation = save(tmp_path, "train", windows()), save(tmp_path, "validation", windows(200, 1))
    job = job_of(settings, method, [0, 1], motif=load_jaspar()["CTCF"])
    records = train(job, TrainingFiles(human, validation), tmp_path / "out")
    assert [(record["seed"], record["best"], record["exposure"]) for record in records] == [(0, {}, {}), (1, {}, {})]
    path = tmp_path / "out/seed1/model.safetensors"
    network = load(path)
    assert isinstance(network, nn.Module) and read_card(path).method == method
    again = fit_baseline(method, 1, windows(), windows(200, 1), load_jaspar()["CTCF"])[0]
    codes = windows(200, 1).codes.numpy()
    np.testing.assert_array_equal(predict(network, codes), predict(again, codes))
    json.dumps(records)


def test_a_factor_without_a_motif_passes_through(tmp_path: Path) -> None:
    settings = {"architecture": "deepbind", "params": {}, "training": {"reverse_complement": True}}
    human, validation = save(tmp_path, "train", windows()), save(tmp_path, "validation", windows(200, 1))
    (record,) = train(job_of(settings, "motif_scan", [0]), TrainingFiles(human, validation), tmp_path / "out")
    assert record["failure"] == "no motif of this factor is known"
    assert read_card(tmp_path / "out/seed0/model.safetensors").failure == record["failure"]
