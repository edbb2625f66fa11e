"""Which windows a phase samples."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from regssl.data.dataset import WindowDataset
from regssl.methods import TrainingSource
from regssl.training.sampling import SamplingUnits, count_kept, make_sampling_units, permute_labels, select_windows

HUMAN = WindowDataset(
    codes=torch.zeros(4, 20, dtype=torch.uint8),
    labels=torch.tensor([1.0, 0.0, 1.0, 0.0]),
    sources=torch.tensor([70, 50, 90, 80]),  # in no order
)
HOMOLOGS = WindowDataset(
    codes=torch.zeros(6, 20, dtype=torch.uint8),
    labels=torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 1.0]),
    sources=torch.tensor([90, 70, 50, 90, 80, 90]),
    genomes=torch.tensor([0, 0, 0, 1, 1, 2]),
)


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def units_of(source: str, percent: int | None = None, seed: int = 0, kept: torch.Tensor | None = None) -> SamplingUnits:
    selecting = stream(seed)
    selected = select_windows(HUMAN.labels, percent, selecting)
    return make_sampling_units(source, HUMAN, HOMOLOGS, selected, selecting, kept)  # type: ignore[arg-type]


def members_of(source: str, percent: int | None = None, seed: int = 0) -> list[list[int]]:
    """The windows of each unit."""
    return unpacked(units_of(source, percent, seed))


def unpacked(units: SamplingUnits) -> list[list[int]]:
    if units.offsets is None or units.counts is None:
        return [[row] for row in units.members.tolist()]
    pairs = zip(units.offsets.tolist(), units.counts.tolist(), strict=True)
    return [units.members[first : first + count].tolist() for first, count in pairs]


def test_human_windows_alone() -> None:
    assert members_of("human") == [[0], [1], [2], [3]]


def test_homologs_too() -> None:
    assert members_of("homologs") == [[row] for row in range(10)]


def test_the_human_window_in_place_of_each_homolog() -> None:
    assert members_of("parents") == [[0], [1], [2], [3], [2], [0], [1], [2], [3], [2]]


@pytest.mark.parametrize(("source", "label"), [("positive_homologs", 1.0), ("negative_homologs", 0.0)])
def test_the_human_window_in_place_of_each_homolog_of_the_other_label(source: str, label: float) -> None:
    parents = [2, 0, 1, 2, 3, 2]
    units = [row if HOMOLOGS.labels[row - 4] == label else parents[row - 4] for row in range(4, 10)]
    assert members_of(source) == [[0], [1], [2], [3], *([row] for row in units)]


def test_orthogroups_are_dealt_by_label() -> None:
    """Six positive units and four negative ones, as with homologs; each label's windows take turns."""
    groups = [tuple(unit) for unit in members_of("orthogroups")]
    assert Counter(groups) == {(0, 5): 3, (2, 4, 7, 9): 3, (1, 6): 2, (3, 8): 2}


def test_a_unit_of_several_windows_samples_each_as_often() -> None:
    units = units_of("orthogroups")
    assert units.offsets is not None
    unit = int((units.counts == 4).nonzero()[0])  # type: ignore[operator]
    sampled = Counter(units.sample(torch.full((8000,), unit), stream()).tolist())
    assert sampled.keys() == {2, 4, 7, 9} and all(abs(count - 2000) < 200 for count in sampled.values())


@given(st.integers(0, 40), st.sampled_from([None, 25, 50]), st.integers(0, 20))
def test_all_negatives_take_turns(further: int, percent: int | None, seed: int) -> None:
    """As many units of each label as of human windows; every negative in one unit, units of nearly the same size."""
    others = WindowDataset(torch.zeros(further, 20, dtype=torch.uint8), torch.zeros(further))
    selecting = stream(seed)
    selected = select_windows(HUMAN.labels, percent, selecting)
    units = make_sampling_units("all_negatives", HUMAN, others, selected, selecting)
    labels = torch.cat([HUMAN.labels, others.labels])
    own = set(selected.nonzero().squeeze(1).tolist())
    groups = unpacked(units)
    positives, negatives = ([group for group in groups if labels[group[0]] == label] for label in (1, 0))
    assert sorted(positives) == [[row] for row in sorted(own) if labels[row] == 1]
    assert len(negatives) == sum(labels[row] == 0 for row in own)
    dealt = sorted(row for group in negatives for row in group)
    wanted = further if percent is None else round(further / 2)  # one of two human negatives is selected
    assert len(dealt) == len(set(dealt))
    assert [row for row in dealt if row < 4] == [row for row in sorted(own) if labels[row] == 0]
    assert len([row for row in dealt if row >= 4]) == wanted
    assert max(map(len, negatives)) - min(map(len, negatives)) <= 1
    assert units.positive_fraction(labels) == len(positives) / len(groups)


