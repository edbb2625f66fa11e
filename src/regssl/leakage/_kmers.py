"""Numba kernels of `regssl.leakage.similarity`: k-mers of windows, their index, the search for shared ones.

A k-mer and its reverse complement are one: the smaller of their two-bit codes. It is kept as a hash without
collisions (the mixing step of splitmix64 is a bijection), so that equal hashes are equal k-mers, and those below a
limit are a random sample that is the same in every window (FracMinHash).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from regssl.compilation import njit

_1, _2, _27, _30, _31, _ALL = (np.uint64(number) for number in (1, 2, 27, 30, 31, 2**64 - 1))
_3 = np.uint64(3)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BITS = np.uint64(64)


class KmerIndex(NamedTuple):
    """An index of k-mers: which held-out windows hold which.

    Attributes:
        keys: uint64 (keys,), sorted hashes.
        offsets: int64 (keys + 1,), windows of key i are windows[offsets[i] : offsets[i + 1]].
        windows: int32, numbers of held-out windows.
        bucket: int64, first key whose hash, shifted right by `shift`, is at least the position.
        shift: so that a bucket holds few keys.
        k: length of the k-mers.
        limit: largest hash of a sampled k-mer.
    """

    keys: np.ndarray
    offsets: np.ndarray
    windows: np.ndarray
    bucket: np.ndarray
    shift: np.uint64
    k: int
    limit: np.uint64


class Targets(NamedTuple):
    """What is kept of each held-out window during a search, arrays (n,).

    Attributes:
        needed: int32, as many shared k-mers make a training window similar to this held-out window.
        group: uint8, its bit in `similar`.
        shared, row: int32 and int64: of the nearest so far, the number of shared k-mers and its row in the set. Of
            equally near ones the first stays.
    """

    needed: np.ndarray
    group: np.ndarray
    shared: np.ndarray
    row: np.ndarray


@njit(nogil=True)
def kmer_hashes(codes: np.ndarray, k: int, limit: np.uint64, out: np.ndarray) -> int:
    """Write the hashes of a window's k-mers up to `limit` into `out`, in their order; return how many there are.

    `codes` are byte codes (width,); k-mers with N are left out.
    """
    two_k = _2 * np.uint64(k)
    mask, top = _ALL >> (_BITS - two_k), two_k - _2
    forward, backward, length, n = np.uint64(0), np.uint64(0), 0, 0
    for i in range(codes.size):
        base = np.uint64(codes[i])
        if base > _3:
            length = 0
            continue
        forward = (forward << _2 | base) & mask
        backward = backward >> _2 | (_3 - base) << top
        length += 1
        if length >= k:
            hash_ = min(forward, backward)
            hash_ = (hash_ ^ hash_ >> _30) * _FIRST
            hash_ = (hash_ ^ hash_ >> _27) * _SECOND
            hash_ = hash_ ^ hash_ >> _31
            if hash_ <= limit:
                out[n] = hash_
                n += 1
    return n


@njit(nogil=True)
def _sort_unique(found: np.ndarray, n: int) -> int:
    """Sort the first n of `found` and drop repeats; return how many are left."""
    if n < 2:
        return n
    found[:n] = np.sort(found[:n])
    left = 1
    for i in range(1, n):
        if found[i] != found[left - 1]:
            found[left] = found[i]
            left += 1
    return left


@njit(nogil=True)
def unique_kmer_hashes(
    codes: np.ndarray, k: int, limit: np.uint64
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute the distinct k-mers of windows (n, width).

    Returns:
        Sampled hashes, uint64 (m,), and their windows, int32 (m,); per window, int32 (n,) each: k-mers without N, and
        distinct k-mers, sampled or not.
    """
    n, size = codes.shape[0], max(codes.shape[1] - k + 1, 0)
    hashes, windows = np.empty(n * size, np.uint64), np.empty(n * size, np.int32)
    places, distinct = np.zeros(n, np.int32), np.zeros(n, np.int32)
    found, m = np.empty(size, np.uint64), 0
    for i in range(n):
        places[i] = kmer_hashes(codes[i], k, _ALL, found)
        distinct[i] = _sort_unique(found, places[i])
        for j in range(distinct[i]):
            if found[j] > limit:
                break
            hashes[m], windows[m] = found[j], i
            m += 1
    return hashes[:m].copy(), windows[:m].copy(), places, distinct


