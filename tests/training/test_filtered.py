"""`ssl_filtered`: a filter per seed, without limits the same as SSL, resumed where it was killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from helpers.killing import killed_after
from helpers.training_sets import SETTINGS, in_memory, job_of
from regssl.data.dataset import WindowDataset
from regssl.data.folds import Folds
from regssl.methods import resolve
from regssl.methods.settings import Filtering
from regssl.training.data import TrainingData
from regssl.training.fit import FitResult, fit
from regssl.training.teaching import kept_homologs

NO_LIMITS = {"filtering": {"min_genome_fraction": 0.0, "min_label_probability": 0.0}}
GENOMES = 3


class Guess(nn.Module):
    """A teacher that knows a window's label by chance: the logit is that of a random linear function of its bases."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(40, generator=torch.Generator().manual_seed(seed)))

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return (codes.float() - 1.5) @ self.weight / 3


def training_data() -> TrainingData:
    """Human windows 0 to 159; homologs of two thirds of them, each in one to three of three genomes."""
    human, homologs = in_memory(160, 1), in_memory(300, 2)
    human.sources = torch.arange(160)
    homologs.sources = torch.arange(300) % 100  # both have a positive at every fourth place
    homologs.genomes = torch.arange(300) // 100 * (torch.arange(300) % 7 > 2)
    return TrainingData(human, homologs, in_memory(80, 4), GENOMES)


def fitted(folder: Path, method: str, seeds: list[int], settings: dict[str, Any] | None = None) -> list[FitResult]:
    job = job_of({**SETTINGS, **(settings or {})}, method, seeds, stacked=len(seeds) > 1)
    return fit(job, training_data(), folder, [[Guess(seed)] for seed in seeds])


def equal(one: FitResult, other: FitResult) -> bool:
    theirs = other.network.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in one.network.state_dict().items())


def test_both_limits_by_hand() -> None:
    """Window 0 is found in two of three genomes, window 1 in one; one in four human windows is positive."""
    codes = torch.zeros(4, 4, dtype=torch.uint8)
    human = WindowDataset(codes, torch.tensor([1.0, 0, 0, 0]))
    homologs = WindowDataset(codes[:3], torch.ones(3), torch.tensor([0, 0, 1]), torch.tensor([0, 2, 0]))
    logits = torch.logit(torch.tensor([[0.26, 0.24, 0.26], [0.24, 0.26, 0.24]]))
    data = TrainingData(human, homologs, human, 3)
    assert kept_homologs(logits, data, 1, Filtering()).tolist() == [[True, False, False], [False, True, False]]
    one_in_three = Filtering(min_genome_fraction=1 / 3)
    assert kept_homologs(logits[:1], data, 1, one_in_three).tolist() == [[True, False, True]]


def test_without_limits_it_is_ssl_bit_for_bit(tmp_path: Path) -> None:
    (ssl,), (same,) = fitted(tmp_path / "a", "ssl", [0]), fitted(tmp_path / "b", "ssl_filtered", [0], NO_LIMITS)
    (other,) = fitted(tmp_path / "c", "ssl_filtered", [0])
    assert equal(ssl, same) and not equal(ssl, other)
    assert ssl.filtered == {} and same.positive_fraction == ssl.positive_fraction == other.positive_fraction
    everything = {"positive_homologs": 75, "negative_homologs": 225}
    kept = {f"{name}_kept": n for name, n in everything.items()}
    assert same.filtered == {"pretrain": everything | kept}


