"""Augmentation: each change by itself, held against windows whose bases tell where they were."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from helpers.killing import killed_after
from helpers.training_sets import SETTINGS, in_memory, job_of
from regssl.methods.settings import Augmentation, AugmentationRates
from regssl.training.augmentation import augment
from regssl.training.data import TrainingData
from regssl.training.fit import FitResult, fit

NOTHING: dict[str, Any] = {"mutation_rate": 0.0, "max_insertion": 0, "max_deletion": 0, "max_shift": 0}
WIDTH = 60
NUMBERED = torch.arange(100, 100 + WIDTH, dtype=torch.uint8).repeat(500, 1)
"""Windows in which each base has a number of its own."""


def augmented(codes: Tensor, seed: int = 0, **rates: float) -> list[list[int]]:
    return augment(codes, AugmentationRates(**{**NOTHING, **rates}), torch.Generator().manual_seed(seed)).tolist()


def agrees(new: list[int], old: list[int | None]) -> bool:
    """Whether a window has certain bases, None being any of the window."""
    return all(b in range(100, 100 + WIDTH) if a is None else a == b for a, b in zip(old, new, strict=True))


def test_nothing_changes_nothing() -> None:
    assert augmented(NUMBERED) == NUMBERED.tolist()


def test_a_shift_of_up_to_so_many_bases_to_either_side() -> None:
    window: list[int | None] = [*range(100, 100 + WIDTH)]
    shifted = {n: ([None] * n + window)[:WIDTH] if n >= 0 else window[-n:] + [None] * -n for n in range(-5, 6)}
    found = {n for new in augmented(NUMBERED, max_shift=5) for n in shifted if agrees(new, shifted[n])}
    assert all(any(agrees(new, old) for old in shifted.values()) for new in augmented(NUMBERED, max_shift=5))
    assert found == set(shifted)


@pytest.mark.parametrize("kind", ["max_insertion", "max_deletion"])
def test_one_insertion_or_deletion_anywhere(kind: str) -> None:
    """Every length from 0 to 4 occurs, at both ends and between."""
    window: list[int | None] = [*range(100, 100 + WIDTH)]
    possible = {}
    for n in range(5):
        for at in range(WIDTH + 1 - n):
            inserted = (window[:at] + [None] * n + window[at:])[:WIDTH]
            possible[n, at] = inserted if kind == "max_insertion" else window[:at] + window[at + n :] + [None] * n
    found = [[key for key, old in possible.items() if agrees(new, old)] for new in augmented(NUMBERED, **{kind: 4})]
    assert all(found)
    assert {min(n for n, _ in keys) for keys in found} == set(range(5))
    places = [keys[0][1] for keys in found if keys[0][0] == 2]
    assert min(places) < 10 and max(places) > WIDTH - 10


def test_bases_are_substituted_by_the_three_others_and_n_by_none() -> None:
    codes = torch.arange(5, dtype=torch.uint8).repeat(2000, 12)
    new = torch.tensor(augmented(codes, mutation_rate=0.3))
    changed = (new != codes) & (codes < 4)
    assert float(changed[codes < 4].float().mean()) == pytest.approx(0.3, abs=0.01) and (new[codes == 4] == 4).all()
    for old in range(4):
        counts = torch.bincount(new[(codes == old) & changed], minlength=5).tolist()
        assert counts[old] == counts[4] == 0 and max(counts) < 1.1 * min(
            counts[base] for base in range(4) if base != old
        )


def test_new_bases_are_those_of_the_window() -> None:
    assert augmented(torch.full((50, 40), 2), max_insertion=20, max_deletion=30, max_shift=20) == [[2] * 40] * 50


def test_all_at_once_keep_the_order_of_what_is_left() -> None:
    """Most neighbours in the window are those of before."""
    for new in augmented(NUMBERED, max_insertion=20, max_deletion=30, max_shift=20):
        assert len(new) == WIDTH and set(new) <= set(range(100, 100 + WIDTH))
        rising = sum(later == earlier + 1 for earlier, later in pairwise(new))
        assert rising >= WIDTH - 20 - 30 - 20 - 20 - 5


def test_strengths_are_multiples() -> None:
    half, twice = (Augmentation(strengths=[strength]).rates() for strength in (0.5, 2.0))
    assert half.model_dump() == {"mutation_rate": 0.025, "max_insertion": 10, "max_deletion": 15, "max_shift": 10}
    assert twice.model_dump() == {"mutation_rate": 0.1, "max_insertion": 40, "max_deletion": 60, "max_shift": 40}
    assert Augmentation(strengths=[40]).rates().mutation_rate == 1


def trained(folder: Path, strengths: list[float], seeds: list[int]) -> list[FitResult]:
    human, homologs = in_memory(160, 1), in_memory(300, 2)
    human.sources, homologs.sources = torch.arange(160), torch.arange(300) % 160
    settings = {**SETTINGS, "augmentation": {"max_deletion": 8, "max_insertion": 8, "strengths": strengths}}
    return fit(job_of(settings, "sl_augmented", seeds), TrainingData(human, homologs, in_memory(80, 4)), folder)


def equal(one: FitResult, other: FitResult) -> bool:
    states = zip(one.network.state_dict().values(), other.network.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in states)


def test_each_seed_keeps_the_strength_that_is_best_on_validation_windows(tmp_path: Path) -> None:
    """The network is, bit for bit, the one trained with this strength alone, whatever the other seeds."""
    seeds, strengths = [0, 1], [0.2, 4.0]
    together = trained(tmp_path / "both", strengths, seeds)
    alone = {strength: trained(tmp_path / str(strength), [strength], seeds) for strength in strengths}
    for place, result in enumerate(together):
        assert result.candidates == [alone[strength][place].validation_aupr for strength in strengths]
        best = strengths[result.candidates.index(max(result.candidates))]
        assert result.settings.augmentation.strengths == [best] and equal(result, alone[best][place])
    assert equal(trained(tmp_path / "one", strengths, [1])[0], together[1])


def test_a_run_that_is_killed_at_the_second_strength_goes_on_bit_for_bit(tmp_path: Path) -> None:
    (whole,) = trained(tmp_path / "whole", [0.2, 4.0], [0])
    with killed_after(10):
        trained(tmp_path / "resumed", [0.2, 4.0], [0])
    (resumed,) = trained(tmp_path / "resumed", [0.2, 4.0], [0])
    assert equal(whole, resumed) and whole.candidates == resumed.candidates
