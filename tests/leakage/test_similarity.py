"""Similarity by shared k-mers, against sets of words written down from the text of both strands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.leakage.columns import REPEAT_CLASSES
from regssl.leakage.settings import LeakageSettings
from regssl.leakage.similarity import MIN_KMERS, HeldOutIndex
from regssl.sequences.encoding import decode, encode, reverse_complement

K = 12


def words(codes: np.ndarray, k: int = K) -> set[str]:
    """The distinct canonical k-mers of a window, as text."""
    text, other = decode(codes), decode(reverse_complement(codes))
    n = len(text)
    pairs = ((text[i : i + k], other[n - k - i : n - i]) for i in range(n - k + 1))
    return {min(pair) for pair in pairs if "N" not in pair[0]}


def random_codes(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(0, 4, shape, dtype=np.uint8)


def mutated(rng: np.random.Generator, codes: np.ndarray, fraction: float) -> np.ndarray:
    hit = rng.random(codes.shape) < fraction
    return np.where(hit, (codes + rng.integers(1, 4, codes.shape)) % 4, codes).astype(np.uint8)


def found(held_out: np.ndarray, training: np.ndarray, **values: object) -> tuple[HeldOutIndex, np.ndarray, np.ndarray]:
    """The index, and per held-out window the exact similarity to the nearest training window and its number."""
    index = HeldOutIndex(held_out, LeakageSettings(**{"k": K} | values))
    nearest = index.nearest(training, np.zeros(len(held_out), int))
    known = np.flatnonzero(nearest.row >= 0)
    similarity = np.zeros(len(held_out))
    similarity[known] = index.similarity(known, training[nearest.row[known]])
    return index, similarity, nearest.row


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.02, 0.2]), st.sampled_from([0.0, 0.05]))
def test_the_nearest_window_is_the_one_that_sets_of_words_give(seed: int, changed: float, n_fraction: float) -> None:
    rng = np.random.default_rng(seed)
    pool = random_codes(rng, 6, 60)
    held_out = mutated(rng, pool[rng.integers(0, 6, 8)], changed)
    training = mutated(rng, pool[rng.integers(0, 6, 15)], changed)
    training[::2] = reverse_complement(training[::2])
    training = np.roll(training, int(rng.integers(0, 60)), axis=1)
    for codes in (held_out, training):
        codes[rng.random(codes.shape) < n_fraction] = 4
    index, similarity, row = found(held_out, training)
    for i, window in enumerate(held_out):
        own = words(window)
        expected = [len(own & words(other)) / len(own) if own else 0.0 for other in training]
        assert index.distinct[i] == len(own) and index.compared[i] == (len(own) >= MIN_KMERS)
        assert similarity[i] == pytest.approx(max(expected))
        assert row[i] == (int(np.argmax(expected)) if max(expected) else -1), "the first of equally near ones"


def test_copies_of_every_kind_are_near_and_chance_is_not() -> None:
    rng = np.random.default_rng(1)
    held_out = random_codes(rng, 200, 200)
    training = random_codes(rng, 3000, 200)
    training[10] = held_out[3]
    training[20] = mutated(rng, held_out[4], 0.03)
    training[30] = reverse_complement(held_out[5])
    training[40, 100:] = held_out[6, :100]
    index = HeldOutIndex(held_out, LeakageSettings())
    nearest = index.nearest(training, np.arange(200) % 2)
    assert np.flatnonzero(nearest.similar).tolist() == [10, 20, 30, 40]
    assert nearest.similar[[10, 20, 30, 40]].tolist() == [2, 1, 2, 1], "the group of the held-out window is a bit"
    assert nearest.row[[3, 4, 5, 6]].tolist() == [10, 20, 30, 40]
    similarity = index.similarity(np.array([3, 4, 5, 6]), training[[10, 20, 30, 40]])
    assert similarity[[0, 2]].tolist() == [1, 1] and similarity[3] == pytest.approx(81 / 181)
    assert 0.3 <= similarity[1] < 0.9


def test_a_sample_of_kmers_finds_the_same_copies_and_the_fraction_stays_exact() -> None:
    rng = np.random.default_rng(2)
    held_out, training = random_codes(rng, 300, 200), random_codes(rng, 1000, 200)
    training[:300] = mutated(rng, held_out, 0.03)
    whole = HeldOutIndex(held_out, LeakageSettings())
    part = HeldOutIndex(held_out, LeakageSettings(kmer_sampling_fraction=0.25))
    assert part.kmers / whole.kmers == pytest.approx(0.25, abs=0.02)
    rows = np.arange(300)
    assert (part.nearest(training, np.zeros(300, int)).row == rows).all()
    assert (part.similarity(rows, training[:300]) == whole.similarity(rows, training[:300])).all()


def test_frequent_kmers_are_not_looked_up_but_count_in_the_similarity() -> None:
    rng = np.random.default_rng(3)
    repeat = random_codes(rng, 120)
    held_out = random_codes(rng, 50, 200)
    held_out[:30, :120] = repeat
    held_out[:30, 120] = [0, *np.arange(29) % 3 + 1]  # no k-mer across the edge of the first one's repeat is shared
    training = np.concatenate([held_out[:1], mutated(rng, held_out[:1], 0.2), random_codes(rng, 5, 200)])
    index, similarity, row = found(held_out, training, k=20, max_occurrences=20)
    assert index.frequent_kmers == len(words(repeat, 20)) == 101
    assert (index.frequent[:30] == 101).all() and not index.frequent[30:].any()
    assert row[0] == 0 and similarity[0] == 1
    assert (index.looked_up + index.frequent == index.distinct).all()
    # the other windows with the repeat find nothing, because only the repeat is shared
    assert (row[1:30] == -1).all()
    every, near, _ = found(held_out, training, k=20)
    assert every.frequent_kmers == 0 and (near[1:30] > 0.5).all(), "with a higher limit they do"


def test_simple_sequence_is_counted_and_not_compared_where_it_has_too_few_kmers() -> None:
    rng = np.random.default_rng(4)
    held_out = random_codes(rng, 4, 200)
    held_out[0] = encode("CA" * 100)
    held_out[1, :150] = encode("GATTACA" * 22)[:150]
    index = HeldOutIndex(held_out, LeakageSettings())
    assert index.distinct[0] == 2 and index.compared.tolist() == [False, True, True, True]
    nearest = index.nearest(held_out, np.zeros(4, int))
    assert nearest.similar.tolist() == [0, 1, 1, 1], "a window is near to itself, but for the microsatellite"
    assert [REPEAT_CLASSES[code] for code in index.repeat_class] == [
        "low_complexity",
        "low_complexity",
        "unique",
        "unique",
    ]


def test_repeats_are_what_is_in_three_human_windows() -> None:
    rng = np.random.default_rng(5)
    held_out, human = random_codes(rng, 6, 200), random_codes(rng, 50, 200)
    human[0] = held_out[0]  # two copies are no repeat
    human[1, :100] = reverse_complement(held_out[1, :100])
    human[2, 50:150] = held_out[1, :100]
    held_out[3], held_out[4] = held_out[2], held_out[2]
    index = HeldOutIndex(held_out, LeakageSettings())
    index.classify_repeats(human)
    assert [REPEAT_CLASSES[code] for code in index.repeat_class] == [
        "unique",
        "repeat",
        "repeat",
        "repeat",
        "repeat",
        "unique",
    ]


def test_empty_sets_and_windows_shorter_than_a_kmer() -> None:
    empty, short = np.empty((0, 200), np.uint8), np.zeros((3, 10), np.uint8)
    held_out = random_codes(np.random.default_rng(6), 3, 200)
    index = HeldOutIndex(held_out, LeakageSettings())
    assert (index.nearest(empty, np.zeros(3, int)).row == -1).all()
    assert not HeldOutIndex(short, LeakageSettings()).compared.any()
    assert not HeldOutIndex(short, LeakageSettings()).nearest(short, np.zeros(3, int)).similar.any()
