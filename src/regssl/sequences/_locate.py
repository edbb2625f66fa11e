"""Compiled kernels of `regssl.sequences.locate`: the seed of each sequence, and the search of a stretch of genome."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

LARGEST = np.uint64(2**64 - 1)
_1, _2, _3, _29, _32, _64 = (np.uint64(number) for number in (1, 2, 3, 29, 32, 64))
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class SeedIndex(NamedTuple):
    """Sequences to look up, by their seeds.

    Attributes:
        codes: uint8, bases of all sequences, 0 to 3, one sequence after the other.
        offsets: int64 (n + 1,), sequence i is codes[offsets[i] : offsets[i + 1]].
        palindrome: bool (n,), whether a sequence is its own reverse complement.
        k: length of a seed, odd, so that no seed is its own reverse complement.
        largest: the largest hash of a seed.
        bucket: int64 (2 to some power, + 1), first seed of each value of the lowest bits of a hash.
        hash: uint64 (seeds,), sorted by bucket.
        sequence, at, forward: of each seed its sequence, its first base there, and whether the smaller code is the one
            on the strand of the sequence.
    """

    codes: np.ndarray
    offsets: np.ndarray
    palindrome: np.ndarray
    k: int
    largest: np.uint64
    bucket: np.ndarray
    hash: np.ndarray
    sequence: np.ndarray
    at: np.ndarray
    forward: np.ndarray


@njit(nogil=True, inline="always")
def _mix(kmer: np.uint64) -> np.uint64:
    """Hash a k-mer without collisions; a run of A, the most frequent k-mer of a genome, has the largest hash."""
    kmer *= _FACTOR
    kmer = (kmer ^ kmer >> _32) * _FACTOR
    return ~(kmer ^ kmer >> _29)


@njit(nogil=True)
def choose_seeds(codes: np.ndarray, offsets: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose of each sequence the k-mer with the smallest hash, on either strand.

    Returns:
        hash, uint64 (n,); first base, int64 (n,), -1 where the sequence has an N; forward, bool (n,) (see `SeedIndex`).
    """
    n = offsets.size - 1
    hashes, at, forward = np.full(n, LARGEST), np.full(n, -1, np.int64), np.zeros(n, np.bool_)
    mask, top = LARGEST >> (_64 - _2 * np.uint64(k)), _2 * np.uint64(k - 1)
    for i in range(n):
        plus, minus = np.uint64(0), np.uint64(0)
        for j in range(offsets[i], offsets[i + 1]):
            base = np.uint64(codes[j])
            if base > _3:
                at[i] = -1
                break
            plus = (plus << _2 | base) & mask
            minus = minus >> _2 | (_3 - base) << top
            first = j - offsets[i] - k + 1
            if first >= 0:
                hash_ = _mix(min(plus, minus))
                if hash_ < hashes[i] or at[i] < 0:
                    hashes[i], at[i], forward[i] = hash_, first, plus < minus
    return hashes, at, forward


@njit(nogil=True)
def find_palindromes(codes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Tell which sequences are their own reverse complement: bool (n,)."""
    n = offsets.size - 1
    palindrome = np.zeros(n, np.bool_)
    for i in range(n):
        left, right = offsets[i], offsets[i + 1] - 1
        while left < right and codes[left] + codes[right] == 3:
            left += 1
            right -= 1
        palindrome[i] = left > right
    return palindrome


@njit(nogil=True)
def search(stretch: np.ndarray, low: int, high: int, index: SeedIndex) -> np.ndarray:
    """Find sequences whose seed begins at one of the bases [low, high) of a stretch of genome.

    Args:
        stretch: byte codes; the places reach beyond [low, high), but only those within the stretch are found.
        low, high: bases of the stretch.
        index: the sequences.

    Returns:
        int64 (3, places): sequence, first base in the stretch, 1 where it is on the minus strand.
    """
    places, found = np.empty((3, 64), np.int64), 0
    k = index.k
    mask, top = LARGEST >> (_64 - _2 * np.uint64(k)), _2 * np.uint64(k - 1)
    lowest = np.uint64(index.bucket.size - 2)
    plus, minus, length = np.uint64(0), np.uint64(0), 0
    for last in range(low, min(high + k - 1, stretch.size)):
        base = np.uint64(stretch[last])
        if base > _3:
            length = 0
            continue
        plus = (plus << _2 | base) & mask
        minus = minus >> _2 | (_3 - base) << top
        length += 1
        hash_ = _mix(min(plus, minus))
        if length < k or hash_ > index.largest:
            continue
        bucket = hash_ & lowest
        for seed in range(index.bucket[bucket], index.bucket[bucket + _1]):
            if index.hash[seed] != hash_:
                continue
            i = index.sequence[seed]
            size = index.offsets[i + 1] - index.offsets[i]
            on_minus = index.forward[seed] != (plus < minus)
            before = size - index.at[seed] - k if on_minus else index.at[seed]
            start = last - k + 1 - before
            if start < 0 or start + size > stretch.size or (on_minus and index.palindrome[i]):
                continue
            if _is_at(stretch, start, index.codes[index.offsets[i] : index.offsets[i + 1]], on_minus):
                if found == places.shape[1]:
                    places = np.concatenate((places, np.empty_like(places)), axis=1)
                places[0, found], places[1, found], places[2, found] = i, start, on_minus
                found += 1
    return places[:, :found]


@njit(nogil=True)
def _is_at(stretch: np.ndarray, start: int, sequence: np.ndarray, on_minus: bool) -> bool:
    """Compare a sequence with a place, base by base."""
    size = sequence.size
    for j in range(size):
        expected = 3 - sequence[size - 1 - j] if on_minus else sequence[j]
        if stretch[start + j] != expected:
            return False
    return True
