"""A made chain file of one chromosome, as crowded as those between orders of mammals.

Blocks and gaps are sampled to resemble the chain of human chromosome 16 to mouse (hg19, mm9): blocks of 21 bp in the
median, gaps of 3 bp with a long tail; six gaps in ten in the target alone. Long chains cover the chromosome; their wide
gaps hold shorter ones, which hold others in turn, as in a net; one chain in fifty lies across the rest, so that
intervals are duplicated.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

QUERY_SIZE = 200_000_000
QUERIES = [f"chr{i}" for i in range(1, 20)] + ["chrX"]
LONG_CHAINS, DEPTH = 6, 5
Span = tuple[int, int]


def write_chain(
    path: Path, size: int, seed: int = 1, target: str = "chr20", query_size: int = QUERY_SIZE, first: int = 1
) -> tuple[int, int]:
    """Write chains from a chromosome of so many bp to QUERIES; return the numbers of chains and of blocks.

    Chains are numbered from `first` on; where that is beyond 1, they are added to the file.
    """
    rng = np.random.default_rng(seed)
    edges = np.linspace(0, size, LONG_CHAINS + 1).astype(int).tolist()
    todo = [(lo + 50, hi - 50, 0) for lo, hi in pairwise(edges)]
    made: list[tuple[Span, np.ndarray]] = []
    while todo:
        lo, hi, depth = todo.pop()
        blocks = chain_between(lo, hi, rng)
        made.append(((lo, lo + int(blocks[:, :2].sum())), blocks))
        if depth < DEPTH:
            for gap in wide_gaps(lo, blocks):
                todo += [(*span, depth + 1) for span in filling(gap, rng)]
    for lo in rng.integers(0, size - 20_000, len(made) // 50).tolist():
        blocks = chain_between(lo, lo + int(min(50 + rng.lognormal(7.3, 0.8), 20_000)), rng)
        made.append(((lo, lo + int(blocks[:, :2].sum())), blocks))
    made.sort(key=lambda chain: chain[0][0] - chain[0][1])  # as UCSC sorts them: best first
    with path.open("w" if first == 1 else "a") as file:
        for number, (span, blocks) in enumerate(made, first):
            file.write(text_of(span, (target, size), query_size, blocks, number, rng))
    return len(made), sum(len(blocks) for _, blocks in made)


def chain_between(lo: int, hi: int, rng: np.random.Generator) -> np.ndarray:
    """Blocks (n, 3) within lo:hi: size, gap in the target, gap in the query; the last one's gaps are 0."""
    n = (hi - lo) // 30 + 2
    sizes = np.maximum(rng.lognormal(np.log(21), 0.83, n).astype(int), 1)
    kind = rng.random(n)
    target_gap = np.where((kind < 0.6) | (kind > 0.96), gaps(n, rng), 0)
    query_gap = np.where(kind >= 0.6, gaps(n, rng), 0)
    target_gap = np.minimum(target_gap, max((hi - lo) // 4, 10))
    blocks = np.stack([sizes, target_gap, query_gap], axis=1)
    ends = lo + np.cumsum(sizes + target_gap) - target_gap
    blocks = blocks[: max(int(np.searchsorted(ends, hi)), 1)]
    blocks[0, 0] = min(blocks[0, 0], hi - lo)
    blocks[-1, 1:] = 0
    return blocks


def gaps(n: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths of gaps: mostly a few bases, some hundreds, a few tens of thousands."""
    kind = rng.random(n)
    few = rng.geometric(0.22, n)
    tens = rng.lognormal(np.log(22), 0.9, n)
    hundreds = rng.lognormal(np.log(420), 1.2, n)
    thousands = rng.lognormal(np.log(30_000), 1.2, n)
    return np.select([kind < 0.86, kind < 0.945, kind < 0.9985], [few, tens + 1, hundreds + 1], thousands).astype(int)


def wide_gaps(lo: int, blocks: np.ndarray) -> list[Span]:
    """Gaps of the target of at least 80 bp."""
    ends = lo + np.cumsum(blocks[:, 0] + blocks[:, 1])
    wide = blocks[:, 1] >= 80
    return list(zip((ends - blocks[:, 1])[wide].tolist(), ends[wide].tolist(), strict=True))


def filling(gap: Span, rng: np.random.Generator) -> list[Span]:
    """Positions of chains that fill three of four gaps."""
    spans: list[Span] = []
    place, hi = gap[0] + int(rng.integers(10)), gap[1]
    if rng.random() < 0.75:
        while hi - place > 40:
            length = min(hi - place, 40 + int(rng.lognormal(np.log(700), 1)))
            spans.append((place, place + length))
            place += length + int(rng.integers(1, 600))
    return spans


def text_of(
    span: Span, target: tuple[str, int], query_size: int, blocks: np.ndarray, number: int, rng: np.random.Generator
) -> str:
    """A chain as in the file, at a random position on a random strand."""
    length = int(blocks[:, [0, 2]].sum())
    first = int(rng.integers(query_size - length))
    query = f"{QUERIES[rng.integers(20)]} {query_size} {'+-'[rng.integers(2)]} {first} {first + length}"
    head = f"chain {70 * int(blocks[:, 0].sum())} {target[0]} {target[1]} + {span[0]} {span[1]} {query} {number}\n"
    return head + "".join(f"{a}\t{b}\t{c}\n" for a, b, c in blocks[:-1].tolist()) + f"{blocks[-1, 0]}\n\n"
