"""Methods are matched: the same steps of the same batch size, with the same expected fraction of positives.

A network that counts replaces a real one: it records every training batch, and knows a
positive from its first base. So nothing that the trainer reports of itself is relied on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from helpers.training_sets import job_of
from regssl.errors import DataError
from regssl.methods import METHODS, resolve
from regssl.training.data import TrainingFiles
from regssl.training.runs import train

BATCH, STEPS, EPOCHS, SEED = 32, 25, 4, 3
SETTINGS: dict[str, Any] = {
    "architecture": f"{__name__}:Counter",
    "params": {},
    "training": {
        "batch_size": BATCH,
        "min_passes": None,
        "steps_per_epoch": STEPS,
        "max_epochs": EPOCHS,
        "patience": None,
        "reverse_complement": False,
    },
    "finetuning": {"learning_rate_factor": 0.1},
    "cross_fitting": {"folds": 2, "block_length": 200, "margin": 20},
    "noisy_student": {"confidence_power": 1.0, "noise_sd": 0.0, "rounds": 1},
    "augmentation": {"strengths": [1.0]},
}
HUMAN, HOMOLOGS = (40, 160), (300, 700)
"""Positives and negatives: 20 % of the human windows, 30 % of the homologs, 28.3 % of both."""
SSL_FRACTION, HUMAN_FRACTION = 340 / 1200, 40 / 200


class Counter(nn.Module):
    """One weight; per training batch, `sampled` is its size and how many are positive, `losses` see `weigh`."""

    sampled: list[tuple[int, int]]
    losses: list[tuple[float, float]]

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, sequences: Tensor) -> Tensor:
        if self.training and torch.is_grad_enabled():
            first = sequences[:, 0] if sequences.dtype == torch.uint8 else sequences[:, :, 0].argmax(1)
            Counter.sampled.append((len(sequences), int((first == 1).sum())))
        logits = self.weight * sequences.float().flatten(1).mean(1)
        if logits.requires_grad:
            logits.register_hook(partial(self.weigh, logits.detach()))
        return logits

    @staticmethod
    def weigh(logits: Tensor, gradient: Tensor) -> None:
        """Append the weights in the mean loss of the positives and of all windows of a batch.

        The gradient of a window's cross-entropy is its weight times the probability less the label, over the batch.
        """
        positive = gradient < 0
        weights = len(logits) * gradient / (torch.sigmoid(logits) - positive.float())
        Counter.losses.append((float(weights[positive].sum()), float(weights.sum())))


def packed(folder: Path, name: str, sizes: tuple[int, int], sources: np.ndarray, seed: int) -> Path:
    """Windows whose first base is C where they are positive, else A."""
    labels = np.repeat([1, 0], sizes).astype(np.uint8)
    codes = np.random.default_rng(seed).integers(0, 4, (len(labels), 12), dtype=np.uint8)
    codes[:, 0] = labels
    np.save(folder / f"{name}.npy", codes)
    start = np.arange(len(labels)) * 12
    table = pd.DataFrame({"chrom": "c", "start": start, "end": start + 12, "label": labels, "source": sources})
    table.to_parquet(folder / f"{name}.parquet")
    return folder / f"{name}.npy"


def counted(
    folder: Path, method: str, teachers: Sequence[Path] = (), **settings: Any
) -> tuple[np.ndarray, dict[str, Any]]:
    """Sizes and positives of all batches, (batches, 2), and the record of the run."""
    rng = np.random.default_rng(0)
    parents = np.concatenate(
        [rng.integers(0, HUMAN[0], HOMOLOGS[0]), HUMAN[0] + rng.integers(0, HUMAN[1], HOMOLOGS[1])]
    )
    sets = [
        packed(folder, "human", HUMAN, np.arange(200), 1),
        packed(folder, "negatives", (0, 2000), np.arange(200, 2200), 2)
        if resolve(method).extra_windows == "negatives"
        else packed(folder, "mouse", HOMOLOGS, parents, 2),
        packed(folder, "validation", (20, 60), np.arange(80), 3),
    ]
    Counter.sampled, Counter.losses = [], []
    files = TrainingFiles(sets[0], sets[2], [sets[1]])
    (record,) = train(job_of({**SETTINGS, **settings}, method, [SEED], teachers=teachers), files, folder / method)
    return np.array(Counter.sampled), record


def taught(folder: Path, method: str, **settings: Any) -> tuple[np.ndarray, dict[str, Any]]:
    """The same, with the teachers of the method, which are trained first."""
    teachers = resolve(method).teachers(SETTINGS["cross_fitting"]["folds"])
    for teacher in teachers:
        counted(folder, teacher, **settings)
    models = [folder / f"{teacher}/seed{SEED}/model.safetensors" for teacher in teachers]
    return counted(folder, method, models, **settings)


def fractions(batches: np.ndarray) -> list[float]:
    """The fraction of positives in the first and in the second half of the steps."""
    return [float(half[:, 1].sum() / half[:, 0].sum()) for half in np.split(batches, 2)]


@pytest.mark.parametrize(
    ("method", "fraction"),
    [
        ("ssl", SSL_FRACTION),
        ("sl_oversampled", SSL_FRACTION),
        ("ssl_positives", SSL_FRACTION),
        ("ssl_negatives", SSL_FRACTION),
        ("sl_mutated", SSL_FRACTION),
        ("sl_noise", SSL_FRACTION),
        ("phylo_augmentation", SSL_FRACTION),
        ("sl_finetuned", HUMAN_FRACTION),
    ],
)
def test_as_many_steps_with_as_many_positives(tmp_path: Path, method: str, fraction: float) -> None:
    """Every phase samples 3,200 windows; the fraction of positives is exact to whole rounds of all units."""
    batches, record = counted(tmp_path, method)
    assert len(batches) == 2 * EPOCHS * STEPS and set(batches[:, 0]) == {BATCH}
    assert fractions(batches) == pytest.approx([fraction, HUMAN_FRACTION], abs=0.012)
    assert record["exposure"] == {
        "pretrain": {"steps": EPOCHS * STEPS, "positive_fraction": pytest.approx(fraction)},
        "finetune": {"steps": EPOCHS * STEPS, "positive_fraction": pytest.approx(HUMAN_FRACTION)},
    }


def test_shuffled_labels_are_as_many(tmp_path: Path) -> None:
    """The windows are those of SSL; the trainer's labels, which the windows do not contain, are as often positive."""
    batches, record = counted(tmp_path, "ssl_shuffled")
    assert len(batches) == 2 * EPOCHS * STEPS
    assert fractions(batches) == pytest.approx([SSL_FRACTION, HUMAN_FRACTION], abs=0.012)
    assert record["exposure"]["pretrain"]["positive_fraction"] == pytest.approx(SSL_FRACTION)


