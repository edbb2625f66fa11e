"""Tables of variants on literal text: columns of every release, signs, what is left out and why."""

from __future__ import annotations

import gzip
import math
import zipfile
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.variants.formats import FORMAT_NAMES
from regssl.variants.readers import FORMATS, VariantFormat, VariantTable, read_variants

# chrom, 1-based position, alleles, es_mean_ref, es_mean_alt, FDR of ref, of alt
ADASTRA = [
    ("chr1", 101, "A", "C", "0.8", "-0.3", "0.01", "0.9"),  # the reference is preferred
    ("chr1", 201, "G", "T", "-0.2", "1.5", "1.0", "0.05"),  # the alternative is
    ("chr2", 301, "C", "T", "0.4", "0.5", "0.3", "0.2"),  # neither
    ("chr2", 401, "C", "T", "nan", "", "0.02", "0.8"),  # no effect size
]
SUSAN = "#chr\tpos\tID\tref\talt\tmean_BAD\tes_mean_ref\tes_mean_alt\tfdrp_bh_ref\tfdrp_bh_alt\n"
MABEL = "#chr\tstart\tend\tID\tref\talt\tes_mean_ref\tes_mean_alt\tfdrp_bh_ref\tfdrp_bh_alt\n"


def susan(position: str = "{}.0") -> str:
    rows = [(c, position.format(p), "rs", r, a, "1.5", *rest) for c, p, r, a, *rest in ADASTRA]
    return SUSAN + "".join("\t".join(map(str, row)) + "\n" for row in rows)


def mabel() -> str:
    rows = [(c, p - 1, p, "rs", r, a, *rest) for c, p, r, a, *rest in ADASTRA]
    return MABEL + "".join("\t".join(map(str, row)) + "\n" for row in rows)


def table_of(variants: VariantTable) -> list[tuple]:
    return list(variants.table[["chrom", "pos", "ref", "alt", "effect"]].itertuples(index=False, name=None))


def read(folder: Path, text: str, spec: VariantFormat) -> VariantTable:
    (folder / "table.tsv").write_text(text)
    return read_variants(folder / "table.tsv", spec)


EXPECTED = [("chr1", 100, "A", "C", -0.8), ("chr1", 200, "G", "T", 1.5)]


@pytest.mark.parametrize("text", [susan(), susan("{}"), mabel(), mabel().replace("#chr", "chr"), "##made\n" + mabel()])
def test_adastra_of_every_release(tmp_path: Path, text: str) -> None:
    variants = read(tmp_path, text, VariantFormat("adastra"))
    assert table_of(variants) == EXPECTED
    assert variants.counts == {"rows": 4, "not_significant": 1, "no_effect": 1, "repeated": 0, "unmatched": 0}


def test_adastra_threshold_and_a_tie_of_both_alleles(tmp_path: Path) -> None:
    assert len(read(tmp_path, susan(), VariantFormat("adastra", max_fdr=0.02)).table) == 1
    assert len(read(tmp_path, susan(), VariantFormat("adastra", max_fdr=0.25)).table) == 3
    tied = susan().replace("0.01\t0.9", "0.01\t0.01")
    assert table_of(read(tmp_path, tied, VariantFormat("adastra"))) == EXPECTED[1:], (
        "neither allele is the preferred one"
    )


BALANCED = [
    ("chr1", 150, "A", "C", "0.1", "-0.1", "0.95", "1.0"),  # matches the first of ADASTRA
    ("chr1", 160, "A", "C", "0.1", "-0.1", "1.0", "1.0"),  # one more than matches
    ("chr1", 170, "T", "C", "0.1", "-0.1", "1.0", "1.0"),  # another change
    ("chr2", 180, "G", "T", "0.1", "-0.1", "1.0", "1.0"),  # another chromosome
    ("chr1", 190, "G", "T", "0.1", "-0.1", "0.89", "0.9"),  # not sure enough
]


def test_adastra_with_matched_balanced_variants(tmp_path: Path) -> None:
    more = "".join(f"{c}\t{p}\trs\t{r}\t{a}\t1.5\t" + "\t".join(rest) + "\n" for c, p, r, a, *rest in BALANCED)
    variants = read(tmp_path, susan() + more, VariantFormat("adastra", balanced_fdr=0.9))
    assert table_of(variants)[:2] == EXPECTED and len(variants.table) == 3
    assert variants.table["balanced"].tolist() == [False, False, True]
    assert variants.counts == {"rows": 9, "not_significant": 2, "no_effect": 1, "repeated": 0, "unmatched": 3}
    assert table_of(read(tmp_path, susan() + more, VariantFormat("adastra"))) == EXPECTED, "only where asked for"


