"""Windows of one width from two sequences, one with the reference and one with the alternative allele.

What both sequences begin and end with is left out, so that a variant is the same however many bases are written around
it; of several places at which an indel in a repeat can be written the leftmost is taken, as `bcftools norm` does (Tan,
Abecasis and Kang 2015, Bioinformatics 31: 2202). Each allele has a window of its own, with the middle of what changes
at base `width // 2`, 0-based: of an indel, bases leave or enter at both ends of the window, and neither allele has a
longer sequence to be scored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from regssl.sequences.encoding import N

CENTRED, SHIFTED, PADDED = "centred", "shifted", "padded"
"""Where windows lie: the change in the middle; as near to it as the sequence reaches; a sequence that is shorter than
the window in the middle of it, with N beyond."""
PAIR_REASONS = {
    "symbolic": "an allele without bases of its own, such as <DEL>, a breakend or *",
    "ambiguous": "an allele with another letter than A, C, G, T",
    "no_change": "both alleles are the same",
    "too_long": "what changes fills the window",
    "n_content": "N in the window",
}
"""Reasons for which a pair is not scored, in the order in which they are tested."""
_BASES, _LETTERS = re.compile("[ACGT]*"), re.compile("[A-Z]*")


class Change(NamedTuple):
    """What differs between two sequences: codes [start, ref_end) of one and [start, alt_end) of the other."""

    start: int
    ref_end: int
    alt_end: int

    @property
    def length(self) -> int:
        """Bases of the longer allele."""
        return max(self.ref_end, self.alt_end) - self.start


@dataclass(frozen=True)
class Pair:
    """Windows of one variant: codes of either allele, uint8 (width,), or the reason why there are none.

    Attributes:
        ref, alt: windows; None where there is a reason.
        where: CENTRED, SHIFTED or PADDED; that of the allele for which it is worse.
        reason: a key of PAIR_REASONS; empty if there are windows.
    """

    ref: np.ndarray | None = None
    alt: np.ndarray | None = None
    where: str = ""
    reason: str = ""


def allele_reason(ref: str, alt: str) -> str:
    """Say why two alleles, in upper case, cannot be compared, if so, as a key of PAIR_REASONS; one may be empty."""
    if not _LETTERS.fullmatch(alt):
        return "symbolic"
    return "ambiguous" if not _BASES.fullmatch(ref + alt) else "no_change" if ref == alt else ""


def find_change(ref: np.ndarray, alt: np.ndarray) -> Change:
    """Find what differs between two sequences of byte codes, as far to the left as it can be written."""
    shorter = min(len(ref), len(alt))
    same_end = _run_of_equals(ref[::-1][:shorter], alt[::-1][:shorter])
    start = _run_of_equals(ref[: shorter - same_end], alt[: shorter - same_end])
    return Change(start, len(ref) - same_end, len(alt) - same_end)


def cut_pair(ref: np.ndarray, alt: np.ndarray, width: int) -> Pair:
    """Cut the windows of two alleles out of their sequences.

    Args:
        ref, alt: byte codes, uint8 (bases,), of any lengths.
        width: of the windows, in bp.
    """
    change = find_change(ref, alt)
    if not change.length:
        return Pair(reason="no_change")
    if change.length >= width:
        return Pair(reason="too_long")
    own_ref, where_ref, n_ref = _cut(ref, change.start, change.ref_end, width)
    own_alt, where_alt, n_alt = _cut(alt, change.start, change.alt_end, width)
    if n_ref or n_alt:
        return Pair(reason="n_content")
    return Pair(own_ref, own_alt, max(where_ref, where_alt, key=(CENTRED, SHIFTED, PADDED).index))


def _cut(codes: np.ndarray, start: int, end: int, width: int) -> tuple[np.ndarray, str, bool]:
    """Cut the window around [start, end): its codes, where it lies, and whether a base of the sequence in it is N."""
    wanted = (start + end) // 2 - width // 2
    first = int(np.clip(wanted, 0, max(len(codes) - width, 0)))
    inside = codes[first : first + width]
    window, pad = np.full(width, N, np.uint8), (width - len(inside)) // 2
    window[pad : pad + len(inside)] = inside
    where = PADDED if len(inside) < width else SHIFTED if first != wanted else CENTRED
    return window, where, bool((inside == N).any())


def _run_of_equals(one: np.ndarray, other: np.ndarray) -> int:
    """Count the codes with which two sequences of one length begin alike."""
    differing = np.flatnonzero(one != other)
    return int(differing[0]) if len(differing) else len(one)
