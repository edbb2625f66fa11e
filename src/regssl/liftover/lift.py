"""Lift intervals from one assembly to another with the semantics of UCSC `liftOver`, vectorised.

The rule (`remapRange` in kent/src/hg/lib/liftOver.c): a chain *hits* an interval if it aligns at least `min_match` of
its bases. The interval maps if exactly one chain hits it, to the span from its first to its last aligned base in the
query. No aligned base at all is "deleted", too few in one chain "partially deleted", too few in each of several
"split", two or more hits "duplicated"; with `multiple` each hit gives a piece instead. min_match is a 32-bit float
as in UCSC's program. With `multiple` it is a fraction of the whole interval, as in kent-core v492;
older releases took it of the part of the interval which the chain spans.

The blocks of all chains of a chromosome are one sorted list: an interval costs the blocks it overlaps, where UCSC's
program reads every block of every chain that spans it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regssl.errors import ConfigError, DataError
from regssl.liftover.chains import Chains

if TYPE_CHECKING:
    from regssl.liftover import _lift as kernels
    from regssl.sequences.intervals import ChromNames


SORTED_AT_ONCE = 1 << 20
"""Intervals in no order that are sorted and lifted at a time: some 100 bytes of memory for each."""
STRETCH_BITS = 12
FEWEST_SORTED = 1 << 12
"""Fewer intervals than this are lifted as they come."""


@dataclass(frozen=True)
class LiftedIntervals:
    """Result of lifting n intervals: one status each, and m pieces in the order of their intervals.

    Attributes:
        status: uint8 (n,), the `code` of a LiftStatus: `UCSC_OUTCOMES[status[i]]`.
        index: int32 (m,), the interval of each piece; without `multiple` each occurs at most once.
        chain: int32 (m,), the chain of each piece.
        chrom: int32 (m,), query chromosome, a position in `names`.
        start, end: int32 (m,), bp, 0-based half-open, on the plus strand of the query.
        minus: bool (m,), the piece is on the minus strand.
        multiple_rank: int32 (m,), 1, 2, … among the pieces of its interval, by target start of the chains.
        aligned: int32 (m,), bases of the interval that the chain aligns.
        names: names of the query chromosomes.
    """

    status: np.ndarray
    index: np.ndarray
    chain: np.ndarray
    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    minus: np.ndarray
    multiple_rank: np.ndarray
    aligned: np.ndarray
    names: tuple[str, ...]


def lift(  # noqa: PLR0913
    chains: Chains,
    chrom: ChromNames,
    start: np.ndarray,
    end: np.ndarray,
    minus: np.ndarray | None = None,
    *,
    min_match: float = 0.95,
    multiple: bool = False,
    threads: int = 1,
) -> LiftedIntervals:
    """Lift n intervals from the target to the query of chains. Intervals sorted within chromosomes are fastest.

    Args:
        chains: from `regssl.liftover.chain_file.read_chains`.
        chrom: one name for all intervals, or n names (fastest: a categorical). Intervals of a chromosome without chains
            are "deleted".
        start: integers (n,), bp, 0-based.
        end: integers (n,), bp, half-open. Bases beyond the end of the chromosome count as unaligned.
        minus: bool (n,), intervals on the minus strand; None: all on the plus strand. A chain on the minus strand
            exchanges the two.
        min_match: minimum aligned fraction of an interval, 0 < min_match <= 1.
        multiple: one piece per chain that hits, instead of "duplicated".
        threads: CPU threads.

    Returns:
        A status for each of the n intervals, and for each of the m lifted pieces the index of its interval, its query
        chromosome, start and end (bp, 0-based half-open, plus strand), and strand.

    Raises:
        DataError: a start below 0, an end not beyond its start, or columns of different lengths.
        ConfigError: min_match outside (0, 1].

    Examples:
        >>> lifted = lift(chains, "chr22", start=[20_000_000, 40_000_000], end=[20_000_200, 40_000_200])
        >>> lifted.status.tolist(), lifted.index.tolist(), lifted.start.tolist()  # UCSC_OUTCOMES[1]: deleted
        ([0, 1], [0], [80000000])
    """
    return lift_arrays(
        chains, *_intervals(chains, chrom, start, end), minus, min_match=min_match, multiple=multiple, threads=threads
    )


def lift_arrays(  # noqa: PLR0913
    chains: Chains,
    target: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    minus: np.ndarray | None = None,
    *,
    min_match: float,
    multiple: bool,
    threads: int = 1,
) -> LiftedIntervals:
    """Lift valid intervals whose chromosomes are codes; as `lift`, without its checks.

    Args:
        target: int32 (n,), positions in `chains.target_sizes`, -1 where there is no chain.
        start, end: int64 (n,), 0 <= start < end.
        chains, minus, min_match, multiple, threads: as in `lift`.

    Raises:
        ConfigError: min_match outside (0, 1].
    """
    if not 0 < min_match <= 1:
        raise ConfigError(f"min_match is {min_match}", "a fraction above 0, at most 1")
    from regssl.liftover import _lift as kernels  # numba, a third of a second to import

    ratio, blocks = float(np.float32(min_match)), _columns(chains)

    def part(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        own = target[first:last], start[first:last], end[first:last]
        if scattered:
            stretch = _stretches(chains, *own[:2])
            status, pieces = kernels.lift_scattered(*own, ratio, multiple, blocks, stretch)
        else:
            status, pieces = kernels.lift(*own, ratio, multiple, blocks)
        pieces[0] += first
        return status, pieces

    scattered = _are_scattered(start)
    parts = max(threads, -(-len(start) // SORTED_AT_ONCE) if scattered else 1)
    cuts = np.linspace(0, len(start), parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        run = pool.map if pool else map
        statuses, tables = zip(*run(part, cuts[:-1], cuts[1:]), strict=True)
    index, chain, first, last, aligned, rank = tables[0] if len(tables) == 1 else np.concatenate(tables, axis=1)
    reverse = chains.minus[chain]
    return LiftedIntervals(
        status=statuses[0] if len(statuses) == 1 else np.concatenate(statuses),
        index=index,
        chain=chain,
        chrom=chains.query[chain],
        start=first,
        end=last,
        minus=reverse if minus is None else reverse ^ np.asarray(minus, bool)[index],
        multiple_rank=rank,
        aligned=aligned,
        names=tuple(chains.query_sizes),
    )


def _are_scattered(start: np.ndarray) -> bool:
    """Whether so many intervals lie before the one above them that sorting them first takes less time than it saves."""
    return len(start) >= FEWEST_SORTED and int(np.count_nonzero(start[1:] < start[:-1])) > len(start) // 8


def _stretches(chains: Chains, target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Number the stretch of the genome that each interval lies in, uint16 (n,): a 4,096th of it or less.

    Blocks of such a stretch stay in the processor's cache.
    """
    sizes = np.array([*chains.target_sizes.values(), 0], np.int64)
    before = np.cumsum(sizes) - sizes  # the last: of intervals without chains
    position = before[target] + np.minimum(start, sizes[target])
    stretches: np.ndarray = (position >> max(int(before[-1]).bit_length() - STRETCH_BITS, 0)).astype(np.uint16)
    return stretches


