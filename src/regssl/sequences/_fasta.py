"""Compiled kernel that packs the lines of a FASTA file, eight letters at once where they are of one kind.

Imported only where a whole file is read, because importing numba takes half a second.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from regssl.compilation import njit

# What each byte of a sequence line is: the two bits of the 2bit format, and flags above them.
_N, _LOWER, _SKIP, _INVALID = 1, 2, 4, 8
_TABLE = np.full(256, _INVALID << 2, np.int64)
_NEWLINE = ord("\n")
_TABLE[np.frombuffer(b"\n \t", np.uint8)] = _SKIP << 2
for _letters, _entry in (("T", 0), ("C", 1), ("A", 2), ("G", 3), ("NRYSWKMBDHVX", _N << 2)):
    for _letter in _letters:
        _TABLE[ord(_letter)], _TABLE[ord(_letter.lower())] = _entry, _entry | _LOWER << 2

# Eight letters as one word, a byte each. Bits 1 and 2 of A, C, T, G are 0, 1, 2, 3, in either case.
_ONES = np.uint64(0x0101010101010101)
_THREES = np.uint64(0x0303030303030303)
_A = np.uint64(0x4141414141414141)
_T_ABOVE = np.uint64(ord("T") - ord("A") - 2 * 2)  # A, C and G are A + 2 × (0, 1, 3); T is this much above A + 2 × 2
_CASE = np.uint64(0x2020202020202020)
_GATHER = np.uint64(0x40100401)  # bits of four bytes, times this: all in the fourth byte, the first byte's highest
_U0, _U1, _U8, _U24, _U32, _U63, _U255 = (np.uint64(number) for number in (0, 1, 8, 24, 32, 63, 255))
_LOW = np.uint64(0xFFFFFFFF)


class PackedLines(NamedTuple):
    """Result of `pack_lines`.

    Attributes:
        written: bytes of `packed` filled.
        n_edges, mask_edges: number of edges of N and of soft mask found.
        lines: number of line ends.
        wrong: offset of the first letter that is no base, where packing stopped; -1 if there is none.
    """

    written: int
    n_edges: int
    mask_edges: int
    lines: int
    wrong: int


def init_state() -> np.ndarray:
    """Make the state before the first letter of a sequence: number of bases, flags of the last, bits not written."""
    return np.zeros(3, np.int64)


@numba.njit(inline="always")
def _word(words: np.ndarray, at: int) -> int:
    """Load the eight bytes from byte `at` on, first in the lowest bits; `words` (uint64) has at least 16 from there."""
    shift = np.uint64(8 * (at & 7))
    word: int = words[at >> 3] >> shift | words[(at >> 3) + 1] << _U1 << (_U63 - shift)
    return word


@njit(nogil=True)
def pack_lines(
    text: np.ndarray, state: np.ndarray, packed: np.ndarray, n_edges: np.ndarray, mask_edges: np.ndarray
) -> PackedLines:
    """Pack some lines of a sequence, four bases to a byte; line ends (LF) and blanks are skipped.

    Args:
        text: uint8 (m,), lines or parts of lines.
        state: of `init_state`; kept from one call to the next.
        packed: uint8, at least m / 4 + 1 bytes, overwritten.
        n_edges: int64, at least m + 1 places, overwritten: where runs of N begin and end.
        mask_edges: the same of runs in lower case.
    """
    length, flags, bits = state[0], state[1], state[2]
    written, n_count, mask_count, lines, at, size = 0, 0, 0, 0, 0, text.size
    words = text[: size & -8].view(np.uint64)
    while at < size:
        while at + 16 <= size and not flags & _N:
            word = _word(words, at)
            pair = word >> _U1 & _THREES  # A, C, T, G as 0, 1, 2, 3
            is_t = pair >> _U1 & ~pair & _ONES
            if word != _A + (pair << _U1) + is_t * _T_ABOVE + (_CASE if flags else _U0):
                break
            pair = ~(pair << _U1 ^ pair) & (_ONES << _U1) | pair & _ONES  # 2, 1, 0, 3, as the format has them
            first, second = (pair & _LOW) * _GATHER >> _U24 & _U255, (pair >> _U32) * _GATHER >> _U24 & _U255
            bits = bits << 16 | np.int64(first << _U8 | second)
            packed[written] = bits >> 2 * (length & 3) + 8 & 255
            packed[written + 1] = bits >> 2 * (length & 3) & 255
            written += 2
            length += 8
            at += 8
        stop = min(at + 8, size)
        while at < stop:  # up to the line's end or eight letters, one at a time
            entry = _TABLE[text[at]]
            at += 1
            kind = entry >> 2
            if kind == _SKIP:
                lines += text[at - 1] == _NEWLINE
                break
            if kind == _INVALID:
                return PackedLines(written, n_count, mask_count, lines, at - 1)
            if kind != flags:
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
    return PackedLines(written, n_count, mask_count, lines, -1)
