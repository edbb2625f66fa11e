"""Fitting: determinism, stacked seeds, checkpoints, noisy student, and divergence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from helpers.killing import killed_after
from helpers.training_sets import SETTINGS, in_memory, job_of, run
from regssl.data.dataset import WindowDataset
from regssl.data.folds import Folds
from regssl.errors import DataError
from regssl.methods import METHODS, Phase
from regssl.methods.settings import RunSettings, Training
from regssl.sequences.encoding import encode
from regssl.training.data import TrainingData
from regssl.training.fit import FitResult, fit
from regssl.training.teaching import confidence_weights, distance_factors, normalize_by_label, teacher_logits


def weights(folder: Path, method: str, seeds: list[int], **options: Any) -> list[dict[str, torch.Tensor]]:
    """What `fit` makes of small windows: the weights of each seed."""
    data = TrainingData(in_memory(160, 1), in_memory(300, 2), in_memory(80, 4))
    settings, teachers = {**SETTINGS, **options.pop("settings", {})}, options.pop("teachers", None)
    trained = fit(job_of(settings, method, seeds, **options), data, folder, teachers)
    return [one.network.state_dict() for one in trained]


def teachers_of(folder: Path, seeds: list[int]) -> list[list[nn.Module]]:
    data = TrainingData(in_memory(160, 1), None, in_memory(80, 4))
    return [[one.network] for one in fit(job_of(SETTINGS, "sl", seeds), data, folder)]


def equal(ours: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(ours[name], others[name]) for name in ours)


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
    caplog: pytest.LogCaptureFixture,
    killed_at: int,
    stacked: bool,
    network: dict[str, Any],
) -> None:
    """Whichever of the two phases, of four epochs each, it is killed in."""

    whole = weights(tmp_path / "whole", "ssl", [0, 1], stacked=stacked, settings=network)
    with killed_after(killed_at):
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
        "finetune.ckpt: damaged" in caplog.text and caplog.text.count("pretrain epoch") == 5
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


def test_noise_without_homologs_is_oversampling_where_there_is_none_bit_for_bit(tmp_path: Path) -> None:
    silent = {**SETTINGS["noisy_student"], "noise_sd": 0.0}
    found = []
    for name, method, noise in (("a", "sl_oversampled", {}), ("b", "sl_noise", silent), ("c", "sl_noise", {})):
        (tmp_path / name).mkdir()
        run(tmp_path / name, method, noisy_student={**SETTINGS["noisy_student"], **noise})
        found.append(load_file(tmp_path / name / "out/seed0/model.safetensors"))
    oversampled, same, other = found
    assert equal(oversampled, same)
    assert not equal(oversampled, other)


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

    human = set_of(("CC", 1), ("AC", 0))  # only their number counts
    homologs = set_of(("AC", 1), ("CC", 1), ("AC", 0), ("CC", 0))
    phase = Phase("p", "homologs", Training(reverse_complement=False))
    logits = teacher_logits([[FirstBase()]] * 2, TrainingData(human, homologs, human), phase)
    assert logits.tolist() == [[1, -1, 1, -1]] * 2
    expected = [1, 1, 0.7311**2, 0.2689**2, 0.2689**2, 0.7311**2]
    weights = confidence_weights(logits, homologs.labels, len(human), 2.0)
    assert weights.tolist() == [pytest.approx(expected, abs=1e-4)] * 2
    assert torch.equal(confidence_weights(logits, homologs.labels, len(human), 0.0), torch.ones(2, 6))


class Constant(nn.Module):
    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = logit

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return torch.full((len(codes),), self.logit)


def test_a_homolog_is_judged_by_the_teacher_of_its_human_windows_fold() -> None:
    codes, labels = torch.zeros(4, 2, dtype=torch.uint8), torch.ones(4)
    human = WindowDataset(codes, labels, torch.tensor([30, 10, 20, 40]))
    homologs = WindowDataset(codes, labels, torch.tensor([10, 30, 40, 20]))
    folds = Folds(np.array([0, 1, 1, 2]), np.ones((3, 4), bool))
    teachers = [[Constant(10 * seed + fold) for fold in range(3)] for seed in (1, 2)]
    logits = teacher_logits(
        teachers, TrainingData(human, homologs, human, 1, folds), Phase("p", "homologs", Training())
    )
    assert logits.tolist() == [[11, 10, 12, 11], [21, 20, 22, 21]]


def test_weights_fall_with_the_distance_of_the_genome() -> None:
    codes = torch.zeros(3, 2, dtype=torch.uint8)
    homologs = WindowDataset(codes, torch.ones(3), torch.arange(3), torch.tensor([1, 0, 1]))
    data = TrainingData(homologs, homologs, homologs, 2, distances=[0.1, 0.5])
    assert distance_factors(data, 2.0).tolist() == pytest.approx([np.exp(-1), np.exp(-0.2), np.exp(-1)])


def test_the_decay_with_distance_is_chosen_on_validation_windows(tmp_path: Path) -> None:
    """Each seed keeps a network that it has with this decay alone, bit for bit."""
    human, homologs = in_memory(160, 1), in_memory(300, 2)
    homologs.genomes = (torch.arange(300) > 150).long()
    data = TrainingData(human, homologs, in_memory(80, 4), 2, distances=[0.1, 3.0])
    teachers = teachers_of(tmp_path / "teacher", [0])

    def fitted(*decays: float) -> FitResult:
        settings = {**SETTINGS, "noisy_student": {"distance_decays": list(decays)}}
        (result,) = fit(job_of(settings, "ssl_ns", [0]), data, tmp_path / str(decays), teachers)
        return result

    both, one, other = fitted(0.0, 2.0), fitted(0.0), fitted(2.0)
    assert both.candidates == [one.validation_aupr, other.validation_aupr]
    best = one if one.validation_aupr >= other.validation_aupr else other
    assert both.settings == best.settings and equal(both.network.state_dict(), best.network.state_dict())
    assert not equal(one.network.state_dict(), other.network.state_dict())


def test_normalized_weights_by_hand() -> None:
    """Two human windows, then homologs; the last is not sampled."""
    weights, labels = torch.tensor([1, 1, 0.02, 0.06, 0.9, 0, 0.7]), torch.tensor([1.0, 0, 1, 1, 0, 0, 1])
    assert normalize_by_label(weights, labels, torch.tensor([2, 3, 4, 5])).tolist() == pytest.approx(
        [1, 1, 0.5, 1.5, 2, 0, 0.7]
    )
    assert normalize_by_label(torch.zeros(3), torch.tensor([1.0, 1, 0]), torch.tensor([1, 2])).tolist() == [0, 1, 1]


def test_training_that_diverges_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="training diverged"):
        run(tmp_path, "sl", training={**SETTINGS["training"], "learning_rate": 1e30})
