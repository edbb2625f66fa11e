"""All that is random in an epoch of training: drawn at its start, from nothing but seed, phase and epoch.

So an epoch is the same whether the epochs before it ran in this process or in one that was killed, and a seed trains
the same alone and among others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from regssl.slots import Slots


class Steps(NamedTuple):
    """What some steps of the optimiser need besides data and weights, the steps on the first axis.

    Attributes:
        rows: int64 (steps, seeds, batch), the windows of each batch.
        flips: bool (steps, seeds, batch), which of them are read on the other strand.
        keys: int64 (steps, seeds, keyed layers), see `models.dropout` and `models.noise`.
    """

    rows: Tensor
    flips: Tensor
    keys: Tensor

    def split(self, size: int) -> Iterator[Steps]:
        """The same, at most `size` steps at a time."""
        return (Steps(*parts) for parts in zip(*(part.split(size) for part in self), strict=True))

    def to(self, device: torch.device) -> Steps:
        """The same on a device."""
        return Steps(*(part.to(device) for part in self))


def seed_of(*names: str | int) -> int:
    """A seed from names: other names, another stream of numbers."""
    digest = hashlib.sha256(" ".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


SORTED_TOGETHER = 50
"""Batches among which windows are sorted by length."""


def draw_epoch(
    seeds: Sequence[int],
    phase: str,
    epoch: int,
    slots: Sequence[Slots],
    batch: int,
    steps: int,
    keys: int,
    both_strands: bool = True,
    lengths: Tensor | None = None,
) -> Steps:
    """Draw the steps of one epoch.

    Args:
        seeds: each draws from a stream of its own.
        phase, epoch: the same for all seeds.
        slots: what each seed draws from; each slot shows a window once before any does again.
        batch, steps: windows per step, steps of the epoch.
        keys: number of layers that take their random numbers from a key.
        both_strands: read half of the windows on the other strand; else none.
        lengths: (windows, strands), how long each is, where they differ: then the windows of a batch are of about the
            same length, being sorted by it among 50 batches at a time, and these are brought into a random order.
    """
    streams = [torch.Generator().manual_seed(seed_of(seed, phase, epoch)) for seed in seeds]
    pairs = zip(streams, slots, strict=True)
    drawn = [_draw(stream, own, batch, steps, keys, both_strands) for stream, own in pairs]
    if lengths is not None:
        order = _order(steps, torch.Generator().manual_seed(seed_of(phase, epoch, "lengths")))  # the same for all seeds
        drawn = [_sorted_by_length(one, lengths, order) for one in drawn]
    return Steps(*(torch.stack(parts, dim=1) for parts in zip(*drawn, strict=True)))


def _draw(stream: torch.Generator, slots: Slots, batch: int, steps: int, keys: int, both_strands: bool) -> Steps:
    rounds = -(-steps * batch // len(slots))
    drawn = torch.cat([torch.randperm(len(slots), generator=stream) for _ in range(rounds)])
    return Steps(
        slots.show(drawn[: steps * batch], stream).view(steps, batch),
        (torch.rand(steps, batch, generator=stream) < 0.5) & both_strands,
        torch.randint(2**31, (steps, keys), generator=stream),
    )


def _order(steps: int, stream: torch.Generator) -> Tensor:
    """The steps, those of each group of 50 among one another."""
    groups = torch.arange(steps).split(SORTED_TOGETHER)
    return torch.cat([group[torch.randperm(len(group), generator=stream)] for group in groups])


def _sorted_by_length(steps: Steps, lengths: Tensor, order: Tensor) -> Steps:
    batch = steps.rows.shape[1]
    rows, flips = steps.rows.flatten(), steps.flips.flatten()
    own = lengths[rows, flips.long()]
    groups = torch.arange(len(rows)).split(SORTED_TOGETHER * batch)
    places = torch.cat([group[own[group].argsort(stable=True)] for group in groups]).view(-1, batch)[order]
    return Steps(rows[places], flips[places], steps.keys)
