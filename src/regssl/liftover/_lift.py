"""Compiled kernels of `regssl.liftover.lift`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from regssl.compilation import njit
from regssl.liftover.chains import BUCKET_BITS
from regssl.liftover.status import LiftStatus

MAPPED = LiftStatus.MAPPED.code
DELETED = LiftStatus.DELETED.code
PARTIALLY_DELETED = LiftStatus.PARTIALLY_DELETED.code
SPLIT = LiftStatus.SPLIT.code
DUPLICATED = LiftStatus.DUPLICATED.code


class Columns(NamedTuple):
    """The arrays of `Chains` that the kernels read."""

    block_offsets: np.ndarray
    bucket_offsets: np.ndarray
    bucket: np.ndarray
    start: np.ndarray
    end: np.ndarray
    query: np.ndarray
    chain: np.ndarray
    max_end: np.ndarray
    query_size: np.ndarray
    minus: np.ndarray


@njit(nogil=True)
def _first_ending_beyond(blocks: Columns, chrom: int, position: int, left: int) -> int:
    """Find the first block of a chromosome that ends beyond `position`; all before block `left` are known not to.

    Start from the bucket of the position or from `left` (the block of the last interval of a sorted list), whichever is
    nearer; double the stride until beyond, then bisect.
    """
    buckets = blocks.bucket_offsets[chrom + 1] - blocks.bucket_offsets[chrom]
    k = min(position >> BUCKET_BITS, buckets - 1)
    left, stop = max(left, blocks.bucket[blocks.bucket_offsets[chrom] + k]), blocks.block_offsets[chrom + 1]
    width = 1
    while left + width < stop and blocks.max_end[left + width - 1] <= position:
        left += width
        width *= 2
    right = min(left + width, stop)
    while left < right:
        middle = (left + right) // 2
        if blocks.max_end[middle] > position:
            right = middle
        else:
            left = middle + 1
    return left


@njit(nogil=True)
def _with_capacity(table: np.ndarray, needed: int) -> np.ndarray:
    """Return `table` (rows, columns), or a larger copy of it if it has fewer than `needed` columns."""
    if needed <= table.shape[1]:
        return table
    larger = np.empty((table.shape[0], max(needed, 2 * table.shape[1])), table.dtype)
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            larger[i, j] = table[i, j]
    return larger


@njit(nogil=True)
def _overlapping(s: int, e: int, b: int, stop: int, blocks: Columns, found: np.ndarray) -> int:
    """Collect the chains with blocks in [s, e), from block b on; return how many.

    Fills the columns of `found`: chain, aligned bases, query start and query end on the chain's query strand.
    """
    n_found = 0
    while b < stop and blocks.start[b] < e:
        if blocks.end[b] > s:
            j = n_found - 1
            while j >= 0 and found[0, j] != blocks.chain[b]:
                j -= 1
            left, right = max(s, blocks.start[b]) - blocks.start[b], min(e, blocks.end[b]) - blocks.start[b]
            if j < 0:
                j = n_found
                n_found += 1
                found[0, j], found[1, j], found[2, j] = blocks.chain[b], 0, blocks.query[b] + left
            found[1, j] += right - left
            found[3, j] = blocks.query[b] + right
        b += 1
    return n_found


@njit(nogil=True)
def _keep_hits(needed: float, found: np.ndarray, n_found: int) -> tuple[int, int]:
    """Move the chains that align enough bases to the front of `found`, sorted by number.

    Returns how many there are, and how many other chains align too few.
    """
    hits, partial = 0, 0
    for j in range(n_found):
        if found[1, j] >= needed:
            chain, aligned, first, last = found[0, j], found[1, j], found[2, j], found[3, j]
            i = hits
            while i > 0 and found[0, i - 1] > chain:
                found[0, i], found[1, i] = found[0, i - 1], found[1, i - 1]
                found[2, i], found[3, i] = found[2, i - 1], found[3, i - 1]
                i -= 1
            found[0, i], found[1, i], found[2, i], found[3, i] = chain, aligned, first, last
            hits += 1
        elif found[1, j] > 0:
            partial += 1
    return hits, partial


@njit(nogil=True)
def lift(
    target: np.ndarray, start: np.ndarray, end: np.ndarray, ratio: float, multiple: bool, blocks: Columns
) -> tuple[np.ndarray, np.ndarray]:
    """Lift intervals: status (n,) and pieces (6, m): index, chain, query start, query end, aligned, multiple rank."""
    status = np.empty(start.size, np.uint8)
    pieces = np.empty((6, start.size), np.int32)
    found = np.empty((4, blocks.minus.size), np.int32)  # capacity for all chains: only pages in use cost memory
    m, i, chrom, last_start = 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        hits, partial = 0, 0
        if target[k] >= 0:
            i = _first_ending_beyond(blocks, target[k], s, i if target[k] == chrom and s >= last_start else 0)
            chrom, last_start = target[k], s
            n_found = _overlapping(s, e, i, blocks.block_offsets[chrom + 1], blocks, found)
            hits, partial = _keep_hits(ratio * (e - s), found, n_found)
        if hits == 0:
            status[k] = DELETED if partial == 0 else PARTIALLY_DELETED if partial == 1 else SPLIT
            continue
        if hits > 1 and not multiple:
            status[k] = DUPLICATED
            continue
        status[k] = MAPPED
        pieces = _with_capacity(pieces, m + hits)
        for j in range(hits):
            c, q_start, q_end = found[0, j], found[2, j], found[3, j]
            if blocks.minus[c]:
                q_start, q_end = blocks.query_size[c] - q_end, blocks.query_size[c] - q_start
            pieces[0, m], pieces[1, m], pieces[2, m] = k, c, q_start
            pieces[3, m], pieces[4, m], pieces[5, m] = q_end, found[1, j], j + 1
            m += 1
    return status, pieces[:, :m]


@njit(nogil=True)
def lift_scattered(  # noqa: PLR0913
    target: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    ratio: float,
    multiple: bool,
    blocks: Columns,
    bucket: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Lift intervals bucket by bucket, uint16 (n,); results are those of `lift`, and in the same order.

    They are moved by counting, and each of the passes reads or writes at one end in order, so that the caches keep up.
    """
    n = start.size
    first = np.zeros(1 << 16, np.int64)
    for k in range(n):
        first[bucket[k]] += 1
    before = 0
    for b in range(first.size):
        first[b], before = before, before + first[b]
    row, targets = np.empty(n, np.int32), np.empty(n, target.dtype)
    starts, ends = np.empty(n, start.dtype), np.empty(n, end.dtype)
    for k in range(n):
        at = first[bucket[k]]
        first[bucket[k]] += 1
        row[at], targets[at], starts[at], ends[at] = k, target[k], start[k], end[k]
    in_turn, found = lift(targets, starts, ends, ratio, multiple, blocks)

    status, first_piece = np.empty(n, np.uint8), np.empty(n, np.int32)
    piece, n_pieces = 0, found.shape[1]
    for at in range(n):
        status[row[at]] = in_turn[at]
        if in_turn[at] == MAPPED:
            first_piece[row[at]] = piece
            while piece < n_pieces and found[0, piece] == at:
                piece += 1
    by_piece, pieces, m = found.T.copy(), np.empty((6, n_pieces), np.int32), 0
    for k in range(n):
        if status[k] == MAPPED:
            piece = first_piece[k]
            at = by_piece[piece, 0]
            while piece < n_pieces and by_piece[piece, 0] == at:
                pieces[0, m] = k
                for column in range(1, 6):
                    pieces[column, m] = by_piece[piece, column]
                m += 1
                piece += 1
    return status, pieces


