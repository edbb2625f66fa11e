"""The compiled loops behind `regssl.leakage.similarity`: k-mers of windows, their index, the search for shared ones.

A k-mer and its reverse complement are one: the smaller of their two-bit codes. It is kept as a hash that loses nothing
(the mixing step of splitmix64 is a bijection), so that equal hashes are equal k-mers, and those below a limit are a
random sample that is the same in every window (FracMinHash).
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

_1, _2, _27, _30, _31, _ALL = (np.uint64(number) for number in (1, 2, 27, 30, 31, 2**64 - 1))
_3 = np.uint64(3)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BITS = np.uint64(64)


class Index(NamedTuple):
    """Which held-out windows hold which k-mer.

    Attributes:
        keys: uint64 (keys,), sorted hashes.
        first: int64 (keys + 1,), windows of key i are windows[first[i] : first[i + 1]].
        windows: int32, numbers of held-out windows.
        bucket: int64, first key whose hash, shifted right by `shift`, is at least the place.
        shift: so that a bucket holds about one key.
    """

    keys: np.ndarray
    first: np.ndarray
    windows: np.ndarray
    bucket: np.ndarray
    shift: np.uint64


@numba.njit(cache=True, nogil=True)
def hashes_of(codes: np.ndarray, k: int, limit: np.uint64, out: np.ndarray) -> int:
    """Write the hashes of a window's k-mers up to `limit` into `out`, in their order; return how many there are.

    `codes` are bytes (width,); a k-mer with N is none.
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


@numba.njit(cache=True, nogil=True)
def _distinct(found: np.ndarray, n: int) -> int:
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


@numba.njit(cache=True, nogil=True)
def distinct_hashes(
    codes: np.ndarray, k: int, limit: np.uint64
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The distinct k-mers of windows (n, width): sampled hashes and their windows, and per window places and k-mers.

    Returns:
        hashes uint64 (m,), windows int32 (m,); int32 (n,) each: k-mers without N, and distinct ones, sampled or not.
    """
    n, room = codes.shape[0], max(codes.shape[1] - k + 1, 0)
    hashes, windows = np.empty(n * room, np.uint64), np.empty(n * room, np.int32)
    places, distinct = np.zeros(n, np.int32), np.zeros(n, np.int32)
    found, m = np.empty(room, np.uint64), 0
    for i in range(n):
        places[i] = hashes_of(codes[i], k, _ALL, found)
        distinct[i] = _distinct(found, places[i])
        for j in range(distinct[i]):
            if found[j] > limit:
                break
            hashes[m], windows[m] = found[j], i
            m += 1
    return hashes[:m].copy(), windows[:m].copy(), places, distinct


@numba.njit(cache=True, nogil=True)
def _key(hash_: np.uint64, index: Index) -> int:
    """The number of a key, or -1."""
    at = hash_ >> index.shift
    for key in range(index.bucket[at], index.bucket[at + np.uint64(1)]):
        if index.keys[key] == hash_:
            return key
    return -1


@numba.njit(cache=True, nogil=True)
def _keys_of(codes: np.ndarray, k: int, limit: np.uint64, index: Index, found: np.ndarray, keys: np.ndarray) -> int:
    """Write the distinct keys that a window holds into `keys`, sorted; return how many there are."""
    n = 0
    for j in range(hashes_of(codes, k, limit, found)):
        key = _key(found[j], index)
        if key >= 0:
            keys[n] = key
            n += 1
    return _distinct(keys, n)


@numba.njit(cache=True, nogil=True)
def count_windows(codes: np.ndarray, k: int, limit: np.uint64, index: Index, counts: np.ndarray) -> None:
    """Add to `counts`, int32 (keys,), in how many of the windows (n, width) each key is."""
    room = max(codes.shape[1] - k + 1, 0)
    found, keys = np.empty(room, np.uint64), np.empty(room, np.int64)
    for i in range(codes.shape[0]):
        for j in range(_keys_of(codes[i], k, limit, index, found, keys)):
            counts[keys[j]] += 1


@numba.njit(cache=True, nogil=True)
def search(
    codes: np.ndarray,
    first_row: int,
    k: int,
    limit: np.uint64,
    index: Index,
    needed: np.ndarray,
    group: np.ndarray,
    shared: np.ndarray,
    row: np.ndarray,
    near: np.ndarray,
) -> None:
    """Look for training windows (m, width) that share k-mers with held-out windows, and keep the nearest of each.

    Args:
        codes: byte codes; window i is number `first_row` + i of its set.
        k, limit, index: as the index was made.
        needed: int32 (n,), as many shared k-mers make a training window near to this held-out window.
        group: uint8 (n,), a bit of `near` for each held-out window.
        shared, row: int32 and int64 (n,): of the nearest so far, the number of shared k-mers and its number in the set.
            Of equally near ones the first stays.
        near: uint8 (m,), the bits of all held-out windows that the training window is near to.
    """
    room = max(codes.shape[1] - k + 1, 0)
    found, keys = np.empty(room, np.uint64), np.empty(room, np.int64)
    counts, touched = np.zeros(needed.size, np.int32), np.empty(needed.size, np.int32)
    for i in range(codes.shape[0]):
        n_touched = 0
        for j in range(_keys_of(codes[i], k, limit, index, found, keys)):
            for at in range(index.first[keys[j]], index.first[keys[j] + 1]):
                window = index.windows[at]
                if counts[window] == 0:
                    touched[n_touched] = window
                    n_touched += 1
                counts[window] += 1
        for j in range(n_touched):
            window = touched[j]
            if counts[window] > shared[window]:
                shared[window], row[window] = counts[window], first_row + i
            if counts[window] >= needed[window]:
                near[i] |= group[window]
            counts[window] = 0


@numba.njit(cache=True, nogil=True)
def pairwise_share(ours: np.ndarray, theirs: np.ndarray, k: int) -> np.ndarray:
    """For each pair of windows, (n, width) both: the share of the first's distinct k-mers that the second has, (n,)."""
    room = max(ours.shape[1] - k + 1, 0)
    a, b = np.empty(room, np.uint64), np.empty(max(theirs.shape[1] - k + 1, 0), np.uint64)
    shares = np.zeros(ours.shape[0])
    for i in range(ours.shape[0]):
        n, m = _distinct(a, hashes_of(ours[i], k, _ALL, a)), _distinct(b, hashes_of(theirs[i], k, _ALL, b))
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
            shares[i] = common / n
    return shares
