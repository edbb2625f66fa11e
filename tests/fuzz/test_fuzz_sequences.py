"""Damaged files of sequences: an error, or exactly what a slow and obvious reader finds in them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.fuzzing import REFUSED, damaged, fuzz, parsed_or_refused
from regssl.data.sequence_files import read_sequence_file
from regssl.data.sequence_settings import SequenceFile, SequenceSettings
from regssl.data.sequences import read_sequences

SEQUENCES = ["ACGTACGTACGTACGTACGTA", "acgtnNacgtacgtacgtacg", "RYCATTAGAC-GATTACAGATTA"]
TABLE = "".join(
    f"{name}\t{text}\t{label}\t{place}\n"
    for name, text, label, place in zip(
        "abc", SEQUENCES, ["1", "neg", "0.0"], ["chr1:10-31", "", "chr2:1,000-1,021(-)"], strict=True
    )
)
FILES = {
    "csv": ("name,seq,label,place\n" + TABLE.replace(",", "").replace("\t", ",")).encode(),
    "tsv": ("name\tseq\tlabel\tplace\n" + TABLE).encode(),
    "fasta": "".join(f">{i} label={i % 2}\n{text[:9]}\n{text[9:]}\n" for i, text in enumerate(SEQUENCES)).encode(),
}


def by_hand(data: bytes) -> list[dict[str, str]]:
    """The rows by column."""
    text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip().startswith(">"):
        rows = list[dict[str, str]]()
        for line in text.split("\n"):
            if line.startswith(">"):
                name, *words = line[1:].split() or [""]
                pairs = [word.split("=", 1) for word in words if "=" in word]
                rows.append({**dict(pairs), "id": name, "sequence": ""})
            elif rows:
                rows[-1]["sequence"] += "".join(line.split())
        columns = dict.fromkeys(["id", "sequence", *(column for row in rows for column in row)])
        return [{column: row.get(column, "") for column in columns} for row in rows]
    first = text.lstrip().split("\n")[0]
    delimiter = "\t" if "\t" in first else ";" if ";" in first and "," not in first else ","
    header, *cells = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    names = [name.strip().lstrip("#") for name in header]
    return [dict(zip(names, row, strict=True)) for row in cells if any(map(str.strip, row))]


def read(path: Path) -> list[dict[str, str]]:
    table = read_sequence_file(path)
    return [{column: table[column].iloc[row] for column in table.columns} for row in range(len(table))]


@pytest.mark.parametrize("kind", FILES)
def test_a_whole_file_is_read_as_by_hand(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_bytes(FILES[kind])
    assert read(tmp_path / "x") == by_hand(FILES[kind])


@pytest.mark.parametrize("kind", FILES)
@fuzz
@given(data=st.data())
def test_a_damaged_file_is_read_as_by_hand_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content := data.draw(damaged(FILES[kind])))
    found = parsed_or_refused(lambda: read(path))
    if found != REFUSED:
        assert found == by_hand(content)
    sequences = parsed_or_refused(lambda: read_sequences([SequenceFile(str(path))], SequenceSettings(), "hg38"))
    if not isinstance(sequences, str):
        assert sequences.codes.max() <= 4 and len(sequences.codes) == len(sequences.table) == len(found)
