"""Sampling of training batches: the units that a phase samples, and the batches of an epoch.

A sampling unit is one window, or one of several, chosen at random each time. Methods differ in their units:
SSL has a unit for each human window and each homolog; other methods have as many of the same labels with other windows,
so that every method takes the same steps with the same fraction of positives.
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

SORT_POOL = 50
"""Batches among which windows are sorted by length."""


def derive_seed(*names: str | int) -> int:
    """Derive the seed of a random stream from names: other names, another stream."""
    digest = hashlib.sha256(" ".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(frozen=True)
class SamplingUnits:
    """Sampling units, as indices of the training windows: human ones first, then homologs.

    Attributes:
        members: int64 (members,), the windows of the units.
        offsets, counts: int64 (units,), the first member and the number of members of each unit; None: one each.
    """

    members: Tensor
    offsets: Tensor | None = None
    counts: Tensor | None = None

    def __len__(self) -> int:
        return len(self.members if self.offsets is None else self.offsets)

    def sample(self, units: Tensor, stream: torch.Generator) -> Tensor:
        """Sample a window of each unit: int64, of the shape of `units`."""
        if self.offsets is None or self.counts is None:
            return self.members[units]
        picks = (torch.rand(units.shape, generator=stream) * self.counts[units]).long()
        return self.members[self.offsets[units] + picks]

    def positive_fraction(self, labels: Tensor) -> float:
        """Return the expected fraction of positives among sampled windows, with labels (windows,)."""
        first = self.members if self.offsets is None else self.members[self.offsets]  # members have the same label
        return float(labels[first].mean())


def make_sampling_units(
    source: TrainingSource,
    human: WindowDataset,
    homologs: WindowDataset | None,
    selected: Tensor,
    stream: torch.Generator,
    kept: Tensor | None = None,
) -> SamplingUnits:
    """Make the sampling units of a phase.

    Args:
        source: `human`: a unit per human window. `homologs`: also one per homolog. `parents`: the same units, with the
            human window that a homolog comes from in its place. `positive_homologs`, `negative_homologs`: the same
            units, with that human window in place of each homolog of the other label. `orthogroups`: as many units of
            each label, dealt to the human windows of that label; a unit has such a window and its homologs as members.
            `all_negatives`: as many units of each label as with `human`; the negatives, and further ones in place of
            the homologs, are dealt to theirs.
        human, homologs: windows; with their sources, unless the units are the windows themselves.
        selected: bool (human,), the human windows to use, with their homologs.
        stream: selects the windows with more units than others.
        kept: bool (homologs,), the homologs to use, with the source `homologs`: as many units of each label as there
            would be with all, dealt to the human windows of that label and those homologs; None: all.
    """
    own = selected.nonzero().squeeze(1)
    if source == "human" or homologs is None:
        return SamplingUnits(own)
    if source == "all_negatives":
        return _all_negatives(human.labels, own, len(homologs), stream)
    if source == "homologs" and selected.all():
        every = torch.arange(len(human) + len(homologs))
        return SamplingUnits(every if kept is None else _filtered(human, homologs, every, kept, stream))
    parents = find_parents(human, homologs)
    usable = selected[parents].nonzero().squeeze(1)
    if source == "homologs":
        every = torch.cat([own, len(human) + usable])
        return SamplingUnits(every if kept is None else _filtered(human, homologs, every, kept, stream))
    if source == "orthogroups":
        return _orthogroups(human.labels, own, parents, usable, stream)
    positive = homologs.labels[usable] > 0.5
    as_homologs = {"parents": torch.zeros_like(positive), "positive_homologs": positive, "negative_homologs": ~positive}
    return SamplingUnits(torch.cat([own, torch.where(as_homologs[source], len(human) + usable, parents[usable])]))


def count_kept(units: SamplingUnits, labels: Tensor, n_human: int) -> dict[str, int]:
    """Count the homologs that a filter found and kept, from the units that it left.

    Args:
        units: of one window each, made with `kept`.
        labels: float32 (windows,), human ones first.
        n_human: number of human windows.

    Returns:
        `positive_homologs`, `positive_homologs_kept`, and the same of negatives. Homologs of human windows that are not
        selected are not counted.
    """
    sampled = torch.bincount(units.members, minlength=len(labels))
    counts = {}
    for name, alike in (("positive", labels > 0.5), ("negative", labels <= 0.5)):
        human, homologs = (int((part > 0).sum()) for part in (sampled * alike).tensor_split([n_human]))
        counts[f"{name}_homologs"] = int(sampled[alike].sum()) - human
        counts[f"{name}_homologs_kept"] = homologs
    return counts


def permute_labels(homologs: WindowDataset, used: Tensor, fraction: float, stream: torch.Generator) -> Tensor:
    """Permute the labels of a fraction of the homologs of each genome among themselves: float32 (homologs,).

    Args:
        homologs: of which none changes its genome.
        used: those that are trained on, bool (homologs,): others keep their labels, so that the positives stay as many.
        fraction: of those of a genome.
        stream: selects and permutes.
    """
    labels = homologs.labels.clone()
    assert homologs.genomes is not None
    for genome in homologs.genomes.unique():
        indices = ((homologs.genomes == genome) & used).nonzero().squeeze(1)
        indices = indices[torch.randperm(len(indices), generator=stream)[: round(fraction * len(indices))]]
        labels[indices] = labels[indices[torch.randperm(len(indices), generator=stream)]]
    return labels


def selection_stream(seed: int) -> torch.Generator:
    """Return the stream by which a seed selects its human windows, and then deals units to them."""
    return torch.Generator().manual_seed(derive_seed(seed, "slots"))


def select_windows(labels: Tensor, percent: int | None, stream: torch.Generator) -> Tensor:
    """Select a percentage of the windows of each label, at least one; None: all of them: bool (windows,)."""
    if percent is None:
        return torch.ones(len(labels), dtype=torch.bool)
    selected = torch.zeros(len(labels), dtype=torch.bool)
    for positive in (True, False):
        indices = ((labels > 0.5) == positive).nonzero().squeeze(1)
        wanted = max(1, round(len(indices) * percent / 100))
        selected[indices[torch.randperm(len(indices), generator=stream)[:wanted]]] = True
    return selected


def find_parents(human: WindowDataset, homologs: WindowDataset) -> Tensor:
    """Find the human window of each homolog: int64 (homologs,)."""
    assert human.sources is not None and homologs.sources is not None
    sources, indices = human.sources.sort()
    found = torch.searchsorted(sources, homologs.sources).clamp(max=len(sources) - 1)
    assert torch.equal(sources[found], homologs.sources), "a homolog of no human training window"
    return indices[found]


def _orthogroups(labels: Tensor, own: Tensor, parents: Tensor, kept: Tensor, stream: torch.Generator) -> SamplingUnits:
    """Make units of human windows with their homologs, as many of each label as there are windows of it."""
    parent = torch.cat([own, parents[kept]])
    order = parent.argsort(stable=True)
    members = torch.cat([own, len(labels) + kept])[order]
    groups, sizes = torch.unique_consecutive(parent[order], return_counts=True)
    starts = sizes.cumsum(0) - sizes
    units = []
    for positive in (True, False):
        alike = ((labels[groups] > 0.5) == positive).nonzero().squeeze(1)
        units.append(_deal(alike, int(sizes[alike].sum()), stream))
    unit = torch.cat(units)
    return SamplingUnits(members, starts[unit], sizes[unit])


def _all_negatives(labels: Tensor, own: Tensor, further: int, stream: torch.Generator) -> SamplingUnits:
    """Make a unit of each positive, and as many units of negatives as there are human ones, of which all are members.

    Args:
        labels: of the human windows.
        own: human windows that are used.
        further: number of further negatives, whose indices follow those of the human windows; the same fraction of
            them is used.
        stream: selects and deals them.
    """
    positives, negatives = own[labels[own] > 0.5], own[labels[own] <= 0.5]
    n_units, n_human = len(negatives), int((labels <= 0.5).sum())
    used = torch.randperm(further, generator=stream)[: round(further * n_units / max(n_human, 1))]
    negatives = torch.cat([negatives, len(labels) + used])
    negatives = negatives[torch.randperm(len(negatives), generator=stream)]
    counts = torch.full((n_units,), len(negatives) // max(n_units, 1))
    counts[: len(negatives) - int(counts.sum())] += 1
    counts = torch.cat([torch.ones(len(positives), dtype=torch.long), counts])
    return SamplingUnits(torch.cat([positives, negatives]), counts.cumsum(0) - counts, counts)


def _filtered(
    human: WindowDataset, homologs: WindowDataset, every: Tensor, kept: Tensor, stream: torch.Generator
) -> Tensor:
    """Replace the homologs that are not kept among units of one window each: as many units of each label, in order."""
    positive = torch.cat([human.labels, homologs.labels])[every] > 0.5
    usable = torch.cat([torch.ones(len(human), dtype=torch.bool), kept])[every]
    parts = [_deal(every[alike & usable], int(alike.sum()), stream) for alike in (positive, ~positive)]
    return torch.cat(parts).sort().values


def _deal(alike: Tensor, wanted: int, stream: torch.Generator) -> Tensor:
    """Deal units to windows or groups of one label: each once before any twice, (wanted,); none if there are none."""
    if not len(alike):
        return alike
    rounds = -(-wanted // len(alike))
    return torch.cat([alike[torch.randperm(len(alike), generator=stream)] for _ in range(rounds)])[:wanted]


class EpochBatches(NamedTuple):
    """The random choices of some optimizer steps, with the steps on the first axis.

    Attributes:
        indices: int64 (steps, seeds, batch), the windows of each batch.
        reverse_complement: bool (steps, seeds, batch), the windows whose reverse strand is used.
        dropout_seeds: int64 (steps, seeds, seeded layers), see `models.dropout`.
    """

    indices: Tensor
    reverse_complement: Tensor
    dropout_seeds: Tensor

    def split(self, size: int) -> Iterator[EpochBatches]:
        """Split into parts of at most `size` steps."""
        return (EpochBatches(*parts) for parts in zip(*(part.split(size) for part in self), strict=True))

    def to(self, device: torch.device) -> EpochBatches:
        """Move to a device."""
        return EpochBatches(*(part.to(device) for part in self))


@dataclass(frozen=True)
class EpochShape:
    """How much is sampled for an epoch.

    Attributes:
        batch_size, steps: windows per step, steps per epoch.
        seeded_layers: number of layers with a random seed.
        both_strands: use the reverse strand of half of the windows; else of none.
    """

    batch_size: int
    steps: int
    seeded_layers: int
    both_strands: bool = True


def sample_epoch(
    seeds: Sequence[int],
    phase: str,
    epoch: int,
    units: Sequence[SamplingUnits],
    shape: EpochShape,
    lengths: Tensor | None = None,
) -> EpochBatches:
    """Sample the batches of one epoch.

    Args:
        seeds: each has a random stream of its own.
        phase, epoch: name the streams; the same for all seeds.
        units: of each seed; each unit is sampled once before any is sampled again.
        shape: sizes.
        lengths: (windows, strands), length of each window where they differ: then the windows of a batch have similar
            lengths, being sorted by it within pools of 50 batches, whose order is random.
    """
    streams = [torch.Generator().manual_seed(derive_seed(seed, phase, epoch)) for seed in seeds]
    sampled = [_sample(stream, own, shape) for stream, own in zip(streams, units, strict=True)]
    if lengths is not None:  # the same order for all seeds
        order = _order(shape.steps, torch.Generator().manual_seed(derive_seed(phase, epoch, "lengths")))
        sampled = [_sorted_by_length(one, lengths, order) for one in sampled]
    return EpochBatches(*(torch.stack(parts, dim=1) for parts in zip(*sampled, strict=True)))


def _sample(stream: torch.Generator, units: SamplingUnits, shape: EpochShape) -> EpochBatches:
    """Sample the batches of one seed, without the axis of seeds."""
    steps, batch = shape.steps, shape.batch_size
    rounds = -(-steps * batch // len(units))
    shuffled = torch.cat([torch.randperm(len(units), generator=stream) for _ in range(rounds)])
    return EpochBatches(
        units.sample(shuffled[: steps * batch], stream).view(steps, batch),
        (torch.rand(steps, batch, generator=stream) < 0.5) & shape.both_strands,
        torch.randint(2**31, (steps, shape.seeded_layers), generator=stream),
    )


def _order(steps: int, stream: torch.Generator) -> Tensor:
    """Shuffle the steps within each pool."""
    pools = torch.arange(steps).split(SORT_POOL)
    return torch.cat([pool[torch.randperm(len(pool), generator=stream)] for pool in pools])


def _sorted_by_length(batches: EpochBatches, lengths: Tensor, order: Tensor) -> EpochBatches:
    """Sort the windows of each pool by length, and bring its batches into `order`."""
    size = batches.indices.shape[1]
    indices, reverse = batches.indices.flatten(), batches.reverse_complement.flatten()
    own = lengths[indices, reverse.long()]
    pools = torch.arange(len(indices)).split(SORT_POOL * size)
    sorted_ = torch.cat([pool[own[pool].argsort(stable=True)] for pool in pools]).view(-1, size)[order]
    return EpochBatches(indices[sorted_], reverse[sorted_], batches.dropout_seeds)
