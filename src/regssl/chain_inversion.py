"""Chains turned round: what was target is query, and the other way.

A chain is a list of pairs of stretches, so turning it loses nothing (UCSC's `chainSwap`). Single coverage does turn
round: a file that gives each human base one place may give a base of the other genome none, one or several.
"""

from __future__ import annotations

import numpy as np

from regssl.chain import Chains, index_blocks


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
