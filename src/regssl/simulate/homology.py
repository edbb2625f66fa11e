"""True homology between the human genome and another one (the relative), and the chains that represent it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from regssl.sequences.encoding import COMPLEMENT
from regssl.simulate.evolution import EvolutionHistory
from regssl.simulate.genomes import SimulatedGenome

MAX_GAP = 50_000
"""Largest gap within a chain, on either genome, in bp."""

MIN_CHAIN_BASES = 30
"""Fewest aligned bases of a chain in a chain file; the homology table has no such limit."""

GEOMETRY = ["contig", "relative_contig", "minus"]


def homologous_positions(
    human: SimulatedGenome, relative: SimulatedGenome, history: EvolutionHistory
) -> list[np.ndarray]:
    """Return for every human base the positions of its homologs in the relative's `bases`, or -1.

    Two bases are homologous if they descend from one base of the last common ancestor of the two genomes.

    Returns:
        Layers, int64 (human bases,) each: the first has the homologs that have not been copied since, the others the
        copies.
    """
    ancestor = history.parameters.root.last_common_ancestor(human.name, relative.name)
    known = np.zeros(len(history.parents) + 1, bool)
    known[history.ancestors[ancestor]] = True
    ours = _ancestral_numbers(human.bases["origin"], known, history.parents)
    theirs = _ancestral_numbers(relative.bases["origin"], known, history.parents)
    original = (theirs >= 0) & (theirs == relative.bases["origin"])
    layers = [_look_up(ours, theirs, np.flatnonzero(original), len(history.parents))]
    copies = np.flatnonzero((theirs >= 0) & ~original)
    while len(copies):
        _, first = np.unique(theirs[copies], return_index=True)
        layers.append(_look_up(ours, theirs, copies[first], len(history.parents)))
        copies = np.delete(copies, first)
    return layers


def homologous_blocks(human: SimulatedGenome, relative: SimulatedGenome, layers: list[np.ndarray]) -> pd.DataFrame:
    """Return maximal homologous blocks without gaps, in order of human position.

    Returns:
        One row per block: contig, start (human); relative_contig, relative_start (indices of contigs; starts 0-based on
        the forward strand); size; minus (bool); matches (identical bases).
    """
    blocks = pd.concat([_blocks(human, relative, layer) for layer in layers])
    end = blocks.relative_start + blocks["size"]
    blocks["diagonal"] = np.where(blocks.minus, blocks.start + end, blocks.start - blocks.relative_start)
    blocks = blocks.sort_values([*GEOMETRY, "diagonal", "start"], ignore_index=True)
    lines, start = blocks[[*GEOMETRY, "diagonal"]].to_numpy(np.int64), blocks.start.to_numpy()
    joined = (lines[1:] == lines[:-1]).all(axis=1) & (start[1:] == start[:-1] + blocks["size"].to_numpy()[:-1])
    group = np.cumsum(np.concatenate([[True], ~joined]))[: len(blocks)]
    merged = blocks.groupby(group).agg(
        {"contig": "first", "start": "first", "relative_contig": "first", "relative_start": "min"}
        | {"size": "sum", "minus": "first", "matches": "sum"}
    )
    return merged.sort_values(["contig", "start", "relative_contig", "relative_start"], ignore_index=True)


def true_chains(human: SimulatedGenome, relative: SimulatedGenome, layers: list[np.ndarray]) -> list[pd.DataFrame]:
    """Chain homologous blocks such that each human base is in at most one chain.

    Of several homologs of a base, the one that has not been copied since is used.

    Returns:
        Tables of blocks, as `homologous_blocks` returns, in order of decreasing score, with the column `strand_start`:
        the start on that strand of the relative along which the chain runs.
    """
    single = layers[0].copy()
    for layer in layers[1:]:
        single = np.where(single < 0, layer, single)
    blocks = _blocks(human, relative, single)
    end = blocks.relative_start + blocks["size"]
    blocks["strand_start"] = np.where(blocks.minus, relative.sizes[blocks.relative_contig] - end, blocks.relative_start)
    blocks["chain"] = _chain_numbers(blocks)
    aligned = blocks.groupby("chain")["size"].transform("sum")
    chains = [chain for _, chain in blocks[aligned >= MIN_CHAIN_BASES].groupby("chain")]
    return sorted(chains, key=chain_score, reverse=True)


def chain_score(chain: pd.DataFrame) -> int:
    """Score a chain: 100 per match, -50 per mismatch, and a cost of gaps that grows with their logarithm."""
    matches, mismatches = chain.matches.sum(), (chain["size"] - chain.matches).sum()
    gaps = sum(_gaps(chain))
    return max(int(chain["size"].sum()), int(100 * matches - 50 * mismatches - (50 * np.log2(1 + gaps)).sum()))


def format_chain(chain: pd.DataFrame, number: int, human: SimulatedGenome, relative: SimulatedGenome) -> Iterator[str]:
    """Format a chain as in a UCSC chain file (https://genome.ucsc.edu/goldenPath/help/chain.html), one line at a time.

    The relative is the query; on its minus strand coordinates count from the other end.
    """
    first, last = chain.iloc[0], chain.iloc[-1]
    target, query = int(first.contig), int(first.relative_contig)
    yield (
        f"chain {chain_score(chain)} "
        f"{human.contigs[target]} {human.sizes[target]} + {first.start} {last.start + last['size']} "
        f"{relative.contigs[query]} {relative.sizes[query]} {'-' if first.minus else '+'} "
        f"{first.strand_start} {last.strand_start + last['size']} {number}"
    )
    ours, theirs = _gaps(chain)
    for size, gap, relative_gap in zip(chain["size"].to_numpy()[:-1], ours, theirs, strict=True):
        yield f"{size}\t{gap}\t{relative_gap}"
    yield f"{last['size']}\n"


def _ancestral_numbers(origins: np.ndarray, known: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Trace bases back to those of the ancestor, or -1. `known[-1]` must be unused; it is set."""
    known[-1] = True
    numbers = origins.copy()
    while (young := ~known[numbers]).any():
        numbers[young] = parents[numbers[young]]
    return numbers


def _look_up(ours: np.ndarray, theirs: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Return the position of each human base's homolog among some positions of the relative, or -1."""
    position_of: np.ndarray = np.full(count + 1, -1)
    position_of[theirs[places]] = places
    found: np.ndarray = position_of[ours]
    return found


def _blocks(human: SimulatedGenome, relative: SimulatedGenome, homolog: np.ndarray) -> pd.DataFrame:
    """Return the blocks without gaps of one layer, in order of human position; columns as `homologous_blocks`."""
    ours = np.flatnonzero(homolog >= 0)
    theirs = homolog[ours]
    minus = human.bases["minus"][ours] ^ relative.bases["minus"][theirs]
    contig, relative_contig = human.contig_of(ours), relative.contig_of(theirs)
    goes_on = np.diff(ours) == 1
    goes_on &= np.diff(theirs) == np.where(minus[1:], -1, 1)
    for column in (minus, contig, relative_contig):
        goes_on &= column[1:] == column[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))[: len(ours)]
    size = np.diff(np.append(first, len(ours)))
    codes, relative_codes = human.bases["code"][ours], relative.bases["code"][theirs]
    same = codes == np.where(minus, COMPLEMENT[relative_codes], relative_codes)
    lowest = np.where(minus[first], theirs[first] - size + 1, theirs[first])
    return pd.DataFrame(
        {
            "contig": contig[first],
            "start": ours[first] - human.starts[contig[first]],
            "relative_contig": relative_contig[first],
            "relative_start": lowest - relative.starts[relative_contig[first]],
            "size": size,
            "minus": minus[first],
            "matches": np.add.reduceat(same, first, dtype=np.int64) if len(first) else np.empty(0, np.int64),
        }
    )


def _chain_numbers(blocks: pd.DataFrame) -> np.ndarray:
    """Assign blocks to chains: colinear, on one pair of contigs and strand, with gaps of at most MAX_GAP.

    Runs of consecutive blocks are found first; then each run, in human order, extends the chain whose end in the
    relative is nearest before it.
    """
    geometry, start, size, strand_start = (
        blocks[GEOMETRY].to_numpy(np.int64),
        *(blocks[column].to_numpy() for column in ("start", "size", "strand_start")),
    )
    end, strand_end = start + size, strand_start + size
    goes_on = (geometry[1:] == geometry[:-1]).all(axis=1)
    goes_on &= _within_reach(start[1:] - end[:-1]) & _within_reach(strand_start[1:] - strand_end[:-1])
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))[: len(blocks)]
    last = np.append(first[1:], len(blocks)) - 1
    numbers, count = np.empty(len(first), np.int64), 0
    open_ends: dict[tuple[int, ...], dict[int, tuple[int, int]]] = {}
    for run, (head, tail) in enumerate(zip(first, last, strict=True)):
        ends = open_ends.setdefault(tuple(geometry[head]), {})
        gaps = {
            chain: strand_start[head] - strand
            for chain, (place, strand) in ends.items()
            if _within_reach(start[head] - place) and _within_reach(strand_start[head] - strand)
        }
        count += not gaps
        numbers[run] = min(gaps, key=gaps.__getitem__) if gaps else count
        ends[numbers[run]] = (end[tail], strand_end[tail])
    return np.repeat(numbers, last - first + 1)


def _within_reach(gap: np.ndarray) -> np.ndarray:
    return (gap >= 0) & (gap <= MAX_GAP)


def _gaps(chain: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the gaps between neighbouring blocks in the human genome and in the relative."""
    size = chain["size"].to_numpy()[:-1]
    return np.diff(chain.start) - size, np.diff(chain.strand_start) - size