@pytest.mark.parametrize("source", get_args(TrainingSource)[1:-1])
def test_the_controls_have_as_many_units_as_ssl(source: str) -> None:
    labels = torch.cat([HUMAN.labels, HOMOLOGS.labels])
    units = units_of(source)
    assert len(units) == 10 and units.positive_fraction(labels) == pytest.approx(0.6)


@given(st.lists(st.booleans(), min_size=6, max_size=6), st.sampled_from([None, 25, 50, 75]), st.integers(0, 20))
def test_a_filter_leaves_as_many_units_of_each_label(kept: list[bool], percent: int | None, seed: int) -> None:
    """Human windows and kept homologs of a label are sampled as often as one another; all kept: the units of SSL."""
    labels = torch.cat([HUMAN.labels, HOMOLOGS.labels])
    usable = torch.tensor([True] * 4 + kept)
    ssl = units_of("homologs", percent, seed).members
    units = units_of("homologs", percent, seed, usable[4:])
    assert units.offsets is None
    times = Counter(units.members.tolist())
    assert set(times) == set(ssl[usable[ssl]].tolist())
    counts = count_kept(units, labels, 4)
    for name, label in (("positive", 1), ("negative", 0)):
        own = {row: n for row, n in times.items() if labels[row] == label}
        assert sum(own.values()) == (labels[ssl] == label).sum() and max(own.values()) - min(own.values()) <= 1
        assert counts[f"{name}_homologs"] == sum(labels[row] == label for row in ssl.tolist() if row >= 4)
        assert counts[f"{name}_homologs_kept"] == sum(row >= 4 for row in own)
    if all(kept):
        assert torch.equal(units.members, ssl)


@given(st.sampled_from([10, 25, 50, 99]), st.integers(0, 20))
def test_half_of_the_human_windows_with_their_homologs(percent: int, seed: int) -> None:
    """One of two of each label at least; no homolog of another; the same in every phase of a seed."""
    own = {row for (row,) in members_of("human", percent, seed)}
    assert {float(HUMAN.labels[row]) for row in own} == {0.0, 1.0}
    parents = [2, 0, 1, 2, 3, 2]
    homologs = {4 + row for row, parent in enumerate(parents) if parent in own}
    assert {row for (row,) in members_of("homologs", percent, seed)} == own | homologs
    assert {row for (row,) in members_of("parents", percent, seed)} == own
    for source, label in (("positive_homologs", 1.0), ("negative_homologs", 0.0)):
        alike = {row for row in homologs if HOMOLOGS.labels[row - 4] == label}
        assert {row for (row,) in members_of(source, percent, seed)} == own | alike
    assert {row for unit in members_of("orthogroups", percent, seed) for row in unit} == own | homologs


EVERY = torch.ones(len(HOMOLOGS), dtype=torch.bool)


@given(st.lists(st.booleans(), min_size=len(HOMOLOGS), max_size=len(HOMOLOGS)), st.integers(0, 50))
def test_labels_are_permuted_among_the_homologs_that_are_used(used: list[bool], seed: int) -> None:
    """So that as many positives are trained on, of a part of the human windows too."""
    among = torch.tensor(used)
    labels = permute_labels(HOMOLOGS, among, 1.0, stream(seed))
    assert labels[among].sum() == HOMOLOGS.labels[among].sum()
    assert torch.equal(labels[~among], HOMOLOGS.labels[~among])


@given(st.floats(0, 1), st.integers(0, 50))
def test_labels_are_permuted_within_a_genome(fraction: float, seed: int) -> None:
    labels = permute_labels(HOMOLOGS, EVERY, fraction, stream(seed))
    for genome in range(3):
        rows = HOMOLOGS.genomes == genome
        assert labels[rows].sum() == HOMOLOGS.labels[rows].sum()
    if round(3 * fraction) < 2:
        assert torch.equal(labels, HOMOLOGS.labels)


def test_as_many_labels_change_as_the_fraction() -> None:
    many = WindowDataset(
        torch.zeros(4000, 20, dtype=torch.uint8), (torch.arange(4000) % 4 == 0).float(), None, torch.zeros(4000).long()
    )
    every = torch.ones(4000, dtype=torch.bool)
    changed = {
        fraction: int((permute_labels(many, every, fraction, stream()) != many.labels).sum())
        for fraction in (0.0, 0.5, 1.0)
    }
    assert changed[0.0] == 0
    assert abs(changed[1.0] - 1500) < 120  # 4000 × 2 × 1/4 × 3/4
    assert abs(changed[0.5] - 750) < 100
