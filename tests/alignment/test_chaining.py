"""Chains of alignments: against a slow, obvious chaining, and by examples."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regssl.alignment.chaining import Alignments, Chain, chain_alignments
from regssl.alignment.settings import AlignmentSettings

SIZE = 3000
"""Of each sequence, in bp."""


class One(NamedTuple):
    """An alignment by hand: its score, its sequences, its pieces as (target, query, size)."""

    score: int
    target: int
    query: int
    minus: bool
    pieces: tuple[tuple[int, int, int], ...]


def alignments(ones: list[One]) -> Alignments:
    pieces = np.array([piece for one in ones for piece in one.pieces], np.int64).reshape(-1, 3)
    return Alignments(
        np.array([one.score for one in ones], np.int64),
        np.array([one.target for one in ones], np.int64),
        np.array([one.query for one in ones], np.int64),
        np.array([one.minus for one in ones], bool),
        np.cumsum([0, *(len(one.pieces) for one in ones)]),
        *np.ascontiguousarray(pieces.T),
    )


def chains(ones: list[One], **values: float) -> list[tuple[float, int, int, bool, list[list[int]]]]:
    found = chain_alignments(alignments(ones), [SIZE, SIZE], AlignmentSettings.model_validate(values))
    return [_as_lists(chain) for chain in found]


def _as_lists(chain: Chain) -> tuple[float, int, int, bool, list[list[int]]]:
    pieces = np.stack([chain.target_start, chain.query_start, chain.size], axis=1).tolist()
    return chain.score, chain.target, chain.query, chain.minus, pieces


def slow_chains(ones: list[One], max_gap: int, min_score: float) -> list[tuple[float, int, int, bool, list[list[int]]]]:
    """Every pair of alignments is looked at, again for each chain; every base is marked by itself."""
    groups: dict[tuple[int, int, bool], list[One]] = {}
    for one in sorted(ones, key=lambda one: one[1:4]):
        groups.setdefault(one[1:4], []).append(one)
    found = []
    for group in groups.values():
        left = sorted(group, key=lambda one: one.pieces[0][:2])
        while left:
            best: list[tuple[float, list[int]]] = []
            for i, one in enumerate(left):
                choice = (float(one.score), [i])
                for j in range(i):
                    ends = [left[j].pieces[-1][side] + left[j].pieces[-1][2] for side in (0, 1)]
                    gaps = [one.pieces[0][side] - ends[side] for side in (0, 1)]
                    if min(gaps) >= 0 and max(gaps) <= max_gap:
                        d = sum(gaps)
                        cost = 300 + (10 * math.log2(1 + d)) * 10 + d * 0.02 if d else 0.0
                        if best[j][0] + one.score - cost > choice[0]:
                            choice = (best[j][0] + one.score - cost, [*best[j][1], i])
                best.append(choice)
            score, path = max(best, key=lambda choice: choice[0])
            if score < min_score:
                break
            found.append((score, [left[i] for i in path]))
            left = [one for i, one in enumerate(left) if i not in path]
    covered: dict[int, set[int]] = {0: set(), 1: set()}
    answer = []
    for score, path in sorted(found, key=lambda chain: (chain[1][0].target, -chain[0])):
        seen = covered[path[0].target]
        pieces = [list(piece) for one in path for piece in one.pieces]
        shared = [sum(base in seen for base in range(t, t + size)) for t, _, size in pieces]
        kept = [piece for piece, both in zip(pieces, shared, strict=True) if not both]
        if kept and sum(shared) <= 0.3 * sum(size for _, _, size in pieces):
            for t, _, size in kept:
                seen.update(range(t, t + size))
            answer.append((score, *path[0][1:4], kept))
    return answer


@st.composite
def one_alignment(draw: st.DrawFn) -> One:
    target, query = draw(st.integers(0, SIZE // 3)), draw(st.integers(0, SIZE // 3))
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 60))
        pieces.append((target, query, size))
        target, query = target + size + draw(st.integers(0, 20)), query + size + draw(st.integers(0, 20))
    sequences = draw(st.integers(0, 1)), draw(st.integers(0, 1)), draw(st.booleans())
    return One(draw(st.sampled_from([500, 900, 1000, 2000])), *sequences, tuple(pieces))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(one_alignment(), max_size=40), st.sampled_from([5, 100, 2000]), st.sampled_from([0, 900, 1500]))
@example([One(1000, 0, 0, False, ((0, 0, 10),)), One(1000, 0, 0, False, ((10, 10, 10),))], 5, 0)  # no gap, no cost
def test_chains_are_those_of_the_slow_way(ones: list[One], max_gap: int, min_score: float) -> None:
    assert chains(ones, max_gap=max_gap, min_score=min_score) == slow_chains(ones, max_gap, min_score)


def test_many_alignments_in_one_group() -> None:
    """Enough for a tree of several levels; equal scores and places are among them."""
    rng = np.random.default_rng(1)
    starts, sizes = rng.integers(0, 2800, (250, 2)), rng.integers(1, 40, 250)
    ones = [
        One(int(score), 0, 0, False, ((int(t), int(q), int(size)),))
        for (t, q), size, score in zip(starts, sizes, rng.integers(5, 30, 250) * 100, strict=True)
    ]
    ones += ones[:20]
    assert chains(ones, max_gap=700, min_score=1000) == slow_chains(ones, 700, 1000)


def test_a_worse_chain_has_what_it_alone_aligns() -> None:
    best = One(9000, 0, 0, False, ((100, 100, 200),))
    other = One(6000, 0, 1, True, ((50, 0, 40), (95, 45, 20), (400, 350, 100)))
    within = One(8000, 0, 1, False, ((120, 0, 100),))
    assert chains([other, within, best]) == [
        (9000, 0, 0, False, [[100, 100, 200]]),
        (6000, 0, 1, True, [[50, 0, 40], [400, 350, 100]]),
    ]
    assert chains([One(4999, 0, 0, False, ((0, 0, 9),))]) == [] == chains([])


@pytest.mark.parametrize("threads", [1, 3])
def test_chains_are_in_the_order_of_targets_then_scores(threads: int) -> None:
    ones = [One(5000 + 100 * i, i % 2, i % 3, False, ((100 * i, 0, 50),)) for i in range(6)]
    found = list(chain_alignments(alignments(ones), [SIZE, SIZE], AlignmentSettings(), threads))
    assert [(one.target, one.score) for one in found] == [
        (0, 5400), (0, 5200), (0, 5000), (1, 5500), (1, 5300), (1, 5100)
    ]  # fmt: skip
