"""Tables by column name: what cannot be read is an error that names the file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.io.tsv import read_tsv, require_unique


def test_tables_are_read_one_below_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("id\tn\n1\t2\n")
    (tmp_path / "b.tsv.gz").write_bytes(gzip.compress(b"id\tn\tmore\n3\t4\tx\n"))
    table = read_tsv([tmp_path / "a.tsv", tmp_path / "b.tsv.gz"], ["id", "n"])
    assert table[["id", "n"]].to_numpy().tolist() == [[1, 2], [3, 4]] and list(table.index) == [0, 1]
    assert read_tsv([tmp_path / "a.tsv"], ["id"], text=["id"])["id"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.tsv: No such file"),
        (b"", "x.tsv: not a tab-separated table: No columns"),
        (b"id\tn\n1\t2\t3\n1\t2\t3\t4\n", "x.tsv: not a tab-separated table: .* in line 3"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "x.tsv: not a tab-separated table"),
        (b"id\tm\n1\t2\n", r"x.tsv has no column 'n' \(columns: id, m\)"),
    ],
)
def test_what_is_no_such_table_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "x.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_tsv([tmp_path / "x.tsv"], ["id", "n"])


def test_a_truncated_gzip_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.tsv.gz").write_bytes(gzip.compress(b"id\tn\n" + b"1\t2\n" * 999)[:-12])
    with pytest.raises(DataError, match=r"x\.tsv\.gz: truncated or damaged gzip"):
        read_tsv([tmp_path / "x.tsv.gz"], ["id", "n"])


def test_a_key_occurs_once(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("id\tn\n1\t2\n1\t3\n")
    with pytest.raises(DataError, match="the table has two rows of id 1"):
        require_unique(read_tsv([tmp_path / "x.tsv"], ["id"]), ["id"], "the table")
