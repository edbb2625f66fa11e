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
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Union

import numpy as np

from regssl.errors import ConfigError, DataError
from regssl.liftover import _lift as lift_scan
from regssl.liftover.chains import Chains

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Lifted:
    """The lift of n intervals: one status each, and m pieces in the order of their intervals.

    Attributes:
        status: uint8 (n,), the `code` of a LiftStatus: `UCSC_OUTCOMES[status[i]]`.
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


Names = Union[str, Sequence[str], np.ndarray, "pd.Series", "pd.Categorical"]


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
    return lift_coded(
        chains, *_intervals(chains, chrom, start, end), minus, min_match=min_match, multiple=multiple, threads=threads
    )


def lift_coded(
    chains: Chains,
    target: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    minus: np.ndarray | None = None,
    *,
    min_match: float,
    multiple: bool,
    threads: int = 1,
) -> Lifted:
    """`lift` for intervals known to be possible, with chromosomes as codes.

    Args:
        target: int32 (n,), places in `chains.target_sizes`, -1 where there is no chain.
        start, end: int64 (n,), 0 <= start < end.
        chains, minus, min_match, multiple, threads: as in `lift`.

    Raises:
        ConfigError: min_match outside (0, 1].
    """
    if not 0 < min_match <= 1:
        raise ConfigError(f"min_match is {min_match}", "a fraction above 0, at most 1")
    ratio, blocks = float(np.float32(min_match)), _columns(chains)

    def part(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        status, pieces = lift_scan.lift(target[first:last], start[first:last], end[first:last], ratio, multiple, blocks)
        pieces[0] += first
        return status, pieces

    cuts = np.linspace(0, len(start), max(threads, 1) + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        run = pool.map if pool else map
        statuses, tables = zip(*run(part, cuts[:-1], cuts[1:]), strict=True)
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
    row, chain, _, first, last = lift_scan.aligned(target, start, end, _columns(chains))
    return row, chains.query[chain], first, last


class AlignedPairs(NamedTuple):
    """Stretches without a gap of the target and the query that a chain aligns, one row each: int32 (m,).

    Attributes:
        row: the interval.
        chain: number of the chain.
        target_start: on the target chromosome of the interval.
        query_start: on the forward strand of the chain's query chromosome; on a minus-strand chain it is aligned to the
            last base of the target stretch.
        size: bases, the same on both sides.
    """

    row: np.ndarray
    chain: np.ndarray
    target_start: np.ndarray
    query_start: np.ndarray
    size: np.ndarray


def aligned_pairs(chains: Chains, chrom: Names, start: np.ndarray, end: np.ndarray) -> AlignedPairs:
    """`aligned_blocks` with both sides of each stretch, and the chain it is of; in the same order.

    Raises:
        DataError: as `lift`.
    """
    target, start, end = _intervals(chains, chrom, start, end)
    row, chain, target_start, first, last = lift_scan.aligned(target, start, end, _columns(chains))
    return AlignedPairs(row, chain, target_start, first, last - first)


def _intervals(
    chains: Chains, chrom: Names, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Checked intervals: target chromosome codes (int32, -1: no chains there), start and end (int64)."""
    start, end = (
        np.require(side, np.int64, ["C", "W"]) for side in (start, end)
    )  # the kernels are compiled for these alone
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
    import pandas as pd  # late: people who lift BED files never wait for it

    where, names = pd.factorize(chrom if isinstance(chrom, pd.Series | pd.Categorical) else np.asarray(chrom, object))
    return np.array([*(codes.get(name, -1) for name in names), -1], np.int32)[where], start, end


def _columns(chains: Chains) -> lift_scan.Columns:
    """The columns as a tuple, which numba takes where it does not take a dataclass."""
    return lift_scan.Columns(
        chains.first_block,
        chains.first_bucket,
        chains.bucket,
        chains.block_start,
        chains.block_end,
        chains.block_query,
        chains.block_chain,
        chains.block_reach,
        chains.query_size,
        chains.minus,
    )
