"""Lifting intervals from one assembly to another with the semantics of UCSC `liftOver`, vectorised.

The rule (`remapRange` in kent/src/hg/lib/liftOver.c): a chain *hits* an interval if it aligns at least `min_match` of
its bases. The interval maps if exactly one chain hits it, to the span from its first to its last aligned base in the
query. No aligned base at all is "deleted", too few in one chain "partially deleted", too few in each of several
"split", two or more hits "duplicated"; with `multiple` each hit gives a piece instead. UCSC holds min_match as a 32-bit
float (0.1 is 0.100000001490116), and so do we. Old releases asked with `multiple` for min_match of that part of the
interval which the chain spans; kent-core v492 asks for min_match of the whole interval, and so do we.

Chains here are blocks of all chains of a chromosome in one sorted list: an interval costs the blocks it overlaps, where
UCSC's program walks every block of every chain that spans it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from regssl.chain import Chains
from regssl.errors import ConfigError, DataError


class LiftStatus(IntEnum):
    """What became of an interval."""

    MAPPED = 0
    DELETED = 1
    PARTIALLY_DELETED = 2
    SPLIT = 3
    DUPLICATED = 4

    @property
    def reason(self) -> str:
        """UCSC's words for it, as in the comment lines of an unmapped file."""
        return self.name.capitalize().replace("_", " ") + " in new"


@dataclass(frozen=True)
class Lifted:
    """The lift of n intervals: one status each, and m pieces in the order of their intervals.

    Attributes:
        status: uint8 (n,), a LiftStatus.
        row: int32 (m,), the interval a piece comes from; without `multiple` every row occurs at most once.
        chain: int32 (m,), the chain it came through.
        chrom: int32 (m,), query chromosome, a place in `names`.
        start, end: int32 (m,), 0-based half-open, forward strand of the query.
        minus: bool (m,), strand of the piece.
        serial: int32 (m,), 1, 2, … among the pieces of its interval, by target start of the chains.
        aligned: int32 (m,), bases of the interval aligned by the chain.
        names: names of the query chromosomes.
    """

    status: np.ndarray
    row: np.ndarray
    chain: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    minus: np.ndarray
    serial: np.ndarray
    aligned: np.ndarray
    names: tuple[str, ...]


# What the kernels need as plain constants: the codes of LiftStatus, and the order of a single hit.
MAPPED, DELETED, PARTIALLY_DELETED, SPLIT, DUPLICATED = map(int, LiftStatus)
SINGLE = np.zeros(1, np.int64)

Names = str | Sequence[str] | np.ndarray | pd.Series | pd.Categorical


