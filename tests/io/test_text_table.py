"""Tables read by column name: members of archives, columns as numbers, damaged files."""

from __future__ import annotations

import gzip
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


def test_a_table_cut_short(tmp_path: Path) -> None:
    (tmp_path / "cut.tsv.gz").write_bytes(gzip.compress(("chr\tpos\n" + "chr1\t1\n" * 9999).encode())[:-20])
    with pytest.raises(DataError, match=r"cut.tsv.gz: cannot be read to its end"):
        read_text_table(tmp_path / "cut.tsv.gz", ["chr"])
    with pytest.raises(DataError, match=r"none.tsv: No such file"):
        read_text_table(tmp_path / "none.tsv", ["chr"])
