"""Tables by column name: text stays text, numbers are declared, and what cannot be read is named."""

from __future__ import annotations

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.io.tsv import read_tsv, require_unique, write_tsv

LOOKS_LIKE_SOMETHING = ["nan", "NA", "None", "null", "NULL", "N/A", "NaN", "True", "1e5", "007", "-1", "inf", "", " x "]
"""What pandas, or a spreadsheet, would take for something else."""


def test_tables_are_read_one_below_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("id\tn\n1\t2\n")
    (tmp_path / "b.tsv.gz").write_bytes(gzip.compress(b"id\tn\tmore\n3\t4\tx\n"))
    table = read_tsv([tmp_path / "a.tsv", tmp_path / "b.tsv.gz"], {"id": "str", "n": "int64"}, {"more": "str"})
    assert table.to_dict("list") == {"id": ["1", "3"], "n": [2, 4], "more": ["", "x"]} and list(table.index) == [0, 1]
    assert "other" not in read_tsv([tmp_path / "a.tsv"], {"id": "str"}, {"other": "bool"})
    alone = read_tsv([tmp_path / "b.tsv.gz"], {"id": "str"}, {"more": "str"})
    assert alone.to_dict("list") == {"id": ["3"], "more": ["x"]}


def test_text_is_text_and_only_numbers_are_missing(tmp_path: Path) -> None:
    lines = [f"{word}\t{word if word in ('', 'NA', 'nan', 'NaN') else 1.5}" for word in LOOKS_LIKE_SOMETHING]
    (tmp_path / "x.tsv").write_text("\n".join(["id\tn", *lines]) + "\n")
    table = read_tsv([tmp_path / "x.tsv"], {"id": "str", "n": "float64"})
    kept = [word for word in LOOKS_LIKE_SOMETHING if word]
    assert table["id"].tolist() == kept, "a row of empty cells is a blank line"
    assert table["n"].isna().tolist() == [word in ("NA", "nan", "NaN") for word in kept]


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1) | st.sampled_from(
    [*filter(str.strip, LOOKS_LIKE_SOMETHING), '"', '"a"', '"a" b', 'a"b', "=1+1", "#x", "$x$", "{y}", "<b>"]
)


@given(
    rows=st.lists(st.tuples(WORDS, st.integers(-(2**62), 2**62), st.floats(), st.booleans()), max_size=5),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int, float, bool]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "x.tsv"
    types = {"id": "str", "n": "int64", "x": "float64", "flag": "bool"}
    table = pd.DataFrame(rows, columns=list(types)).astype(types)
    write_tsv(table, path)
    pd.testing.assert_frame_equal(read_tsv([path], types), table)
    with path.open(newline="", encoding="utf-8") as file:  # an independent reader
        cells = list(csv.reader(file, delimiter="\t"))
    assert [row[0] for row in cells[1:]] == [row[0] for row in rows]


def test_missing_numbers_and_missing_text(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"id": ["NA", None], "why": [None, None], "n": pd.array([1, None], "Int64"), "x": [math.nan, 1234567.0]}
    ).assign(y=[1 / 3, math.inf])
    write_tsv(table, tmp_path / "x.tsv", digits=3)
    assert (tmp_path / "x.tsv").read_text() == "id\twhy\tn\tx\ty\nNA\t\t1\tNA\t0.333\n\t\tNA\t1234567\tinf\n"
    types = {"id": "str", "why": "str", "n": "Int64", "x": "float64", "y": "float64"}
    again = read_tsv([tmp_path / "x.tsv"], types)
    assert again["id"].tolist() == ["NA", ""] and again["why"].tolist() == ["", ""]
    assert again["n"].tolist() == [1, pd.NA] and again["y"].tolist() == [0.333, np.inf]


def test_an_unusual_flag_or_number_is_named(tmp_path: Path) -> None:
    for dtype, value, kind in (
        ("int64", "1.5", "a whole number"), ("int64", "NA", "a whole number"), ("int64", "1_0", "a whole number"),
        ("int64", str(2**63), "a whole number"), ("Int64", "x", "a whole number"), ("float64", "1,5", "a number"),
        ("float64", "١", "a number"), ("bool", "yes", "True or False"), ("int64", "inf", "a whole number"),
    ):  # fmt: skip
        (tmp_path / "x.tsv").write_text(f"id\tn\n\na\t{1 if dtype != 'bool' else True}\nb\t{value}\n", encoding="utf-8")
        with pytest.raises(DataError, match=rf"x\.tsv, row 4, column n: '{value}' is not {kind}$"):
            read_tsv([tmp_path / "x.tsv"], {"id": "str", "n": dtype})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.tsv: No such file"),
        (b"", "x.tsv: the table is empty"),
        (b"id\tn\n1\t2\n1\t2\t3\t4\n", "x.tsv, row 3: 4 cells where the header has 2"),
        (b"id\tn\n1\t2\n1\n", "x.tsv, row 3: 1 cell where the header has 2"),
        (b"id\tn\tid\n1\t2\t3\n", "x.tsv, row 1: two columns are called 'id'"),
        (b"a\t2\t\t\n", "x.tsv, row 1: two columns have no name .the first line must name"),
        (b'id\tn\n"1\t2\n3\t4\n', "x.tsv, row 2: .*holds others doubled"),
        (b'id\tn\n"a" b\t2\n', "x.tsv, row 2: .*holds others doubled"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "x.tsv: "),
        (b"id\tm\n1\t2\n", r"x.tsv has no column 'n' \(columns: id, m\)"),
    ],
)
def test_what_is_no_such_table_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "x.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_tsv([tmp_path / "x.tsv"], {"id": "str", "n": "int64"})


def test_a_truncated_gzip_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.tsv.gz").write_bytes(gzip.compress(b"id\tn\n" + b"1\t2\n" * 999)[:-12])
    with pytest.raises(DataError, match=r"x\.tsv\.gz: truncated or damaged gzip"):
        read_tsv([tmp_path / "x.tsv.gz"], {"id": "str", "n": "int64"})


@pytest.mark.parametrize("letter", ["\t", "\n", "\r", "\x00", "\x1b", "\x85", "\u2028", "\ud800"])
def test_what_would_break_a_line_is_not_written(tmp_path: Path, letter: str) -> None:
    table = pd.DataFrame({"id": ["a", f"b{letter}c"]}, dtype=object)
    with pytest.raises(DataError, match=r"x\.tsv: cannot be written: row 3, column id: .* holds a tab, a line break"):
        write_tsv(table, tmp_path / "x.tsv")
    assert not list(tmp_path.iterdir())


def test_a_key_occurs_once(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("id\tn\n1\t2\n1\t3\n")
    with pytest.raises(DataError, match="the table has two rows of id 1"):
        require_unique(read_tsv([tmp_path / "x.tsv"], {"id": "str"}), ["id"], "the table")


def test_a_hundred_thousand_columns_take_a_moment(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("\t".join(f"c{i}" for i in range(100_000)))
    with pytest.raises(DataError, match="has no column 'a'") as caught:
        read_tsv([tmp_path / "x.tsv"], {"a": "str"})
    assert len(str(caught.value)) < 800
