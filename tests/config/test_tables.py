"""Rows of the tables: which cells are refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.display import HOSTILE
from helpers.paths import ROOT
from helpers.tables import MD5
from regssl.config.table_files import TableRow, read_table
from regssl.config.tables import DatasetRow, GenomeRow, MeasuredRow, VariantSetRow
from regssl.errors import ConfigError


@pytest.mark.parametrize(
    ("peaks", "fallback", "message"),
    [
        ("ftp://h.example/x.bed", "", "column peaks: 'ftp://h.example/x.bed': ftp:// is not supported"),
        ("https://h.example/", "", "names no file"),
        ("https://h.example/a/../../b", "", "names no file"),
        ("https:///b.bed", "", "names no host"),
        ("https://h.example/x.bed#sha1=00", "", "must be md5= or sha256="),
        ("https://h.example/x.bed#md5=00", "", "must be md5= or sha256="),
        (
            "https://h.example/x.bed",
            "ftp://m.example/x.bed",
            "column fallback_url: 'ftp://m.example/x.bed': ftp:// is not",
        ),
        ("https://h.example/x.bed", f"https://m.example/x.bed#md5={MD5}", "belongs to the first URL"),
        ("a.bed;b.bed", "https://m.example/a.bed", "1 given, but `peaks` has 2"),
    ],
)
def test_cells_that_are_refused(tmp_path: Path, peaks: str, fallback: str, message: str) -> None:
    table = tmp_path / "datasets.tsv"
    table.write_text(f"dataset\tname\tpeaks\tfallback_url\nx\tX\t{peaks}\t{fallback}\n")
    with pytest.raises(ConfigError) as error:
        read_table(table, DatasetRow)
    assert message in str(error.value)
    assert f"{table}, row 2, column" in str(error.value)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("peak_width", "wide", "column peak_width: 'wide': input should be a valid integer"),
        ("peak_width", "0", "column peak_width: '0': input should be greater than 0"),
        ("peak_width", "1.5", "column peak_width: '1.5': input should be a valid integer"),
        ("peak_centre", "top", "column peak_centre: 'top': input should be 'middle' or 'summit'"),
        ("peak_centre", "summit", "column peak_centre: 'summit': only peaks that are trimmed have a centre"),
        ("min_support", "0", "column min_support: '0': input should be greater than 0"),
        ("min_support", "2", "column min_support: '2': more than the files of `peaks`, 1"),
        ("status", "sure", "column status: 'sure': input should be"),
    ],
)
def test_cells_about_peaks_that_are_refused(tmp_path: Path, column: str, value: str, message: str) -> None:
    table = tmp_path / "datasets.tsv"
    table.write_text(f"dataset\tname\tpeaks\t{column}\nx\tX\tx.bed\t{value}\n")
    with pytest.raises(ConfigError) as error:
        read_table(table, DatasetRow)
    assert str(error.value).startswith(f"{table}, row 2, {message}")
    assert "\n" not in str(error.value) and str(error.value).endswith(
        f"({DatasetRow.model_fields[column].description})"
    )


def test_a_peak_file_cannot_be_its_own_support(tmp_path: Path) -> None:
    table = tmp_path / "datasets.tsv"
    table.write_text("dataset\tname\tpeaks\tmin_support\nx\tX\tx.bed; x.bed\t2\n")
    with pytest.raises(ConfigError, match=r"column peaks: .*'x\.bed' is listed twice"):
        read_table(table, DatasetRow)


@pytest.mark.parametrize("folder", ["config/demo", "config/encode_regions"])
def test_tables_without_the_optional_columns_are_valid(folder: str) -> None:
    assert read_table(ROOT / folder / "datasets.tsv", DatasetRow)
    assert read_table(ROOT / folder / "genomes.tsv", GenomeRow)
    assert read_table(ROOT / folder / "snps.tsv", VariantSetRow)


def test_rows_of_measured_peaks_need_no_more_than_their_files() -> None:
    assert read_table(ROOT / "config/demo/measured.tsv", MeasuredRow)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("a\x1b[31mb", r"'a\x1b[31mb' holds (U+001B"),
        ("x" * 10_000, "has 10,000 letters, a name has at most 80"),
        ("CTCF \u202eFTC", "RIGHT-TO-LEFT OVERRIDE"),
        ("肝", "which the font of the figures (DejaVu Sans) lacks"),
    ],
)
@pytest.mark.parametrize(
    ("row_type", "header", "others"),
    [
        (DatasetRow, "dataset\tname\tsource", "NA"),
        (GenomeRow, "genome\tname\tsequence", "x.2bit"),
        (VariantSetRow, "snps\tname\tdataset\tformat\tfile", "ctcf\ttable\tx.tsv"),
        (MeasuredRow, "dataset\tname\tgenome\tpeaks", "mm10\tx.bed"),
    ],
)
def test_names_that_cannot_be_shown_are_refused_with_their_place(
    tmp_path: Path, row_type: type[TableRow], header: str, others: str, cell: str, message: str
) -> None:
    (tmp_path / "t.tsv").write_text(f"{header}\na\tA\t{others}\nb\t{cell}\t{others}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_table(tmp_path / "t.tsv", row_type)
    said = str(error.value)
    assert said.startswith(f"{tmp_path}/t.tsv, row 3, column name: '") and message in said
    assert said.isprintable() and len(said) < 400


def test_rows_of_several_columns_are_unique_together(tmp_path: Path) -> None:
    table = tmp_path / "measured.tsv"
    rows = "dataset\tgenome\tpeaks\nctcf\tmm10\ta.bed; b.bed\nctcf\tcanFam3\tc.bed\nmax\tmm10\td.bed\n"
    table.write_text(rows)
    first, *_ = found = read_table(table, MeasuredRow)
    assert len(found) == 3 and first.peaks == ["a.bed", "b.bed"] and (first.name, first.regions) == ("", "")
    table.write_text(rows + "ctcf\tmm10\te.bed\n")
    with pytest.raises(ConfigError) as error:
        read_table(table, MeasuredRow)
    assert str(error.value).startswith(
        f"{table}, row 5, columns dataset and genome: 'ctcf mm10' is a duplicate of row 2 (give all files in one row"
    )
    table.write_text("dataset\tgenome\tpeaks\nctcf\tmm10\t\n")
    with pytest.raises(ConfigError, match=r"row 2, column peaks: is empty"):
        read_table(table, MeasuredRow)


@pytest.mark.parametrize("name", [*HOSTILE, "nan", "1e5"])
def test_names_are_read_as_they_are(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.tsv").write_text(f"dataset\tname\tsource\nnan\t{name}\tNA\n", encoding="utf-8")
    (row,) = read_table(tmp_path / "t.tsv", DatasetRow)
    assert (row.dataset, row.name, row.source) == ("nan", name, "NA")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("dataset\tname\nx\n", "row 2: 1 cell where the header has 2"),
        ("dataset\tname\tname\nx\tX\tY\n", "row 1: two columns are called 'name'"),
        ('dataset\tname\nx\t"X\ny\tY\n', "row 2: "),
        ('dataset\tname\nx\t"X"Y\n', "row 2: "),
        ("dataset\tname\nx\tX\0\n", "line 2"),
        ("genome\tname\nx\tX\n", "row 1: no such column 'genome'"),
        (
            "dataset\tname\tpeak\nx\tX\ty\n",
            "row 1: no such column 'peak'; did you mean 'peaks'? (columns: dataset, name,",
        ),
        ("dataset,name,peaks\nx,X,y\n", "row 1: no such column 'dataset,name,peaks' (cells are separated by tabs)"),
    ],
)
def test_tables_that_are_no_tables(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.tsv").write_text(text)
    with pytest.raises(ConfigError) as error:
        read_table(tmp_path / "t.tsv", DatasetRow)
    assert f"{tmp_path}/t.tsv" in str(error.value) and message in str(error.value)


@pytest.mark.parametrize("clade", ["-x", "{x}", "</script>", "a\tb"])
def test_a_clade_is_words(tmp_path: Path, clade: str) -> None:
    (tmp_path / "t.tsv").write_text(f"genome\tname\tsequence\tclade\nx\tX\ts\t{clade}\n")
    with pytest.raises(ConfigError, match="row 2"):
        read_table(tmp_path / "t.tsv", GenomeRow)


def test_a_chain_that_is_made_has_no_fallback(tmp_path: Path) -> None:
    table = tmp_path / "t.tsv"
    table.write_text("genome\tname\tsequence\tchain\tchain_fallback_url\nmm10\tM\tx.2bit\talign\thttps://a.example/b\n")
    with pytest.raises(ConfigError, match=r"row 2, column chain_fallback_url: .* is not fetched: leave it empty"):
        read_table(table, GenomeRow)
    table.write_text("genome\tname\tsequence\tchain\nmm10\tM\tx.2bit\tAlign\n")
    with pytest.raises(ConfigError, match=r"row 2, column chain: 'Align': write `align` to have the genome aligned"):
        read_table(str(table), GenomeRow)