def test_a_column_or_a_key_tells_balanced_variants(tmp_path: Path) -> None:
    table = (
        "chrom\tpos\tref\talt\teffect\tnull\nchr1\t10\tA\tG\t-2\t0\nchr1\t20\tA\tG\t0.1\t1\nchr1\t20\tA\tG\t0.1\t1\n"
    )
    twice = "chr1\t30\tA\tG\t3\t0\nchr1\t30\tA\tG\t0\t1\n"  # balanced in one of two measurements only
    variants = read(tmp_path, table + twice, VariantFormat("table", balanced="null"))
    assert variants.table[["pos", "balanced"]].values.tolist() == [[9, False], [19, True], [29, False]]
    with pytest.raises(DataError, match="line 3, column null: 'yes' is not a number"):
        read(tmp_path, table.replace("0.1\t1", "0.1\tyes"), VariantFormat("table", balanced="null"))
    with pytest.raises(DataError, match="no column 'none'"):
        read(tmp_path, table, VariantFormat("table", balanced="none"))
    vcf = "##x\nchr1\t10\t.\tA\tG\t.\t.\tES=1\nchr1\t20\t.\tA\tG\t.\t.\tES=0.1;NULL=1\n"
    variants = read(tmp_path, vcf, VariantFormat("vcf", effect="ES", balanced="NULL"))
    assert variants.table["balanced"].tolist() == [False, True]
    with pytest.raises(DataError, match="no variant is left of 1 rows: 1 unmatched"):
        read(
            tmp_path,
            "##x\nchr1\t20\t.\tA\tG\t.\t.\tES=0.1;NULL=1\n",
            VariantFormat("vcf", effect="ES", balanced="NULL"),
        )


