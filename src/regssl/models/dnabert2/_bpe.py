"""The compiled loop of byte-pair encoding: byte codes to token ids.

Imported only where sequences are tokenised, because importing numba costs half a second.
"""

from __future__ import annotations

import numba
import numpy as np

NEVER = np.int32(2**31 - 1)
"""The rank of a pair that is not merged."""


@numba.njit(cache=True, nogil=True)
def find(keys: np.ndarray, pair: int) -> int:
    """The slot of a pair in a table of open addressing, or the free slot where it would be put.

    Args:
        keys: int64 (a power of two,), pairs or -1.
        pair: left id × size of the vocabulary + right id.
    """
    mask = keys.size - 1
    slot = (pair ^ (pair >> 7)) * 0x9E3779B1 >> 9 & mask
    while keys[slot] != pair and keys[slot] != -1:
        slot = (slot + 1) & mask
    return int(slot)


@numba.njit(cache=True, nogil=True)
def tokenize(
    codes: np.ndarray,
    letters: np.ndarray,
    vocabulary: int,
    keys: np.ndarray,
    ranks: np.ndarray,
    merged: np.ndarray,
    first: int,
    last: int,
    tokens: np.ndarray,
    lengths: np.ndarray,
) -> None:
    """Merge the pair of the lowest rank, of equal ones the leftmost, until no pair is left to merge.

    Args:
        codes: uint8 (n, width).
        letters: int32 (5,), the id of each code.
        vocabulary: number of ids.
        keys: pairs, as for `find`.
        ranks, merged: int32, of the same size: the rank of each pair, and the id that replaces it.
        first, last: ids put before and after each sequence.
        tokens: int16 (n, limit), written up to each row's length; what does not fit is cut off, `last` is kept.
        lengths: int16 (n,), written: ids of each row, `first` and `last` among them.
    """
    width, room = codes.shape[1], tokens.shape[1] - 2
    ids = np.empty(width, np.int32)
    rank = np.empty(width, np.int32)  # of the pair that begins here
    into = np.empty(width, np.int32)
    for row in range(codes.shape[0]):
        count = width
        for at in range(width):
            ids[at] = letters[codes[row, at]]
        for at in range(width - 1):
            slot = find(keys, ids[at] * vocabulary + ids[at + 1])
            rank[at], into[at] = ranks[slot], merged[slot]
        while count > 1:
            lowest, best = NEVER, -1
            for at in range(count - 1):
                if rank[at] < lowest:
                    lowest, best = rank[at], at
            if best < 0:
                break
            ids[best] = into[best]
            count -= 1
            for at in range(best + 1, count):
                ids[at], rank[at], into[at] = ids[at + 1], rank[at + 1], into[at + 1]
            for at in range(max(best - 1, 0), min(best + 1, count - 1)):
                slot = find(keys, ids[at] * vocabulary + ids[at + 1])
                rank[at], into[at] = ranks[slot], merged[slot]
        kept = min(count, room)
        tokens[row, 0] = first
        for at in range(kept):
            tokens[row, at + 1] = ids[at]
        tokens[row, kept + 1] = last
        lengths[row] = kept + 2
