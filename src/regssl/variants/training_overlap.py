"""Sequences that share a stretch of bases with the training windows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from regssl.sequences.encoding import N, reverse_complement

SEED_LENGTH = 50
"""Length of an exact match, in bp, on either strand, from which a sequence overlaps the training windows."""
CHUNK_ROWS = 16_384
"""Training windows compared at once."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that hashing modulo 2**64 loses no base


def find_training_overlap(
    codes: np.ndarray, training: Iterable[np.ndarray], seed_length: int = SEED_LENGTH
) -> np.ndarray:
    """Find sequences that share `seed_length` consecutive bases, on either strand, with a training window.

    Seeds are compared by a 64-bit hash; a seed with N matches nothing.

    Args:
        codes: sequences, uint8 (n, width).
        training: arrays of training windows, uint8 (m, width) each.
        seed_length: in bp; at most the width of the sequences.

    Returns:
        bool (n,).
    """
    seed_length = min(seed_length, codes.shape[1])
    both = np.stack([codes, reverse_complement(codes)])
    hashes, valid = _seed_hashes(both, seed_length)
    known = np.unique(hashes[valid])
    found = np.zeros(len(known), bool)
    for windows in training:
        for start in range(0, len(windows), CHUNK_ROWS):
            own, own_valid = _seed_hashes(np.asarray(windows[start : start + CHUNK_ROWS]), seed_length)
            found |= np.isin(known, own[own_valid], kind="sort")
    hit = valid & np.isin(hashes, known[found], kind="sort")  # by table numpy 2.0 overflows
    return np.asarray(hit.any(axis=(0, 2)))


def _seed_hashes(codes: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Hash every seed of windows (..., width): hashes, uint64, and whether the seed has no N, bool (..., seeds)."""
    n_seeds = codes.shape[-1] - length + 1
    hashes = np.zeros((*codes.shape[:-1], n_seeds), np.uint64)
    valid = np.ones(hashes.shape, bool)
    for shift in range(length):
        base = codes[..., shift : shift + n_seeds]
        hashes *= _MULTIPLIER
        hashes += base + np.uint64(1)
        valid &= base != N
    return hashes, valid
