"""Training: the methods' phases, determinism, what is written, and what stops it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import regssl
from regssl.classifier import HISTORY
from regssl.datasets import PackedWindows
from regssl.encode import encode
from regssl.errors import ConfigError, DataError
from regssl.methods import METHODS
from regssl.metrics import average_precision
from regssl.prediction import opposite_strand, predict, predict_set
from regssl.training import fit, train_run

SETTINGS: dict[str, Any] = {
    "architecture": "deepbind",
    "params": {"filters": 8, "filter_width": 8, "hidden": 4},
    "training": {
        "batch_size": 16,
        "learning_rate": 0.02,
        "weight_decay": 0.0,
        "steps_per_epoch": 20,
        "max_epochs": 4,
        "patience": 4,
        "reverse_complement": True,
    },
    "finetuning": {"learning_rate_factor": 0.1},
}
MOTIF = encode("TGACTCA")


def windows(n: int, seed: int, width: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Random sequences; every fourth one is positive and holds the motif."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, width), dtype=np.uint8)
    labels = (np.arange(n) % 4 == 0).astype(np.uint8)
    for row in np.flatnonzero(labels):
        place = rng.integers(0, width - len(MOTIF))
        codes[row, place : place + len(MOTIF)] = MOTIF
    return codes, labels


def in_memory(n: int, seed: int) -> PackedWindows:
    codes, labels = windows(n, seed)
    return PackedWindows(torch.from_numpy(codes), torch.from_numpy(labels.astype(np.float32)))


def on_disk(folder: Path, name: str, n: int, seed: int, width: int = 40) -> Path:
    codes, labels = windows(n, seed, width)
    np.save(folder / f"{name}.npy", codes)
    start = np.arange(n) * width
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + width, "label": labels})
    table.to_parquet(folder / f"{name}.parquet")
    return folder / f"{name}.npy"


def run(folder: Path, method: str = "sl", seed: int = 0, **settings: Any) -> dict[str, Any]:
    return train_run(
        {**SETTINGS, **settings},
        method,
        seed,
        on_disk(folder, "human", 160, 1),
        [on_disk(folder, "mouse", 200, 2), on_disk(folder, "dog", 100, 3)],
        on_disk(folder, "validation", 80, 4),
        folder / "out",
    )


def test_the_methods_are_what_they_say() -> None:
    (only,) = METHODS["sl"].phases(SETTINGS)
    assert (only.homologs, only.training) == (False, SETTINGS["training"])
    pretraining, finetuning = METHODS["ssl"].phases(SETTINGS)
    assert (pretraining.homologs, pretraining.training) == (True, SETTINGS["training"])
    assert finetuning.homologs is False
    assert finetuning.training == {**SETTINGS["training"], "learning_rate": pytest.approx(0.002)}


@pytest.mark.parametrize("method", ["sl", "ssl"])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(tmp_path: Path, method: str) -> None:
    def weights(seed: int, folder: str) -> dict[str, torch.Tensor]:
        human, homologs, validation = in_memory(160, 1), in_memory(300, 2), in_memory(80, 4)
        return fit(SETTINGS, method, seed, human, homologs, validation, tmp_path / folder)[0].state_dict()

    first, again, other = weights(0, "a"), weights(0, "b"), weights(1, "c")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_a_run_learns_and_writes_its_files(tmp_path: Path) -> None:
    record = run(tmp_path, "ssl")
    out = tmp_path / "out"
    assert record["windows"] == {"human": 160, "homologs": 300, "validation": 80}
    with (out / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HISTORY
    assert [row["phase"] for row in rows] == ["pretrain"] * 4 + ["finetune"] * 4
    assert [int(row["steps"]) for row in rows] == [20, 40, 60, 80] * 2  # whatever the number of windows
    assert {path.name for path in (out / "checkpoints").iterdir()} == {"pretrain-best.ckpt", "finetune-best.ckpt"}
    table = predict_set(out / "model.safetensors", tmp_path / "validation.npy")
    assert average_precision(table["label"].to_numpy(), table["logit"].to_numpy()) > 0.6  # prevalence is 0.25


def test_the_saved_model_is_that_of_the_best_epoch(tmp_path: Path) -> None:
    record = run(tmp_path, "sl", training={**SETTINGS["training"], "learning_rate": 0.05, "max_epochs": 6})
    table = predict_set(tmp_path / "out/model.safetensors", tmp_path / "validation.npy")
    best = max(float(row["validation_aupr"]) for row in csv.DictReader((tmp_path / "out/history.csv").open()))
    assert record["best"]["train"]["validation_aupr"] == pytest.approx(best)
    assert average_precision(table["label"].to_numpy(), table["logit"].to_numpy()) == pytest.approx(best, abs=1e-6)


def test_sl_never_reads_homologs(tmp_path: Path) -> None:
    record = train_run(
        SETTINGS,
        "sl",
        0,
        on_disk(tmp_path, "human", 80, 1),
        [tmp_path / "does-not-exist.npy"],
        on_disk(tmp_path, "validation", 40, 4),
        tmp_path / "out",
    )
    assert record["windows"]["homologs"] == 0


def test_training_stops_early(tmp_path: Path) -> None:
    settings = {**SETTINGS["training"], "learning_rate": 1e-9, "max_epochs": 30, "patience": 2}
    run(tmp_path, "sl", training=settings)
    assert len((tmp_path / "out/history.csv").read_text().splitlines()) < 15


def test_a_network_from_any_import_path_works(tmp_path: Path) -> None:
    run(tmp_path, "sl", architecture="regssl.models.deepsea:DeepSEA",
        params={"channels": [4, 4], "filter_width": 4, "hidden": 3, "dropout": [0.1, 0.1]})  # fmt: skip
    network = regssl.load(tmp_path / "out/model.safetensors")
    assert type(network).__name__ == "DeepSEA"
    assert network(torch.zeros(2, 40, dtype=torch.uint8)).shape == (2,)


def test_both_strands_count_alike(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    network = regssl.load(tmp_path / "out/model.safetensors")
    data = in_memory(50, 9)
    flipped = PackedWindows(opposite_strand(data.codes), data.labels)
    np.testing.assert_allclose(predict(network, data), predict(network, flipped), atol=1e-5)
    assert not np.allclose(predict(network, data, both_strands=False), predict(network, flipped, both_strands=False))


def test_opposite_strand_of_codes() -> None:
    codes = torch.from_numpy(encode("AACGTN").copy())
    assert opposite_strand(codes).tolist() == encode("NACGTT").tolist()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"architecture": "regssl.models.deepbind:Nothing"}, ConfigError, "has no attribute 'Nothing'"),
        ({"params": {"filtres": 8}}, ConfigError, "filtres"),
        ({"params": {"filter_width": 50}}, ConfigError, "shorter than the filters"),
    ],
)
def test_a_network_that_cannot_be_built_is_an_error(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run(tmp_path, "sl", **change)


def test_unknown_methods_and_missing_homologs_are_errors(tmp_path: Path) -> None:
    human, validation = on_disk(tmp_path, "human", 40, 1), on_disk(tmp_path, "validation", 40, 2)
    with pytest.raises(ConfigError, match="unknown method 'slx'"):
        train_run(SETTINGS, "slx", 0, human, [], validation, tmp_path)
    with pytest.raises(DataError, match="method 'ssl' needs homologs"):
        train_run(SETTINGS, "ssl", 0, human, [], validation, tmp_path)


def test_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="training diverged"):
        run(tmp_path, "sl", training={**SETTINGS["training"], "learning_rate": 1e30})


def test_models_of_another_width_or_damaged_ones_are_refused(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    model = tmp_path / "out/model.safetensors"
    with pytest.raises(DataError, match="made for 40 bp"):
        predict_set(model, on_disk(tmp_path, "wide", 10, 1, width=50))
    (tmp_path / "cut.safetensors").write_bytes(model.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"cut\.safetensors: not a trained model"):
        regssl.load(tmp_path / "cut.safetensors")
    torch.save({"a": 1}, tmp_path / "pickle.safetensors")
    with pytest.raises(DataError, match="not a trained model"):
        regssl.load(tmp_path / "pickle.safetensors")


def test_damaged_sets_are_refused(tmp_path: Path) -> None:
    path = on_disk(tmp_path, "human", 40, 1)
    np.save(tmp_path / "floats.npy", np.zeros((3, 4), np.float32))
    with pytest.raises(DataError, match="not byte codes"):
        PackedWindows.load([tmp_path / "floats.npy"])
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"human\.npy: cannot be read"):
        PackedWindows.load([path])


def test_the_record_can_be_written_as_json(tmp_path: Path) -> None:
    from regssl.provenance import describe_run

    describe_run(run(tmp_path, "sl"), tmp_path / "run.json")
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["settings"]["architecture"] == "deepbind"
    assert record["versions"]["torch"] == torch.__version__
