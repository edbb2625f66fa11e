"""Which windows a phase draws from."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from regssl.data.dataset import WindowDataset
from regssl.training.sampling import make_slots, permuted

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


def shown(kind: str, percent: int | None = None, seed: int = 0) -> list[list[int]]:
    """The windows that each slot may show."""
    slots = make_slots(kind, HUMAN, HOMOLOGS, percent, stream(seed))  # type: ignore[arg-type]
    if slots.first is None or slots.count is None:
        return [[row] for row in slots.members.tolist()]
    pairs = zip(slots.first.tolist(), slots.count.tolist(), strict=True)
    return [slots.members[first : first + count].tolist() for first, count in pairs]


def test_human_windows_alone() -> None:
    assert shown("human") == [[0], [1], [2], [3]]


def test_homologs_too() -> None:
    assert shown("homologs") == [[row] for row in range(10)]


def test_the_human_window_in_place_of_each_homolog() -> None:
    assert shown("parents") == [[0], [1], [2], [3], [2], [0], [1], [2], [3], [2]]


def test_families_are_dealt_out_by_label() -> None:
    """Six positive slots and four negative ones, as with homologs; each label's windows take turns."""
    families = [tuple(slot) for slot in shown("orthogroups")]
    assert Counter(families) == {(0, 5): 3, (2, 4, 7, 9): 3, (1, 6): 2, (3, 8): 2}


def test_a_slot_of_several_windows_shows_each_as_often() -> None:
    slots = make_slots("orthogroups", HUMAN, HOMOLOGS, None, stream())
    assert slots.first is not None
    slot = int((slots.count == 4).nonzero()[0])  # type: ignore[operator]
    seen = Counter(slots.show(torch.full((8000,), slot), stream()).tolist())
    assert seen.keys() == {2, 4, 7, 9} and all(abs(count - 2000) < 200 for count in seen.values())


@pytest.mark.parametrize("kind", ["homologs", "parents", "orthogroups"])
def test_the_controls_have_the_slots_of_ssl(kind: str) -> None:
    labels = torch.cat([HUMAN.labels, HOMOLOGS.labels])
    slots = make_slots(kind, HUMAN, HOMOLOGS, None, stream())  # type: ignore[arg-type]
    assert len(slots) == 10 and slots.positive_share(labels) == pytest.approx(0.6)


@given(st.sampled_from([10, 25, 50, 99]), st.integers(0, 20))
def test_half_of_the_human_windows_with_their_homologs(percent: int, seed: int) -> None:
    """One of two of each label at least; no homolog of another; the same in every phase of a seed."""
    own = {row for (row,) in shown("human", percent, seed)}
    assert {float(HUMAN.labels[row]) for row in own} == {0.0, 1.0}
    parents = [2, 0, 1, 2, 3, 2]
    homologs = {4 + row for row, parent in enumerate(parents) if parent in own}
    assert {row for (row,) in shown("homologs", percent, seed)} == own | homologs
    assert {row for (row,) in shown("parents", percent, seed)} == own
    assert {row for slot in shown("orthogroups", percent, seed) for row in slot} == own | homologs


@given(st.floats(0, 1), st.integers(0, 50))
def test_labels_are_permuted_within_a_genome(share: float, seed: int) -> None:
    labels = permuted(HOMOLOGS, share, stream(seed))
    for genome in range(3):
        rows = HOMOLOGS.genomes == genome
        assert labels[rows].sum() == HOMOLOGS.labels[rows].sum()
    if round(3 * share) < 2:
        assert torch.equal(labels, HOMOLOGS.labels)


def test_so_many_labels_change_as_the_share_says() -> None:
    many = WindowDataset(
        torch.zeros(4000, 20, dtype=torch.uint8), (torch.arange(4000) % 4 == 0).float(), None, torch.zeros(4000).long()
    )
    changed = {share: int((permuted(many, share, stream()) != many.labels).sum()) for share in (0.0, 0.5, 1.0)}
    assert changed[0.0] == 0
    assert abs(changed[1.0] - 1500) < 120  # 4000 × 2 × 1/4 × 3/4
    assert abs(changed[0.5] - 750) < 100
