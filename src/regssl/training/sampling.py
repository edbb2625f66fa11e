"""What a phase draws its batches from: slots, each of which shows one window, or one of several at every draw.

Methods differ here. SSL has a slot for each human window and for each homolog. Its controls have as many, of the same
labels, but other windows in them, so that every method takes the same steps with the same share of positives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from regssl.data.dataset import WindowDataset
from regssl.methods import TrainingSource


@dataclass(frozen=True)
class Slots:
    """Slots, as row numbers of the training windows: human ones first, then homologs.

    Attributes:
        members: int64 (members,), the windows that slots may show.
        first, count: int64 (slots,), where in `members` those of a slot begin, and how many they are; None: one each.
    """

    members: Tensor
    first: Tensor | None = None
    count: Tensor | None = None

    def __len__(self) -> int:
        return len(self.members if self.first is None else self.first)

    def show(self, slots: Tensor, stream: torch.Generator) -> Tensor:
        """The windows that these slots show this time: int64, of the shape of `slots`."""
        if self.first is None or self.count is None:
            return self.members[slots]
        picks = (torch.rand(slots.shape, generator=stream) * self.count[slots]).long()
        return self.members[self.first[slots] + picks]

    def positive_share(self, labels: Tensor) -> float:
        """The expected share of positives among drawn windows, whose labels are (windows,)."""
        shown = self.members if self.first is None else self.members[self.first]  # all members of a slot are alike
        return float(labels[shown].mean())


def make_slots(
    source: TrainingSource,
    human: WindowDataset,
    homologs: WindowDataset | None,
    percent: int | None,
    stream: torch.Generator,
) -> Slots:
    """The slots of a phase.

    Args:
        source: `human`: the human windows. `homologs`: these, and the homologs. `parents`: a slot for each of these,
            but in place of a homolog the human window that it comes from. `orthogroups`: as many slots of each label,
            dealt out to the human windows of that label; each shows, at random, its window or one of the homologs.
        human, homologs: windows; with their sources, where homologs are shown or windows left out.
        percent: take only so many percent of the human windows, of either label, with their homologs; None: all.
        stream: chooses them, and which of the human windows get a slot more than others.
    """
    chosen = _some(human.labels, percent, stream)
    own = chosen.nonzero().squeeze(1)
    if source == "human" or homologs is None:
        return Slots(own)
    if source == "homologs" and percent is None:
        return Slots(torch.arange(len(human) + len(homologs)))
    parents = _parents(human, homologs)
    kept = chosen[parents].nonzero().squeeze(1)
    if source == "homologs":
        return Slots(torch.cat([own, len(human) + kept]))
    if source == "parents":
        return Slots(torch.cat([own, parents[kept]]))
    return _families(human.labels, own, parents, kept, stream)


def permuted(homologs: WindowDataset, share: float, stream: torch.Generator) -> Tensor:
    """Labels of homologs, a share of each genome's permuted among themselves: float32 (homologs,)."""
    labels = homologs.labels.clone()
    assert homologs.genomes is not None
    for genome in homologs.genomes.unique():
        rows = (homologs.genomes == genome).nonzero().squeeze(1)
        rows = rows[torch.randperm(len(rows), generator=stream)[: round(share * len(rows))]]
        labels[rows] = labels[rows[torch.randperm(len(rows), generator=stream)]]
    return labels


def _some(labels: Tensor, percent: int | None, stream: torch.Generator) -> Tensor:
    """bool (windows,): so many percent of each label, at least one."""
    if percent is None:
        return torch.ones(len(labels), dtype=torch.bool)
    chosen = torch.zeros(len(labels), dtype=torch.bool)
    for positive in (True, False):
        rows = ((labels > 0.5) == positive).nonzero().squeeze(1)
        wanted = max(1, round(len(rows) * percent / 100))
        chosen[rows[torch.randperm(len(rows), generator=stream)[:wanted]]] = True
    return chosen


def _parents(human: WindowDataset, homologs: WindowDataset) -> Tensor:
    """The row of the human window of each homolog: int64 (homologs,)."""
    assert human.sources is not None and homologs.sources is not None
    sources, rows = human.sources.sort()
    places = torch.searchsorted(sources, homologs.sources).clamp(max=len(sources) - 1)
    assert torch.equal(sources[places], homologs.sources), "a homolog of no human training window"
    return rows[places]


def _families(labels: Tensor, own: Tensor, parents: Tensor, kept: Tensor, stream: torch.Generator) -> Slots:
    """Slots of human windows with their homologs, as many of each label as there are windows of it."""
    parent = torch.cat([own, parents[kept]])
    order = parent.argsort(stable=True)
    members = torch.cat([own, len(labels) + kept])[order]
    families, sizes = torch.unique_consecutive(parent[order], return_counts=True)
    starts = sizes.cumsum(0) - sizes
    numbers = []
    for positive in (True, False):
        alike = ((labels[families] > 0.5) == positive).nonzero().squeeze(1)
        if len(alike):
            wanted = int(sizes[alike].sum())
            rounds = -(-wanted // len(alike))
            dealt = torch.cat([alike[torch.randperm(len(alike), generator=stream)] for _ in range(rounds)])
            numbers.append(dealt[:wanted])
    number = torch.cat(numbers)
    return Slots(members, starts[number], sizes[number])


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
