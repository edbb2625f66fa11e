"""VCF rows on literal text."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.io.vcf import info_float, read_vcf

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "in.vcf"
    path.write_text(text)
    return path


def test_rows_are_split_by_allele_and_positions_are_0_based(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "chr1\t10\trs1\ta\tc,<DEL>\t.\tPASS\tES=1;AC=2\nchr2\t1\t.\tAT\tA\t.\t.\t\n")
    found = [(v.line, v.chrom, v.pos, v.id, v.ref, v.alt, v.info) for v in read_vcf(path)]
    assert found == [
        (3, "chr1", 9, "rs1", "A", "C", "ES=1;AC=2"),
        (3, "chr1", 9, "rs1", "A", "<DEL>", "ES=1;AC=2"),
        (4, "chr2", 0, ".", "AT", "A", ""),
    ]


def test_gzip_windows_line_ends_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.vcf"  # the format is recognised by content
    path.write_bytes(gzip.compress(b"chr1\t10\t.\tA\tC\r\n\r\n\n"))
    assert [(v.chrom, v.pos, v.alt) for v in read_vcf(path)] == [("chr1", 9, "C")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("chr1 10 . A C", "line 3: 1 columns instead of CHROM, POS, ID, REF, ALT"),
        ("chr1\t10\t.\tA", "line 3: 4 columns"),
        ("chr1\t10\t.\tA\tC\t.\tPASS", "line 3: 7 cells, 8 are expected"),
        ("chr1\t10\t.\tA\tC\t.\tPASS\t.\tGT", "line 3: 9 cells, 8 are expected"),
        ("\t10\t.\tA\tC\t.\t.\t.", r"line 3, column 1 \(CHROM\): is empty"),
        ("chr1\tten\t.\tA\tC\t.\t.\t.", r"line 3, column 2 \(POS\): 'ten' is not a position"),
        ("chr1\t-1\t.\tA\tC\t.\t.\t.", r"line 3, column 2 \(POS\): '-1'"),
        ("chr1\t10\t.\t.\tC\t.\t.\t.", r"line 3, column 4 \(REF\): '.' is not a sequence of bases"),
        ("chr1\t10\t.\tA\tC,\t.\t.\t.", r"line 3, column 5 \(ALT\): 'C,' holds an empty allele"),
        ("chr1\t10\t.\tA\t\t.\t.\t.", r"line 3, column 5 \(ALT\): '' holds an empty allele"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DataError, match=f"in.vcf: {message}"):
        list(read_vcf(write(tmp_path, HEADER + row + "\n")))


def test_a_file_cut_short_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "cut.vcf.gz"
    path.write_bytes(gzip.compress((HEADER + "chr1\t10\t.\tA\tC\n" * 1000).encode())[:-20])
    with pytest.raises(DataError, match=r"cut.vcf.gz: truncated or damaged gzip"):
        list(read_vcf(path))
    with pytest.raises(DataError, match=r"none.vcf: No such file"):
        list(read_vcf(tmp_path / "none.vcf"))


def test_numbers_in_info(tmp_path: Path) -> None:
    rows = "chr1\t10\t.\tA\tC,G\t.\t.\tXES=9;ES=0.5,-2;DB\nchr1\t11\t.\tA\tC\t.\t.\tES=.\nchr1\t12\t.\tA\tC\t.\t.\tDB\n"
    path = write(tmp_path, HEADER + rows)
    assert [info_float(v, "ES", path) for v in read_vcf(path)] == [0.5, -2.0, None, None]
    for info, message in (
        ("ES=1,2", "INFO ES: 2 values for 1 alleles"),
        ("ES=high", "INFO ES: 'high' is not a number"),
        ("ES=1_000", "INFO ES: '1_000' is not a number"),
        ("ES=inf", "INFO ES: 'inf' is not a number"),
        ("ES=1e999", "INFO ES: '1e999' is not a number"),
        ("ES=１", "INFO ES: '１' is not a number"),
        ("ES=1;AC=2;ES=1", "INFO ES: is there 2 times"),
    ):
        path = write(tmp_path, HEADER + f"chr1\t10\t.\tA\tC\t.\t.\t{info}\n")
        with pytest.raises(DataError, match=f"line 3, {message}"):
            [info_float(v, "ES", path) for v in read_vcf(path)]


def test_a_file_without_rows(tmp_path: Path) -> None:
    assert list(read_vcf(write(tmp_path, HEADER))) == []
    for text in ("", "\n", "##fileformat=VCFv4.2\n##contig"):
        with pytest.raises(DataError, match=r"in.vcf: neither the header line \(#CHROM …\) nor a row is in it"):
            list(read_vcf(write(tmp_path, text)))


def test_rows_without_a_header_are_as_long_as_the_first(tmp_path: Path) -> None:
    path = write(tmp_path, "chr1\t10\t.\tA\tC\t.\nchr1\t11\t.\tA\tCT\t.\n")
    assert [v.alt for v in read_vcf(path)] == ["C", "CT"]
    path.write_text(path.read_text()[:-3])
    with pytest.raises(DataError, match="line 2: 5 cells, 6 are expected"):
        list(read_vcf(path))
