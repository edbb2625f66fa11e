"""Folds of training windows, against a loop over all pairs of windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regssl.data.folds import make_folds
from regssl.errors import DataError
from regssl.methods.settings import CrossFitting

WIDTH = 20


def windows(places: list[tuple[str, int]], labels: list[int]) -> pd.DataFrame:
    table = pd.DataFrame(places, columns=["chrom", "start"])
    return table.assign(end=table["start"] + WIDTH, label=labels)


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 30, 200]))
def test_no_neighbour_of_a_fold_trains_its_teacher(seed: int, margin: int) -> None:
    rng = np.random.default_rng(seed)
    places = [(f"c{rng.integers(3)}", int(start) * WIDTH) for start in rng.choice(60, 40, replace=False)]
    table = windows(places, (rng.random(40) < 0.3).astype(int).tolist())
    folds = make_folds(table, CrossFitting(folds=3, block_length=100, margin=margin))
    blocks = {}
    for row, (chrom, start) in enumerate(places):
        fold = int(folds.of_window[row])
        assert blocks.setdefault((chrom, start // 100), fold) == fold  # a block is in one fold
        for judged, trains in enumerate(folds.trains):
            own = [
                start for (its, start), of in zip(places, folds.of_window, strict=True) if of == judged and its == chrom
            ]
            near = any(max(start - (other + WIDTH), other - (start + WIDTH)) < margin for other in own)
            assert trains[row] == (fold != judged and not near)


@given(st.integers(0, 10_000))
def test_folds_are_as_alike_as_their_blocks_allow(seed: int) -> None:
    """No fold has more positives than another by more than a block has."""
    rng = np.random.default_rng(seed)
    places = [("c", start * WIDTH) for start in range(100)]
    table = windows(places, (rng.random(100) < 0.2).astype(int).tolist())
    folds = make_folds(table, CrossFitting(folds=4, block_length=5 * WIDTH, margin=0))
    positives = np.bincount(folds.of_window, table["label"], minlength=4)
    largest = table.groupby(table["start"] // (5 * WIDTH))["label"].sum().max()
    assert positives.max() - positives.min() <= largest


def test_blocks_without_positives_even_out_the_windows() -> None:
    """Of eight blocks of five windows one has all positives: its fold gets three of the others."""
    table = windows([("c", start * WIDTH) for start in range(40)], [int(start < 5) for start in range(40)])
    folds = make_folds(table, CrossFitting(folds=2, block_length=5 * WIDTH, margin=0))
    assert np.bincount(folds.of_window).tolist() == [20, 20] and folds.trains.sum(1).tolist() == [20, 20]


def test_by_hand() -> None:
    """Blocks with 2, 1, 1 and 0 positives: the first alone, the next two together, then the smaller fold of both."""
    starts = [0, 20, 100, 200, 300]
    folds = make_folds(windows([("c", start) for start in starts], [1, 1, 1, 1, 0]),
                       CrossFitting(folds=2, block_length=100, margin=61))  # fmt: skip
    assert folds.of_window.tolist() == [0, 0, 1, 1, 0]
    assert folds.trains.tolist() == [[False, False, False, True, False], [True, False, False, False, True]]


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    table = windows([(f"c{row % 2}", row * WIDTH) for row in range(50)], rng.integers(0, 2, 50).tolist())
    settings, order = CrossFitting(folds=3, block_length=100, margin=20), rng.permutation(50)
    one, other = make_folds(table, settings), make_folds(table.iloc[order], settings)
    assert np.array_equal(one.of_window[order], other.of_window)
    assert np.array_equal(one.trains[:, order], other.trains)


def test_fewer_blocks_than_folds() -> None:
    with pytest.raises(
        DataError, match=r"3 folds of the human training windows, which lie in 2 blocks of 1000 bp on a, b"
    ):
        make_folds(windows([("a", 0), ("b", 0), ("b", 20)], [1, 0, 1]), CrossFitting(block_length=1000))
