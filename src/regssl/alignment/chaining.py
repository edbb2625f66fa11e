"""Alignments to chains: those that follow one another in both genomes are joined, and human bases covered once.

The chains of two sequences and a strand are found by dynamic programming with a logarithmic cost of gaps (as UCSC's
`axtChain`): the best first, then the best of what is left. Then, as a net does, the best chain has its human bases, and
worse ones what they alone align. Alignments are not trimmed: a piece without gaps is kept whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regssl.alignment.settings import AlignmentSettings

if TYPE_CHECKING:
    from regssl.alignment._chaining import Tree

LEAF = 8
"""Alignments in a leaf of the tree, at most."""


class Alignments(NamedTuple):
    """Local alignments, n, each of pieces without gaps, p in all.

    Coordinates are 0-based; those in the query count from the end of its sequence on the minus strand.

    Attributes:
        score: int64 (n,).
        target, query: int64 (n,), numbers of sequences.
        minus: bool (n,), whether the query is on the minus strand.
        offsets: int64 (n + 1,), where the pieces of each begin.
        target_start, query_start, size: int64 (p,), pieces, in order.
    """

    score: np.ndarray
    target: np.ndarray
    query: np.ndarray
    minus: np.ndarray
    offsets: np.ndarray
    target_start: np.ndarray
    query_start: np.ndarray
    size: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Alignments]) -> Alignments:
        """Join some, at least one."""
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in cls._fields}
        counts = [np.diff(part.offsets) for part in parts]
        return cls(**(columns | {"offsets": np.concatenate([[0], np.cumsum(np.concatenate(counts))])}))


class Chain(NamedTuple):
    """A chain: its score, its sequences, and its pieces as in `Alignments`."""

    score: float
    target: int
    query: int
    minus: bool
    target_start: np.ndarray
    query_start: np.ndarray
    size: np.ndarray


class _Group(NamedTuple):
    """The chains of two sequences and a strand: the alignments of each, in order, and their scores."""

    members: list[np.ndarray]
    scores: np.ndarray


def chain_alignments(
    alignments: Alignments, sizes: Sequence[int], settings: AlignmentSettings, threads: int = 1
) -> Iterator[Chain]:
    """Chain alignments.

    Args:
        alignments: of two genomes.
        sizes: bases of each target sequence.
        settings: longest gap, smallest score.
        threads: of the processor.

    Yields:
        Chains that cover each base of the target once: by target sequence, the best first; of equal ones those of the
        first query sequence, then of the plus strand.
    """
    a = alignments
    first, last = a.offsets[:-1], a.offsets[1:] - 1
    starts = np.stack([a.target_start[first], a.query_start[first]], axis=1)
    ends = np.stack([a.target_start[last], a.query_start[last]], axis=1) + a.size[last, np.newaxis]
    order = np.lexsort((starts[:, 1], starts[:, 0], a.minus, a.query, a.target))
    keys = np.stack([a.target, a.query, a.minus])[:, order]
    bounds = np.flatnonzero((np.diff(keys, axis=1) != 0).any(axis=0)) + 1
    groups = np.split(order, bounds) if len(order) else []

    def chains_of(rows: np.ndarray) -> _Group:
        from regssl.alignment import _chaining

        columns = starts[rows], ends[rows], a.score[rows].astype(float)
        tree = _tree_of(ends[rows])
        members, offsets, scores = _chaining.chain(tree, *columns, settings.max_gap, settings.min_score)
        return _Group(np.split(rows[members], offsets[1:-1]) if len(scores) else [], scores)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(chains_of, groups))
    members = [one for group in found for one in group.members]
    if not members:
        return
    scores = np.concatenate([group.scores for group in found])
    targets = np.array([a.target[one[0]] for one in members])
    ranked = np.lexsort((-scores, targets))
    for target in np.unique(targets).tolist():
        chosen = ranked[targets[ranked] == target]
        yield from _cover_once(a, [members[c] for c in chosen], scores[chosen], sizes[target])


def _tree_of(ends: np.ndarray) -> Tree:
    """Make the tree of ends, int64 (n, 2), a level at a time: each node is divided at the median of its longer side."""
    from regssl.alignment._chaining import NONE, Tree

    n, order, edges, boxes = len(ends), np.arange(len(ends)), np.array([0, len(ends)]), []
    while True:
        low, high = (reduce.reduceat(ends[order], edges[:-1]) for reduce in (np.minimum, np.maximum))
        boxes.append((edges[:-1], edges[1:], np.stack([low, high], axis=2).reshape(-1, 4)))
        node = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
        if (np.diff(edges) <= LEAF).all():
            break
        side = np.argmax(high - low, axis=1)[node]
        order = order[np.lexsort((ends[order, side], node))]
        edges = np.sort(np.concatenate([edges, (edges[:-1] + edges[1:]) // 2]))
    first, stop, box = (np.concatenate(parts) for parts in zip(*boxes, strict=True))
    leaf = np.empty(n, np.int64)
    leaf[order] = len(first) - len(edges) + 1 + node
    return Tree(order, leaf, first, stop, box, np.full(len(first), NONE))


def _cover_once(a: Alignments, members: list[np.ndarray], scores: np.ndarray, length: int) -> Iterator[Chain]:
    """Yield what is kept of the chains of one target sequence, in their order."""
    from regssl.alignment import _chaining

    counts = np.diff(a.offsets)
    pieces = [np.concatenate([np.arange(a.offsets[m], a.offsets[m + 1]) for m in one]) for one in members]
    offsets = np.concatenate([[0], np.cumsum([counts[one].sum() for one in members])])
    together = np.concatenate(pieces)
    kept = _chaining.cover_once(offsets, a.target_start[together], a.size[together], length)
    for one, score, low, high in zip(members, scores.tolist(), offsets[:-1], offsets[1:], strict=True):
        chosen = together[low:high][kept[low:high]]
        if len(chosen):
            sequences = int(a.target[one[0]]), int(a.query[one[0]]), bool(a.minus[one[0]])
            yield Chain(score, *sequences, a.target_start[chosen], a.query_start[chosen], a.size[chosen])
