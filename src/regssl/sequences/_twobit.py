"""Compiled kernels that decode the 2bit format: packed bytes to codes.

Imported only where sequences are read, because importing numba takes half a second.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit
from regssl.sequences.encoding import N

_BYTE, _ONES = np.uint32(0xFF), np.uint32(0x01010101)
PREFETCH_DISTANCE = 32


@njit(nogil=True)
def unpack_2bit(  # noqa: PLR0913
    data: np.ndarray,
    packed: int,
    n_starts: np.ndarray,
    n_ends: np.ndarray,
    starts: np.ndarray,
    minus: np.ndarray,
    rows: np.ndarray,
    width: int,
    words: np.ndarray,
    codes: np.ndarray,
) -> np.uint8:
    """Unpack the windows `rows` of one sequence into the same rows of `codes`.

    The bytes at both ends of the next PREFETCH_DISTANCE windows are loaded first, so that waits for memory overlap
    (three times faster in random order, nothing lost in genome order).

    Args:
        data: uint8, the bytes of the whole file.
        packed: where in `data` the packed bases of the sequence start.
        n_starts: int64, where its blocks of N start, sorted, not overlapping.
        n_ends: int64, where they end.
        starts: int64 (n,), window starts; each window must lie inside the sequence.
        minus: bool (n,), windows to be read on the other strand.
        rows: int64 (m,), which of the n windows lie on this sequence.
        width: bases in a window.
        words: uint32 (n, ceil(width / 4)), the same memory as `codes`.
        codes: uint8 (n, 4 * ceil(width / 4)), written; bytes from `width` on are padding.

    Returns:
        Of no meaning: it keeps the compiler from removing the prefetch.
    """
    last = data.size - 1
    touched = np.uint8(0)
    for first in range(0, rows.size, PREFETCH_DISTANCE):
        turn = rows[first : first + PREFETCH_DISTANCE]
        for row in turn:
            touched ^= data[min(packed + (starts[row] >> 2), last)]
            touched ^= data[min(packed + ((starts[row] + width) >> 2), last)]
        _unpack(data, packed, n_starts, n_ends, starts, minus, turn, width, words, codes)
    return touched


@njit(nogil=True)
def _unpack(  # noqa: PLR0913
    data: np.ndarray,
    packed: int,
    n_starts: np.ndarray,
    n_ends: np.ndarray,
    starts: np.ndarray,
    minus: np.ndarray,
    rows: np.ndarray,
    width: int,
    words: np.ndarray,
    codes: np.ndarray,
) -> None:
    """Unpack some of the windows; arguments as for `unpack_2bit`."""
    n, block = words.shape[1], 0
    for row in rows:
        start, end = starts[row], starts[row] + width
        # Each word of four codes spans two bytes of the file. Words that hang over an end of the sequence do so in the
        # padding, so what they read there (header, next record, nothing) is not kept.
        first = packed + (((end - 4) >> 2) - n + 1 if minus[row] else start >> 2)
        shift = np.uint32(8 - 2 * ((end if minus[row] else start) & 3))
        if first + n + 1 > data.size:
            _unpack_last(data, first, minus[row], shift, words[row])
        elif minus[row]:
            own, into = data[first : first + n + 1], words[row]
            for i in range(n):
                into[np.uint64(n - 1 - i)] = _minus_word(own[i], own[i + 1], shift)
        else:
            own, into = data[first : first + n + 1], words[row]
            for i in range(n):
                into[i] = _plus_word(own[i], own[i + 1], shift)
        if (block > 0 and n_ends[block - 1] > start) or (block < n_ends.size and n_ends[block] <= start):
            block = np.searchsorted(n_ends, start, side="right")  # not that of the window before
        b = block
        while b < n_starts.size and n_starts[b] < end:
            low, high = max(n_starts[b], start) - start, min(n_ends[b], end) - start
            if minus[row]:
                low, high = width - high, width - low
            codes[row, low:high] = N
            b += 1


@njit(nogil=True)
def _unpack_last(data: np.ndarray, first: int, minus: bool, shift: np.uint32, words: np.ndarray) -> None:
    """Unpack a window whose padding hangs over the end of the file."""
    own = np.append(data[first:], np.zeros(words.size + 1, np.uint8))
    for i in range(words.size):
        if minus:
            words[words.size - 1 - i] = _minus_word(own[i], own[i + 1], shift)
        else:
            words[i] = _plus_word(own[i], own[i + 1], shift)


# A packed byte holds four bases, the first in its two highest bits: T=00, C=01, A=10, G=11. With h the higher bit and l
# the lower one, a base has the code 2 (1 - h ^ l) + (1 - h), its complement 2 (h ^ l) + h. Of four bases it is computed
# in one word, in memory order: free of tables and branches, loops over words become vector instructions.


@njit(nogil=True)
def _plus_word(left: np.uint8, right: np.uint8, shift: np.uint32) -> np.uint32:
    """Return the codes of the four bases in two bytes of which the last is `shift` bits from the right end."""
    byte = (np.uint32(left) << np.uint32(8) | np.uint32(right)) >> shift & _BYTE
    bases = (
        (byte >> np.uint32(6))
        | (byte << np.uint32(4) & np.uint32(0x300))
        | (byte << np.uint32(14) & np.uint32(0x30000))
        | (byte << np.uint32(24) & np.uint32(0x3000000))
    )
    not_high = (bases >> np.uint32(1) & _ONES) ^ _ONES
    return (not_high ^ (bases & _ONES)) << np.uint32(1) | not_high


@njit(nogil=True)
def _minus_word(left: np.uint8, right: np.uint8, shift: np.uint32) -> np.uint32:
    """Return the codes of the complements of these bases, the last base first."""
    byte = (np.uint32(left) << np.uint32(8) | np.uint32(right)) >> shift & _BYTE
    bases = (
        (byte & np.uint32(3))
        | (byte << np.uint32(6) & np.uint32(0x300))
        | (byte << np.uint32(12) & np.uint32(0x30000))
        | (byte << np.uint32(18) & np.uint32(0x3000000))
    )
    high = bases >> np.uint32(1) & _ONES
    return (high ^ (bases & _ONES)) << np.uint32(1) | high
