"""Compiled kernels that decode the 2bit format: packed bytes to codes.

Imported only where sequences are read, because importing numba takes half a second.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit
from regssl.sequences.encoding import N

# A packed byte holds four bases, the first in its two highest bits: T=00, C=01, A=10, G=11.
_CODE_OF_BITS = np.array([3, 1, 0, 2], np.uint8)
_FOUR_BASES = _CODE_OF_BITS[(np.arange(256)[:, None] >> np.array([6, 4, 2, 0])) & 3]
# Each byte as four codes in one 32-bit word, in memory order: forward, and on the other strand.
_PLUS = np.ascontiguousarray(_FOUR_BASES).view(np.uint32).ravel()
_MINUS = np.ascontiguousarray(3 - _FOUR_BASES[:, ::-1]).view(np.uint32).ravel()
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
    last = data.size - 1
    for row in rows:
        start, end = starts[row], starts[row] + width
        # Each word spans two bytes of the file; the byte it shares with the next word is loaded once. Words that hang
        # over an end of the sequence do so in the padding, so what they read there (header, next record) is not kept.
        if minus[row]:
            at, shift = packed + ((end - 4) >> 2), np.uint32(8 - 2 * (end & 3))
            right = np.uint32(data[min(at + 1, last)])
            for word in range(words.shape[1]):
                left = np.uint32(data[at - word])
                words[row, word] = _MINUS[(left << np.uint32(8) | right) >> shift & np.uint32(255)]
                right = left
        else:
            at, shift = packed + (start >> 2), np.uint32(8 - 2 * (start & 3))
            left = np.uint32(data[min(at, last)])
            for word in range(words.shape[1]):
                right = np.uint32(data[min(at + word + 1, last)])
                words[row, word] = _PLUS[(left << np.uint32(8) | right) >> shift & np.uint32(255)]
                left = right
        block = np.searchsorted(n_ends, start, side="right")
        while block < n_starts.size and n_starts[block] < end:
            low, high = max(n_starts[block], start) - start, min(n_ends[block], end) - start
            if minus[row]:
                low, high = width - high, width - low
            codes[row, low:high] = N
            block += 1
