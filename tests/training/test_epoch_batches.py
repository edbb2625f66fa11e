"""What is sampled for an epoch."""

from __future__ import annotations

import torch

from regssl.training.sampling import SORT_POOL, EpochShape, SamplingUnits, sample_epoch

LENGTHS = torch.randint(37, 56, (700, 2), generator=torch.Generator().manual_seed(0)).to(torch.int16)


def units(windows: int, seeds: int) -> list[SamplingUnits]:
    """One for each window, for each seed."""
    return [SamplingUnits(torch.arange(windows))] * seeds


def test_every_window_is_sampled_before_any_is_sampled_again() -> None:
    batches = sample_epoch([0, 1], "train", 3, units(100, 2), EpochShape(batch_size=10, steps=15, seeded_layers=2))
    assert batches.indices.shape == (15, 2, 10) and batches.dropout_seeds.shape == (15, 2, 2)
    for seed in range(2):
        assert sorted(batches.indices[:10, seed].flatten().tolist()) == [*range(100)]
    assert not torch.equal(batches.indices[:, 0], batches.indices[:, 1])


def test_a_seed_samples_the_same_alone_and_among_others() -> None:
    shape = EpochShape(batch_size=8, steps=60, seeded_layers=1)
    for lengths in (None, LENGTHS):
        alone = sample_epoch([1], "train", 0, units(700, 1), shape, lengths)
        others = sample_epoch([0, 1, 2], "train", 0, units(700, 3), shape, lengths)
        assert all(torch.equal(ours[:, 0], theirs[:, 1]) for ours, theirs in zip(alone, others, strict=True))


def test_one_strand() -> None:
    shape = EpochShape(batch_size=5, steps=10, seeded_layers=1, both_strands=False)
    assert not sample_epoch([0], "train", 0, units(50, 1), shape).reverse_complement.any()


def test_batches_of_about_one_length() -> None:
    """The same windows on the same strands, pool by pool, but batch by batch of much closer lengths."""
    shape = EpochShape(batch_size=8, steps=80, seeded_layers=1)
    plain, alike = (sample_epoch([4], "train", 0, units(700, 1), shape, lengths) for lengths in (None, LENGTHS))
    assert torch.equal(plain.dropout_seeds, alike.dropout_seeds)
    for first in range(0, 80, SORT_POOL):
        pool = slice(first, first + SORT_POOL)
        ours, theirs = (
            sorted(
                zip(one.indices[pool].flatten().tolist(), one.reverse_complement[pool].flatten().tolist(), strict=True)
            )
            for one in (plain, alike)
        )
        assert ours == theirs
    lengths = [LENGTHS[one.indices, one.reverse_complement.long()] for one in (plain, alike)]
    longest = [own.amax((1, 2)).float() for own in lengths]
    spread = [(own.amax((1, 2)) - own.amin((1, 2))).float().mean() for own in lengths]
    assert spread[1] < spread[0] / 5 and longest[1].mean() < longest[0].mean()
    assert (longest[1][1:] < longest[1][:-1]).float().mean() > 0.3, "the order of batches is random, not by length"