def lift_within(
    chains: Chains, lifted: LiftedIntervals, target: np.ndarray, start: np.ndarray, end: np.ndarray, min_match: float
) -> np.ndarray:
    """Lift what lies within lifted intervals, such as their thick parts, through the chains that lifted them.

    Args:
        chains, target: as given to `lift_arrays`.
        lifted: its result.
        start, end: int64 (n,), within the n intervals; -1: nothing.
        min_match: minimum aligned fraction, as in `lift`.

    Returns:
        int64 (2, m), start and end for each piece on the plus strand; -1 where the chain aligns too little.
    """
    from regssl.liftover import _lift as kernels

    rows, ratio = lifted.index, float(np.float32(min_match))
    return kernels.lift_through(target[rows], start[rows], end[rows], lifted.chain, ratio, _columns(chains))


def aligned_blocks(
    chains: Chains, chrom: ChromNames, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find every ungapped segment of the query that any chain aligns to the intervals, whatever `lift` reports.

    This is all sequence of the other genome that is homologous to, for example, a held-out bin.

    Returns:
        (index, chrom, start, end), each int32 (m,): the interval, the query chromosome as its position in
        `chains.query_sizes`, and the segment on the plus strand; in the order of intervals, then of target starts.

    Raises:
        DataError: as `lift`.
    """
    target, start, end = _intervals(chains, chrom, start, end)
    from regssl.liftover import _lift as kernels

    index, chain, _, first, last = kernels.aligned(target, start, end, _columns(chains))
    return index, chains.query[chain], first, last


@dataclass(frozen=True)
class AlignedSegments:
    """Ungapped segments of target and query that a chain aligns, each attribute int32 (m,).

    Attributes:
        index: the interval.
        chain: number of the chain.
        target_start: on the target chromosome of the interval.
        query_start: on the plus strand of the chain's query chromosome; on a minus-strand chain this base is aligned to
            the last base of the target segment.
        size: bases, the same on both sides.
    """

    index: np.ndarray
    chain: np.ndarray
    target_start: np.ndarray
    query_start: np.ndarray
    size: np.ndarray

    def select(self, rows: np.ndarray) -> AlignedSegments:
        """Select some of the segments, by a mask (m,) or by indices."""
        columns = (self.index, self.chain, self.target_start, self.query_start, self.size)
        return AlignedSegments(*(column[rows] for column in columns))


def aligned_segments(chains: Chains, chrom: ChromNames, start: np.ndarray, end: np.ndarray) -> AlignedSegments:
    """Find the segments of `aligned_blocks`, in the same order, with both sides and the chain of each.

    Raises:
        DataError: as `lift`.
    """
    target, start, end = _intervals(chains, chrom, start, end)
    from regssl.liftover import _lift as kernels

    index, chain, target_start, first, last = kernels.aligned(target, start, end, _columns(chains))
    return AlignedSegments(index, chain, target_start, first, last - first)


def _intervals(
    chains: Chains, chrom: ChromNames, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check intervals; return target chromosome codes (int32, -1: no chains there), start and end (int64)."""
    # the kernels are compiled for one type and layout
    start, end = (np.require(side, np.int64, ["C", "W"]) for side in (start, end))
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
    import pandas as pd  # not needed to lift BED files

    occurring, names = pd.factorize(
        chrom if isinstance(chrom, pd.Series | pd.Categorical) else np.asarray(chrom, object)
    )
    return np.array([*(codes.get(name, -1) for name in names), -1], np.int32)[occurring], start, end


def _columns(chains: Chains) -> kernels.Columns:
    """Collect the columns in a named tuple: numba does not accept a dataclass."""
    from regssl.liftover import _lift as kernels

    return kernels.Columns(
        chains.block_offsets,
        chains.bucket_offsets,
        chains.bucket,
        chains.block_start,
        chains.block_end,
        chains.block_query,
        chains.block_chain,
        chains.block_max_end,
        chains.query_size,
        chains.minus,
    )
