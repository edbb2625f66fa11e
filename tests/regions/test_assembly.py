"""Sequences of files under the names of regions; contigs joined where they abut."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.regions.assembly import assemble_regions, join_contigs, name_pieces
from regssl.regions.places import Place
from regssl.regions.sequences import read_sequences, write_sequences


def write(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text)
    return [folder / name for name in files]


def place(region: str, chrom: str, start: int, length: int) -> Place:
    return Place(region, length, "hg19", chrom, start, start + length, "", 0, "", "hg19")


def test_pieces_are_named_by_their_order_and_keep_their_case(tmp_path: Path) -> None:
    files = write(tmp_path, a=">x|y z\nACgt\nNn\n>other\nA\n", b=">x\r\nGG\r\n")
    pieces = name_pieces(files, ["R1", "R2"])
    assert pieces == {"R1.1": "ACgtNn", "R1.2": "A", "R2.1": "GG"}
    write_sequences(tmp_path / "out.fa.gz", pieces | {"long": "ACGT" * 20})
    text = gzip.decompress((tmp_path / "out.fa.gz").read_bytes()).decode()
    assert text.endswith(f">R2.1\nGG\n>long\n{'ACGT' * 15}\n{'ACGT' * 5}\n")
    first = (tmp_path / "out.fa.gz").read_bytes()
    write_sequences(tmp_path / "again.fa.gz", pieces | {"long": "ACGT" * 20})
    assert (tmp_path / "again.fa.gz").read_bytes() == first
    assert read_sequences(tmp_path / "out.fa.gz")[0] == ("R1.1", "ACgtNn")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ACGT\n", "line 1: starts with 'ACGT"),
        (">a\nAC\nAX\n", "line 3: 'X' is not a base"),
        (">a\n>b\nA\n", "line 1: no bases follow '>a'"),
        (">a\nA\n>b", "line 3: no bases follow '>b'"),
    ],
)
def test_what_is_no_fasta_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (path,) = write(tmp_path, wrong=text)
    with pytest.raises(DataError) as caught:
        read_sequences(path)
    assert str(caught.value).startswith(f"{path}: {problem}")


DNA = "1\tAACCC\n2\tGGGTT\n3\tACACA\n4\tTTTTT\n"
SEQ_REGION = "20\t6\t2\t100\n21\t2\t2\t100\n22\tpatch\t2\t9\n23\tclone\t4\t9\n1\tx\t4\t5\n2\ty\t4\t5\n"
ASSEMBLY = (
    "20\t2\t15\t18\t2\t5\t-1\n20\t1\t11\t14\t1\t4\t1\n20\t3\t30\t32\t1\t3\t1\n"
    "21\t4\t7\t7\t5\t5\t1\n23\t1\t1\t5\t1\t5\t1\n20\t99\t1\t9\t1\t9\t1\n"
)


def test_contigs_are_joined_where_they_abut(tmp_path: Path) -> None:
    tables = write(tmp_path, dna=DNA, seq_region=SEQ_REGION, assembly=ASSEMBLY)
    assert join_contigs(*tables) == [("2", 6, "T"), ("6", 10, "AACC" + "AACC"), ("6", 29, "ACA")]
    (single,) = write(tmp_path, one=">h\nACGTacgt\n")
    places = [
        place("a", "chr6", 10, 8),
        place("b", "chr6", 29, 3),
        place("c", "chr2", 6, 1),
        place("one", "chr1", 0, 8),
    ]
    found = assemble_regions(places, [single], ["one"], tables)
    assert list(found) == ["one", "c", "a", "b"] and found["a"] == "AACCAACC"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"assembly": "20\t2\t15\t18\t2\t9\t1\n"}, "contig 2 has no bases 2-9 for 6:15-18"),
        ({"assembly": "20\t2\t15\tx\t2\t5\t1\n"}, "line 1: columns 3 to 7 are whole numbers"),
        ({"dna": "1\n"}, "line 1: 1 columns, expected 2"),
        ({"assembly": "20\t1\t11\t14\t1\t4\t1\n"}, "region b: 0 bp in the files, 3 bp in the table of regions"),
        ({"assembly": "20\t1\t12\t15\t1\t4\t1\n"}, "a piece begins at chr6:11, where no region begins"),
    ],
)
def test_contigs_that_contradict_are_named(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    tables = write(tmp_path, **{"dna": DNA, "seq_region": SEQ_REGION, "assembly": ASSEMBLY} | change)
    with pytest.raises(DataError, match=problem):
        assemble_regions([place("a", "chr6", 10, 4), place("b", "chr6", 29, 3)], [], [], tables)


def test_a_region_of_another_length_or_of_two_sequences(tmp_path: Path) -> None:
    one, two = write(tmp_path, one=">h\nACGT\n", two=">h\nA\n>i\nA\n")
    with pytest.raises(DataError, match="region a: 4 bp in the files, 5 bp in the table"):
        assemble_regions([place("a", "chr1", 0, 5)], [one], ["a"])
    with pytest.raises(DataError, match="region b: 4 bp in the files, 0 bp"):
        assemble_regions([place("a", "chr1", 0, 4)], [one, one], ["a", "b"])
    with pytest.raises(DataError, match="2 sequences, expected one"):
        assemble_regions([place("a", "chr1", 0, 1)], [two], ["a"])
