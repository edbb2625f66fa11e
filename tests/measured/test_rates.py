"""Shares of true copies: strata against a slow count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.measured.columns import RATES
from regssl.measured.rates import cell_line_levels, edge_levels, rates_table
from regssl.measured.settings import MeasuredSettings


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (1, []),
        (2, ["1", "all 2"]),
        (3, ["1", "2", "all 3"]),
        (5, ["1 to 2", "3 to 4", "all 5"]),
        (7, ["1 to 3", "4 to 6", "all 7"]),
    ],
)
def test_levels_of_cell_lines_hold_each_number_once(files: int, names: list[str]) -> None:
    levels = cell_line_levels(files)
    assert [name for name, _, _ in levels] == names
    assert not names or [k for _, low, high in levels for k in range(low, high + 1)] == list(range(1, files + 1))


def test_an_edge_belongs_to_the_level_above() -> None:
    values = np.array([4.9, 5, 9.9, 10, 12, np.nan])
    found = {name: rows.tolist() for name, rows in edge_levels(values, [5, 10])}
    assert found == {
        "below 5": [True, False, False, False, False, False],
        "5 to 10": [False, True, True, False, False, False],
        "10 and more": [False, False, False, True, True, False],
    }


COPIES = st.lists(
    st.tuples(
        st.sampled_from(["train", "validation", "test"]),
        st.sampled_from([0, 1]),
        st.booleans(),
        st.sampled_from([0.1, 0.2, 0.5, 0.7, 0.9, 1.0]),
        st.integers(0, 3),
        st.one_of(st.just(np.nan), st.floats(0, 0.6)),
        st.floats(-5, 20),
    ),
    max_size=40,
)


@settings(max_examples=10, deadline=None)
@given(COPIES)
def test_every_row_against_a_slow_count(rows: list[tuple]) -> None:
    columns = ["split", "label", "bound", "aligned_fraction", "cell_lines", "divergence", "motif"]
    copies = pd.DataFrame(rows, columns=columns).astype(
        {"label": "int64", "bound": bool, "cell_lines": "int64", **dict.fromkeys(columns[-2:], float)}
    )
    table = rates_table(("ctcf", "mouse"), {"windows": copies, "peaks": copies}, 3, 0.2, MeasuredSettings())
    assert list(table) == list(RATES)
    assert set(table["min_match"]) == {0.2, 0.5, 0.9}, "none below that with which homologs were found"
    for row in table.itertuples():
        chosen = [r for r in rows if row.split in ("all", r[0]) and r[1] == row.label]
        if row.stratum == "all":
            chosen = [r for r in chosen if r[3] >= float(np.float32(row.min_match))]
        elif row.stratum == "cell_lines":
            chosen = [r for r in chosen if max(r[4], 1) == int(row.level.removeprefix("all "))]
        else:
            place = 5 if row.stratum == "divergence" else 6
            words = row.level.split()
            low = -np.inf if words[0] == "below" else float(words[0])
            high = float(words[1]) if words[0] == "below" else np.inf if words[1] == "and" else float(words[2])
            chosen = [r for r in chosen if low <= r[place] < high]
        assert (row.copies, row.bound) == (len(chosen), sum(r[2] for r in chosen))
    assert not ((table["unit"] == "peaks") & (table["label"] == 0)).any()
    of_all = table[(table["stratum"] == "all") & (table["unit"] == "windows")]
    assert len(of_all) == 4 * 2 * 3, "also of splits without copies"
