"""Alleles of a variant as the change of a single base, however many bases the file writes around it.

`TC>AC` is `T>A`, and `CT>CA` is that variant one base further: the bases that both alleles end or begin with are left
out, as `bcftools norm` does (Tan, Abecasis and Kang 2015, Bioinformatics 31: 2202).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from regssl.sequences.encoding import N, encode


class Alleles(NamedTuple):
    """Alleles of n variants.

    Attributes:
        ref, alt: code of the base that changes, uint8 (n,); N unless a single base changes to another.
        shift: bases before it in the alleles, int64 (n,).
        flanked: codes of the whole reference allele, by row, where it has further bases.
    """

    ref: np.ndarray
    alt: np.ndarray
    shift: np.ndarray
    flanked: dict[int, np.ndarray]


def changed_base(ref: str, alt: str) -> int:
    """Find the place of the only base in which two alleles differ; -1 where there is none, or not one alone."""
    if len(ref) != len(alt) or ref == alt:
        return -1
    if len(ref) == 1:
        return 0
    places = [place for place, (one, other) in enumerate(zip(ref, alt, strict=True)) if one != other]
    return places[0] if len(places) == 1 else -1


def encode_alleles(ref: Sequence[str], alt: Sequence[str]) -> Alleles:
    """Encode the alleles of n variants, in upper case."""
    places = list(map(changed_base, ref, alt))
    codes = np.stack(
        [
            encode("".join(allele[place] if place >= 0 else "N" for allele, place in zip(alleles, places, strict=True)))
            for alleles in (ref, alt)
        ]
    )
    codes[:, (codes == N).any(axis=0)] = N
    flanked = {row: encode(ref[row]) for row, place in enumerate(places) if place >= 0 and len(ref[row]) > 1}
    return Alleles(codes[0], codes[1], np.maximum(places, 0).astype(np.int64), flanked)


def differs(sequence: np.ndarray, allele: np.ndarray) -> bool:
    """Check whether an allele is another than the sequence at its place; an N is like any base. Both are codes."""
    return len(sequence) != len(allele) or bool(((sequence != allele) & (sequence != N) & (allele != N)).any())
