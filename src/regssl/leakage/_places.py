"""Numba kernels of `regssl.leakage.overlap`: intervals found by position, and blocks of chains read backwards.

Nothing here is shared with the lift-over, which searches the blocks of the interval; here the block searches intervals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

BUCKET_BITS = 10


class Places(NamedTuple):
    """Intervals sorted by chromosome and start, with the first of each bucket of 2^BUCKET_BITS bp.

    Attributes:
        offsets: int64 (chromosomes + 1,), intervals of chromosome c are offsets[c] : offsets[c + 1].
        start, end: int32 (n,), bp, 0-based half-open.
        row: int64 (n,), their rows in the table that they come from.
        max_end: int32 (n,), largest end up to this interval on its chromosome.
        bucket: int64, first interval that ends beyond the start of each bucket; the next chromosome's where none does.
        bucket_offsets: int64 (chromosomes + 1,), buckets of chromosome c, as in offsets.
    """

    offsets: np.ndarray
    start: np.ndarray
    end: np.ndarray
    row: np.ndarray
    max_end: np.ndarray
    bucket: np.ndarray
    bucket_offsets: np.ndarray


class Blocks(NamedTuple):
    """Blocks of chains and what is known of each chain: arrays of `regssl.liftover.chains.Chains`, by their names."""

    block_offsets: np.ndarray
    block_start: np.ndarray
    block_end: np.ndarray
    block_query: np.ndarray
    block_chain: np.ndarray
    query: np.ndarray
    query_size: np.ndarray
    minus: np.ndarray


@njit(nogil=True)
def fill_places(places: Places) -> None:
    """Fill `max_end` and `bucket`, which follow from the others."""
    offsets, bucket_offsets = places.offsets, places.bucket_offsets
    for chrom in range(offsets.size - 1):
        k, largest = 0, 0
        buckets = bucket_offsets[chrom + 1] - bucket_offsets[chrom]
        for i in range(offsets[chrom], offsets[chrom + 1]):
            largest = max(largest, places.end[i])
            places.max_end[i] = largest
            while k < buckets and k << BUCKET_BITS < largest:
                places.bucket[bucket_offsets[chrom] + k] = i
                k += 1
        places.bucket[bucket_offsets[chrom] + k : bucket_offsets[chrom + 1]] = offsets[chrom + 1]


@njit(nogil=True)
def _first_beyond(places: Places, chrom: int, position: int) -> int:
    """The first interval of a chromosome after which, itself included, some end beyond `position`."""
    buckets = places.bucket_offsets[chrom + 1] - places.bucket_offsets[chrom]
    i: int = places.bucket[places.bucket_offsets[chrom] + min(position >> BUCKET_BITS, buckets - 1)]
    while i < places.offsets[chrom + 1] and places.max_end[i] <= position:
        i += 1
    return i


@njit(nogil=True)
def _add(pairs: np.ndarray, n: int, first: int, second: int, bases: int) -> np.ndarray:
    """Write pair n into `pairs` (3, capacity), or into a copy of it that is twice as large."""
    if n == pairs.shape[1]:
        larger = np.empty((3, 2 * n), np.int64)
        larger[:, :n] = pairs
        pairs = larger
    pairs[0, n], pairs[1, n], pairs[2, n] = first, second, bases
    return pairs


@njit(nogil=True)
def overlaps(chrom: np.ndarray, start: np.ndarray, end: np.ndarray, places: Places) -> np.ndarray:
    """Find the places that intervals (n,) share a base with: int64 (3, m), interval, row of the place, shared bases.

    `chrom` is -1 where there are no places.
    """
    pairs, n = np.empty((3, 1024), np.int64), 0
    for i in range(start.size):
        if chrom[i] < 0:
            continue
        j, stop = _first_beyond(places, chrom[i], start[i]), places.offsets[chrom[i] + 1]
        while j < stop and places.start[j] < end[i]:
            shared = min(end[i], places.end[j]) - max(start[i], places.start[j])
            if shared > 0:
                pairs = _add(pairs, n, i, places.row[j], shared)
                n += 1
            j += 1
    return pairs[:, :n].copy()


@njit(nogil=True)
def lift_back(
    blocks: Blocks,
    windows: Places,
    own_chrom: np.ndarray,
    own_start: np.ndarray,
    own_end: np.ndarray,
    held_out: Places,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry windows of the query back to the target, block by block.

    Args:
        blocks: of the chains.
        windows: on the query chromosomes.
        own_chrom, own_start, own_end: by row of the windows, a place on the target.
        held_out: places on the target chromosomes.

    Returns:
        bool, by row of the windows: a base is aligned to its own place. Of each block, window and held-out place that
        share aligned bases: int64 (3, m), row of the window, row of the place, bases.
    """
    on_own = np.zeros(own_start.size, np.bool_)
    pairs, n = np.empty((3, 1024), np.int64), 0
    for target in range(blocks.block_offsets.size - 1):
        for b in range(blocks.block_offsets[target], blocks.block_offsets[target + 1]):
            chain, size = blocks.block_chain[b], blocks.block_end[b] - blocks.block_start[b]
            chrom, minus, first = blocks.query[chain], blocks.minus[chain], blocks.block_query[b]
            if minus:
                first = blocks.query_size[chain] - first - size
            w, stop = _first_beyond(windows, chrom, first), windows.offsets[chrom + 1]
            while w < stop and windows.start[w] < first + size:
                left = max(first, windows.start[w]) - first
                right = min(first + size, windows.end[w]) - first
                if left < right:
                    start, end = blocks.block_start[b] + left, blocks.block_start[b] + right
                    if minus:
                        start, end = blocks.block_end[b] - right, blocks.block_end[b] - left
                    row = windows.row[w]
                    on_own[row] |= own_chrom[row] == target and own_start[row] < end and own_end[row] > start
                    h, last = _first_beyond(held_out, target, start), held_out.offsets[target + 1]
                    while h < last and held_out.start[h] < end:
                        shared = min(end, held_out.end[h]) - max(start, held_out.start[h])
                        if shared > 0:
                            pairs = _add(pairs, n, row, held_out.row[h], shared)
                            n += 1
                        h += 1
                w += 1
    return on_own, pairs[:, :n].copy()
