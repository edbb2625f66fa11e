"""Training: the methods' phases, determinism, what is written, and what stops it."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import regssl
from helpers.training_sets import SETTINGS, job_of, on_disk, windows
from regssl.data.dataset import WindowDataset
from regssl.errors import ConfigError, DataError
from regssl.evaluation.metrics import average_precision
from regssl.methods import METHODS, Phase
from regssl.methods.settings import RunSettings, Training
from regssl.models.inputs import reverse_complement
from regssl.models.predict import predict
from regssl.models.serialization import read_metadata
from regssl.sequences.encoding import encode
from regssl.training.data import TrainingData, TrainingFiles
from regssl.training.early_stopping import HISTORY_COLUMNS
from regssl.training.fit import confidence_weights, fit
from regssl.training.module import SequenceClassifier
from regssl.training.predict import predict_files
from regssl.training.runs import train


def in_memory(n: int, seed: int) -> WindowDataset:
    codes, labels = windows(n, seed)
    return WindowDataset(torch.from_numpy(codes), torch.from_numpy(labels.astype(np.float32)))


def run(folder: Path, method: str = "sl", seed: int = 0, **settings: Any) -> dict[str, Any]:
    """Train one seed; its files are in `out/seed<seed>`."""
    files = TrainingFiles(
        on_disk(folder, "human", 160, 1),
        on_disk(folder, "validation", 80, 4),
        [on_disk(folder, "mouse", 200, 2), on_disk(folder, "dog", 100, 3)],
    )
    (record,) = train(job_of({**SETTINGS, **settings}, method, [seed]), files, folder / "out")
    return record


def weights(folder: Path, method: str, seeds: list[int], **options: Any) -> list[dict[str, torch.Tensor]]:
    """What `fit` makes of small windows: the weights of each seed."""
    data = TrainingData(in_memory(160, 1), in_memory(300, 2), in_memory(80, 4))
    settings, teachers = {**SETTINGS, **options.pop("settings", {})}, options.pop("teachers", None)
    trained = fit(job_of(settings, method, seeds, **options), data, folder, teachers)
    return [one.network.state_dict() for one in trained]


def teachers_of(folder: Path, seeds: list[int]) -> list[nn.Module]:
    data = TrainingData(in_memory(160, 1), None, in_memory(80, 4))
    return [one.network for one in fit(job_of(SETTINGS, "sl", seeds), data, folder)]


def equal(ours: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(ours[name], others[name]) for name in ours)


def test_methods_have_the_documented_phases() -> None:
    settings = RunSettings(**SETTINGS)
    (only,) = METHODS["sl"].phases(settings)
    assert (only.source, only.training) == ("human", settings.training)
    pretraining, finetuning = METHODS["ssl"].phases(settings)
    assert (pretraining.source, pretraining.training) == ("homologs", settings.training)
    assert finetuning.source == "human"
    expected = {**settings.training.model_dump(), "learning_rate": pytest.approx(0.002)}
    assert finetuning.training.model_dump() == expected


@pytest.mark.parametrize("method", ["sl", "ssl"])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(tmp_path: Path, method: str) -> None:
    """Alone or among others."""
    (first,) = weights(tmp_path / "a", method, [0])
    again, other = weights(tmp_path / "b", method, [0, 1])
    assert equal(first, again)
    assert not equal(first, other)


@pytest.mark.parametrize("method", ["sl", "ssl", "ssl_ns"])
def test_stacked_seeds_are_separate_seeds(tmp_path: Path, method: str) -> None:
    """Also where one seed stops long before another: with patience 1 they stop at epochs of their own."""
    settings = {"training": {**SETTINGS["training"], "max_epochs": 8, "patience": 1}}
    data = TrainingData(in_memory(160, 1), in_memory(300, 2), in_memory(80, 4))
    teachers = teachers_of(tmp_path / "t", [0, 1, 2])
    separate, stacked = (
        fit(
            job_of({**SETTINGS, **settings}, method, [0, 1, 2], stacked=together),
            data,
            tmp_path / str(together),
            teachers,
        )
        for together in (False, True)
    )
    assert len({len(trained.history) for trained in separate}) > 1
    for one, other in zip(separate, stacked, strict=True):
        assert [row["epoch"] for row in one.history] == [row["epoch"] for row in other.history]
        for row, its in zip(one.history, other.history, strict=True):
            assert row["train_loss"] == pytest.approx(its["train_loss"], abs=1e-5)
            assert row["validation_aupr"] == pytest.approx(its["validation_aupr"], abs=1e-6)
        for name, tensor in one.network.state_dict().items():
            torch.testing.assert_close(tensor, other.network.state_dict()[name], rtol=1e-4, atol=1e-5)


class TorchDropout(nn.Module):
    """A user's network, with torch's own dropout."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return self.layers(codes.float()).squeeze(-1)


