"""Files of sequences: one table whatever the format, and columns by their usual or given names."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.data.sequence_files import find_columns, read_sequence_file
from regssl.data.sequence_settings import SequenceFile, check_alike, parse_sequence_file
from regssl.errors import DataError

HEADER = ["id", "sequence", "label", "split"]
ROWS = [["a", "ACGT", "1", "train"], ["b", "ACGA", "0", "test"]]
FASTA = ">a label=1 split=train\nAC\nGT\n\n>b split=test label=0 and more\nACGA\n"


def written(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("text", [*(written([HEADER, *ROWS], mark) for mark in ",\t;"), FASTA])
@pytest.mark.parametrize("zipped", [False, True])
def test_the_content_tells_the_format(tmp_path: Path, text: str, zipped: bool) -> None:
    path = tmp_path / "sequences"
    path.write_bytes(gzip.compress(text.encode()) if zipped else text.replace("\n", "\r\n").encode())
    table = read_sequence_file(path)
    assert sorted(table.columns) == sorted(HEADER)
    assert [[table[column].iloc[row] for column in HEADER] for row in range(len(table))] == ROWS
    line = {True: 6 - 1, False: 3}[text == FASTA]
    assert table.location(1) == f"{path}: line {line}"


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=6)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1), st.sampled_from(",\t;"))
def test_cells_are_those_of_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str]], delimiter: str
) -> None:
    rows = [list(row) for row in cells]
    text = written([["x", "y", "z"], *rows], delimiter)
    path = tmp_path_factory.getbasetemp() / "cells.txt"
    path.write_text(text, encoding="utf-8", newline="")
    filled = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))][1:]
    if not filled:
        with pytest.raises(DataError, match="no sequence in it"):
            read_sequence_file(path)
        return
    table = read_sequence_file(path)
    assert [[table[column].iloc[row] for column in "xyz"] for row in range(len(table))] == filled


@pytest.mark.parametrize(
    ("header", "named", "found"),
    [
        ("Seq,Y,Set,name", {}, {"sequence": "Seq", "label": "Y", "split": "Set", "id": "name"}),
        ("name,id,sequence,label", {}, {"sequence": "sequence", "label": "label", "id": "id"}),
        ("hg38,sequence,label", {"id": "hg38", "place": "hg38"},
         {"sequence": "sequence", "label": "label", "id": "hg38", "place": "hg38"}),
        ("#chrom,start,end,seq,region", {},
         {"sequence": "seq", "chrom": "chrom", "start": "start", "end": "end"}),
        ("chrom,start,seq,region", {}, {"sequence": "seq", "place": "region"}),
        ("chrom,start,end,seq,where", {"place": "where"}, {"sequence": "seq", "place": "where"}),
    ],
)  # fmt: skip
def test_columns_are_found_by_usual_names_or_named(
    tmp_path: Path, header: str, named: dict[str, str], found: dict[str, str]
) -> None:
    (tmp_path / "x.csv").write_text(f"{header}\n{','.join('x' * (header.count(',') + 1))}\n")
    assert find_columns(read_sequence_file(tmp_path / "x.csv"), named) == found


def test_names_that_differ_in_case_alone_are_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("sequence,Label,label\nACGT,1,0\n")
    table = read_sequence_file(tmp_path / "x.csv")
    with pytest.raises(DataError, match=r"x\.csv: columns Label and label: which of them .*: label=Label\)"):
        find_columns(table, {})
    assert find_columns(table, {"label": "label"})["label"] == "label"


def test_a_named_column_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("sequence,label\nACGT,1\n")
    with pytest.raises(DataError, match=r"x\.csv: no column 'dna' \(it has sequence, label\)"):
        find_columns(read_sequence_file(tmp_path / "x.csv"), {"sequence": "dna"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("sequence,label\n", "no sequence in it"),
        ("sequence,label\nACGT\n", r"row 2: 1 cell where the header has 2 \(cells are separated by ,\)"),
        ("sequence,sequence\nA,C\n", "two columns are called 'sequence'"),
        ('sequence,label\n"ACGT,1\n', "row 2: "),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_sequence_file(tmp_path / "x.csv")


def test_a_file_may_have_one_split_and_one_label() -> None:
    url = "https://example.org/a?train=1"
    cells = ["a.csv", "train=a.csv", "0=a.fa", f"test/1={url}", url, "tested=a.csv"]
    assert [parse_sequence_file(cell) for cell in cells] == [
        SequenceFile("a.csv"), SequenceFile("a.csv", "train"), SequenceFile("a.fa", "", "0"),
        SequenceFile(url, "test", "1"), SequenceFile(url), SequenceFile("tested=a.csv"),
    ]  # fmt: skip
    check_alike([SequenceFile("a", "train"), SequenceFile("b", "test")])
    with pytest.raises(ValueError, match="'b' names no split, and others do"):
        check_alike([SequenceFile("a", "train"), SequenceFile("b")])
    with pytest.raises(ValueError, match="'a' names no label"):
        check_alike([SequenceFile("a"), SequenceFile("b", "", "1")])
