"""What is drawn for an epoch."""

from __future__ import annotations

import torch

from regssl.training.sampling import SORTED_TOGETHER, Slots, draw_epoch

LENGTHS = torch.randint(37, 56, (700, 2), generator=torch.Generator().manual_seed(0)).to(torch.int16)


def slots(windows: int, seeds: int) -> list[Slots]:
    """One for each window, for each seed."""
    return [Slots(torch.arange(windows))] * seeds


def test_every_window_is_shown_before_any_is_shown_again() -> None:
    steps = draw_epoch([0, 1], "train", 3, slots=slots(100, 2), batch=10, steps=15, keys=2)
    assert steps.rows.shape == (15, 2, 10) and steps.keys.shape == (15, 2, 2)
    for seed in range(2):
        assert sorted(steps.rows[:10, seed].flatten().tolist()) == [*range(100)]
    assert not torch.equal(steps.rows[:, 0], steps.rows[:, 1])


def test_a_seed_draws_the_same_alone_and_among_others() -> None:
    for lengths in (None, LENGTHS):
        alone = draw_epoch([1], "train", 0, slots=slots(700, 1), batch=8, steps=60, keys=1, lengths=lengths)
        others = draw_epoch([0, 1, 2], "train", 0, slots=slots(700, 3), batch=8, steps=60, keys=1, lengths=lengths)
        assert all(torch.equal(ours[:, 0], theirs[:, 1]) for ours, theirs in zip(alone, others, strict=True))


def test_one_strand() -> None:
    assert not draw_epoch(
        [0], "train", 0, slots=slots(50, 1), batch=5, steps=10, keys=1, both_strands=False
    ).flips.any()


def test_batches_of_about_one_length() -> None:
    """The same windows on the same strands, group by group, but batch by batch of much closer lengths."""
    drawn = {"seeds": [4], "phase": "train", "epoch": 0, "slots": slots(700, 1), "batch": 8, "steps": 80, "keys": 1}
    plain, alike = draw_epoch(**drawn), draw_epoch(**drawn, lengths=LENGTHS)
    assert torch.equal(plain.keys, alike.keys)
    for first in range(0, 80, SORTED_TOGETHER):
        group = slice(first, first + SORTED_TOGETHER)
        ours, theirs = (
            sorted(zip(steps.rows[group].flatten().tolist(), steps.flips[group].flatten().tolist(), strict=True))
            for steps in (plain, alike)
        )
        assert ours == theirs
    longest = [LENGTHS[steps.rows, steps.flips.long()].amax((1, 2)).float() for steps in (plain, alike)]
    spread = [
        (LENGTHS[steps.rows, steps.flips.long()].amax((1, 2)) - LENGTHS[steps.rows, steps.flips.long()].amin((1, 2)))
        .float()
        .mean()
        for steps in (plain, alike)
    ]
    assert spread[1] < spread[0] / 5 and longest[1].mean() < longest[0].mean()
    assert (longest[1][1:] < longest[1][:-1]).float().mean() > 0.3, "the order of batches is random, not by length"