OWN = {"architecture": f"{__name__}:TorchDropout", "params": {}}


@pytest.mark.parametrize(("stacked", "network"), [(False, {}), (True, {}), (False, OWN)], ids=["one", "stack", "own"])
@pytest.mark.parametrize("killed_at", [1, 3, 5])
def test_a_killed_run_goes_on_bit_for_bit(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    killed_at: int,
    stacked: bool,
    network: dict[str, Any],
) -> None:
    """Whichever of the two phases, of four epochs each, it is killed in."""

    class Killed(BaseException):
        pass

    whole = weights(tmp_path / "whole", "ssl", [0, 1], stacked=stacked, settings=network)
    calls, training_step = [0], SequenceClassifier.training_step

    def dying(self: SequenceClassifier, chunk: int) -> None:
        calls[0] += 1  # there is one `training_step` to an epoch of 20 steps
        if calls[0] > killed_at:
            raise Killed
        training_step(self, chunk)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(SequenceClassifier, "training_step", dying)
        weights(tmp_path / "resumed", "ssl", [0, 1], stacked=stacked, settings=network)
    caplog.clear()
    caplog.set_level("INFO", logger="regssl")
    resumed = weights(tmp_path / "resumed", "ssl", [0, 1], stacked=stacked, settings=network)
    assert "going on after epoch" in caplog.text
    assert all(equal(one, other) for one, other in zip(whole, resumed, strict=True))


def test_a_damaged_checkpoint_costs_no_more_than_its_phase(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="regssl")
    (whole,) = weights(tmp_path, "ssl", [0])
    (checkpoint,) = tmp_path.glob("*/finetune.ckpt")
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    (again,) = weights(tmp_path, "ssl", [0])
    assert (
        "finetune.ckpt: damaged" in caplog.text and caplog.text.count("pretrain epoch") == 4
    )  # those of the first time
    assert equal(whole, again)


def test_a_checkpoint_of_other_settings_is_not_used(tmp_path: Path) -> None:
    other = {"training": {**SETTINGS["training"], "learning_rate": 0.001}}
    weights(tmp_path / "shared", "sl", [0], settings=other)
    (first,), (second,) = weights(tmp_path / "shared", "sl", [0]), weights(tmp_path / "own", "sl", [0])
    assert equal(first, second)


def test_noisy_student_without_noise_and_confidence_is_ssl_bit_for_bit(tmp_path: Path) -> None:
    teachers = teachers_of(tmp_path / "teacher", [0])
    plain = {"noisy_student": {"confidence_power": 0.0, "noise_sd": 0.0, "rounds": 1}}
    (ssl,) = weights(tmp_path / "ssl", "ssl", [0])
    (same,) = weights(tmp_path / "same", "ssl_ns", [0], teachers=teachers, settings=plain)
    (other,) = weights(tmp_path / "other", "ssl_ns", [0], teachers=teachers)
    assert equal(ssl, same)
    assert not equal(ssl, other)


def test_further_rounds_of_noisy_student_start_anew_from_their_own_student(tmp_path: Path) -> None:
    own = SETTINGS["noisy_student"]
    phases = METHODS["ssl_ns"].phases(RunSettings(**{**SETTINGS, "noisy_student": {**own, "rounds": 2}}))
    assert [phase.name for phase in phases] == ["pretrain", "finetune", "pretrain2", "finetune2"]
    assert [phase.reinitialize for phase in phases] == [False, False, True, False]
    assert [phase.noise_sd for phase in phases] == [0.1, 0.0, 0.1, 0.0]
    teachers = teachers_of(tmp_path / "teacher", [0])
    (once,) = weights(tmp_path / "once", "ssl_ns", [0], teachers=teachers)
    (twice,) = weights(
        tmp_path / "twice", "ssl_ns", [0], teachers=teachers, settings={"noisy_student": {**own, "rounds": 2}}
    )
    assert not equal(once, twice)


def test_confidence_weights_by_hand() -> None:
    """A teacher whose logit is 1 for windows that begin with A, else -1; sigmoid(1) is 0.7311."""

    class FirstBase(nn.Module):
        def forward(self, codes: torch.Tensor) -> torch.Tensor:
            return torch.where(codes[:, 0] == 0, 1.0, -1.0)

    def set_of(*pairs: tuple[str, int]) -> WindowDataset:
        codes = torch.from_numpy(np.stack([encode(text) for text, _ in pairs]))
        return WindowDataset(codes, torch.tensor([float(label) for _, label in pairs]))

    human = set_of(("CC", 1), ("AC", 0))
    homologs = set_of(("AC", 1), ("CC", 1), ("AC", 0), ("CC", 0))
    phase = Phase("p", "homologs", Training(reverse_complement=False), confidence_power=2.0)
    expected = [1, 1, 0.7311**2, 0.2689**2, 0.2689**2, 0.7311**2]
    assert confidence_weights([FirstBase()], human, homologs, phase).tolist() == [pytest.approx(expected, abs=1e-4)]
    unit = confidence_weights([FirstBase()] * 2, human, homologs, replace(phase, confidence_power=0.0))
    assert torch.equal(unit, torch.ones(2, 6))


