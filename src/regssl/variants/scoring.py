"""Effect of a single-base variant: logit with the alternative allele minus logit with the reference allele.

Both logits are of the same window, where possible centred on the variant (base `width // 2`, 0-based), and means over
the two strands if the network was trained so. Variants that cannot be scored get a reason; alleles are never swapped.
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
    "out_of_bounds": "the window leaves the chromosome",
    "ref_mismatch": "the reference allele is not the genome's",
    "n_content": "N in the window",
}
"""Reasons for which a variant is not scored, in the order in which they are tested."""


@dataclass(frozen=True)
class VariantWindows:
    """Windows of the m of n variants that can be scored.

    Attributes:
        reason: a key of REASONS, or an empty string for variants that can be scored: object (n,).
        index: indices of the variants that can be scored: int64 (m,).
        codes: their windows with the reference allele: uint8 (m, width).
        offset: position of the variant in its window: int64 (m,).
        alt: code of the alternative allele: uint8 (m,).
    """

    reason: np.ndarray
    index: np.ndarray
    codes: np.ndarray
    offset: np.ndarray
    alt: np.ndarray


def extract_from_genome(
    chrom: Sequence[str], pos: np.ndarray, ref: Sequence[str], alt: Sequence[str], genome: Genome, width: int
) -> VariantWindows:
    """Extract the window centred on each variant from a genome.

    Args:
        chrom, ref, alt: chromosomes and alleles of n variants.
        pos: 0-based positions, int64 (n,).
        genome: genome of the variants.
        width: of the windows, in bp.
    """
    before = width // 2
    alleles, reason = _encode_alleles(ref, alt)
    sizes = np.array([genome.sizes.get(name, -1) for name in chrom], np.int64)
    start = np.asarray(pos, np.int64) - before
    _set_reason(reason, sizes < 0, "no_chromosome")
    _set_reason(reason, (start < 0) | (start + width > sizes), "out_of_bounds")
    index = np.flatnonzero(reason == "")
    codes = genome.windows(np.asarray(chrom, object)[index], start[index], width)
    has_n = (codes == N).any(axis=1)
    return _check_windows(reason, index, codes, np.full(len(index), before), alleles, has_n)


def extract_from_context(
    context: Sequence[str], index: np.ndarray, ref: Sequence[str], alt: Sequence[str], width: int
) -> VariantWindows:
    """Extract the window of each variant from the sequence that comes with it.

    The window is centred on the variant if the sequence reaches far enough, and else shifted to its end. Only a
    sequence shorter than the window is padded, with N, as evenly as possible on both sides.

    Args:
        context: sequences around n variants, with the reference allele.
        index: 0-based position of the variant in its sequence, int64 (n,).
        ref, alt: alleles.
        width: of the windows, in bp.
    """
    alleles, reason = _encode_alleles(ref, alt)
    codes = np.full((len(context), width), N, np.uint8)
    offset = np.empty(len(context), np.int64)
    has_n = np.zeros(len(context), bool)  # padding does not count
    for row, (text, place) in enumerate(zip(context, np.asarray(index).tolist(), strict=True)):
        bases = encode(text)
        first = int(np.clip(place - width // 2, 0, max(len(bases) - width, 0)))
        bases = bases[first : first + width]
        pad = (width - len(bases)) // 2
        codes[row, pad : pad + len(bases)] = bases
        offset[row] = place - first + pad
        has_n[row] = (bases == N).any()
    valid = np.flatnonzero(reason == "")
    return _check_windows(reason, valid, codes[valid], offset[valid], alleles, has_n[valid])


def substitute_allele(codes: np.ndarray, offset: np.ndarray, allele: np.ndarray) -> np.ndarray:
    """Copy windows, uint8 (m, width), with base `offset[i]` of window i replaced by `allele[i]`."""
    changed = np.array(codes)
    changed[np.arange(len(codes)), offset] = allele
    return changed


def score_effects(
    network: nn.Module,
    codes: np.ndarray,
    offset: np.ndarray,
    alt: np.ndarray,
    both_strands: bool = True,
    threads: int = 1,
) -> np.ndarray:
    """Compute the logit with the alternative allele minus the logit with the reference allele: float32 (m,).

    Args:
        network: byte codes to logits.
        codes, offset, alt: as in `VariantWindows`.
        both_strands: average each logit over the two strands.
        threads: CPU threads.
    """
    from regssl.models.predict import predict

    if not len(codes):
        return np.empty(0, np.float32)
    both = np.concatenate([codes, substitute_allele(codes, offset, alt)])
    reference, alternative = predict(network, both, both_strands, threads).reshape(2, -1)
    return np.asarray(alternative - reference)


def _encode_alleles(ref: Sequence[str], alt: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Encode both alleles of n variants, uint8 (2, n), N unless a single base; with the reasons, object (n,)."""
    codes = np.stack(
        [encode("".join(allele if len(allele) == 1 else "N" for allele in alleles)) for alleles in (ref, alt)]
    )
    reason = np.full(codes.shape[1], "", object)
    _set_reason(reason, (codes == N).any(axis=0) | (codes[0] == codes[1]), "not_snv")
    return codes, reason


def _set_reason(reason: np.ndarray, where: np.ndarray, value: str) -> None:
    """Set a reason where there is none yet."""
    reason[where & (reason == "")] = value


def _check_windows(
    reason: np.ndarray,
    index: np.ndarray,
    codes: np.ndarray,
    offset: np.ndarray,
    alleles: np.ndarray,
    has_n: np.ndarray,
) -> VariantWindows:
    """Keep the windows without N whose base at the variant is the reference allele."""
    base = codes[np.arange(len(index)), offset]
    mismatch = (base != alleles[0, index]) & (base != N)
    reason[index[mismatch]] = "ref_mismatch"
    reason[index[~mismatch & has_n]] = "n_content"
    kept = ~mismatch & ~has_n
    return VariantWindows(reason, index[kept], codes[kept], offset[kept], alleles[1, index[kept]])
