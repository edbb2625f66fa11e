"""The content of chain files and their indexes, in a form that can be compared."""

from __future__ import annotations

from pathlib import Path

from regssl.liftover.chain_file import read_chains


def read_chain_blocks(path: Path) -> list[tuple]:
    """(tName, tSize, qName, qSize, strand, tStart, qStart, length) of every block, sorted."""
    chains = read_chains(path)
    names, others = list(chains.target_sizes), list(chains.query_sizes)
    return sorted(
        (
            names[chains.target[c]], chains.target_sizes[names[chains.target[c]]], others[chains.query[c]],
            int(chains.query_size[c]), "-" if chains.minus[c] else "+", int(start), int(query), int(end - start),
        )
        for start, end, query, c in zip(
            chains.block_start, chains.block_end, chains.block_query, chains.block_chain, strict=True
        )
    )  # fmt: skip
