"""Rows by chromosome and covered bases, against counting one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.sequences.intervals import covered_before, rows_by_chromosome


@pytest.mark.parametrize("kind", ["list", "array", "str", "category"])
def test_rows_by_chromosome(kind: str) -> None:
    names = ["chr2", "chr1", "chr2", None, "chr10"]
    chrom = {
        "list": names,
        "array": np.array(names, object),
        "str": pd.Series(names, dtype="str", index=[7, 7, 8, 9, 1]),
        "category": pd.Categorical(names, categories=["chr9", "chr2", "chr1", "chr10"]),
    }[kind]
    found = {name: rows.tolist() for name, rows in rows_by_chromosome(chrom).items()}
    assert found == {"chr1": [1], "chr10": [4], "chr2": [0, 2]}


def test_no_rows() -> None:
    assert rows_by_chromosome([]) == {}


@settings(deadline=None, derandomize=True)
@given(st.lists(st.booleans(), max_size=40))
def test_covered_before(covered: list[bool]) -> None:
    edges = np.flatnonzero(np.diff([False, *covered, False]))
    blocks, positions = edges.reshape(-1, 2), np.arange(len(covered) + 3)
    assert covered_before(blocks, positions).tolist() == [sum(covered[:position]) for position in positions]
