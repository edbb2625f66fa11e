"""Compiled kernels of `regssl.alignment.chaining`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

MARGIN = 1e-3
"""What rounding may add to a score: a bound that is lower by less excludes nothing."""
MAX_COVERED = 0.3
"""A chain is left out if a larger share of its bases is covered by better chains."""
NONE = -np.inf


class Tree(NamedTuple):
    """Ends of alignments in a k-d tree of two dimensions, with the score of the best chain that ends within each node.

    The children of node k are 2 k + 1 and 2 k + 2; leaves are all at one depth.

    Attributes:
        order: int64 (n,), alignments, those of a node together.
        leaf: int64 (n,), the leaf of each alignment.
        first, stop: int64 (nodes,), where the alignments of each node are in `order`.
        box: int64 (nodes, 4), least and greatest end of each node in the target, then in the query.
        best: float64 (nodes,), NONE where no chain ends.
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
    bases = target_gap + query_gap
    if bases <= 0:
        return 0.0
    return 300 + (10 * math.log2(1 + bases)) * 10 + bases * 0.02


@njit(nogil=True)
def _set(tree: Tree, best: np.ndarray, i: int, score: float) -> None:
    """Set the score of the best chain that ends with alignment i."""
    best[i] = score
    k, highest = tree.leaf[i], NONE
    for at in range(tree.first[k], tree.stop[k]):
        if best[tree.order[at]] > highest:
            highest = best[tree.order[at]]
    while tree.best[k] != highest:
        tree.best[k] = highest
        if k == 0:
            break
        k = (k - 1) // 2
        highest = max(tree.best[2 * k + 1], tree.best[2 * k + 2])


@njit(nogil=True)
def _best_before(
    tree: Tree, best: np.ndarray, starts: np.ndarray, ends: np.ndarray, score: float, place: tuple[int, int]
) -> tuple[float, int]:
    """Find the best chain that an alignment can end: its score, and the alignment before, -1 where it is alone.

    Of several that are equal, the first. Nodes that hold nothing better are passed over.

    Args:
        tree, best: chains that end before.
        starts, ends: int64 (n, 2).
        score: of the alignment.
        place: the alignment, and the longest gap.
    """
    i, max_gap = place
    target, query = starts[i, 0], starts[i, 1]
    found, before = score, -1
    stack = np.empty(128, np.int64)
    stack[0], depth = 0, 1
    while depth:
        depth -= 1
        k = stack[depth]
        target_gap, query_gap = target - tree.box[k, 1], query - tree.box[k, 3]
        if tree.box[k, 0] > target or tree.box[k, 2] > query or target_gap > max_gap or query_gap > max_gap:
            continue
        if tree.best[k] + score - gap_cost(max(target_gap, 0), max(query_gap, 0)) < found - MARGIN:
            continue
        if 2 * k + 1 < len(tree.first):
            stack[depth], stack[depth + 1] = 2 * k + 1, 2 * k + 2
            depth += 2
            continue
        for at in range(tree.first[k], tree.stop[k]):
            j = tree.order[at]
            target_gap, query_gap = target - ends[j, 0], query - ends[j, 1]
            if best[j] == NONE or target_gap < 0 or query_gap < 0 or target_gap > max_gap or query_gap > max_gap:
                continue
            total = best[j] + score - gap_cost(target_gap, query_gap)
            if total > found or (total == found and j < before):
                found, before = total, j
    return found, before


@njit(nogil=True)
def _first_best(tree: Tree, best: np.ndarray) -> int:
    """Find the alignment with which the best chain ends; of several, the first."""
    found = len(best)
    stack = np.empty(128, np.int64)
    stack[0], depth = 0, 1
    while depth:
        depth -= 1
        k = stack[depth]
        if tree.best[k] != tree.best[0]:
            continue
        if 2 * k + 1 < len(tree.first):
            stack[depth], stack[depth + 1] = 2 * k + 1, 2 * k + 2
            depth += 2
            continue
        for at in range(tree.first[k], tree.stop[k]):
            j = tree.order[at]
            if best[j] == tree.best[0] and j < found:
                found = j
    return found


@njit(nogil=True)
def _add_children(
    i: int, child: np.ndarray, sibling: np.ndarray, taken: np.ndarray, todo: np.ndarray, waiting: int
) -> int:
    """Add to `todo` what goes on from an alignment and is not taken; return the number waiting there."""
    at = child[i]
    while at >= 0:
        if not taken[at]:
            todo[waiting] = at
            waiting += 1
        at = sibling[at]
    return waiting


@njit(nogil=True)
def chain(
    tree: Tree, starts: np.ndarray, ends: np.ndarray, scores: np.ndarray, max_gap: int, min_score: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the best chain of alignments of two sequences, then the best of the others, and so on.

    A chain that is taken changes only what went on from its alignments; the rest is not computed again.

    Args:
        tree: of the ends, in which no chain ends yet.
        starts, ends: int64 (n, 2), in target and query, sorted by both starts.
        scores: float64 (n,).
        max_gap: longest gap in either sequence.
        min_score: of the worst chain taken.

    Returns:
        The alignments of all chains; where each chain begins among them, and their number; score of each chain.
    """
    n = len(scores)
    best, before, taken = np.full(n, NONE), np.full(n, -1), np.zeros(n, np.bool_)
    child, sibling = np.full(n, -1), np.full(n, -1)  # what goes on from each alignment: the first, and the next one
    todo, waiting = np.arange(n), n
    members, offsets, totals = np.empty(n, np.int64), np.zeros(n + 1, np.int64), np.empty(n)
    count, used = 0, 0
    while used < n:
        for i in todo[:waiting]:
            total, j = _best_before(tree, best, starts, ends, scores[i], (i, max_gap))
            _set(tree, best, i, total)
            before[i] = j
            if j >= 0:
                sibling[i], child[j] = child[j], i
        last = _first_best(tree, best)
        if best[last] < min_score:
            break
        totals[count] = best[last]
        at, size = last, 0
        while at >= 0:
            taken[at], size = True, size + 1
            _set(tree, best, at, NONE)
            at = before[at]
        used, at, waiting = used + size, last, 0
        for back in range(1, size + 1):
            members[used - back] = at
            waiting = _add_children(at, child, sibling, taken, todo, waiting)
            at = before[at]
        count += 1
        offsets[count] = used
        done = 0
        while done < waiting:  # what went on from those that are taken, and from that
            i, done = todo[done], done + 1
            waiting = _add_children(i, child, sibling, taken, todo, waiting)
            child[i] = -1
            _set(tree, best, i, NONE)
        todo[:waiting] = np.sort(todo[:waiting])
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
            shared = 0
            for base in range(starts[p], starts[p] + sizes[p]):
                shared += covered[base]
            kept[p] = shared == 0
            bases, before = bases + sizes[p], before + shared
        for p in range(offsets[c], offsets[c + 1]):
            kept[p] &= before <= MAX_COVERED * bases
            if kept[p]:
                for base in range(starts[p], starts[p] + sizes[p]):
                    covered[base] = True
    return kept
