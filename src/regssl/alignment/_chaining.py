"""Compiled kernels of `regssl.alignment.chaining`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

LEAF = 8
"""Alignments in a leaf of the tree, at most."""
MARGIN = 1e-3
"""What rounding may add to a score: a bound that is lower by less excludes nothing."""
MAX_COVERED = 0.3
"""A chain is left out if a larger share of its bases is covered by better chains."""


class Tree(NamedTuple):
    """Ends of alignments in a k-d tree of two dimensions, with the best chain that ends within each node.

    The children of node k are 2 k + 1 and 2 k + 2.
    """

    order: np.ndarray
    leaf: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    box: np.ndarray
    best: np.ndarray


@njit(nogil=True)
def gap_cost(target_gap: int, query_gap: int) -> float:
    """Cost of a gap: of none, nothing; else 300, 100 for each doubling and 0.02 for each base."""
    if target_gap <= 0 and query_gap <= 0:
        return 0.0
    bases = target_gap + query_gap
    return 300 + (10 * math.log2(1 + bases)) * 10 + bases * 0.02


@njit(nogil=True)
def build(ends: np.ndarray) -> Tree:
    """Make the tree of ends, int64 (2, n), in which no chain ends yet."""
    n, leaves = ends.shape[1], 1
    while leaves * LEAF < n:
        leaves *= 2
    nodes = 2 * leaves - 1
    order, leaf = np.arange(n), np.empty(n, np.int64)
    first, stop, box = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64), np.empty((4, nodes), np.int64)
    stop[0] = n
    for k in range(nodes):
        a, b = first[k], stop[k]
        inside = order[a:b]
        for side in range(2):
            box[2 * side, k], box[2 * side + 1, k] = ends[side][inside].min(), ends[side][inside].max()
        if k < leaves - 1:
            side = 0 if box[1, k] - box[0, k] >= box[3, k] - box[2, k] else 1
            order[a:b] = inside[np.argsort(ends[side][inside], kind="mergesort")]
            first[2 * k + 1], stop[2 * k + 1] = a, (a + b) // 2
            first[2 * k + 2], stop[2 * k + 2] = (a + b) // 2, b
        else:
            leaf[inside] = k
    return Tree(order, leaf, first, stop, box, np.full(nodes, -np.inf))


@njit(nogil=True)
def _set(tree: Tree, best: np.ndarray, i: int, score: float) -> None:
    """Set the score of the best chain that ends with alignment i; minus infinity: none does."""
    best[i] = score
    k = tree.leaf[i]
    highest = -np.inf
    for at in range(tree.first[k], tree.stop[k]):
        highest = max(highest, best[tree.order[at]])
    while tree.best[k] != highest:
        tree.best[k] = highest
        if not k:
            break
        k = (k - 1) // 2
        highest = max(tree.best[2 * k + 1], tree.best[2 * k + 2])


@njit(nogil=True)
def _best_before(
    tree: Tree, best: np.ndarray, ends: np.ndarray, start: np.ndarray, score: float, max_gap: int
) -> tuple[float, int]:
    """Find the best chain that an alignment can end: its score, and the alignment before, -1 where it is alone.

    Of several that are equal, the first. Nodes that hold nothing better are passed over.
    """
    found, before = score, -1
    stack = np.empty(128, np.int64)
    stack[0], depth = 0, 1
    while depth:
        depth -= 1
        k = stack[depth]
        box = tree.box[:, k]
        if box[0] > start[0] or box[2] > start[1] or box[1] < start[0] - max_gap or box[3] < start[1] - max_gap:
            continue
        least = gap_cost(max(start[0] - box[1], 0), max(start[1] - box[3], 0))
        if tree.best[k] + score - least < found - MARGIN:
            continue
        if 2 * k + 1 < len(tree.first):
            stack[depth], stack[depth + 1] = 2 * k + 1, 2 * k + 2
            depth += 2
            continue
        for at in range(tree.first[k], tree.stop[k]):
            j = tree.order[at]
            target_gap, query_gap = start[0] - ends[0, j], start[1] - ends[1, j]
            if best[j] == -np.inf or min(target_gap, query_gap) < 0 or max(target_gap, query_gap) > max_gap:
                continue
            total = best[j] + score - gap_cost(target_gap, query_gap)
            if total > found or (total == found and 0 <= j < before):
                found, before = total, j
    return found, before


@njit(nogil=True)
def chain(
    starts: np.ndarray, ends: np.ndarray, scores: np.ndarray, max_gap: int, min_score: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the best chain of alignments of two sequences, then the best of the others, and so on.

    A chain that is taken changes only what went on from its alignments; the rest is not computed again.

    Args:
        starts, ends: int64 (2, n), in target and query, sorted by both starts.
        scores: float64 (n,).
        max_gap: longest gap in either sequence.
        min_score: of the worst chain taken.

    Returns:
        The alignments of all chains; where each chain begins among them, and their number; score of each chain.
    """
    n = len(scores)
    tree, best, before = build(ends), np.full(n, -np.inf), np.full(n, -1)
    taken, changed = np.zeros(n, np.bool_), np.ones(n, np.bool_)
    members, offsets, totals = np.empty(n, np.int64), np.zeros(n + 1, np.int64), np.empty(n)
    count, used, low = 0, 0, 0
    while used < n:
        for i in range(low, n):
            if changed[i]:
                total, before[i] = _best_before(tree, best, ends, starts[:, i], scores[i], max_gap)
                _set(tree, best, i, total)
        last = int(np.argmax(best))
        if best[last] < min_score:
            break
        totals[count] = best[last]
        changed[:] = False
        size, low = 0, last
        while low >= 0:
            members[used + size] = low
            taken[low] = changed[low] = True
            _set(tree, best, low, -np.inf)
            size, low = size + 1, before[low]
        members[used : used + size] = members[used : used + size][::-1].copy()
        low = members[used]
        count, used = count + 1, used + size
        offsets[count] = used
        for i in range(low, n):
            if not taken[i] and before[i] >= 0 and changed[before[i]]:
                changed[i] = True
                _set(tree, best, i, -np.inf)
        changed &= ~taken
    return members[:used], offsets[: count + 1], totals[:count]


@njit(nogil=True)
def cover_once(offsets: np.ndarray, starts: np.ndarray, sizes: np.ndarray, length: int) -> np.ndarray:
    """Choose pieces of chains, the best chain first, so that each base of a target sequence is covered at most once.

    A chain of which more than MAX_COVERED is covered already is left out, of others the pieces of which any base is.

    Args:
        offsets: int64 (chains + 1,), where the pieces of each chain begin.
        starts, sizes: int64 (pieces,), in the target sequence.
        length: of the target sequence.

    Returns:
        bool (pieces,), whether each is kept.
    """
    covered, kept = np.zeros(length, np.bool_), np.zeros(len(starts), np.bool_)
    for c in range(len(offsets) - 1):
        bases, before = 0, 0
        for p in range(offsets[c], offsets[c + 1]):
            shared = int(np.count_nonzero(covered[starts[p] : starts[p] + sizes[p]]))
            kept[p] = not shared
            bases, before = bases + sizes[p], before + shared
        if before > MAX_COVERED * bases:
            kept[offsets[c] : offsets[c + 1]] = False
        for p in range(offsets[c], offsets[c + 1]):
            if kept[p]:
                covered[starts[p] : starts[p] + sizes[p]] = True
    return kept