@njit(nogil=True)
def fill_buckets(keys: np.ndarray, shift: np.uint64, bucket: np.ndarray) -> None:
    """Write into `bucket`, int64 (n,), the first of sorted keys whose hash, shifted right, is at least the position."""
    at = 0
    for key in range(keys.size):
        while at <= np.int64(keys[key] >> shift):
            bucket[at] = key
            at += 1
    bucket[at:] = keys.size


@njit(nogil=True)
def _key(hash_: np.uint64, index: KmerIndex) -> int:
    """The number of a key, or -1."""
    at = hash_ >> index.shift
    for key in range(index.bucket[at], index.bucket[at + np.uint64(1)]):
        if index.keys[key] == hash_:
            return key
    return -1


@njit(nogil=True)
def _unique_keys(codes: np.ndarray, index: KmerIndex, found: np.ndarray, keys: np.ndarray) -> int:
    """Write the distinct keys that a window holds into `keys`, sorted; return how many there are."""
    n = 0
    for j in range(kmer_hashes(codes, index.k, index.limit, found)):
        key = _key(found[j], index)
        if key >= 0:
            keys[n] = key
            n += 1
    return _sort_unique(keys, n)


@njit(nogil=True)
def count_kmer_windows(codes: np.ndarray, index: KmerIndex, counts: np.ndarray) -> None:
    """Add to `counts`, int32 (keys,), in how many of the windows (n, width) each key is."""
    size = max(codes.shape[1] - index.k + 1, 0)
    found, keys = np.empty(size, np.uint64), np.empty(size, np.int64)
    for i in range(codes.shape[0]):
        for j in range(_unique_keys(codes[i], index, found, keys)):
            counts[keys[j]] += 1


@njit(nogil=True)
def query(codes: np.ndarray, first_row: int, index: KmerIndex, targets: Targets, similar: np.ndarray) -> None:
    """Query the index with training windows (m, width), and keep the nearest of each held-out window in `targets`.

    Args:
        codes: byte codes; window i is row `first_row` + i of its set.
        first_row: row of the first window.
        index: of the held-out windows.
        targets: the held-out windows.
        similar: uint8 (m,), the bits of all held-out windows that the training window is similar to.
    """
    size = max(codes.shape[1] - index.k + 1, 0)
    found, keys = np.empty(size, np.uint64), np.empty(size, np.int64)
    counts, touched = np.zeros(targets.needed.size, np.int32), np.empty(targets.needed.size, np.int32)
    for i in range(codes.shape[0]):
        n_touched = 0
        for j in range(_unique_keys(codes[i], index, found, keys)):
            for at in range(index.offsets[keys[j]], index.offsets[keys[j] + 1]):
                window = index.windows[at]
                if counts[window] == 0:
                    touched[n_touched] = window
                    n_touched += 1
                counts[window] += 1
        for j in range(n_touched):
            window = touched[j]
            if counts[window] > targets.shared[window]:
                targets.shared[window], targets.row[window] = counts[window], first_row + i
            if counts[window] >= targets.needed[window]:
                similar[i] |= targets.group[window]
            counts[window] = 0


@njit(nogil=True)
def shared_fraction(ours: np.ndarray, theirs: np.ndarray, k: int) -> np.ndarray:
    """Compute which fraction of a window's distinct k-mers another has, (n,), for pairs of windows, (n, width) both."""
    size = max(ours.shape[1] - k + 1, 0)
    a, b = np.empty(size, np.uint64), np.empty(max(theirs.shape[1] - k + 1, 0), np.uint64)
    fractions = np.zeros(ours.shape[0])
    for i in range(ours.shape[0]):
        n, m = _sort_unique(a, kmer_hashes(ours[i], k, _ALL, a)), _sort_unique(b, kmer_hashes(theirs[i], k, _ALL, b))
        x, y, common = 0, 0, 0
        while x < n and y < m:
            if a[x] == b[y]:
                common += 1
                x += 1
                y += 1
            elif a[x] < b[y]:
                x += 1
            else:
                y += 1
        if n:
            fractions[i] = common / n
    return fractions
