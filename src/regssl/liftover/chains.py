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
        target_sizes, query_sizes: chromosome name → length in bp; the place in the dict is the code used below.
        target, query: int32 (chains,), chromosome codes.
        target_start, target_end: int32 (chains,), the span of the chain.
        query_size: int32 (chains,), length of the query chromosome.
        minus: bool (chains,), the chain aligns the reverse complement of the query.
        score: float64 (chains,).
        id: int64 (chains,), the 13th header field; -1 where the file gives none.
        block_start, block_end: int32 (blocks,), target span, sorted by target chromosome and start.
        block_query: int32 (blocks,), query start on the chain's query strand.
        block_chain: int32 (blocks,), chain number.
        block_reach: int32 (blocks,), largest block_end so far on this target chromosome: sorted, so searchable.
        first_block: int64 (target chromosomes + 1,), blocks of chromosome c are first_block[c] : first_block[c + 1].
        bucket: int32 (buckets,), first block that reaches beyond the start of each bucket, a kilobase of a chromosome;
            where none does, the first of the next chromosome.
        first_bucket: int64 (target chromosomes + 1,), buckets of chromosome c, as in first_block.
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
    block_reach: np.ndarray
    first_block: np.ndarray
    bucket: np.ndarray
    first_bucket: np.ndarray


def _bin_level(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Level of the UCSC bin that holds a span: 0 for 128 kb, each next one 8 times as wide (Kent et al. 2002)."""
    first, last = start >> 17, (end - 1) >> 17
    level = np.zeros(len(start), np.int8)
    while (apart := first != last).any():
        level += apart
        first, last = first >> 3, last >> 3
    return level


def index_blocks(
    blocks: np.ndarray, order: np.ndarray, target: np.ndarray, target_size: np.ndarray
) -> dict[str, np.ndarray]:
    """Blocks (4, n) in file order → the columns of blocks and buckets of `Chains`, one chromosome in work at a time.

    `order` lists the chains of the file in their new order; `target` is the chromosome of the reordered chains.
    """
    rank, target_in_file = np.empty(len(order), np.int32), np.empty(len(order), np.int32)
    rank[order], target_in_file[order] = np.arange(len(order), dtype=np.int32), target
    by_target = np.argsort(target_in_file, kind="stable")  # within a chromosome in the order of the file
    cuts = np.searchsorted(target_in_file[by_target], np.arange(len(target_size) + 1))
    first_of_chain = np.searchsorted(blocks[3], np.arange(len(order) + 1, dtype=np.int32))
    start, end, query, chain, reach = (np.empty(blocks.shape[1], np.int32) for _ in range(5))
    first_block = np.zeros(len(target_size) + 1, np.int64)
    buckets = []
    for chromosome, size in enumerate(target_size.tolist()):
        chains = by_target[cuts[chromosome] : cuts[chromosome + 1]]
        places = ranges(first_of_chain[chains], first_of_chain[chains + 1])
        places = places[np.argsort(blocks[0][places], kind="stable")]
        a, b = first_block[chromosome], first_block[chromosome] + len(places)
        start[a:b], query[a:b], chain[a:b] = blocks[0][places], blocks[1][places], rank[blocks[3][places]]
        end[a:b] = start[a:b] + blocks[2][places]
        reach[a:b] = np.maximum.accumulate(end[a:b])
        edges = np.arange((size >> BUCKET_BITS) + 1, dtype=np.int64) << BUCKET_BITS
        buckets.append((a + np.searchsorted(reach[a:b], edges.astype(np.int32), side="right")).astype(np.int32))
        first_block[chromosome + 1] = b
    return {
        "block_start": start,
        "block_end": end,
        "block_query": query,
        "block_chain": chain,
        "block_reach": reach,
        "first_block": first_block,
        "bucket": np.concatenate(buckets),
        "first_bucket": np.concatenate([[0], np.cumsum((target_size >> BUCKET_BITS) + 1)]),
    }


def ranges(first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """All places of the ranges first[i]:stop[i], one after another."""
    lengths = stop - first
    before = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(first - before, lengths)


def invert(chains: Chains) -> Chains:
    """The same chains, from their query to their target.

    A chain on the minus strand stays on it: its blocks are counted from the other end of both chromosomes, because the
    new target is read forwards. Chains are numbered anew, by new target chromosome and start.
    """
    by_chain = np.argsort(chains.block_chain, kind="stable")
    chain = chains.block_chain[by_chain].astype(np.int64)
    size = (chains.block_end - chains.block_start)[by_chain]
    target_sizes = np.array(list(chains.target_sizes.values()), np.int64)[chains.target]
    start = _turned(chains.block_query[by_chain], size, chains.query_size[chain], chains.minus[chain])
    query = _turned(chains.block_start[by_chain], size, target_sizes[chain], chains.minus[chain])
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


def _turned(start: np.ndarray, size: np.ndarray, chrom_size: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """Starts of blocks, counted from the other end of the chromosome where the chain is on the minus strand."""
    return np.where(minus, chrom_size - (start.astype(np.int64) + size), start)
