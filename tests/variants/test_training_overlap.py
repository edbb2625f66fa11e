"""Shared seeds against a search of the text itself."""

from __future__ import annotations

import numpy as np

from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.variants.training_overlap import find_training_overlap


def random_codes(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(0, 4, shape).astype(np.uint8)


def test_seeds_of_either_strand_are_found_and_shorter_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    codes, training = random_codes(rng, 6, 60), random_codes(rng, 9, 60)
    codes[1, 3:33] = training[4, 20:50]
    codes[2, 30:60] = reverse_complement(training[8, 0:30])
    codes[3, 3:32] = training[4, 20:49]  # 29 bases only
    codes[3, 32] = (training[4, 49] + 1) % 4
    codes[3, 2] = (training[4, 19] + 1) % 4
    assert find_training_overlap(codes, [training[:5], training[5:]], seed_length=30).tolist() == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    assert not find_training_overlap(codes, [], seed_length=30).any()


def test_n_is_like_nothing() -> None:
    codes = encode("N" * 20)[None]
    assert not find_training_overlap(codes, [codes], seed_length=10).any()


def test_it_agrees_with_a_search_of_the_text() -> None:
    rng = np.random.default_rng(5)
    codes, training = random_codes(rng, 60, 30), random_codes(rng, 200, 30)
    training[rng.random(training.shape) < 0.02] = 4
    both = [decode(row) for row in training] + [decode(row) for row in reverse_complement(training)]
    words = {text[i : i + 10] for text in both for i in range(21)}
    words = {word for word in words if "N" not in word}
    expected = [any(decode(row)[i : i + 10] in words for i in range(21)) for row in codes]
    assert 2 < sum(expected) < 30
    assert find_training_overlap(codes, [training], seed_length=10).tolist() == expected