def test_seeds_that_are_stacked_have_filters_of_their_own(tmp_path: Path) -> None:
    stacked = fitted(tmp_path / "stacked", "ssl_filtered", [0, 1])
    separate = [fitted(tmp_path / str(seed), "ssl_filtered", [seed])[0] for seed in (0, 1)]
    assert [one.filtered for one in stacked] == [one.filtered for one in separate]
    assert stacked[0].filtered != stacked[1].filtered
    for one, other in zip(stacked, separate, strict=True):
        losses = [[row["validation_loss"] for row in run.history] for run in (one, other)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_the_kept_are_those_of_the_teacher_and_the_genomes(tmp_path: Path) -> None:
    """Against a loop over all homologs."""
    (run,) = fitted(tmp_path, "ssl_filtered", [3])
    data, teacher = training_data(), Guess(3)
    homologs = data.homologs
    assert homologs is not None and homologs.sources is not None and homologs.genomes is not None
    both = [homologs.codes, 3 - homologs.codes.flip(1)]
    with torch.no_grad():
        p = torch.sigmoid(sum(teacher(codes) for codes in both) / 2).numpy()
    places = list(zip(homologs.sources.tolist(), homologs.genomes.tolist(), strict=True))
    kept = {0: 0, 1: 0}
    for row, (source, _) in enumerate(places):
        genomes = {genome for other, genome in places if other == source}
        label = int(homologs.labels[row])
        kept[label] += len(genomes) >= 1.5 and bool(p[row] >= 0.25) == bool(label)  # the prior: 40 of 160
    found = run.filtered["pretrain"]
    assert [found["positive_homologs_kept"], found["negative_homologs_kept"]] == [kept[1], kept[0]]
    assert 0 < kept[1] < 75 and 0 < kept[0] < 225


def cross_fitted(folder: Path, method: str) -> FitResult:
    """Three folds, whose teachers had training windows of other fractions of positives."""
    fold = np.arange(160) % 3
    trains = np.stack([np.arange(160) < 80, np.arange(160) % 8 < 6, fold != 2])
    data = replace(training_data(), folds=Folds(fold, trains))
    (result,) = fit(job_of(SETTINGS, method, [0]), data, folder, [[Guess(teacher) for teacher in (5, 6, 7)]])
    return result


def test_cross_fitted_teachers_judge_their_folds_by_their_own_priors(tmp_path: Path) -> None:
    """Against a loop over all homologs."""
    data, kept = training_data(), {0: 0, 1: 0}
    homologs = data.homologs
    assert homologs is not None and homologs.sources is not None and homologs.genomes is not None
    places = list(zip(homologs.sources.tolist(), homologs.genomes.tolist(), strict=True))
    for row, (source, _) in enumerate(places):
        codes, fold = homologs.codes[row : row + 1], source % 3
        with torch.no_grad():
            p = torch.sigmoid((Guess(5 + fold)(codes) + Guess(5 + fold)(3 - codes.flip(1))) / 2).item()
        trained = {0: range(80), 1: [i for i in range(160) if i % 8 < 6], 2: [i for i in range(160) if i % 3 != 2]}[
            fold
        ]
        prior = sum(i % 4 == 0 for i in trained) / len(trained)
        genomes = {genome for other, genome in places if other == source}
        label = int(homologs.labels[row])
        kept[label] += len(genomes) >= 1.5 and (p >= prior) == bool(label)
    found = cross_fitted(tmp_path, "ssl_filtered").filtered["pretrain"]
    assert [found["positive_homologs_kept"], found["negative_homologs_kept"]] == [kept[1], kept[0]]


@pytest.mark.parametrize("method", ["ssl_ns", "ssl_filtered"])
def test_a_killed_run_with_cross_fitted_teachers_goes_on_bit_for_bit(tmp_path: Path, method: str) -> None:
    whole = cross_fitted(tmp_path / "whole", method)
    with killed_after(3):
        cross_fitted(tmp_path / "resumed", method)
    assert equal(whole, cross_fitted(tmp_path / "resumed", method))


@pytest.mark.parametrize("killed_at", [2, 5])
def test_a_killed_run_goes_on_with_the_same_homologs(tmp_path: Path, killed_at: int) -> None:
    (whole,) = fitted(tmp_path / "whole", "ssl_filtered", [0])
    with killed_after(killed_at):
        fitted(tmp_path / "resumed", "ssl_filtered", [0])
    (resumed,) = fitted(tmp_path / "resumed", "ssl_filtered", [0])
    assert equal(whole, resumed) and whole.filtered == resumed.filtered


def test_a_quarter_of_the_human_windows_has_a_teacher_of_the_same_quarter(tmp_path: Path) -> None:
    assert resolve("ssl_filtered-train25").teacher == "sl-train25" and resolve("ssl_filtered-nearest4").teacher == "sl"
    (run,) = fitted(tmp_path, "ssl_filtered-train25", [0], NO_LIMITS)
    found = run.filtered["pretrain"]
    assert found["positive_homologs_kept"] == found["positive_homologs"]
    assert 0 < found["negative_homologs"] + found["positive_homologs"] < 150
