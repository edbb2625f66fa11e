"""Tables read by column name: members of archives, columns as numbers, damaged files."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from regssl.errors import DataError
from regssl.io.text_table import find_member, read_text_table


def test_the_first_name_that_is_there_and_one_file_of_that_name() -> None:
    names = ["a/CTCF.tsv", "b/CTCF_HUMAN.tsv", "c/XCTCF.tsv", "d/CTCF.tsv"]
    assert find_member("x.zip", names, ["CTCF_HUMAN.tsv", "CTCF.tsv"]) == "b/CTCF_HUMAN.tsv"
    assert find_member("x.zip", names, ["d/CTCF.tsv"]) == "d/CTCF.tsv"
    with pytest.raises(DataError, match=r"x.zip: holds both a/CTCF.tsv and d/CTCF.tsv"):
        find_member("x.zip", names, ["CTCF.tsv"])


def test_columns_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("##made\n#a\tb\tc\n1.0\t 2.5\tx\n7\tNA\t\n")
    table = read_text_table(tmp_path / "t.tsv", ["a", "b"], ["c", "d"])
    assert len(table) == 2 and "c" in table and "d" not in table and table["c"].tolist() == ["x", ""]
    assert table.ints("a").tolist() == [1, 7] and table.ints("a").dtype == np.int64
    assert table.floats("b", missing=-1).tolist() == [2.5, -1.0]
    assert table.location(1) == f"{tmp_path / 't.tsv'}: line 4"
    with pytest.raises(DataError, match=r"t.tsv: line 4, column b: 'NA' is not a number"):
        table.floats("b")
    with pytest.raises(DataError, match=r"line 3, column a: '1.0' is not a whole number from 2"):
        table.ints("a", minimum=2)
    with pytest.raises(DataError, match=r"no column 'd' \(it has a, b, c"):
        table["d"]


@pytest.mark.parametrize("cell", ["", "nan", "True", "0x10", "1_000", "1e999", "inf", "１", "1,5", "1 2", "--1", "1e"])
def test_what_is_no_number(tmp_path: Path, cell: str) -> None:
    (tmp_path / "t.tsv").write_text(f"a\n1\n\n{cell}\t\n")
    with pytest.raises(DataError, match=rf"t.tsv: line 4, column a: '{cell}' is not a number"):
        read_text_table(tmp_path / "t.tsv", ["a"]).floats("a")


def test_text_stays_text(tmp_path: Path) -> None:
    words = ["NA", "nan", "None", "null", "True", "1e5", "007", '"x', "'", " x ", "\x0b", "\u2028", "#N/A", "-"]
    (tmp_path / "t.tsv").write_text("name\tn\n" + "".join(f"{word}\t1\n" for word in words))
    table = read_text_table(tmp_path / "t.tsv", ["name", "n"])
    assert table["name"].tolist() == words and table["name"].notna().all()


def test_names_of_columns_that_are_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("#b\tmotif\ta\tmotif\t\t\n1\tx\t2\ty\t\t\n3\tx\t4\ty\n5\tx\t6\ty\tz\tz\t\t\n")
    table = read_text_table(tmp_path / "t.tsv", ["a", "b"], ["c"])
    assert table.ints("a").tolist() == [2, 4, 6] and table.ints("b").tolist() == [1, 3, 5] and "motif" not in table
    with pytest.raises(DataError, match=r"t.tsv: two columns are called 'motif' \(which of them is meant\?\)"):
        read_text_table(tmp_path / "t.tsv", ["a"], ["motif"])


@pytest.mark.parametrize("row", ["1", "1\t2\t3", "1\t2\t\t4"])
def test_rows_of_another_length(tmp_path: Path, row: str) -> None:
    (tmp_path / "t.tsv").write_text(f"a\tb\n\n1\t2\n{row}\n")
    with pytest.raises(DataError, match=r"t.tsv: line 4: [134] cells, the header has 2 \(is the file whole\?\)"):
        read_text_table(tmp_path / "t.tsv", ["a"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_other_systems(tmp_path: Path, end: str, mark: str) -> None:
    (tmp_path / "t.tsv").write_bytes((mark + end.join(["##x", "", "#a\tb", "1\tx", "", "2\ty"])).encode())
    table = read_text_table(tmp_path / "t.tsv", ["a", "b"])
    assert table["a"].tolist() == ["1", "2"] and table["b"].tolist() == ["x", "y"]
    assert table.location(1) == f"{tmp_path / 't.tsv'}: line 6"


def test_nothing_or_only_a_header(tmp_path: Path) -> None:
    for text in ("", "\n", "##x\n"):
        (tmp_path / "t.tsv").write_text(text)
        with pytest.raises(DataError, match=r"t.tsv: no column 'a'$"):
            read_text_table(tmp_path / "t.tsv", ["a"])
    (tmp_path / "t.tsv").write_text("a\tb")
    assert len(read_text_table(tmp_path / "t.tsv", ["a"])) == 0


def test_damaged_zip_archives(tmp_path: Path) -> None:
    """Every bit that is flipped gives an error or the same table."""
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.tsv", gzip.compress(b"a\n" + b"7\n" * 9, mtime=0))
    whole = (tmp_path / "whole.zip").read_bytes()
    assert read_text_table(tmp_path / "whole.zip", ["a"], member=["t.tsv"]).ints("a").tolist() == [7] * 9
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / "x.zip").write_bytes(damaged)
        try:
            assert read_text_table(tmp_path / "x.zip", ["a"], member=["t.tsv"]).ints("a").tolist() == [7] * 9
        except DataError as error:
            assert "\n" not in str(error)


def test_a_zip_archive_with_a_name_of_kilobytes_is_one_short_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("t.tsv", "a\n" + "7\n" * 2000)
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[27] = 4  # the length of the name in the member's header: 1029 bytes
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.zip: a zip archive that cannot be read: File name") as caught:
        read_text_table(tmp_path / "x.zip", ["a"], member=["t.tsv"])
    assert len(str(caught.value)) < 400


def test_a_table_cut_short(tmp_path: Path) -> None:
    (tmp_path / "cut.tsv.gz").write_bytes(gzip.compress(("chr\tpos\n" + "chr1\t1\n" * 9999).encode())[:-20])
    with pytest.raises(DataError, match=r"cut.tsv.gz: truncated or damaged gzip"):
        read_text_table(tmp_path / "cut.tsv.gz", ["chr"])
    with pytest.raises(DataError, match=r"none.tsv: No such file"):
        read_text_table(tmp_path / "none.tsv", ["chr"])
