"""Chains as arrays, and the index of their blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BUCKET_BITS = 10


@dataclass(frozen=True)
class Chains:
    """All chains of one file.

    Chains are numbered in the order in which UCSC `liftOver -multiple` writes their pieces: by target chromosome and
    start; of chains with one start those in finer bins first, then those later in the file.

    Attributes:
        target_sizes, query_sizes: chromosome name → length in bp; the position in the dict is the code used below.
        target, query: int32 (chains,), chromosome codes.
        target_start, target_end: int32 (chains,), the span of the chain.
        query_size: int32 (chains,), length of the query chromosome.
        minus: bool (chains,), the chain aligns the minus strand of the query.
        score: float64 (chains,).
        id: int64 (chains,), the 13th header field; -1 where there is none.
        block_start, block_end: int32 (blocks,), target span, sorted by target chromosome and start.
        block_query: int32 (blocks,), query start on the chain's query strand.
        block_chain: int32 (blocks,), chain number.
        block_max_end: int32 (blocks,), largest block_end up to this block on its target chromosome, sorted.
        block_offsets: int64 (target chromosomes + 1,), blocks of chromosome c are
            block_offsets[c] : block_offsets[c + 1].
        bucket: int32 (buckets,), first block that ends beyond the start of each bucket (2^BUCKET_BITS bp of a
            chromosome); where none does, the first block of the next chromosome.
        bucket_offsets: int64 (target chromosomes + 1,), buckets of chromosome c, as in block_offsets.
    """

    target_sizes: dict[str, int]
    query_sizes: dict[str, int]
    target: np.ndarray
    query: np.ndarray
    target_start: np.ndarray
    target_end: np.ndarray
    query_size: np.ndarray
    minus: np.ndarray
    score: np.ndarray
    id: np.ndarray
    block_start: np.ndarray
    block_end: np.ndarray
    block_query: np.ndarray
    block_chain: np.ndarray
    block_max_end: np.ndarray
    block_offsets: np.ndarray
    bucket: np.ndarray
    bucket_offsets: np.ndarray


def bin_level(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Compute the level of the UCSC bin of a span: 0 for 128 kb, each next one 8 times as wide (Kent et al. 2002)."""
    first, last = start >> 17, (end - 1) >> 17
    level = np.zeros(len(start), np.int8)
    while (apart := first != last).any():
        level += apart
        first, last = first >> 3, last >> 3
    return level


def index_blocks(
    blocks: np.ndarray, order: np.ndarray, target: np.ndarray, target_size: np.ndarray
) -> dict[str, np.ndarray]:
    """Sort blocks and index them, one chromosome at a time.

    Args:
        blocks: int32 (4, n), in file order: target start, query start, size, chain.
        order: int64 (chains,), the chains of the file in their new order.
        target: int32 (chains,), target chromosome of the reordered chains.
        target_size: int64 (target chromosomes,), lengths.

    Returns:
        The columns of `Chains` that describe blocks and buckets, by name.
    """
    rank, target_in_file = np.empty(len(order), np.int32), np.empty(len(order), np.int32)
    rank[order], target_in_file[order] = np.arange(len(order), dtype=np.int32), target
    by_target = np.argsort(target_in_file, kind="stable")  # within a chromosome in the order of the file
    cuts = np.searchsorted(target_in_file[by_target], np.arange(len(target_size) + 1))
    first_of_chain = np.searchsorted(blocks[3], np.arange(len(order) + 1, dtype=np.int32))
    start, end, query, chain, max_end = (np.empty(blocks.shape[1], np.int32) for _ in range(5))
    block_offsets = np.zeros(len(target_size) + 1, np.int64)
    buckets = []
    for chromosome, size in enumerate(target_size.tolist()):
        chains = by_target[cuts[chromosome] : cuts[chromosome + 1]]
        rows = concatenated_ranges(first_of_chain[chains], first_of_chain[chains + 1])
        rows = rows[np.argsort(blocks[0][rows], kind="stable")]
        a, b = block_offsets[chromosome], block_offsets[chromosome] + len(rows)
        start[a:b], query[a:b], chain[a:b] = blocks[0][rows], blocks[1][rows], rank[blocks[3][rows]]
        end[a:b] = start[a:b] + blocks[2][rows]
        max_end[a:b] = np.maximum.accumulate(end[a:b])
        edges = np.arange((size >> BUCKET_BITS) + 1, dtype=np.int64) << BUCKET_BITS
        buckets.append((a + np.searchsorted(max_end[a:b], edges.astype(np.int32), side="right")).astype(np.int32))
        block_offsets[chromosome + 1] = b
    return {
        "block_start": start,
        "block_end": end,
        "block_query": query,
        "block_chain": chain,
        "block_max_end": max_end,
        "block_offsets": block_offsets,
        "bucket": np.concatenate(buckets),
        "bucket_offsets": np.concatenate([[0], np.cumsum((target_size >> BUCKET_BITS) + 1)]),
    }


def concatenated_ranges(first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Concatenate the ranges first[i]:stop[i], int64 (n,) each, to one vector of indices."""
    lengths = stop - first
    before = np.cumsum(lengths) - lengths
    indices: np.ndarray = np.arange(lengths.sum()) + np.repeat(first - before, lengths)
    return indices


def swap(chains: Chains) -> Chains:
    """Exchange target and query, as UCSC's chainSwap.

    A chain on the minus strand stays on it: its blocks are counted from the other end of both chromosomes, because the
    new target is on the plus strand. Chains are renumbered by new target chromosome and start.
    """
    by_chain = np.argsort(chains.block_chain, kind="stable")
    chain = chains.block_chain[by_chain].astype(np.int64)
    size = (chains.block_end - chains.block_start)[by_chain]
    target_sizes = np.array(list(chains.target_sizes.values()), np.int64)[chains.target]
    start = _strand_start(chains.block_query[by_chain], size, chains.query_size[chain], chains.minus[chain])
    query = _strand_start(chains.block_start[by_chain], size, target_sizes[chain], chains.minus[chain])
    blocks = np.stack([start, query, size, chain]).astype(np.int32)

    first = np.searchsorted(chain, np.arange(len(chains.minus)))
    new_start = np.minimum.reduceat(start, first)
    new_end = np.maximum.reduceat(start + size, first)
    order = np.lexsort((new_start, chains.query))
    target = chains.query[order]
    return Chains(
        target_sizes=chains.query_sizes,
        query_sizes=chains.target_sizes,
        target=target,
        query=chains.target[order],
        target_start=new_start[order].astype(np.int32),
        target_end=new_end[order].astype(np.int32),
        query_size=target_sizes[order].astype(np.int32),
        minus=chains.minus[order],
        score=chains.score[order],
        id=chains.id[order],
        **index_blocks(blocks, order, target, np.array(list(chains.query_sizes.values()))),
    )


def _strand_start(start: np.ndarray, size: np.ndarray, chrom_size: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """Count starts of blocks from the other end of the chromosome where the chain is on the minus strand."""
    return np.where(minus, chrom_size - (start.astype(np.int64) + size), start)
