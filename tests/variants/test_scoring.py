"""Variants in their windows, and their scores against an obvious implementation on text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from regssl.models import build
from regssl.sequences.encoding import decode, encode, one_hot
from regssl.sequences.genome import Genome
from regssl.variants.alleles import changed_base
from regssl.variants.scoring import extract_from_context, extract_from_genome, score_effects, substitute_allele

CHR1 = "ACGTACGTGGCATTACGATTACAGGCAT"


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    (tmp_path / "genome.fa").write_text(f">chr1\n{CHR1}\n>chr2\n{'ACGT' * 3}NNACGTacgtACGT\n")
    return Genome(tmp_path / "genome.fa")


def test_the_window_is_centred_on_the_variant(genome: Genome) -> None:
    for width in (8, 9):
        windows = extract_from_genome(["chr1"] * 2, np.array([10, 12]), ["C", "T"], ["G", "A"], genome, width)
        for codes, offset, pos in zip(windows.codes, windows.offset, (10, 12), strict=True):
            assert offset == width // 2
            assert decode(codes) == CHR1[pos - width // 2 : pos - width // 2 + width]
            assert decode(codes)[offset] == CHR1[pos]
        changed = substitute_allele(windows.codes, windows.offset, windows.alt)
        assert [decode(row)[width // 2] for row in changed] == ["G", "A"]
        assert (changed != windows.codes).sum(axis=1).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("chrom", "pos", "ref", "alt", "reason"),
    [
        ("chr1", 10, "C", "G", ""),
        ("chr1", 10, "G", "C", "ref_mismatch"),  # never swapped
        ("chr1", 10, "CA", "C", "not_snv"),
        ("chr1", 10, "C", "CT", "not_snv"),
        ("chr1", 10, "C", "<DEL>", "not_snv"),
        ("chr1", 10, "C", "*", "not_snv"),
        ("chr1", 10, "C", ".", "not_snv"),
        ("chr1", 10, "C", "C", "not_snv"),
        ("chr1", 10, "N", "C", "not_snv"),
        ("chr1", 10, "C", "R", "not_snv"),
        ("1", 10, "C", "G", "no_chromosome"),
        ("chr1", 3, "T", "G", "out_of_bounds"),
        ("chr1", 4, "A", "G", ""),
        ("chr1", 24, "G", "C", ""),  # window 20-28, the chromosome's end
        ("chr1", 25, "A", "G", "out_of_bounds"),
        ("chr1", 999, "A", "G", "out_of_bounds"),
        ("chr1", -1, "A", "G", "out_of_bounds"),
        ("chr2", 9, "C", "G", "n_content"),
        ("chr2", 9, "A", "G", "ref_mismatch"),
        ("chr2", 12, "A", "G", "n_content"),
        ("chr2", 20, "C", "G", "ref_mismatch"),
        ("chr2", 18, "A", "G", ""),  # soft-masked
        ("chr1", 10, "CA", "GA", ""),  # the bases around the change do not count, but must be the genome's
        ("chr1", 9, "GCAT", "GTAT", ""),
        ("chr1", 8, "GGC", "GGA", ""),
        ("chr1", 10, "CATT", "GATT", ""),
        ("chr1", 10, "CG", "GG", "ref_mismatch"),
        ("chr1", 9, "TC", "TG", "ref_mismatch"),
        ("chr1", 10, "CA", "GG", "not_snv"),
        ("chr1", 10, "CA", "CA", "not_snv"),
        ("chr1", 10, "CN", "GN", ""),
        ("chr1", 10, "CA", "RA", "not_snv"),
        ("chr1", 10, "CA", "A.", "not_snv"),
        ("chr1", 10, "CATTA", "<DEL>", "not_snv"),
        ("chr1", -1, "NACGTACGTG", "NACGTTCGTG", "ref_mismatch"),  # POS 0, before the first base
        ("chr1", 24, "GCATA", "CCATA", "ref_mismatch"),  # past the last
        ("chr1", 0, CHR1, CHR1[:10] + "G" + CHR1[11:], ""),
    ],
)
def test_the_reason_of_what_is_not_scored(
    genome: Genome, chrom: str, pos: int, ref: str, alt: str, reason: str
) -> None:
    windows = extract_from_genome([chrom, "chr1"], np.array([pos, 12]), [ref, "T"], [alt, "A"], genome, 8)
    assert windows.reason.tolist() == [reason, ""]
    assert windows.index.tolist() == ([0, 1] if not reason else [1])
    assert len(windows.codes) == len(windows.offset) == len(windows.alt) == len(windows.index)


def test_how_many_reference_alleles_could_be_compared(genome: Genome) -> None:
    rows = [
        ("chr1", 10, "C", "G"),  # fits
        ("chr1", 10, "G", "C"),  # does not
        ("chr1", 10, "CG", "AG"),  # does not
        ("chr1", 1, "C", "G"),  # its window leaves the chromosome: not read
        ("chr1", 28, "C", "G"),  # past the end
        ("chr1", 10, "C", "CT"),
        ("chr9", 10, "C", "G"),
        ("chr2", 9, "C", "G"),  # N in the window
        ("chr2", 12, "A", "G"),  # N in the genome
    ]
    chrom, pos, ref, alt = (list(column) for column in zip(*rows, strict=True))
    windows = extract_from_genome(chrom, np.array(pos), ref, alt, genome, 8)
    assert (windows.compared, windows.unlike) == (5, 3)
    assert windows.index.tolist() == [0]


@settings(deadline=None, derandomize=True)
@given(before=st.integers(0, 9), after=st.integers(0, 9), at=st.integers(9, 18), by=st.integers(1, 3))
def test_the_bases_around_a_change_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, before: int, after: int, at: int, by: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "padded.fa"
    path.write_text(f">chr1\n{CHR1}\n")
    alt = "ACGT"[("ACGT".index(CHR1[at]) + by) % 4]
    left, right = CHR1[at - before : at], CHR1[at + 1 : at + 1 + after]
    ref, padded = left + CHR1[at] + right, left + alt + right
    alone = extract_from_genome(["chr1"], np.array([at]), [CHR1[at]], [alt], Genome(path), 8)
    around = extract_from_genome(["chr1"], np.array([at - before]), [ref], [padded], Genome(path), 8)
    own = extract_from_context([CHR1], np.array([at - before]), [ref], [padded], 8)
    assert around.shift.tolist() == own.shift.tolist() == [before]
    for found in (around, own):
        assert found.codes.tolist() == alone.codes.tolist()
        assert (found.alt.tolist(), found.offset.tolist()) == (alone.alt.tolist(), alone.offset.tolist())


def trimmed(ref: str, alt: str) -> tuple[int, str, str]:
    """Alleles without what they share, from the right, then from the left, as `bcftools norm` does."""
    shift = 0
    while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        ref, alt, shift = ref[1:], alt[1:], shift + 1
    return shift, ref, alt


@settings(derandomize=True)
@given(st.text("AC", min_size=1, max_size=6), st.text("AC", min_size=1, max_size=6))
def test_the_changed_base_is_what_trimming_leaves(ref: str, alt: str) -> None:
    shift, one, other = trimmed(ref, alt)
    assert changed_base(ref, alt) == (shift if len(one) == len(other) == 1 and one != other else -1)


def test_no_variant_at_all(genome: Genome) -> None:
    windows = extract_from_genome([], np.empty(0, np.int64), [], [], genome, 8)
    assert windows.codes.shape == (0, 8)
    assert score_effects(nn.Identity(), windows.codes, windows.offset, windows.alt).shape == (0,)


@pytest.mark.parametrize(
    ("index", "window", "at"),
    [
        (10, "GTGGCATT", 4),  # centred
        (2, "ACGTACGT", 2),  # as near as its beginning allows
        (26, "ACAGGCAT", 6),  # and its end
    ],
)
def test_a_context_is_slid_along_never_padded_where_it_is_long_enough(index: int, window: str, at: int) -> None:
    context = CHR1.replace("C", "c")
    base = CHR1[index]
    windows = extract_from_context([context], np.array([index]), [base], ["ACGT"[("ACGT".index(base) + 1) % 4]], 8)
    assert (decode(windows.codes[0]), windows.offset.tolist()) == (window, [at])
    assert window[at] == base


def test_a_short_context_is_padded_evenly_and_true_ns_are_not_scored() -> None:
    contexts = ["ACGTA", "ACNTA", "ACGTA", "ACGTA"]
    refs, alts = ["G", "T", "G", "A"], ["T", "A", "GG", "T"]
    windows = extract_from_context(contexts, np.array([2, 3, 2, 2]), refs, alts, 8)
    assert windows.reason.tolist() == ["", "n_content", "not_snv", "ref_mismatch"]
    assert (decode(windows.codes[0]), windows.offset.tolist()) == ("NACGTANN", [3])


class Words(nn.Module):
    """Logit: number of GATTA, less half the number of ACG, on the strand it is given."""

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        texts = [decode(row) for row in codes.numpy()]
        return torch.tensor([float(text.count("GATTA")) - 0.5 * text.count("ACG") for text in texts])


def other_strand(text: str) -> str:
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def slow_effect(text: str, at: int, alt: str, both_strands: bool) -> float:
    changed = text[:at] + alt + text[at + 1 :]

    def logit(sequence: str) -> float:
        return sequence.count("GATTA") - 0.5 * sequence.count("ACG")

    def mean(sequence: str) -> float:
        return (logit(sequence) + logit(other_strand(sequence))) / 2 if both_strands else logit(sequence)

    return mean(changed) - mean(text)


@pytest.mark.parametrize("both_strands", [True, False])
def test_every_change_of_a_sequence_against_the_text_itself(both_strands: bool) -> None:
    places = [(at, alt) for at, ref in enumerate(CHR1) for alt in "ACGT" if alt != ref]
    at, alt = np.array([place for place, _ in places]), encode("".join(base for _, base in places))
    codes = np.tile(encode(CHR1), (len(places), 1))
    found = score_effects(Words(), codes, at, alt, both_strands)
    assert found.tolist() == [slow_effect(CHR1, place, base, both_strands) for place, base in places]
    assert found[places.index((19, "G"))] < 0, "GATTA is lost"
    assert len(set(found.tolist())) > 2


def test_a_real_network_scores_as_when_called_by_hand_and_the_other_strand_scores_the_same() -> None:
    torch.manual_seed(3)
    network = build("deepbind", 30, {"filters": 8, "filter_width": 6, "hidden": 4}).eval()
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 4, (40, 30)).astype(np.uint8)
    at = np.full(40, 15)
    alt = ((codes[np.arange(40), at] + rng.integers(1, 4, 40)) % 4).astype(np.uint8)
    found = score_effects(network, codes, at, alt)
    for row in range(40):
        windows = torch.from_numpy(np.stack([codes[row], substitute_allele(codes[row : row + 1], at[:1], alt[row])[0]]))
        reverse = torch.where(windows < 4, 3 - windows, windows).flip(1)
        with torch.no_grad():
            logits = (network(one_hot(windows)) + network(one_hot(reverse))) / 2
        assert found[row] == pytest.approx(float(logits[1] - logits[0]), abs=1e-5)
    reversed_codes = (3 - codes)[:, ::-1].copy()
    assert score_effects(network, reversed_codes, 29 - at, 3 - alt) == pytest.approx(found, abs=1e-5)
    back = score_effects(network, substitute_allele(codes, at, alt), at, codes[np.arange(40), at])
    assert back == pytest.approx(-found, abs=1e-5), "from the alternative to the reference it is the opposite"
    assert np.abs(found).max() > 1e-3