def test_the_noisy_student_makes_the_steps_of_ssl(tmp_path: Path) -> None:
    batches, _ = taught(tmp_path, "ssl_ns")
    assert len(batches) == 2 * EPOCHS * STEPS
    assert fractions(batches) == pytest.approx([SSL_FRACTION, HUMAN_FRACTION], abs=0.012)


@pytest.mark.parametrize(("limit", "kept"), [(0.0, [300, 700]), (0.5, [300, 0]), (1.0, [0, 0])])
def test_the_filtered_method_samples_each_label_as_often_as_ssl(
    tmp_path: Path, limit: float, kept: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the filter keeps: the teacher, of one weight, finds every window likelier positive than before."""
    batches, record = taught(tmp_path, "ssl_filtered", filtering={"min_label_probability": limit})
    assert len(batches) == 2 * EPOCHS * STEPS
    assert fractions(batches) == pytest.approx([SSL_FRACTION, HUMAN_FRACTION], abs=0.012)
    found = record["exposure"]["pretrain"]
    assert found["positive_fraction"] == pytest.approx(SSL_FRACTION) and found["steps"] == EPOCHS * STEPS
    assert [found["positive_homologs"], found["negative_homologs"]] == list(HOMOLOGS)
    assert [found["positive_homologs_kept"], found["negative_homologs_kept"]] == kept
    for name, (found_, kept_) in {"positive": (300, kept[0]), "negative": (700, kept[1])}.items():
        warning = f"no {name} homolog of {found_} kept: {name}s are human windows only"
        assert (warning in caplog.text) == (kept_ == 0)


def shares_of_positives(record: dict[str, Any]) -> list[float]:
    """The share of the loss that positives had in each phase, in units of a window with a loss of weight 1."""
    phases = np.split(np.array(Counter.losses), len(record["exposure"]))
    return [float(positive / every) for positive, every in (phase.sum(0) for phase in phases)]


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.kind != "baseline"])
def test_the_loss_of_every_method_has_the_balance_of_its_windows(tmp_path: Path, method: str) -> None:
    """However weights differ from window to window: a teacher of this sort trusts every negative more."""
    _, record = taught(tmp_path, method, noisy_student={"confidence_power": 8.0, "noise_sd": 0.0})
    expected = [phase["positive_fraction"] for phase in record["exposure"].values()]
    assert shares_of_positives(record) == pytest.approx(expected, abs=0.015)


def test_confidence_that_is_not_normalized_takes_the_loss_from_the_positives(tmp_path: Path) -> None:
    plain = {"confidence_power": 8.0, "noise_sd": 0.0, "normalize_weights": False}
    _, record = taught(tmp_path, "ssl_ns", noisy_student=plain)
    assert shares_of_positives(record)[0] < 0.75 * SSL_FRACTION


def test_a_teacher_is_trained_outside_its_fold(tmp_path: Path) -> None:
    """The folds have 20 positives and 80 negatives each; next to a block of another fold is one window too near."""
    for fold in ("sl-fold1", "sl-fold2", "sl-train25-fold1"):
        batches, record = counted(tmp_path, fold)
        assert len(batches) == EPOCHS * STEPS
        assert record["exposure"]["train"]["positive_fraction"] == pytest.approx(HUMAN_FRACTION, abs=0.05)
    with pytest.raises(DataError, match="method 'sl-fold3': there are 2 folds"):
        counted(tmp_path, "sl-fold3")


def test_all_negatives_take_turns_at_the_positive_fraction_of_the_human_windows(tmp_path: Path) -> None:
    batches, record = counted(tmp_path, "sl_all_negatives")
    assert len(batches) == 2 * EPOCHS * STEPS and set(batches[:, 0]) == {BATCH}
    assert fractions(batches) == pytest.approx([HUMAN_FRACTION] * 2, abs=0.012)
    phases = record["exposure"].values()
    assert [phase["positive_fraction"] for phase in phases] == pytest.approx([HUMAN_FRACTION] * 2)


def test_each_strength_of_augmentation_makes_the_steps_of_ssl(tmp_path: Path) -> None:
    """With changes of nothing, so that a positive is still known by its first base."""
    nothing = {"mutation_rate": 0, "max_insertion": 0, "max_deletion": 0, "max_shift": 0, "strengths": [0.5, 1, 2]}
    batches, record = counted(tmp_path, "sl_augmented", augmentation=nothing)
    assert len(batches) == 3 * 2 * EPOCHS * STEPS and set(batches[:, 0]) == {BATCH}
    for own in np.split(batches, 3):
        assert fractions(own) == pytest.approx([SSL_FRACTION, HUMAN_FRACTION], abs=0.012)
    assert [phase["steps"] for phase in record["exposure"].values()] == [EPOCHS * STEPS] * 2
    assert record["tuned"]["setting"] == "augmentation.strengths"
    assert [one["value"] for one in record["tuned"]["tried"]] == [0.5, 1, 2]
    assert record["tuned"]["chosen"] == 0.5, "the first of equals"


def test_supervised_learning_makes_half_of_them(tmp_path: Path) -> None:
    """It has one phase: that is what `sl_finetuned` is for."""
    batches, record = counted(tmp_path, "sl")
    assert len(batches) == EPOCHS * STEPS
    assert record["exposure"] == {
        "train": {"steps": EPOCHS * STEPS, "positive_fraction": pytest.approx(HUMAN_FRACTION)}
    }


@pytest.mark.parametrize(("method", "first"), [("sl-train25", HUMAN_FRACTION), ("ssl-train25", None)])
def test_a_quarter_of_the_human_windows_at_the_same_steps(tmp_path: Path, method: str, first: float | None) -> None:
    batches, record = counted(tmp_path, method)
    phases = list(record["exposure"].values())
    assert len(batches) == len(phases) * EPOCHS * STEPS
    assert phases[-1]["positive_fraction"] == pytest.approx(HUMAN_FRACTION)  # 10 and 40 windows
    if first is not None:
        assert batches[:, 1].sum() / batches[:, 0].sum() == pytest.approx(first, abs=0.012)
