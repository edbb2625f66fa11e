"""Effect of a single-base variant: logit with the alternative allele minus logit with the reference allele.

Both logits are of the same window, where possible centred on the variant (base `width // 2`, 0-based), and means over
the two strands if the network was trained so. Variants that cannot be scored get a reason; alleles are never swapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regssl.sequences.encoding import N, encode
from regssl.sequences.genome import Genome
from regssl.variants.alleles import Alleles, differs, encode_alleles

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
        offset: position of the base that changes, in its window: int64 (m,).
        alt: code of its alternative: uint8 (m,).
        shift: bases before it in the alleles of the file: int64 (m,).
        compared: how many reference alleles of a single changed base were compared with the sequence.
        unlike: how many of them are not the sequence's, or lie past its end.
    """

    reason: np.ndarray
    index: np.ndarray
    codes: np.ndarray
    offset: np.ndarray
    alt: np.ndarray
    shift: np.ndarray
    compared: int
    unlike: int


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
    alleles, before = encode_alleles(ref, alt), width // 2
    place = np.asarray(pos, np.int64) + alleles.shift
    sizes = np.array([genome.sizes.get(name, -1) for name in chrom], np.int64)
    reason = _first_reasons(alleles)
    _set_reason(reason, sizes < 0, "no_chromosome")
    past_end = int(((reason == "") & ((place < 0) | (place >= sizes))).sum())
    start = place - before
    _set_reason(reason, (start < 0) | (start + width > sizes), "out_of_bounds")
    index = np.flatnonzero(reason == "")
    codes = genome.windows(np.asarray(chrom, object)[index], start[index], width)
    mismatch = np.zeros(len(reason), bool)
    for row, whole in alleles.flanked.items():
        if not reason[row]:
            first = place[row] - alleles.shift[row]
            end = min(first + len(whole), sizes[row])
            mismatch[row] = first < 0 or differs(genome.windows([chrom[row]], [first], end - first)[0], whole)
    windows = _Windows(codes, np.full(len(index), before), (codes == N).any(axis=1))
    checked = _check_windows(reason, index, windows, alleles, mismatch)
    return replace(checked, compared=checked.compared + past_end, unlike=checked.unlike + past_end)


def extract_from_context(
    context: Sequence[str],
    index: np.ndarray,
    ref: Sequence[str],
    alt: Sequence[str],
    width: int,
    *,
    allow_n: bool = False,
) -> VariantWindows:
    """Extract the window of each variant from the sequence that comes with it.

    The window is centred on the variant if the sequence reaches far enough, and else shifted to its end. Only a
    sequence shorter than the window is padded, with N, as evenly as possible on both sides.

    Args:
        context: sequences around n variants, with the reference allele.
        index: 0-based position of the variant in its sequence, int64 (n,).
        ref, alt: alleles.
        width: of the windows, in bp.
        allow_n: score windows in which a base of the sequence is N, too.
    """
    alleles = encode_alleles(ref, alt)
    reason, mismatch = _first_reasons(alleles), np.zeros(len(context), bool)
    codes = np.full((len(context), width), N, np.uint8)
    offset = np.zeros(len(context), np.int64)
    has_n = np.zeros(len(context), bool)  # padding does not count
    for row, (text, at) in enumerate(zip(context, np.asarray(index).tolist(), strict=True)):
        bases, place = encode(text), at + int(alleles.shift[row])
        if (whole := alleles.flanked.get(row)) is not None and differs(bases[at : at + len(whole)], whole):
            mismatch[row] = True
            continue
        first = int(np.clip(place - width // 2, 0, max(len(bases) - width, 0)))
        bases = bases[first : first + width]
        pad = (width - len(bases)) // 2
        codes[row, pad : pad + len(bases)] = bases
        offset[row] = place - first + pad
        has_n[row] = not allow_n and (bases == N).any()
    valid = np.flatnonzero(reason == "")
    return _check_windows(reason, valid, _Windows(codes[valid], offset[valid], has_n[valid]), alleles, mismatch)


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
    return score_pairs(network, codes, substitute_allele(codes, offset, alt), both_strands, threads)


def score_pairs(
    network: nn.Module, ref: np.ndarray, alt: np.ndarray, both_strands: bool = True, threads: int = 1
) -> np.ndarray:
    """Compute the logit of each window with the alternative allele minus that with the reference: float32 (m,).

    Args:
        network: byte codes to logits.
        ref, alt: windows with either allele, uint8 (m, width).
        both_strands, threads: as of `score_effects`.
    """
    from regssl.models.predict import predict

    if not len(ref):
        return np.empty(0, np.float32)
    reference, alternative = predict(network, np.concatenate([ref, alt]), both_strands, threads).reshape(2, -1)
    return np.asarray(alternative - reference)


class _Windows(NamedTuple):
    """Windows of variants: codes, uint8 (m, width); the changed base in each, int64 (m,); whether it holds N, bool."""

    codes: np.ndarray
    offset: np.ndarray
    has_n: np.ndarray


def _first_reasons(alleles: Alleles) -> np.ndarray:
    """Give a reason to what is not the change of a single base: object (n,)."""
    return np.where(alleles.ref == N, "not_snv", "").astype(object)


def _set_reason(reason: np.ndarray, where: np.ndarray, value: str) -> None:
    """Set a reason where there is none yet."""
    reason[where & (reason == "")] = value


def _check_windows(
    reason: np.ndarray, index: np.ndarray, windows: _Windows, alleles: Alleles, mismatch: np.ndarray
) -> VariantWindows:
    """Keep the windows without N in which the reference allele is the sequence's.

    Args:
        reason: of n variants, object (n,), changed in place.
        index: of the m without one, int64 (m,).
        windows: of those.
        alleles: of all.
        mismatch: which of all are known to have another reference allele, bool (n,).
    """
    codes, offset, has_n = windows
    base = codes[np.arange(len(index)), offset]
    unlike = mismatch[index] | ((base != alleles.ref[index]) & (base != N))
    reason[index[unlike]] = "ref_mismatch"
    reason[index[~unlike & has_n]] = "n_content"
    kept = ~unlike & ~has_n
    rows = index[kept]
    compared, n_unlike = int((unlike | (base != N)).sum()), int(unlike.sum())
    shift = alleles.shift[rows]
    return VariantWindows(reason, rows, codes[kept], offset[kept], alleles.alt[rows], shift, compared, n_unlike)