def lift(
    chains: Chains,
    chrom: Names,
    start: np.ndarray,
    end: np.ndarray,
    minus: np.ndarray | None = None,
    *,
    min_match: float = 0.95,
    multiple: bool = False,
    threads: int = 1,
) -> Lifted:
    """Lift intervals through chains; fastest, but by no means only, where they are sorted within chromosomes.

    Args:
        chains: from `read_chains`.
        chrom: one name for all intervals, or n names (a categorical is quickest); where there is no chain: deleted.
        start, end: integers (n,), 0-based half-open. Bases beyond the chromosome's end count as unaligned.
        minus: bool (n,), strand of the intervals; None: all plus. A chain on the minus strand turns it round.
        min_match: least aligned fraction, 0 < min_match <= 1.
        multiple: one piece per chain that hits, instead of "duplicated".
        threads: processor cores.

    Raises:
        DataError: a start below 0, an end not beyond its start, or columns of different lengths.
        ConfigError: min_match outside (0, 1].
    """
    if not 0 < min_match <= 1:
        raise ConfigError(f"min_match is {min_match}", "a fraction above 0, at most 1")
    target, start, end = _intervals(chains, chrom, start, end)
    ratio, blocks = float(np.float32(min_match)), _columns(chains)

    def part(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        status, pieces = _lift(target[first:last], start[first:last], end[first:last], ratio, multiple, blocks)
        pieces[0] += first
        return status, pieces

    cuts = np.linspace(0, len(start), max(threads, 1) + 1).astype(int).tolist()
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        statuses, tables = zip(*pool.map(part, cuts[:-1], cuts[1:]), strict=True)
    row, chain, first, last, aligned, serial = tables[0] if len(tables) == 1 else np.concatenate(tables, axis=1)
    turned = chains.minus[chain]
    return Lifted(
        status=statuses[0] if len(statuses) == 1 else np.concatenate(statuses),
        row=row,
        chain=chain,
        chrom=chains.query[chain],
        start=first,
        end=last,
        minus=turned if minus is None else turned ^ np.asarray(minus, bool)[row],
        serial=serial,
        aligned=aligned,
        names=tuple(chains.query_sizes),
    )


def aligned_blocks(
    chains: Chains, chrom: Names, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every stretch of the query that any chain aligns, without a gap, to the intervals: no min_match, no "duplicated".

    This is all sequence of the other genome that is homologous to, say, a held-out bin.

    Returns:
        (row, chrom, start, end), each int32 (m,): the interval, the query chromosome as its place in
        `chains.query_sizes`, and the forward-strand stretch; in the order of rows, then of target starts.

    Raises:
        DataError: as `lift`.
    """
    target, start, end = _intervals(chains, chrom, start, end)
    row, chain, first, last = _aligned(target, start, end, _columns(chains))
    return row, chains.query[chain], first, last


def _intervals(
    chains: Chains, chrom: Names, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Checked intervals: target chromosome codes (int32, -1: no chains there), start and end (int64)."""
    start, end = (
        np.array(side, np.int64) for side in (start, end)
    )  # copies: the kernels are compiled for writable ones
    n_names = len(start) if isinstance(chrom, str) else len(chrom)
    if not n_names == len(start) == len(end):
        raise DataError(f"chrom, start and end differ in length: {n_names}, {len(start)}, {len(end)}")
    bad = (start < 0) | (end <= start)
    if bad.any():
        i = int(bad.argmax())
        raise DataError(f"interval {i}: start {start[i]}, end {end[i]}", "expected 0 <= start < end")
    codes = {name: code for code, name in enumerate(chains.target_sizes)}
    if isinstance(chrom, str):
        return np.full(len(start), codes.get(chrom, -1), np.int32), start, end
    where, names = pd.factorize(chrom if isinstance(chrom, pd.Series | pd.Categorical) else np.asarray(chrom, object))
    return np.array([*(codes.get(name, -1) for name in names), -1], np.int32)[where], start, end


class _Columns(NamedTuple):
    """The arrays of `Chains` that the kernels read."""

    first: np.ndarray
    start: np.ndarray
    end: np.ndarray
    query: np.ndarray
    chain: np.ndarray
    reach: np.ndarray
    query_size: np.ndarray
    minus: np.ndarray


def _columns(chains: Chains) -> _Columns:
    """The columns as a tuple, which numba takes where it does not take a dataclass."""
    return _Columns(
        chains.first_block,
        chains.block_start,
        chains.block_end,
        chains.block_query,
        chains.block_chain,
        chains.block_reach,
        chains.query_size,
        chains.minus,
    )


@numba.njit(cache=True, nogil=True)
def _first_beyond(reach: np.ndarray, left: int, stop: int, position: int) -> int:
    """First i in left:stop with reach[i] > position (stop if none): strides that double, then halving.

    From where the last interval was, the next one of a sorted list is a stride or two away; from the chromosome's first
    block this is a binary search.
    """
    width = 1
    while left + width < stop and reach[left + width - 1] <= position:
        left += width
        width *= 2
    right = min(left + width, stop)
    while left < right:
        middle = (left + right) // 2
        if reach[middle] > position:
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
    larger[:, : table.shape[1]] = table
    return larger


@numba.njit(cache=True, nogil=True)
def _overlapping(s: int, e: int, b: int, stop: int, blocks: _Columns, seen: np.ndarray) -> int:
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
def _keep_hits(needed: float, seen: np.ndarray) -> tuple[int, int]:
    """Move the chains that align enough bases to the front of `seen`; return how many, and how many align too few."""
    hits, partial = 0, 0
    for j in range(seen.shape[1]):
        if seen[1, j] >= needed:
            for i in range(4):
                seen[i, hits] = seen[i, j]
            hits += 1
        elif seen[1, j] > 0:
            partial += 1
    return hits, partial


@numba.njit(cache=True, nogil=True)
def _lift(
    target: np.ndarray, start: np.ndarray, end: np.ndarray, ratio: float, multiple: bool, blocks: _Columns
) -> tuple[np.ndarray, np.ndarray]:
    """Status (n,) and pieces (6, m): row, chain, query start, query end, aligned, serial."""
    status = np.empty(start.size, np.uint8)
    pieces = np.empty((6, start.size), np.int32)
    seen = np.empty((4, blocks.minus.size), np.int32)  # room for all chains: only the pages in use cost memory
    m, i, stop, chrom, last_start = 0, 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        if target[k] != chrom or s < last_start:
            chrom = target[k]
            i, stop = (blocks.first[chrom], blocks.first[chrom + 1]) if chrom >= 0 else (0, 0)
        last_start = s
        i = _first_beyond(blocks.reach, i, stop, s)
        n_seen = _overlapping(s, e, i, stop, blocks, seen)
        hits, partial = _keep_hits(ratio * (e - s), seen[:, :n_seen])
        if hits == 0:
            status[k] = DELETED if partial == 0 else PARTIALLY_DELETED if partial == 1 else SPLIT
            continue
        if hits > 1 and not multiple:
            status[k] = DUPLICATED
            continue
        status[k] = MAPPED
        pieces = _room(pieces, m + hits)
        order = np.argsort(seen[0, :hits]) if hits > 1 else SINGLE
        for serial in range(hits):
            j = order[serial]
            c, q_start, q_end = seen[0, j], seen[2, j], seen[3, j]
            if blocks.minus[c]:
                q_start, q_end = blocks.query_size[c] - q_end, blocks.query_size[c] - q_start
            pieces[0, m], pieces[1, m], pieces[2, m] = k, c, q_start
            pieces[3, m], pieces[4, m], pieces[5, m] = q_end, seen[1, j], serial + 1
            m += 1
    return status, pieces[:, :m]


@numba.njit(cache=True, nogil=True)
def _aligned(target: np.ndarray, start: np.ndarray, end: np.ndarray, blocks: _Columns) -> np.ndarray:
    """Stretches (4, m): row, chain, query start, query end."""
    stretches = np.empty((4, 2 * start.size + 1), np.int32)
    m, i, stop, chrom, last_start = 0, 0, 0, -1, 0
    for k in range(start.size):
        s, e = start[k], end[k]
        if target[k] != chrom or s < last_start:
            chrom = target[k]
            i, stop = (blocks.first[chrom], blocks.first[chrom + 1]) if chrom >= 0 else (0, 0)
        last_start = s
        i = _first_beyond(blocks.reach, i, stop, s)
        b = i
        while b < stop and blocks.start[b] < e:
            size = min(e, blocks.end[b]) - max(s, blocks.start[b])
            if size > 0:
                stretches = _room(stretches, m + 1)
                c = blocks.chain[b]
                q_start = blocks.query[b] + max(s - blocks.start[b], 0)
                if blocks.minus[c]:
                    q_start = blocks.query_size[c] - q_start - size
                stretches[0, m], stretches[1, m] = k, c
                stretches[2, m], stretches[3, m] = q_start, q_start + size
                m += 1
            b += 1
    return stretches[:, :m]
