"""The compiled loops behind `regssl.liftover.lift`."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from regssl.liftover.chains import BUCKET_BITS
from regssl.liftover.status import LiftStatus

MAPPED = LiftStatus.MAPPED.code
DELETED = LiftStatus.DELETED.code
PARTIALLY_DELETED = LiftStatus.PARTIALLY_DELETED.code
SPLIT = LiftStatus.SPLIT.code
DUPLICATED = LiftStatus.DUPLICATED.code


class Columns(NamedTuple):
    """The arrays of `Chains` that the kernels read."""

    first_block: np.ndarray
    first_bucket: np.ndarray
    bucket: np.ndarray
    start: np.ndarray
    end: np.ndarray
    query: np.ndarray
    chain: np.ndarray
    reach: np.ndarray
    query_size: np.ndarray
    minus: np.ndarray


@numba.njit(cache=True, nogil=True)
def _first_beyond(blocks: Columns, chrom: int, position: int, left: int) -> int:
    """First block of a chromosome that reaches beyond `position`; all before block `left` are known not to.

    The chromosome's table of buckets leads near it, and so does the last of a sorted list of intervals: from the nearer
    of the two, strides that double, then halving.
    """
    buckets = blocks.first_bucket[chrom + 1] - blocks.first_bucket[chrom]
    k = min(position >> BUCKET_BITS, buckets - 1)
    left, stop = max(left, blocks.bucket[blocks.first_bucket[chrom] + k]), blocks.first_block[chrom + 1]
    width = 1
    while left + width < stop and blocks.reach[left + width - 1] <= position:
        left += width
        width *= 2
    right = min(left + width, stop)
    while left < right:
        middle = (left + right) // 2
        if blocks.reach[middle] > position:
            right = middle
        else:
            left = middle + 1
    return left


@numba.njit(cache=True, nogil=True)
def _room(table: np.ndarray, needed: int) -> np.ndarray:
    """`table` (rows, columns), copied into a larger one if it has fewer than `needed` columns."""
    if needed <= table.shape[1]:
        return table
    larger = np.empty((table.shape[0], max(needed, 2 * table.shape[1])), table.dtype)
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            larger[i, j] = table[i, j]
    return larger


@numba.njit(cache=True, nogil=True)
def _overlapping(s: int, e: int, b: int, stop: int, blocks: Columns, seen: np.ndarray) -> int:
    """Collect the chains with blocks in [s, e), from block b on; return how many.

    Fills the columns of `seen`: chain, aligned bases, query start and query end on the chain's query strand.
    """
    n_seen = 0
    while b < stop and blocks.start[b] < e:
        if blocks.end[b] > s:
            j = n_seen - 1
            while j >= 0 and seen[0, j] != blocks.chain[b]:
                j -= 1
            left, right = max(s, blocks.start[b]) - blocks.start[b], min(e, blocks.end[b]) - blocks.start[b]
            if j < 0:
                j = n_seen
                n_seen += 1
                seen[0, j], seen[1, j], seen[2, j] = blocks.chain[b], 0, blocks.query[b] + left
            seen[1, j] += right - left
            seen[3, j] = blocks.query[b] + right
        b += 1
    return n_seen


@numba.njit(cache=True, nogil=True)
def _keep_hits(needed: float, seen: np.ndarray, n_seen: int) -> tuple[int, int]:
    """Move the chains that align enough bases to the front of `seen`, by their numbers.

    Returns how many there are, and how many other chains align too few.
    """
    hits, partial = 0, 0
    for j in range(n_seen):
        if seen[1, j] >= needed:
            chain, aligned, first, last = seen[0, j], seen[1, j], seen[2, j], seen[3, j]
            i = hits
            while i > 0 and seen[0, i - 1] > chain:
                seen[0, i], seen[1, i] = seen[0, i - 1], seen[1, i - 1]
                seen[2, i], seen[3, i] = seen[2, i - 1], seen[3, i - 1]
                i -= 1
            seen[0, i], seen[1, i], seen[2, i], seen[3, i] = chain, aligned, first, last
            hits += 1
        elif seen[1, j] > 0:
            partial += 1
    return hits, partial


@numba.njit(cache=True, nogil=True)
def lift(
    target: np.ndarray, start: np.ndarray, end: np.ndarray, ratio: float, multiple: bool, blocks: Columns
) -> tuple[np.ndarray, np.ndarray]:
    """Status (n,) and pieces (6, m): row, chain, query start, query end, aligned, serial."""
    status = np.empty(start.size, np.uint8)
    pieces = np.empty((6, start.size), np.int32)
    seen = np.empty((4, blocks.minus.size), np.int32)  # room for all chains: only the pages in use cost memory
    m, i, chrom, last_start = 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        hits, partial = 0, 0
        if target[k] >= 0:
            i = _first_beyond(blocks, target[k], s, i if target[k] == chrom and s >= last_start else 0)
            chrom, last_start = target[k], s
            n_seen = _overlapping(s, e, i, blocks.first_block[chrom + 1], blocks, seen)
            hits, partial = _keep_hits(ratio * (e - s), seen, n_seen)
        if hits == 0:
            status[k] = DELETED if partial == 0 else PARTIALLY_DELETED if partial == 1 else SPLIT
            continue
        if hits > 1 and not multiple:
            status[k] = DUPLICATED
            continue
        status[k] = MAPPED
        pieces = _room(pieces, m + hits)
        for j in range(hits):
            c, q_start, q_end = seen[0, j], seen[2, j], seen[3, j]
            if blocks.minus[c]:
                q_start, q_end = blocks.query_size[c] - q_end, blocks.query_size[c] - q_start
            pieces[0, m], pieces[1, m], pieces[2, m] = k, c, q_start
            pieces[3, m], pieces[4, m], pieces[5, m] = q_end, seen[1, j], j + 1
            m += 1
    return status, pieces[:, :m]


@numba.njit(cache=True, nogil=True)
def aligned(target: np.ndarray, start: np.ndarray, end: np.ndarray, blocks: Columns) -> np.ndarray:
    """Stretches (5, m): row, chain, target start, query start, query end."""
    stretches = np.empty((5, 2 * start.size + 1), np.int32)
    m, i, chrom, last_start = 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        if target[k] < 0:
            continue
        i = _first_beyond(blocks, target[k], s, i if target[k] == chrom and s >= last_start else 0)
        chrom, last_start = target[k], s
        b, stop = i, blocks.first_block[chrom + 1]
        while b < stop and blocks.start[b] < e:
            size = min(e, blocks.end[b]) - max(s, blocks.start[b])
            if size > 0:
                stretches = _room(stretches, m + 1)
                c = blocks.chain[b]
                q_start = blocks.query[b] + max(s - blocks.start[b], 0)
                if blocks.minus[c]:
                    q_start = blocks.query_size[c] - q_start - size
                stretches[0, m], stretches[1, m], stretches[2, m] = k, c, max(s, blocks.start[b])
                stretches[3, m], stretches[4, m] = q_start, q_start + size
                m += 1
            b += 1
    return stretches[:, :m]