def test_adastra_in_a_zip_in_whatever_folder(tmp_path: Path) -> None:
    path = tmp_path / "content"  # as a URL without a suffix is kept
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Mabel/TF/ANDR_HUMAN.tsv", "not this one")
        archive.writestr("Mabel/TF/CTCF.tsv", mabel())
        archive.writestr("__MACOSX/TF/._CTCF.tsv", "nor this")
    assert table_of(read_variants(path, VariantFormat("adastra", ["CTCF_HUMAN.tsv", "CTCF.tsv"]))) == EXPECTED
    with pytest.raises(DataError, match=r"content: holds no file REST.tsv \(it holds Mabel/TF/ANDR_HUMAN.tsv"):
        read_variants(path, VariantFormat("adastra", ["REST.tsv"]))
    with pytest.raises(DataError, match=r"holds no file \(none was named\)"):
        read_variants(path, VariantFormat("adastra"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="content: a zip archive that cannot be read: File is not a zip file"):
        read_variants(path, VariantFormat("adastra", ["CTCF.tsv"]))


CONTEXT = "ACGTACGTAC"
SHI = "chr\tpos0_hg19\tref\talt\tTF\tsigned_log10p_negative_is_ref_preferred\tref_reads\tsource\tsnp_index\tsequence\n"
ALLELEDB = "chr\tpos0_hg19\tref\talt\tTF\tref_reads\talt_reads\tp_betabinom\tsource\tsnp_index\tsequence\n"


def test_shi_2016_keeps_its_sign_and_repeated_variants_are_averaged(tmp_path: Path) -> None:
    rows = [
        f"chr1\t50\tC\tT\tCTCF\t-4.5\t9\twin\t5\t{CONTEXT}\n",
        f"chr1\t60\tA\tT\tCTCF\t2.0\t9\twin\t0\t{CONTEXT}\n",
        f"chr1\t50\tC\tT\tCTCF\t-1.5\t9\twin\t5\t{CONTEXT}\n",
        f"chr1\t50\tC\tG\tCTCF\t-9\t9\twin\t5\t{CONTEXT}\n",
    ]
    variants = read(tmp_path, SHI + "".join(rows), VariantFormat("shi2016"))
    expected = [("chr1", 50, "C", "T", -3.0), ("chr1", 60, "A", "T", 2.0), ("chr1", 50, "C", "G", -9.0)]
    assert table_of(variants) == expected
    assert variants.counts == {"rows": 4, "no_effect": 0, "repeated": 1, "unmatched": 0}
    assert variants.table[["context", "index"]].values.tolist() == [[CONTEXT, 5], [CONTEXT, 0], [CONTEXT, 5]]
    with pytest.raises(DataError, match=r"table.tsv: line 3, column snp_index: 10 is past the end"):
        read(tmp_path, SHI + rows[0] + rows[1].replace("\t0\t", "\t10\t"), VariantFormat("shi2016"))


def test_alleledb_is_the_log_ratio_of_all_reads_of_a_factor(tmp_path: Path) -> None:
    rows = [
        f"chr1\t50\tC\tT\tCTCF\t3\t20\t0.001\twin\t5\t{CONTEXT}\n",
        f"chr1\t50\tC\tT\tCTCF\t4\t11\t0.001\twin\t5\t{CONTEXT}\n",
        f"chr1\t50\tC\tT\tPOL2\t900\t0\t0.001\twin\t5\t{CONTEXT}\n",
        f"chr2\t60\tA\tG\tCTCF\t7\t0\t0.001\twin\t4\t{CONTEXT}\n",
    ]
    variants = read(tmp_path, ALLELEDB + "".join(rows), VariantFormat("alleledb", factor="CTCF"))
    expected = [("chr1", 50, "C", "T", math.log2(32 / 8)), ("chr2", 60, "A", "G", math.log2(1 / 8))]
    assert table_of(variants) == expected
    assert variants.counts["rows"] == 3 and variants.counts["repeated"] == 1
    with pytest.raises(DataError, match=r"column TF never holds 'MAX' \(it holds CTCF, POL2"):
        read(tmp_path, ALLELEDB + "".join(rows), VariantFormat("alleledb", factor="MAX"))


def test_a_plain_table_with_either_kind_of_position(tmp_path: Path) -> None:
    for text in (
        "chrom\tstart0\tref\talt\tdataset\teffect\nchr1\t9\ta\tg\tctcf\t0.5\nchr1\t9\ta\tt\trest\t1\n",
        "chr\tpos\tref\talt\tTF\teffect\nchr1\t10\tA\tG\tctcf\t0.5\nchr1\t10\tA\tT\trest\t1\n",
        "chr\tstart\tend\tref\talt\tfactor\teffect\nchr1\t9\t10\tA\tG\tctcf\t0.5\nchr1\t9\t10\tA\tT\trest\t1\n",
    ):
        assert table_of(read(tmp_path, text, VariantFormat("table", factor="ctcf"))) == [("chr1", 9, "A", "G", 0.5)]
    text = "chrom\tpos\tref\talt\tbeta\nchr1\t10\tA\tG\t-2\n"
    assert table_of(read(tmp_path, text, VariantFormat("table", effect="beta"))) == [("chr1", 9, "A", "G", -2.0)]
    (tmp_path / "table.tsv").write_bytes(gzip.compress(text.encode()))
    assert len(read_variants(tmp_path / "table.tsv", VariantFormat("table", effect="beta")).table) == 1


def test_a_vcf_with_effects_in_info(tmp_path: Path) -> None:
    text = "##x\nchr1\t10\t.\tA\tG,C\t.\t.\tES=1,-2\nchr1\t11\t.\tA\tG\t.\t.\tES=.\n"
    variants = read(tmp_path, text, VariantFormat("vcf", effect="ES"))
    assert table_of(variants) == [("chr1", 9, "A", "G", 1.0), ("chr1", 9, "A", "C", -2.0)]
    assert variants.counts == {"rows": 3, "no_effect": 1, "repeated": 0, "unmatched": 0}
    with pytest.raises(DataError, match="no row has INFO BETA"):
        read(tmp_path, text, VariantFormat("vcf", effect="BETA"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (susan().replace("es_mean_alt", "es_alt"), "table.tsv: no column 'es_mean_alt' .it has chr, pos, ID"),
        (susan().replace("\tpos\t", "\tposition\t"), "no column 'pos'"),
        (susan().replace("201.0", "201.5"), "line 3, column pos: '201.5' is not a whole number from 1"),
        (susan().replace("201.0", "0"), "line 3, column pos: '0' is not a whole number from 1"),
        (susan().replace("0.05", "low"), "line 3, column fdrp_bh_alt: 'low' is not a number"),
        (mabel().replace("201", "202"), "line 3: start and end are not one base apart"),
        (SUSAN, "no variant is left of 0 rows"),
        ("", "no column 'chr'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, text, VariantFormat("adastra"))


def test_the_real_tables(shared: Path) -> None:
    folder = shared / "encode_regions/snps"
    shi = read_variants(folder / "shi2016_ctcf_asb.tsv", VariantFormat("shi2016", factor="CTCF"))
    assert (shi.counts["rows"], len(shi.table)) == (289, 244)
    alleledb = read_variants(folder / "alleledb_asb.tsv", VariantFormat("alleledb", factor="CTCF"))
    assert (alleledb.counts["rows"], len(alleledb.table)) == (114, 107)
    for table in (shi.table, alleledb.table):
        here = [text[index] for text, index in zip(table["context"], table["index"], strict=True)]
        assert here == table["ref"].tolist()


def test_every_format_has_a_reader() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES
