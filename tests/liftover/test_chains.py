"""Chains with target and query exchanged, against the pairs of bases that a chain file lists."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.genomes import WithoutSequence
from regssl.liftover.chain_file import check_genomes, read_chains
from regssl.liftover.chains import Chains, swap
from regssl.liftover.lift import aligned_blocks, lift

SIZES = {"t": {"a": 90, "b": 60}, "q": {"x": 70, "y": 80}}
Pairs = Counter[tuple[str, int, str, int]]

PIECES = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from("xy"), st.booleans(), st.integers(0, 20), st.integers(0, 20),
        st.lists(st.tuples(st.integers(1, 8), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=4),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def text_and_pairs(pieces: list) -> tuple[str, Pairs]:
    """A chain file, and every pair of aligned bases it means: target name and place, query name and place."""
    lines, pairs = [], Pairs()
    for number, (t, q, minus, t_start, q_start, blocks) in enumerate(pieces):
        at, there = t_start, q_start
        body = []
        for i, (size, t_gap, q_gap) in enumerate(blocks):
            for _ in range(size):
                pairs[(t, at, q, SIZES["q"][q] - 1 - there if minus else there)] += 1
                at, there = at + 1, there + 1
            last = i == len(blocks) - 1
            body.append(f"{size}" if last else f"{size} {t_gap} {q_gap}")
            if not last:
                at, there = at + t_gap, there + q_gap
        strand = "-" if minus else "+"
        target, query = f"{t} {SIZES['t'][t]} + {t_start} {at}", f"{q} {SIZES['q'][q]} {strand} {q_start} {there}"
        lines += [f"chain {number + 1} {target} {query} {number + 7}", *body, ""]
    return "\n".join(lines) + "\n", pairs


def base_pairs(chains: Chains) -> Pairs:
    """The pairs that the library finds, base by base."""
    pairs, names = Pairs(), list(chains.query_sizes)
    for chrom, size in chains.target_sizes.items():
        start = np.arange(size)
        row, query, first, last = aligned_blocks(chains, chrom, start, start + 1)
        assert (last - first == 1).all()
        pairs.update((chrom, int(r), names[q], int(f)) for r, q, f in zip(row, query, first, strict=True))
    return pairs


@settings(deadline=None, derandomize=True, max_examples=60)
@given(PIECES)
def test_every_pair_of_bases_is_turned_round(tmp_path_factory: pytest.TempPathFactory, pieces: list) -> None:
    text, pairs = text_and_pairs(pieces)
    path = tmp_path_factory.mktemp("chains") / "x.chain"
    path.write_text(text)
    chains = read_chains(path)
    swapped = swap(chains)
    assert base_pairs(chains) == pairs
    assert base_pairs(swapped) == Pairs({(q, j, t, i): n for (t, i, q, j), n in pairs.items()})
    assert base_pairs(swap(swapped)) == pairs
    assert sorted(swapped.score) == sorted(chains.score) and sorted(swapped.id) == sorted(chains.id)
    assert (np.diff(swapped.target_start)[np.diff(swapped.target) == 0] >= 0).all()
    assert swapped.target_sizes == chains.query_sizes and swapped.query_sizes == chains.target_sizes


def test_a_minus_strand_chain_by_hand(tmp_path: Path) -> None:
    # target 10-16 and 18-22 lie on the other strand of 50-56 and 43-47 of a query of 60 bases
    (tmp_path / "x.chain").write_text("chain 5 a 100 + 10 22 x 60 - 4 17 3\n6 2 3\n4\n\n")
    swapped = swap(read_chains(tmp_path / "x.chain"))
    assert (swapped.target_start.tolist(), swapped.target_end.tolist()) == ([43], [56])
    lifted = lift(swapped, "x", np.array([44, 50]), np.array([46, 56]), min_match=1.0)
    assert list(zip(lifted.start, lifted.end, lifted.minus, strict=True)) == [(19, 21, True), (10, 16, True)]


def test_real_chains_fit_their_genomes_when_turned(shared: Path) -> None:
    path = shared / "encode_regions/chains/humanToMouse.over.chain.gz"
    chains = read_chains(path)
    swapped = swap(chains)
    check_genomes(swapped, path, WithoutSequence(chains.query_sizes), WithoutSequence(chains.target_sizes))
    assert (swapped.block_end - swapped.block_start).sum() == (chains.block_end - chains.block_start).sum()
    start = np.arange(0, 1_800_000, 200)
    lifted = lift(chains, "ENm001", start, start + 200, min_match=0.5)
    places = np.array(lifted.names)[lifted.chrom]
    row, _, first, last = aligned_blocks(swapped, places, lifted.start, lifted.end)
    reciprocal = (first < start[lifted.index][row] + 200) & (last > start[lifted.index][row])
    assert len(np.unique(row[reciprocal])) == len(lifted.index) > 1000
