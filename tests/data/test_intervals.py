"""Coverage, overlap and merging of intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.data.intervals import covered_bases, merge, overlapping_pairs, overlaps_any

CHROMOSOMES = ["1", "02", "NA", "nan", "track1", "browser", "#x", 'a"b']
"""Names that readers of tables, or bedtools, take for something else."""
INTERVALS = st.lists(st.tuples(st.sampled_from(CHROMOSOMES), st.integers(0, 90), st.integers(1, 20)), max_size=12)


def table(rows: list[tuple[str, int, int]]) -> pd.DataFrame:
    """Rows of (chrom, start, length)."""
    chrom, start, length = zip(*rows, strict=True) if rows else ((), (), ())
    starts, lengths = np.array(start, np.int64), np.array(length, np.int64)
    return pd.DataFrame({"chrom": pd.Series(chrom, dtype="str"), "start": starts, "end": starts + lengths})


def bases(rows: list[tuple[str, int, int]]) -> set[tuple[str, int]]:
    return {(chrom, base) for chrom, start, length in rows for base in range(start, start + length)}


@settings(deadline=None, derandomize=True, max_examples=25)
@given(INTERVALS)
def test_merge_keeps_the_same_bases_in_disjoint_pieces(rows: list[tuple[str, int, int]]) -> None:
    merged = merge(table(rows))
    pieces = [(chrom, start, end - start) for chrom, start, end in merged.values.tolist()]
    assert bases(pieces) == bases(rows)
    assert sum(length for _, _, length in pieces) == len(bases(rows))
    assert pieces == sorted(pieces)
    assert all(len(bases([one]) & bases([(chrom, start - 1, length + 2)])) == 0 or one == (chrom, start, length)
               for chrom, start, length in pieces for one in pieces), "no two touch"  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=150)
@given(INTERVALS, INTERVALS)
def test_overlap_and_coverage_agree_with_counting_bases(
    rows: list[tuple[str, int, int]], queries: list[tuple[str, int, int]]
) -> None:
    covered, asked = bases(rows), table(queries)
    expected = [len(bases([query]) & covered) for query in queries]
    place = (asked["chrom"].astype("category"), asked["start"].to_numpy(), asked["end"].to_numpy())
    assert overlaps_any(table(rows), *place).tolist() == [count > 0 for count in expected]
    disjoint = []  # covered_bases asks for merged intervals
    for chrom in CHROMOSOMES:
        ours = sorted(base for name, base in covered if name == chrom)
        disjoint += [(chrom, base, 1) for base in ours]
    assert covered_bases(table(disjoint), *place).tolist() == expected


@settings(deadline=None, derandomize=True, max_examples=150)
@given(INTERVALS, INTERVALS)
def test_pairs_agree_with_comparing_every_two_intervals(
    first: list[tuple[str, int, int]], second: list[tuple[str, int, int]]
) -> None:
    shared = {(i, j): len(bases([a]) & bases([b])) for i, a in enumerate(first) for j, b in enumerate(second)}
    found = list(zip(*(column.tolist() for column in overlapping_pairs(table(first), table(second))), strict=True))
    assert len(set(found)) == len(found)
    assert {(i, j): n for i, j, n in found} == {pair: n for pair, n in shared.items() if n}
