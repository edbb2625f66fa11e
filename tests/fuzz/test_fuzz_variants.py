"""Damaged files of pairs of sequences and of saturation mutagenesis: an error, or what is in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.fuzzing import REFUSED, damaged, fuzz, parsed_or_refused
from regssl.sequences.encoding import decode
from regssl.variants.mpra import read_mpra
from regssl.variants.sequence_pairs import MIN_BASES, SequencePairs, read_pairs

LEFT, RIGHT = "ACGTTGCAACGGTTCAATCGA", "GGATCCTTAGCAAGTCCATGT"
PAIRS = {
    "fasta": f">a_ref\n{LEFT}A\n{RIGHT}\n>a_alt\n{LEFT}G{RIGHT}\n>b|ref\n{RIGHT}\n>b|alt1\n{RIGHT}T\n>b|alt2\n{LEFT}\n",
    "pairs": f"id\tref\talt\na\t{LEFT}A{RIGHT}\t{LEFT}G{RIGHT}\nb\t{RIGHT}\t{RIGHT}T\n",
    "flanks": f"rsid,left,ref,alt,right\na,{LEFT},A,G,{RIGHT}\nb,{LEFT},-,ac,{RIGHT}\n",
    "brackets": f"rsid\tsequence\na\t{LEFT}[A/G]{RIGHT}\nb\t{LEFT}[-/ac/T]{RIGHT}\n",
}
MPRA = "Chrom\tPos\tRef\tAlt\tBarcodes\tDNA\tRNA\tCoefficient\tpValue\tElement\tRelease\n" + "".join(
    f"5\t{100 + at}\t{base}\t{alt}\t20\t1\t2\t-0.5\t1e-3\tTERT\tGRCh37\n"
    for at, base in enumerate(LEFT)
    for alt in "AC-"
    if alt != base
)


@pytest.mark.parametrize("kind", PAIRS)
@fuzz
@given(data=st.data())
def test_pairs_of_a_damaged_file_are_sequences_of_it_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "pairs"
    path.write_bytes(content := data.draw(damaged(PAIRS[kind].encode())))
    pairs = parsed_or_refused(lambda: read_pairs(path))
    if pairs == REFUSED:
        return
    assert isinstance(pairs, SequencePairs) and len(pairs.table) == len(pairs.codes) > 0
    letters = re.sub(r"[^A-Z]", "", content.decode().upper())
    for ref, alt in pairs.codes:
        for codes in (ref, alt):
            assert len(codes) >= MIN_BASES and codes.max() <= 4
            if kind in ("fasta", "pairs") and 4 not in codes:  # the sequence stands in the file in one piece
                assert decode(codes) in letters


@fuzz
@given(data=damaged(MPRA.encode()))
def test_damaged_mutagenesis_has_changes_of_its_own_sequences_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "mpra"
    path.write_bytes(data)
    mpra = parsed_or_refused(lambda: read_mpra(path))
    if mpra == REFUSED:
        return
    for row in mpra.table.itertuples():
        element = mpra.elements[row.element]
        assert element.sequence[row.pos - element.start] == row.ref != row.alt