@njit(nogil=True)
def lift_through(
    target: np.ndarray, start: np.ndarray, end: np.ndarray, chain: np.ndarray, ratio: float, blocks: Columns
) -> np.ndarray:
    """Lift each interval through one chain (UCSC's mapThroughChain): start and end on the plus strand, int64 (2, n).

    Both are -1 where the chain aligns less than `ratio` of the interval, and where start is -1. An interval without
    bases maps where it lies strictly within a block.
    """
    places = np.full((2, start.size), -1, np.int64)
    for k in range(start.size):
        s, e, c = start[k], end[k], chain[k]
        if s < 0:
            continue
        b, stop = _first_ending_beyond(blocks, target[k], s, 0), blocks.block_offsets[target[k] + 1]
        aligned_bases, first, last = 0, -1, -1
        while b < stop and blocks.start[b] < e:
            if blocks.chain[b] == c and blocks.end[b] > s:
                left, right = max(s, blocks.start[b]) - blocks.start[b], min(e, blocks.end[b]) - blocks.start[b]
                first = blocks.query[b] + left if first < 0 else first
                last = blocks.query[b] + right
                aligned_bases += right - left
            b += 1
        if first >= 0 and aligned_bases >= ratio * (e - s):
            size = blocks.query_size[c]
            places[0, k], places[1, k] = (size - last, size - first) if blocks.minus[c] else (first, last)
    return places


@njit(nogil=True)
def aligned(target: np.ndarray, start: np.ndarray, end: np.ndarray, blocks: Columns) -> np.ndarray:
    """Find segments (5, m): index, chain, target start, query start, query end."""
    segments = np.empty((5, 2 * start.size + 1), np.int32)
    m, i, chrom, last_start = 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        if target[k] < 0:
            continue
        i = _first_ending_beyond(blocks, target[k], s, i if target[k] == chrom and s >= last_start else 0)
        chrom, last_start = target[k], s
        b, stop = i, blocks.block_offsets[chrom + 1]
        while b < stop and blocks.start[b] < e:
            size = min(e, blocks.end[b]) - max(s, blocks.start[b])
            if size > 0:
                segments = _with_capacity(segments, m + 1)
                c = blocks.chain[b]
                q_start = blocks.query[b] + max(s - blocks.start[b], 0)
                if blocks.minus[c]:
                    q_start = blocks.query_size[c] - q_start - size
                segments[0, m], segments[1, m], segments[2, m] = k, c, max(s, blocks.start[b])
                segments[3, m], segments[4, m] = q_start, q_start + size
                m += 1
            b += 1
    return segments[:, :m]
