"""Compiled kernel of `regssl.data.mutation`."""

from __future__ import annotations

from math import log1p
from typing import NamedTuple

import numpy as np

from regssl.compilation import njit


class MutationRates(NamedTuple):
    """Rates of mutation.

    Attributes:
        differences: probability that a base is substituted.
        transition_fraction: probability that a substitution is a transition.
        insertions, deletions: probability of each after a base.
        insertion_length, deletion_length: mean lengths.
    """

    differences: float
    transition_fraction: float
    insertions: float
    insertion_length: float
    deletions: float
    deletion_length: float


@njit(nogil=True)
def _length(mean: float, rng: np.random.Generator) -> int:
    """Sample a length of at least 1 from the geometric distribution of the given mean."""
    if mean <= 1:
        return 1
    return 1 + int(log1p(-rng.random()) / log1p(-1 / mean))


@njit(nogil=True)
def _substitute(code: int, transition_fraction: float, rng: np.random.Generator) -> int:
    """Return another base than `code`: by a transition, or by one of the two transversions."""
    if rng.random() < transition_fraction:
        return code ^ 2  # A and G are 0 and 2, C and T are 1 and 3
    return code ^ 1 if rng.random() < 0.5 else code ^ 3


@njit(nogil=True)
def mutate(
    codes: np.ndarray, middle: np.ndarray, width: int, rates: MutationRates, rng: np.random.Generator
) -> np.ndarray:
    """Mutate windows around the middles of human sequences, each half from the middle outwards.

    A deletion, then an insertion, may follow each base but the middle one. A deletion that would leave fewer bases than
    the half still needs is shortened. Inserted bases are sampled from those of the human window.

    Args:
        codes: uint8 (n, at least width), human sequence.
        middle: int64 (n,), where the second half of each window begins in it.
        width: bases of a window.
        rates: rates of mutation.
        rng: random stream; rows are processed in order.

    Returns:
        uint8 (n, width).
    """
    out = np.empty((codes.shape[0], width), np.uint8)
    half = width // 2
    for k in range(codes.shape[0]):
        window = middle[k] - half
        for right in (True, False):
            step = 1 if right else -1
            needed = width - half if right else half
            place = middle[k] if right else middle[k] - 1
            left = codes.shape[1] - middle[k] if right else middle[k]  # human bases from `place` on
            to = half if right else half - 1
            while needed > 0:
                base = codes[k, place]
                if base < 4 and rng.random() < rates.differences:
                    base = _substitute(base, rates.transition_fraction, rng)
                out[k, to] = base
                place, to, left, needed = place + step, to + step, left - 1, needed - 1
                if rng.random() < rates.deletions:
                    gone = min(_length(rates.deletion_length, rng), max(left - needed, 0))
                    place, left = place + step * gone, left - gone
                if rng.random() < rates.insertions:
                    for _ in range(min(_length(rates.insertion_length, rng), needed)):
                        out[k, to] = codes[k, window + int(rng.random() * width)]
                        to, needed = to + step, needed - 1
    return out
