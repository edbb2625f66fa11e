"""What a network thinks of a variant: logit with the alternative allele minus logit with the reference allele.

Both are of the window centred on the variant, so that base `width // 2` (0-based) of the window is the variant's, and
both are means over the two strands where the network was trained so. What cannot be scored is not scored, and has a
reason; alleles are never swapped to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regssl.sequences.encoding import N, encode
from regssl.sequences.genome import Genome

if TYPE_CHECKING:
    from torch import nn

REASONS = {
    "not_snv": "not the change of a single base",
    "no_chromosome": "the genome has no such chromosome",
    "off_end": "the window leaves the chromosome",
    "ref_mismatch": "the reference allele is not the genome's",
    "n_bases": "N in the window",
}
"""Why a variant is not scored; the first that applies is given."""


@dataclass(frozen=True)
class Placed:
    """Variants in their windows.

    Attributes:
        reason: of n variants, a key of REASONS, or an empty string: object (n,).
        rows: the m variants without a reason: int64 (m,).
        codes: their windows with the reference allele: uint8 (m, width).
        at: where in the window the variant is: int64 (m,).
        alt: code of the alternative allele: uint8 (m,).
    """

    reason: np.ndarray
    rows: np.ndarray
    codes: np.ndarray
    at: np.ndarray
    alt: np.ndarray


def place_on_genome(
    chrom: Sequence[str], pos: np.ndarray, ref: Sequence[str], alt: Sequence[str], genome: Genome, width: int
) -> Placed:
    """Lay a window of `width` bases around each variant of a genome.

    Args:
        chrom, ref, alt: names and alleles of n variants.
        pos: 0-based, int64 (n,).
        genome: where they lie.
        width: of the windows, in bp.
    """
    before = width // 2
    reference, alternative, reason = _alleles(ref, alt)
    sizes = np.array([genome.sizes.get(name, -1) for name in chrom], np.int64)
    start = np.asarray(pos, np.int64) - before
    _give(reason, sizes < 0, "no_chromosome")
    _give(reason, (start < 0) | (start + width > sizes), "off_end")
    rows = np.flatnonzero(reason == "")
    codes = genome.windows(np.asarray(chrom, object)[rows], start[rows], width)
    return _checked(reason, rows, codes, np.full(len(rows), before), reference, alternative)


def place_in_context(
    context: Sequence[str], index: np.ndarray, ref: Sequence[str], alt: Sequence[str], width: int
) -> Placed:
    """Lay a window of `width` bases around each variant within the stretch of sequence that comes with it.

    The window is as near to being centred on the variant as the stretch allows: it slides, and base `at` of it is the
    variant's. Only a stretch shorter than the window is padded with N, as evenly as may be.

    Args:
        context: text around n variants, with the reference allele.
        index: 0-based place of the variant in it, int64 (n,).
        ref, alt: alleles.
        width: of the windows, in bp.
    """
    reference, alternative, reason = _alleles(ref, alt)
    codes = np.full((len(context), width), N, np.uint8)
    at = np.empty(len(context), np.int64)
    n_bases = np.zeros(len(context), bool)
    for row, (text, place) in enumerate(zip(context, np.asarray(index).tolist(), strict=True)):
        bases = encode(text)
        first = int(np.clip(place - width // 2, 0, max(len(bases) - width, 0)))
        bases = bases[first : first + width]
        pad = (width - len(bases)) // 2
        codes[row, pad : pad + len(bases)] = bases
        at[row] = place - first + pad
        n_bases[row] = (bases == N).any()
    rows = np.flatnonzero(reason == "")
    return _checked(reason, rows, codes[rows], at[rows], reference, alternative, n_bases[rows])


def with_allele(codes: np.ndarray, at: np.ndarray, allele: np.ndarray) -> np.ndarray:
    """Windows, uint8 (m, width), with base `at[i]` of window i replaced by `allele[i]`: a copy."""
    changed = np.array(codes)
    changed[np.arange(len(codes)), at] = allele
    return changed


def effects(
    network: nn.Module, codes: np.ndarray, at: np.ndarray, alt: np.ndarray, both_strands: bool = True, threads: int = 1
) -> np.ndarray:
    """Logit with the alternative allele minus logit with the reference allele: float32 (m,).

    Args:
        network: byte codes to logits.
        codes, at, alt: as in `Placed`.
        both_strands: average each logit over the two strands.
        threads: CPU threads.
    """
    from regssl.models.predict import predict

    if not len(codes):
        return np.empty(0, np.float32)
    both = np.concatenate([codes, with_allele(codes, at, alt)])
    reference, alternative = predict(network, both, both_strands, threads).reshape(2, -1)
    return alternative - reference


def _alleles(ref: Sequence[str], alt: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of alleles that are one base (else N), uint8 (n,) each, and the reasons so far, object (n,)."""
    codes = [encode("".join(allele if len(allele) == 1 else "N" for allele in alleles)) for alleles in (ref, alt)]
    reason = np.full(len(codes[0]), "", object)
    _give(reason, (codes[0] == N) | (codes[1] == N) | (codes[0] == codes[1]), "not_snv")
    return codes[0], codes[1], reason


def _give(reason: np.ndarray, where: np.ndarray, value: str) -> None:
    reason[where & (reason == "")] = value


def _checked(
    reason: np.ndarray,
    rows: np.ndarray,
    codes: np.ndarray,
    at: np.ndarray,
    reference: np.ndarray,
    alternative: np.ndarray,
    n_bases: np.ndarray | None = None,
) -> Placed:
    """Keep the windows without N whose base at the variant is the reference allele."""
    here = codes[np.arange(len(rows)), at]
    mismatch = (here != reference[rows]) & (here != N)
    with_n = (codes == N).any(axis=1) if n_bases is None else n_bases
    reason[rows[mismatch]] = "ref_mismatch"
    reason[rows[~mismatch & with_n]] = "n_bases"
    kept = ~mismatch & ~with_n
    return Placed(reason, rows[kept], codes[kept], at[kept], alternative[rows[kept]])
