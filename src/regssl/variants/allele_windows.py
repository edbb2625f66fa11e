"""Windows of both alleles of many variants: of a genome around the places of a VCF file, or of given sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from regssl.sequences.encoding import encode
from regssl.sequences.genome import Genome
from regssl.variants.alleles import differs
from regssl.variants.pair_windows import CENTRED, Pair, allele_reason, cut_pair, find_change
from regssl.variants.scoring import extract_from_genome, substitute_allele


@dataclass(frozen=True)
class AlleleWindows:
    """Windows of the m of n variants that can be scored.

    Attributes:
        reason: why a variant cannot be, a key of `scoring.REASONS` or `pair_windows.PAIR_REASONS`, or empty: object
            (n,).
        where: how its windows lie, as of `pair_windows.Pair`, or empty: object (n,).
        index: indices of those that can: int64 (m,).
        ref, alt: their windows with either allele: uint8 (m, width).
        compared: how many reference alleles were compared with a genome.
        unlike: how many of them are not the genome's, or lie past its end.
    """

    reason: np.ndarray
    where: np.ndarray
    index: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    compared: int = 0
    unlike: int = 0


def cut_pairs(pairs: Sequence[tuple[np.ndarray, np.ndarray]], reasons: Sequence[str], width: int) -> AlleleWindows:
    """Cut the windows of n pairs of sequences.

    Args:
        pairs: reference and alternative, uint8 (bases,) each.
        reasons: why a pair cannot be scored, where that is known, a key of `pair_windows.PAIR_REASONS`; else empty.
        width: of the windows, in bp.
    """
    known = zip(pairs, reasons, strict=True)
    return _collect([Pair(reason=reason) if reason else cut_pair(*pair, width) for pair, reason in known], width)


def extract_alleles(
    chrom: Sequence[str], pos: np.ndarray, ref: Sequence[str], alt: Sequence[str], genome: Genome, width: int
) -> AlleleWindows:
    """Extract the windows of both alleles of n variants from a genome.

    Args:
        chrom, ref, alt: chromosomes, and alleles as a VCF file has them, in upper case.
        pos: 0-based positions, int64 (n,).
        genome: genome of the variants.
        width: of the windows, in bp.
    """
    single = extract_from_genome(chrom, pos, ref, alt, genome, width)
    other = np.flatnonzero(single.reason == "not_snv")
    chroms, refs, alts = ([column[row] for row in other.tolist()] for column in (chrom, ref, alt))
    rest = _extract_others(chroms, np.asarray(pos, np.int64)[other], refs, alts, genome, width)
    reason, where = single.reason, np.where(single.reason == "", CENTRED, "").astype(object)
    reason[other], where[other] = rest.reason, rest.where
    return AlleleWindows(
        reason,
        where,
        np.concatenate([single.index, other[rest.index]]),
        np.concatenate([single.codes, rest.ref]),
        np.concatenate([substitute_allele(single.codes, single.offset, single.alt), rest.alt]),
        single.compared + rest.compared,
        single.unlike + rest.unlike,
    )


def _extract_others(
    chrom: Sequence[str], pos: np.ndarray, ref: Sequence[str], alt: Sequence[str], genome: Genome, width: int
) -> AlleleWindows:
    """Extract the windows of indels, and of changes of several bases, as `extract_alleles`."""
    size = np.array([genome.sizes.get(name, -1) for name in chrom], np.int64)
    end = pos + np.array([len(allele) for allele in ref], np.int64)
    pairs = [Pair(reason=allele_reason(*alleles)) for alleles in zip(ref, alt, strict=True)]
    readable, compared, unlike = [], 0, 0
    for row, pair in enumerate(pairs):
        if pair.reason:
            continue
        if size[row] < 0:
            pairs[row] = Pair(reason="no_chromosome")
        elif pos[row] < 0 or end[row] > size[row]:
            pairs[row], compared, unlike = Pair(reason="out_of_bounds"), compared + 1, unlike + 1
        else:
            readable.append(row)
    compared, last, reach = compared + len(readable), np.minimum(end + width, size), width
    while readable:
        first, further = np.maximum(pos - reach, 0), list[int]()
        for row, sequence in _read(genome, chrom, first, last, readable):
            before, behind = sequence[: pos[row] - first[row]], sequence[end[row] - first[row] :]
            if differs(sequence[len(before) : len(sequence) - len(behind)], encode(ref[row])):
                pairs[row], unlike = Pair(reason="ref_mismatch"), unlike + 1
                continue
            other = np.concatenate([before, encode(alt[row]), behind])
            if first[row] and find_change(sequence, other).start < width // 2:
                further.append(row)  # a repeat that begins further to the left
                continue
            pair = cut_pair(sequence, other, width)
            pairs[row] = pair if pair.where in ("", CENTRED) else Pair(reason="out_of_bounds")
        readable, reach = further, 2 * reach
    return replace(_collect(pairs, width), compared=compared, unlike=unlike)


def _read(
    genome: Genome, chrom: Sequence[str], first: np.ndarray, last: np.ndarray, rows: Sequence[int]
) -> list[tuple[int, np.ndarray]]:
    """Read [first, last) of some rows: row and codes, those of one length together."""
    read: list[tuple[int, np.ndarray]] = []
    lengths = last - first
    for length in np.unique(lengths[list(rows)]):
        own = [row for row in rows if lengths[row] == length]
        read += zip(own, genome.windows([chrom[row] for row in own], first[own], int(length)), strict=True)
    return read


def _collect(pairs: Sequence[Pair], width: int) -> AlleleWindows:
    reason, where = (
        np.array([getattr(pair, name) for pair in pairs], object).reshape(len(pairs)) for name in ("reason", "where")
    )
    ref, alt = (
        np.array([codes for pair in pairs if (codes := getattr(pair, name)) is not None], np.uint8).reshape(-1, width)
        for name in ("ref", "alt")
    )
    return AlleleWindows(reason, where, np.flatnonzero(reason == ""), ref, alt)
