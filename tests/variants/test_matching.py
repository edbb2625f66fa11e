"""Balanced variants matched by chromosome and change, counted one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np

from regssl.variants.matching import select_matched


def test_as_many_of_each_chromosome_and_change() -> None:
    rng = np.random.default_rng(3)
    n = 400
    columns = [rng.choice(["chr1", "chr2"], n), np.arange(n), rng.choice(["A", "C"], n), rng.choice(["G", "T"], n)]
    changes = [column.tolist() for column in columns]
    balanced = rng.random(n) < 0.8
    selected = select_matched(changes, balanced)
    assert selected[~balanced].all(), "none with imbalance is lost"
    keys = list(zip(changes[0], changes[2], changes[3], strict=True))
    imbalanced, there, kept = (
        Counter(key for key, take in zip(keys, mask, strict=True) if take)
        for mask in (~balanced, balanced, balanced & selected)
    )
    assert len(there) == 8 and kept == {key: min(imbalanced[key], there[key]) for key in there}


def test_those_kept_are_spread_along_the_chromosome() -> None:
    positions = [70, 50, 10, 30, 20, 60, 40, 80, 99]
    changes = [["chr1"] * 9, positions, ["A"] * 9, ["C"] * 9]
    selected = select_matched(changes, np.array([True] * 8 + [False]))
    assert np.array(positions)[selected].tolist() == [50, 99], "the middle of eight, for one"


def test_without_a_match_none_is_kept_and_without_balanced_ones_all_are() -> None:
    changes = [["chr1", "chr1"], [5, 9], ["A", "A"], ["C", "G"]]
    assert select_matched(changes, np.array([True, False])).tolist() == [False, True]
    assert select_matched(changes, np.array([False, False])).all()
    assert select_matched([[], [], [], []], np.zeros(0, bool)).tolist() == []