def test_a_run_learns_and_writes_its_files(tmp_path: Path) -> None:
    record = run(tmp_path, "ssl", params={**SETTINGS["params"], "filters": 32})
    out = tmp_path / "out/seed0"
    assert record["windows"] == {"human": 160, "homologs": 300, "validation": 80}
    with (out / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HISTORY_COLUMNS
    assert [row["phase"] for row in rows] == ["pretrain"] * 4 + ["finetune"] * 4
    assert [int(row["steps"]) for row in rows] == [20, 40, 60, 80] * 2  # whatever the number of windows
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


def test_the_metadata_of_a_model_names_its_data_and_its_validation_scores(tmp_path: Path) -> None:
    record = run(tmp_path, "ssl")
    metadata = read_metadata(tmp_path / "out/seed0/model.safetensors")
    sets = {"human": ["human"], "homologs": ["mouse", "dog"], "validation": ["validation"]}
    for kind, names in sets.items():
        codes = b"".join(np.load(tmp_path / f"{name}.npy").tobytes() for name in names)
        tables = [pd.read_parquet(tmp_path / f"{name}.parquet") for name in names]
        labels = b"".join(table["label"].to_numpy(np.float32).tobytes() for table in tables)
        assert metadata["data"][kind] == hashlib.sha256(codes + labels).hexdigest()
    best = record["best"]["finetune"]
    assert (
        metadata["metrics"] == {name: best[name] for name in metadata["metrics"]}
        and "validation_aupr" in metadata["metrics"]
    )


def test_sl_never_reads_homologs(tmp_path: Path) -> None:
    human, validation = on_disk(tmp_path, "human", 80, 1), on_disk(tmp_path, "validation", 40, 4)
    files = TrainingFiles(human, validation, [tmp_path / "does-not-exist.npy"])
    (record,) = train(job_of(SETTINGS, "sl", [0]), files, tmp_path / "out")
    assert record["windows"]["homologs"] == 0


def test_training_stops_early(tmp_path: Path) -> None:
    settings = {**SETTINGS["training"], "learning_rate": 1e-9, "max_epochs": 30, "patience": 2}
    run(tmp_path, "sl", training=settings)
    assert len((tmp_path / "out/seed0/history.csv").read_text().splitlines()) < 15


def test_a_network_from_any_import_path_works(tmp_path: Path) -> None:
    run(tmp_path, "sl", architecture="regssl.models.deepsea:DeepSEA",
        params={"channels": [4, 4], "filter_width": 4, "hidden": 3, "dropout": [0.1, 0.1]})  # fmt: skip
    network = regssl.load(tmp_path / "out/seed0/model.safetensors")
    assert type(network).__name__ == "DeepSEA"
    assert network(torch.zeros(2, 40, dtype=torch.uint8)).shape == (2,)


def test_both_strands_count_alike(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    network = regssl.load(tmp_path / "out/seed0/model.safetensors")
    data = in_memory(50, 9)
    flipped = reverse_complement(data.codes).numpy()
    np.testing.assert_allclose(predict(network, data.codes.numpy()), predict(network, flipped), atol=1e-5)
    plus, minus = (predict(network, codes, both_strands=False) for codes in (data.codes.numpy(), flipped))
    assert not np.allclose(plus, minus)


def test_opposite_strand_of_codes() -> None:
    codes = torch.from_numpy(encode("AACGTN").copy())
    assert reverse_complement(codes).tolist() == encode("NACGTT").tolist()


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


def test_training_that_diverges_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="training diverged"):
        run(tmp_path, "sl", training={**SETTINGS["training"], "learning_rate": 1e30})


def test_models_of_another_width_or_damaged_ones_are_refused(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    model = tmp_path / "out/seed0/model.safetensors"
    with pytest.raises(DataError, match="made for 40 bp"):
        list(predict_files([model], on_disk(tmp_path, "wide", 10, 1, width=50)))
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
        WindowDataset.load([tmp_path / "floats.npy"])
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"human\.npy: cannot be read"):
        WindowDataset.load([path])


def test_the_record_can_be_written_as_json(tmp_path: Path) -> None:
    from regssl.training.provenance import describe_run

    describe_run(run(tmp_path, "sl"), tmp_path / "run.json")
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["settings"]["architecture"] == "deepbind"
    assert record["versions"]["torch"] == torch.__version__
