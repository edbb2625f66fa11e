"""Files of pairs of sequences."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.sequences.encoding import decode
from regssl.variants.allele_windows import cut_pairs
from regssl.variants.sequence_pairs import read_pairs

LEFT, RIGHT = "ACGTTGCAACGGTTCAATCG", "GGATCCTTAGCAAGTCCATG"


def read(path: Path) -> list[tuple[str, int, str, str, str, str]]:
    pairs = read_pairs(path)
    columns = (pairs.table[name] for name in ("id", "pos", "ref", "alt"))
    return [(*row, *map(decode, codes)) for row, codes in zip(zip(*columns, strict=True), pairs.codes, strict=True)]


SNV = ("rs1", 20, "A", "G", f"{LEFT}A{RIGHT}", f"{LEFT}G{RIGHT}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.fa", f">rs1_ref\n{LEFT}A\n{RIGHT}\n>rs1_alt\n{LEFT}G{RIGHT}\n"),
        ("a.fa", f">rs1|ALT\n{LEFT.lower()}g{RIGHT}\n>rs1|REF\n{LEFT}A{RIGHT}\n"),
        ("a.fa", f">rs1.reference\n{LEFT}A{RIGHT}\n>rs1.alternative1\n{LEFT}G{RIGHT}\n"),
        ("a.tsv", f"id\tref\talt\nrs1\t{LEFT}A{RIGHT}\t{LEFT}G{RIGHT}\n"),
        ("a.csv", f"rsID,REF_sequence,ALT_sequence\nrs1,{LEFT}A{RIGHT},{LEFT}G{RIGHT}\n"),
        ("a.csv", f"rsid,left,ref,alt,right\nrs1,{LEFT},A,g,{RIGHT}\n"),
        ("a.tsv", f"snp\talt\tref\tright_flank\tleft_flank\nrs1\tG\tA\t{RIGHT}\t{LEFT}\n"),
        ("a.tsv", f"rsid\tsequence\nrs1\t{LEFT}[A/G]{RIGHT}\n"),
        ("a.tsv", f"rsid\tsequence\nrs1\t {LEFT.lower()}[a/g]{RIGHT.lower()} \n"),
    ],
)
def test_a_pair_is_the_same_in_every_form(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read(tmp_path / name) == [SNV]
    (tmp_path / "a.gz").write_bytes(gzip.compress(text.encode()))
    assert read(tmp_path / "a.gz") == [SNV]


def test_several_alternatives_and_indels(tmp_path: Path) -> None:
    wanted = [SNV, ("rs1", 20, "A", "T", SNV[4], f"{LEFT}T{RIGHT}"), ("rs1", 20, "A", "-", SNV[4], LEFT + RIGHT)]
    (tmp_path / "flanks.tsv").write_text(f"rsid\tleft\tref\talt\tright\nrs1\t{LEFT}\tA\tG,T,-\t{RIGHT}\n")
    (tmp_path / "brackets.tsv").write_text(f"rsid\tsequence\nrs1\t{LEFT}[A/G/T/-]{RIGHT}\n")
    records = zip(("ref", "alt1", "alt2", "alt3"), (SNV[4], SNV[5], f"{LEFT}T{RIGHT}", LEFT + RIGHT), strict=True)
    (tmp_path / "a.fa").write_text("".join(f">rs1_{allele}\n{sequence}\n" for allele, sequence in records))
    for name in ("flanks.tsv", "brackets.tsv", "a.fa"):
        assert read(tmp_path / name) == wanted


def test_alleles_are_told_as_and_where_the_file_has_them(tmp_path: Path) -> None:
    """An insertion of a repeat changes bases further to the left than its alleles are."""
    (tmp_path / "a.tsv").write_text(f"rsid\tleft\tref\talt\tright\nrs1\t{LEFT}CA-CA\tC\tCAC\t{RIGHT}\n")
    assert read(tmp_path / "a.tsv") == [("rs1", 24, "C", "CAC", f"{LEFT}CACAC{RIGHT}", f"{LEFT}CACACAC{RIGHT}")]
    (tmp_path / "b.tsv").write_text(f"id\tref\talt\nrs1\t{LEFT}CACAC{RIGHT}\t{LEFT}CACACAC{RIGHT}\n")
    assert [row[1:4] for row in read(tmp_path / "b.tsv")] == [(20, "-", "CA")]


def test_alleles_without_bases_of_their_own_are_counted(tmp_path: Path) -> None:
    alleles = ["<DEL>", "*", "A[chr2:5[", "R", "a", "G"]
    (tmp_path / "a.tsv").write_text(f"left\tref\talt\tright\n{LEFT}\tA\t{','.join(alleles)}\t{RIGHT}\n")
    pairs = read_pairs(tmp_path / "a.tsv")
    assert pairs.reasons == ["symbolic", "symbolic", "symbolic", "ambiguous", "no_change", ""]
    assert pairs.table["alt"].tolist() == [allele.upper() for allele in alleles] and set(pairs.table["pos"]) == {20}
    assert cut_pairs(pairs.codes, pairs.reasons, 10).reason.tolist() == pairs.reasons
    (tmp_path / "a.tsv").write_text(f"sequence\n{LEFT}[A/<DEL>]{RIGHT}\n")
    assert read_pairs(tmp_path / "a.tsv").reasons == ["symbolic"]


def test_a_second_file_has_the_alternative_sequences(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(f">rs1\n{SNV[4]}\n>rs2\n{RIGHT + LEFT}\n")
    (tmp_path / "alt.fa").write_text(f">rs2\n{RIGHT}T{LEFT}\n>rs1\n{SNV[5]}\n")
    pairs = read_pairs(tmp_path / "ref.fa", tmp_path / "alt.fa")
    assert pairs.table["id"].tolist() == ["rs1", "rs2"] and pairs.table["alt"].tolist() == ["G", "T"]
    (tmp_path / "alt.fa").write_text(f">rs1\n{SNV[5]}\n>rs3\n{SNV[5]}\n")
    with pytest.raises(DataError, match=r"ref\.fa: line 3: 'rs2' is not in .*alt\.fa"):
        read_pairs(tmp_path / "ref.fa", tmp_path / "alt.fa")
    (tmp_path / "alt.fa").write_text(f">rs1\n{SNV[5]}\n>rs1\n{SNV[5]}\n")
    with pytest.raises(DataError, match=r"alt\.fa: line 3: 'rs1' is there twice"):
        read_pairs(tmp_path / "ref.fa", tmp_path / "alt.fa")
    (tmp_path / "alt.fa").write_text("id\tref\nrs1\tA\n")
    with pytest.raises(DataError, match=r"alt\.fa: not FASTA"):
        read_pairs(tmp_path / "ref.fa", tmp_path / "alt.fa")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("id\tref\talt\n", "no sequence in it"),
        (f">rs1_ref\n{SNV[4]}\n", r"line 1: 'rs1' has no alternative sequence \(a record rs1_alt, or a second"),
        (f">rs0_ref\n{LEFT}\n>rs0_alt\n{RIGHT}\n>rs1_alt\n{SNV[4]}\n", "line 5: 'rs1' has no reference sequence"),
        (f">rs1_ref\n{SNV[4]}\n>rs1_alt\n{SNV[5]}\n>rs1_alt\n{SNV[5]}\n", "line 5: 'rs1_alt': a variant has one"),
        (f">rs1 ref\n{SNV[4]}\n>rs1 alt\n{SNV[5]}\n", "line 1: 'rs1' does not say which allele it is"),
        (f">rs1_ref\n{LEFT}?\n>rs1_alt\n{RIGHT}\n", r"line [13]: '\?' is not a base"),
        ("id\tref\talt\nrs1\tA\tG\n", "line 2: a sequence of 1 bp, 20 are the least .alleles need their flanks"),
        ("chrom\tpos\nchr1\t7\n", "no pairs of sequences: it has chrom, pos"),
        (f"ref\talt\tleft\nA\tG\t{LEFT}\n", "no pairs of sequences: it has ref, alt, left"),
        (f"ref\treference\talt\nA\tG\t{LEFT}\n", "columns ref and reference: which of them is meant"),
        (f"sequence\n{LEFT}\n", "line 2, column sequence: .* has no alleles in brackets"),
        (f"sequence\n{LEFT}[A]{RIGHT}\n", r"line 2: \[A\] is one allele"),
        (f"left\tref\talt\tright\n{LEFT}\tA\t\t{RIGHT}\n", "line 2, column alt: is empty .an absent allele is"),
        (f"left\tref\talt\tright\n{LEFT}\tA\tG,\t{RIGHT}\n", "line 2, column alt: 'G,' holds an empty allele"),
        (f"left\tref\talt\tright\n{LEFT}\tA\t.\t{RIGHT}\n", r"line 2, column alt: '\.' is not a base"),
        (f"left\tref\talt\tright\n{LEFT}\tA\tG\t{RIGHT}?\n", r"line 2, column right: '\?' is not a base"),
        (f"sequence\n{LEFT}[A/]{RIGHT}\n", "line 2, column sequence: .* holds an empty allele"),
        ("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n", "a VCF file, which needs the genome"),
        ("#CHROM\tPOS\tID\tREF\tALT\n", "a VCF file, which needs the genome"),
        ("chr1\t7\t.\tA\tC\t.\t.\t.\n", "a VCF file, which needs the genome"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(DataError, match=message):
        read_pairs(tmp_path / "a")
