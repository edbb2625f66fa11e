"""Compiled kernels over bases: random ones, pasted repeats, blocks copied with substitutions, 2bit packing.

A base is a byte: its code (A C G T = 0 1 2 3), and SOFT where it is soft-masked. The random number of a base is a hash
of the seed and its place (splitmix64), so that no order of calls changes it.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit

SOFT = 8
"""The flag of a soft-masked base."""
ISOCHORE = 100_000
"""Stretch of one share of G and C, in bp."""
TWOBIT = np.array([2, 1, 3, 0], np.uint8)
"""Two bits of A, C, G, T."""


@njit(inline="always")
def _hash(seed, place):  # type: ignore[no-untyped-def]
    """Return a random uint64 of a place."""
    z = np.uint64(seed) + np.uint64(place + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit()
def fill_random(bases, seed):  # type: ignore[no-untyped-def]
    """Fill bases at random, each isochore with 35 to 50 % of G and C."""
    for first in range(0, bases.size, ISOCHORE):
        gc = np.uint64(89 + _hash(seed ^ 0x5DEECE66D, first) % np.uint64(39))
        for i in range(first, min(first + ISOCHORE, bases.size)):
            h = _hash(seed, i)
            strong, second = (h & np.uint64(255)) < gc, np.uint8((h >> np.uint64(8)) & np.uint64(1))
            bases[i] = np.uint8(1) + second if strong else np.uint8(3) * second


@njit()
def paste_repeats(bases, starts, lengths, sources, thresholds, minus, library, seed):  # type: ignore[no-untyped-def] # noqa: PLR0913
    """Write copies of repeats: `lengths` bases of the library from `sources` on, soft-masked.

    thresholds: uint32 (n,), the probability of a substitution of each copy, × 2**24.
    """
    for copy in range(starts.size):
        length = lengths[copy]
        for i in range(length):
            place = starts[copy] + i
            base = library[sources[copy] + (length - 1 - i if minus[copy] else i)]
            base = np.uint8(3) - base if minus[copy] else base
            h = _hash(seed, place)
            if (h >> np.uint64(40)) < thresholds[copy]:
                base = (base + np.uint8(1) + np.uint8((h & np.uint64(0xFFFF)) % np.uint64(3))) & np.uint8(3)
            bases[place] = base | np.uint8(SOFT)


@njit()
def copy_blocks(human, targets, sizes, places, minus, threshold, seed, out):  # type: ignore[no-untyped-def] # noqa: PLR0913
    """Write homologs of blocks of the human sequence, with substitutions.

    human: bases of a segment. targets, sizes, places: int64 (n,), start of each block in it, bases, and start in `out`.
    minus: bool (n,), blocks to reverse-complement. threshold: probability of a substitution × 2**24.
    """
    for block in range(targets.size):
        size = sizes[block]
        for i in range(size):
            source = human[targets[block] + i]
            base, soft = source & np.uint8(3), source & np.uint8(SOFT)
            place = places[block] + (size - 1 - i if minus[block] else i)
            base = np.uint8(3) - base if minus[block] else base
            h = _hash(seed, place)
            if (h >> np.uint64(40)) < threshold:
                base = (base + np.uint8(1) + np.uint8((h & np.uint64(0xFFFF)) % np.uint64(3))) & np.uint8(3)
            out[place] = base | soft


@njit()
def soften(bases, starts, ends):  # type: ignore[no-untyped-def]
    """Soft-mask intervals."""
    for i in range(starts.size):
        for place in range(starts[i], ends[i]):
            bases[place] |= np.uint8(SOFT)


@njit()
def soft_edges(bases, edges):  # type: ignore[no-untyped-def]
    """Write starts and ends of soft-masked stretches into `edges`, and return how many there are, of both together."""
    n, inside = 0, False
    for i in range(bases.size):
        soft = (bases[i] & np.uint8(SOFT)) != 0
        if soft != inside:
            if n < edges.size:
                edges[n] = i
            n, inside = n + 1, soft
    if inside:
        if n < edges.size:
            edges[n] = bases.size
        n += 1
    return n


@njit()
def pack(bases, packed):  # type: ignore[no-untyped-def]
    """Pack bases as a 2bit file holds them: four to a byte, the first in the highest bits."""
    for i in range(packed.size):
        byte = np.uint8(0)
        for k in range(4):
            place = 4 * i + k
            two = TWOBIT[bases[place] & np.uint8(3)] if place < bases.size else np.uint8(0)
            byte = np.uint8(byte << np.uint8(2)) | two
        packed[i] = byte
