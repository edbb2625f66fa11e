"""Mutated windows: the rates come back, the middle stays, only training windows are touched."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.packed import letters, packed
from regssl.data import _mutation
from regssl.data.divergence import Divergence
from regssl.data.mutation import Mutator, mutate, mutate_windows
from regssl.data.windows import COLUMNS, window_table
from regssl.errors import DataError
from regssl.sequences.encoding import encode
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

NONE = Divergence(1, 1, 0.0, 0.0, 0.0, 0.0, math.nan, 0.0, math.nan)
LONG = 400_000


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def within(fraction: float, expected: float, n: int) -> bool:
    """Within four standard errors of a binomial fraction."""
    return abs(fraction - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


@pytest.mark.parametrize(("differences", "transitions"), [(0.012, 0.67), (0.45, 0.5), (0.3, 1 / 3)])
def test_as_many_bases_differ_as_were_measured(differences: float, transitions: float) -> None:
    codes = rng().integers(0, 4, (1, LONG), dtype=np.uint8)
    out = mutate(
        codes,
        np.array([LONG // 2]),
        LONG,
        replace(NONE, differences=differences, transition_fraction=transitions),
        rng(1),
    )
    changed = out != codes
    assert within(changed.mean(), differences, LONG)
    assert within(((out ^ codes) == 2)[changed].mean(), transitions, int(changed.sum()))
    for base in range(4):
        assert within(changed[codes == base].mean(), differences, int((codes == base).sum()))
    other = (out ^ codes)[changed]
    assert within((other == 1).sum() / (other != 2).sum(), 0.5, int((other != 2).sum()))


def marked(n: int) -> np.ndarray:
    """Sequence whose bases encode their position: numbers from 4 to 253 in turn, which are never substituted."""
    return (np.arange(n) % 250 + 4).astype(np.uint8)[None]


@pytest.mark.parametrize(("rate", "length"), [(0.02, 5.0), (0.001, 1.0), (0.02, 20.0)])
def test_deletions_come_as_often_and_as_long_as_they_should(rate: float, length: float) -> None:
    codes = marked(3 * LONG)
    rates = replace(NONE, deletions_per_base=rate, deletion_length=length)
    out = mutate(codes, np.array([3 * LONG // 2]), LONG, rates, rng(2))[0].astype(int)
    assert out[LONG // 2] == codes[0, 3 * LONG // 2] and out[LONG // 2 - 1] == codes[0, 3 * LONG // 2 - 1]
    gaps = (np.diff(out) - 1) % 250
    gaps = gaps[gaps > 0]
    assert within(len(gaps) / LONG, rate, LONG)
    spread = math.sqrt(length * (length - 1) / len(gaps))
    assert abs(gaps.mean() - length) <= 4 * spread


@pytest.mark.parametrize(("rate", "length"), [(0.02, 5.0), (0.005, 1.0)])
def test_insertions_come_as_often_and_as_long_as_they_should(rate: float, length: float) -> None:
    codes = marked(LONG)
    rates = replace(NONE, insertions_per_base=rate, insertion_length=length)
    out = mutate(codes, np.array([LONG // 2]), LONG, rates, rng(3))[0]
    inserted, events, place, before = 0, 0, LONG // 2, False
    for base in out[LONG // 2 :]:
        own = base == codes[0, place]
        events += not own and not before
        inserted, place, before = inserted + (not own), place + bool(own), not own
    human = place - LONG // 2
    assert within(events / human, rate, human)
    assert inserted / events == pytest.approx(length, rel=0.06)  # an inserted base may be taken for the next one


def test_inserted_bases_are_of_the_window_not_of_its_flanks() -> None:
    codes = np.repeat(np.array([[0, 1, 0]], np.uint8), 200, axis=1)
    codes[0, 200:260] = 2
    rates = replace(NONE, insertions_per_base=0.5, insertion_length=4.0)
    out = mutate(np.repeat(codes, 2000, axis=0), np.full(2000, 300), 200, rates, rng(4))
    assert set(np.unique(out)) == {1, 2}
    right = out[:, 100:]  # the right half has no 2 of its own; two bases in three are inserted
    assert (right == 2).mean() == pytest.approx(2 / 3 * 60 / 200, abs=0.01)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 40),
    st.integers(0, 30),
    st.integers(0, 30),
    *[st.floats(0, 1)] * 4,
    *[st.floats(1, 30)] * 2,
    st.integers(0, 2**32),
)
def test_whatever_the_rates_a_window_is_made_of_the_sequence_that_was_read(
    width: int,
    left: int,
    right: int,
    p: float,
    fraction: float,
    ins: float,
    gone: float,
    long: float,
    longer: float,
    seed: int,
) -> None:
    codes = marked(left + width + right)
    rates = Divergence(1, 1, p, 0.0, fraction, ins, long, gone, longer)
    out = mutate(codes, np.array([left + width // 2]), width, rates, rng(seed))
    assert out.shape == (1, width) and out.dtype == np.uint8
    assert np.isin(out, codes).all()
    assert out[0, width // 2] == codes[0, left + width // 2]
    slow = _mutation.MutationRates(p, fraction, ins, long, gone, longer)
    by_python = _mutation.mutate.py_func(codes, np.array([left + width // 2]), width, slow, rng(seed))
    np.testing.assert_array_equal(out, by_python)


def test_without_flanks_deletions_take_nothing() -> None:
    codes = rng().integers(0, 4, (50, 200), dtype=np.uint8)
    rates = replace(NONE, deletions_per_base=1.0, deletion_length=9.0)
    np.testing.assert_array_equal(mutate(codes, np.full(50, 100), 200, rates, rng()), codes)


def test_what_is_not_known_does_not_happen() -> None:
    codes = rng().integers(0, 4, (5, 200), dtype=np.uint8)
    nothing = Divergence(0, 0, *[math.nan] * 7)
    np.testing.assert_array_equal(mutate(codes, np.full(5, 100), 200, nothing, rng()), codes)


TRAIN = window_table(
    pd.DataFrame(
        [
            ("h", "c", 0, 20, "+", 1, "train", 3),
            ("h", "c", 40, 60, "+", 0, "train", 5),
            ("h", "d", 80, 100, "+", 1, "train", 9),
        ],
        columns=COLUMNS,
    )
)


def homologs(*rows: tuple[int, int]) -> pd.DataFrame:
    return window_table(
        pd.DataFrame([("m", "x", 7, 27, "-", label, "train", source) for source, label in rows], columns=COLUMNS)
    )


def test_each_homolog_is_replaced_by_its_human_window() -> None:
    windows = mutate_windows(TRAIN, homologs((9, 1), (3, 1)))
    pd.testing.assert_frame_equal(windows, window_table(TRAIN.iloc[[2, 0]]))
    assert len(mutate_windows(TRAIN, homologs().iloc[:0])) == 0


def test_only_training_windows_are_mutated() -> None:
    with pytest.raises(DataError, match="the homolog of bin 4 is of no training window"):
        mutate_windows(TRAIN, homologs((3, 1), (4, 0)))
    with pytest.raises(DataError, match="the homolog of bin 5 has another label"):
        mutate_windows(TRAIN, homologs((3, 1), (5, 1)))
    for train, others in (
        (TRAIN.assign(split="test"), homologs((3, 1))),
        (TRAIN, homologs((3, 1)).assign(split="test")),
    ):
        with pytest.raises(ValueError, match="only training windows"):
            mutate_windows(train, others)


@pytest.fixture
def human(tmp_path: Path) -> Genome:
    letters = np.array(list("ACGT"))
    texts = {name: "".join(letters[rng(seed).integers(0, 4, 100)]) for seed, name in enumerate("cd")}
    write_twobit(tmp_path / "h.2bit", [packed(name, text) for name, text in texts.items()])
    return Genome(tmp_path / "h.2bit")


def test_windows_at_the_ends_of_chromosomes_are_read_within_them(human: Genome) -> None:
    same = Mutator(human, 20, NONE, "ctcf", "m")(TRAIN)
    expected = [encode(letters(human, chrom, start, start + 20)) for chrom, start in (("c", 0), ("c", 40), ("d", 80))]
    np.testing.assert_array_equal(same, expected)


def test_random_numbers_depend_on_dataset_and_genome_alone(human: Genome) -> None:
    rates = replace(NONE, differences=0.4, transition_fraction=0.5, deletions_per_base=0.1, deletion_length=3.0)
    first, again, other_genome, other_dataset = (
        Mutator(human, 20, rates, dataset, genome)(TRAIN)
        for dataset, genome in (("ctcf", "m"), ("ctcf", "m"), ("ctcf", "r"), ("rest", "m"))
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other_genome).any() and (first != other_dataset).any()
    mutator = Mutator(human, 20, rates, "ctcf", "m")
    np.testing.assert_array_equal(np.concatenate([mutator(TRAIN.iloc[:1]), mutator(TRAIN.iloc[1:])]), first)
