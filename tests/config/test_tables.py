"""Rows of the tables: which cells are refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.paths import ROOT
from helpers.tables import MD5
from regssl.config.tables import DatasetRow, GenomeRow, VariantSetRow, read_table
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


@pytest.mark.parametrize("folder", ["config/demo", "config/encode_regions"])
def test_tables_without_the_optional_columns_are_valid(folder: str) -> None:
    assert read_table(ROOT / folder / "datasets.tsv", DatasetRow)
    assert read_table(ROOT / folder / "genomes.tsv", GenomeRow)
    assert read_table(ROOT / folder / "snps.tsv", VariantSetRow)
