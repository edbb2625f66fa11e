"""The compiled loop that packs the lines of a FASTA file, in one look at each letter.

Imported only where a whole file is read, because importing numba costs half a second.
"""

from __future__ import annotations

import numba
import numpy as np

# What each byte of a sequence line is: the two bits of the 2bit format, and flags above them.
_N, _LOWER, _SKIP, _INVALID = 1, 2, 4, 8
_TABLE = np.full(256, _INVALID << 2, np.int64)
_TABLE[[ord("\n"), ord("\r")]] = _SKIP << 2
for _letters, _entry in (("T", 0), ("C", 1), ("A", 2), ("G", 3), ("NRYSWKMBDHVX", _N << 2)):
    for _letter in _letters:
        _TABLE[ord(_letter)], _TABLE[ord(_letter.lower())] = _entry, _entry | _LOWER << 2

WRITTEN, N_EDGES, MASK_EDGES, INVALID_AT = range(4)
"""What `scan` answers: bytes of `packed` filled, edges of N and of soft mask found, place of a letter that is no base
(-1: there is none)."""


def new_state() -> np.ndarray:
    """The state of a sequence before its first letter: bases so far, flags of the last one, bits not yet written."""
    return np.zeros(3, np.int64)


@numba.njit(cache=True, nogil=True)
def scan(
    text: np.ndarray, state: np.ndarray, packed: np.ndarray, n_edges: np.ndarray, mask_edges: np.ndarray
) -> tuple[int, int, int, int]:
    """Pack some lines of a sequence, four bases to a byte; line ends are skipped.

    Args:
        text: uint8 (m,), whole lines or parts of lines.
        state: of `new_state`; carried from one call to the next.
        packed: uint8, at least m / 4 + 1 bytes, overwritten.
        n_edges: int64, at least m + 1 places, overwritten: where stretches of N begin and end.
        mask_edges: the same of stretches in lower case.

    Returns:
        WRITTEN, N_EDGES, MASK_EDGES, INVALID_AT.
    """
    length, flags, bits = state[0], state[1], state[2]
    written, n_count, mask_count, at, size = 0, 0, 0, 0, text.size
    while at < size:
        # four letters at once while they are of one kind, which most are
        if at + 4 <= size:
            a, b, c, d = _TABLE[text[at]], _TABLE[text[at + 1]], _TABLE[text[at + 2]], _TABLE[text[at + 3]]
            if (a | b | c | d) >> 2 == flags and (a & b & c & d) >> 2 == flags:
                bits = bits << 8 | (a & 3) << 6 | (b & 3) << 4 | (c & 3) << 2 | (d & 3)
                packed[written] = bits >> 2 * (length & 3) & 255
                written += 1
                length += 4
                at += 4
                continue
        entry = _TABLE[text[at]]
        at += 1
        kind = entry >> 2
        if kind != flags:
            if kind == _SKIP:
                continue
            if kind == _INVALID:
                return written, n_count, mask_count, at - 1
            if (kind ^ flags) & _N:
                n_edges[n_count] = length
                n_count += 1
            if (kind ^ flags) & _LOWER:
                mask_edges[mask_count] = length
                mask_count += 1
            flags = kind
        bits = bits << 2 | (entry & 3)
        length += 1
        if length & 3 == 0:
            packed[written] = bits & 255
            written += 1
    state[0], state[1], state[2] = length, flags, bits & 255
    return written, n_count, mask_count, -1
