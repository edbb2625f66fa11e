"""Has a network seen this sequence in training? Stretches of identical bases shared with training windows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from regssl.sequences.encoding import N, reverse_complement

STRETCH = 50
"""So many identical bases in a row, on either strand, make a sequence one that was seen."""

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that hashing modulo 2**64 loses no base
_ROWS = 16_384


def seen(codes: np.ndarray, training: Iterable[np.ndarray], stretch: int = STRETCH) -> np.ndarray:
    """Which sequences share `stretch` bases in a row, on either strand, with a training window: bool (n,).

    Stretches are compared by a 64-bit hash; N is like nothing, itself included.

    Args:
        codes: the sequences, uint8 (n, width).
        training: sets of training windows, uint8 (m, width) each.
        stretch: in bp; of shorter windows, the whole.
    """
    stretch = min(stretch, codes.shape[1])
    both = np.stack([codes, reverse_complement(codes)])
    hashes, usable = _hashes(both, stretch)
    known = np.unique(hashes[usable])
    found = np.zeros(len(known), bool)
    for windows in training:
        for start in range(0, len(windows), _ROWS):
            own, clean = _hashes(np.asarray(windows[start : start + _ROWS]), stretch)
            found |= np.isin(known, own[clean])
    hit = usable & np.isin(hashes, known[found])
    return np.asarray(hit.any(axis=(0, 2)))


def _hashes(codes: np.ndarray, stretch: int) -> tuple[np.ndarray, np.ndarray]:
    """A hash of every stretch of windows, uint64 (..., places), and whether it is free of N, bool."""
    places = codes.shape[-1] - stretch + 1
    hashes = np.zeros((*codes.shape[:-1], places), np.uint64)
    clean = np.ones(hashes.shape, bool)
    for shift in range(stretch):
        base = codes[..., shift : shift + places]
        hashes *= _BASE
        hashes += base + np.uint64(1)
        clean &= base != N
    return hashes, clean
