"""Training windows on held-out places, against a base-by-base search.

As in `test_homologs`, bins have 10 bp; chromosome `a` trains, `v` validates, `t` tests; the other genome has one
chromosome, q.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.data.intervals import overlapping_pairs
from regssl.leakage.clearing import are_cleared, clear_homologs
from regssl.leakage.overlap import overlaps_held_out, overlaps_held_out_homologs, reciprocal_liftover
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import Chains, swap
from regssl.liftover.lift import aligned_blocks
from regssl.liftover.status import LiftStatus

WIDTH, Q_SIZE, SIZE = 10, 200, 60
SPLITS = {"a": "train", "v": "validation", "t": "test"}
BINS = pd.DataFrame(
    [(chrom, start, start + WIDTH, split) for chrom, split in SPLITS.items() for start in range(0, SIZE, WIDTH)],
    columns=["chrom", "start", "end", "split"],
).astype({"chrom": "category"})
NOWHERE = pd.DataFrame({"chrom": pd.Categorical(["q"] * len(BINS)), "start": -1})


def chains_of(folder: Path, *pieces: tuple[str, int, int, int, bool]) -> Chains:
    """Chains of one block each: chromosome, start, start in q, size, strand."""
    text = "".join(
        f"chain 1 {chrom} {SIZE} + {start} {start + size} q {Q_SIZE} {'+-'[minus]} {q} {q + size} 1\n{size}\n\n"
        for chrom, start, q, size, minus in pieces
    )
    (folder / "x.chain").write_text(text)
    return read_chains(folder / "x.chain")


def windows_at(*rows: tuple[int, int], chrom: str = "q") -> pd.DataFrame:
    """Windows: start, source."""
    start, source = np.array(rows, np.int64).reshape(-1, 2).T
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + WIDTH, "source": source})


def pairs(table: pd.DataFrame) -> list[tuple[int, int, int]]:
    return list(table.itertuples(index=False, name=None))


def test_a_window_whose_back_lift_lands_in_a_test_bin(tmp_path: Path) -> None:
    chains = chains_of(tmp_path, ("a", 0, 20, 10, False), ("t", 12, 100, 3, True))
    # q counts from its other end on the minus strand: 100-103 is 97-100
    windows = windows_at((20, 0), (88, 1), (95, 2), (150, 3))
    back, reciprocal = reciprocal_liftover(windows, chains, BINS)
    assert pairs(back) == [(1, 13, 1), (2, 13, 3)], "test bin 10-20 is number 13 of the bins"
    assert reciprocal.tolist() == [True, False, False, False]


def test_a_window_on_a_homolog_of_a_held_out_bin(tmp_path: Path) -> None:
    chains = chains_of(tmp_path, ("a", 0, 20, 10, False), ("v", 0, 100, 2, False))
    lifted = NOWHERE.copy()
    lifted.loc[12, "start"] = 60  # a re-centred homolog of the first test bin, wherever it came from
    windows = windows_at((20, 0), (69, 1), (92, 2), (140, 3), (30, 6))
    found, held_out_with_homolog = overlaps_held_out_homologs(windows, chains, BINS, lifted)
    assert pairs(found) == [(1, 12, 1), (2, 6, 2), (4, 6, WIDTH)], "the last by its own word: source 6 is held out"
    assert held_out_with_homolog.tolist() == [6]


def test_homologs_of_training_bins_forbid_nothing(tmp_path: Path) -> None:
    chains = chains_of(tmp_path, ("a", 0, 20, 60, False))
    lifted = NOWHERE.copy()
    lifted.loc[0, "start"] = 20
    windows = windows_at((20, 0), (30, 1))
    assert overlaps_held_out_homologs(windows, chains, BINS, lifted)[0].empty
    back, reciprocal = reciprocal_liftover(windows, chains, BINS)
    assert back.empty and reciprocal.all()


def test_human_windows_on_held_out_bins() -> None:
    windows = pd.concat([windows_at((0, 0), chrom="a"), windows_at((25, 0), chrom="v")], ignore_index=True)
    assert pairs(overlaps_held_out(windows, BINS)) == [(1, 8, 5), (1, 9, 5)]


def by_swapped_chains(windows: pd.DataFrame, chains: Chains) -> tuple[list[tuple[int, int, int]], list[int]]:
    """`reciprocal_liftover` by the lift-over itself: windows through inverted chains, and two loops over bins."""
    inverted = swap(chains)
    segments = aligned_blocks(inverted, windows["chrom"], windows["start"].to_numpy(), windows["end"].to_numpy())
    bases, reciprocal = dict[tuple[int, int], int](), set()
    for window, chrom, start, end in zip(*(column.tolist() for column in segments), strict=True):
        for row in BINS.itertuples():
            shared = min(end, row.end) - max(start, row.start)
            if row.chrom == list(inverted.query_sizes)[chrom] and shared > 0:
                if row.split != "train":
                    bases[window, row.Index] = max(shared, bases.get((window, row.Index), 0))
                if row.Index == windows["source"][window]:
                    reciprocal.add(window)
    return sorted((*pair, most) for pair, most in bases.items()), sorted(reciprocal)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("avt"), st.integers(0, SIZE - 10), st.integers(0, 180), st.integers(1, 10), st.booleans()
        ),
        min_size=1,
        max_size=10,
    ),
    st.lists(st.integers(0, Q_SIZE - WIDTH), max_size=8),
)
def test_both_ways_agree_with_the_bases_that_are_aligned(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[str, int, int, int, bool]], starts: list[int]
) -> None:
    chains = chains_of(tmp_path_factory.mktemp("leaks"), *pieces)
    windows = windows_at(*[(start, 0) for start in starts])
    expected = set()
    for chrom, start, q, size, minus in pieces:
        for offset in range(size):
            there = Q_SIZE - 1 - (q + offset) if minus else q + offset
            if chrom != "a":
                bin_ = list(SPLITS).index(chrom) * (SIZE // WIDTH) + (start + offset) // WIDTH
                expected |= {(i, bin_) for i, first in enumerate(starts) if first <= there < first + WIDTH}
    back, reciprocal = reciprocal_liftover(windows, chains, BINS)
    old_pairs, old_reciprocal = by_swapped_chains(windows, chains)
    assert pairs(back) == old_pairs and np.flatnonzero(reciprocal).tolist() == old_reciprocal
    forward, _ = overlaps_held_out_homologs(windows, chains, BINS, NOWHERE)
    for table in (back, forward):
        assert {(window, bin_) for window, bin_, _ in pairs(table)} == expected and len(table) == len(expected)


def test_homologs_that_are_cleared_and_those_that_are_not(tmp_path: Path) -> None:
    # to bin 3 none is kept; that of bin 1 touches a segment of a test bin, that of bin 4 a held-out homolog
    chains = chains_of(tmp_path, ("a", 0, 20, 10, False), ("a", 10, 40, 10, False), ("t", 5, 49, 3, False))
    homologs = NOWHERE.assign(lift_status="deleted")
    starts = {0: 20, 1: 40, 2: 60, 4: 100, 12: 109}
    for source, start in starts.items():
        homologs.loc[source, ["start", "lift_status"]] = [start, str(LiftStatus.KEPT)]
    cleared = clear_homologs(BINS, chains, homologs)
    assert cleared["start"][cleared["start"] >= 0].to_dict() == {0: 20, 2: 60}
    assert cleared["chrom"].notna().equals(cleared["start"] >= 0)
    assert cleared.index[cleared["reciprocal"]].tolist() == [0] and cleared.index[cleared["aligned"]].tolist() == [12]
    windows = windows_at((20, 0), (21, 0), (20, 1), (40, 1), (60, 2), (-1, 3))
    windows.loc[len(windows)] = ["r", 20, 30, 0]
    windows.loc[len(windows)] = ["q", 60, 71, 2]
    assert np.flatnonzero(are_cleared(windows, cleared, WIDTH)).tolist() == [0, 4]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(*[st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 40), st.integers(1, 12)), max_size=12)] * 2)
def test_overlapping_pairs_are_those_of_two_loops(first: list, second: list) -> None:
    tables = [
        pd.DataFrame([(c, s, s + n) for c, s, n in rows], columns=["chrom", "start", "end"]) for rows in (first, second)
    ]
    mine, theirs, bases = overlapping_pairs(*tables)
    expected = {
        (i, j): min(s + n, t + m) - max(s, t)
        for i, (c, s, n) in enumerate(first)
        for j, (d, t, m) in enumerate(second)
        if c == d and min(s + n, t + m) > max(s, t)
    }
    assert dict(zip(zip(mine.tolist(), theirs.tolist(), strict=True), bases.tolist(), strict=True)) == expected
    assert len(mine) == len(expected)
