"""Sequences of files looked up in a genome, by the commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from regssl.cli import main
from regssl.data.located import LOCATED, read_unlabelled
from regssl.errors import DataError
from regssl.io.tsv import read_tsv
from regssl.sequences.encoding import decode, encode, reverse_complement

TEXT = "".join(np.random.default_rng(5).choice(list("ACGT"), 400))


@pytest.fixture
def genome(tmp_path: Path) -> Path:
    path = tmp_path / "genome.fa"
    path.write_text(f">chr1\n{TEXT}\n>chr2\n{TEXT[:100].lower()}\n>chr2_alt\n{TEXT[200:]}\n")
    return path


def located(folder: Path, genome: Path, file: str, text: str, *options: str) -> list[tuple[object, ...]]:
    (folder / file).write_text(text)
    out = folder / "located.tsv"
    assert main(["locate", str(folder / file), str(genome), "--out", str(out), *options]) == 0
    table = read_tsv([out], LOCATED).astype(object)
    return list(table.where(table.notna(), None).itertuples(index=False, name=None))


def test_a_table_with_ids(tmp_path: Path, genome: Path, capsys: pytest.CaptureFixture[str]) -> None:
    minus = decode(reverse_complement(encode(TEXT[110:150])))
    text = f"name,seq\na,{TEXT[200:250].lower()}\nb,{minus}\nc,{TEXT[20:60]}\nd,{'A' * 30}\ne,{TEXT[5:40]}N\n"
    assert located(tmp_path, genome, "x.csv", text) == [
        ("a", 1, "chr1", 200, 250, "+"),
        ("b", 1, "chr1", 110, 150, "-"),
        ("c", 2, "chr1", 20, 60, "+"),
        ("c", 2, "chr2", 20, 60, "+"),
        ("d", 0, "", None, None, ""),
        ("e", 0, "", None, None, ""),
    ]
    words = f"{tmp_path}/located.tsv: 5 sequences: 2 in one place, 1 in several, 2 in none (1 with an N)"
    assert capsys.readouterr().out.strip() == words


def test_fasta_and_a_table_without_ids(tmp_path: Path, genome: Path) -> None:
    assert located(tmp_path, genome, "x.fa", f">s\n{TEXT[300:340]}\n{TEXT[340:380]}\n", "--leave-out", "chr1") == [
        ("s", 1, "chr2_alt", 100, 180, "+")
    ]
    text = f"dna_of_it\n{TEXT[120:150]}\n"
    assert located(tmp_path, genome, "x.csv", text, "--columns", "sequence=dna_of_it") == [
        ("1", 1, "chr1", 120, 150, "+")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"name\n{TEXT[:30]}\n", r"x\.csv: no column of sequences is found \(it has name: name it, --columns sequence"),
        (f"sequence\n{TEXT[:30]}\n{TEXT[:19]}\n", r"x\.csv: line 3: a sequence of 19 bp"),
        (f"sequence\n{TEXT[:30]}\n{TEXT[:19]}?\n", r"x\.csv: line 3: '\?' is not a base"),
    ],
)
def test_what_cannot_be_looked_up_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_unlabelled(tmp_path / "x.csv", {})


def test_a_dataset_of_another_genome_is_refused(
    tmp_path: Path, genome: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{TEXT[10:50]},1,train", f"{'AC' * 20},1,validation", f"{'AG' * 20},0,test"]
    (tmp_path / "x.csv").write_text("\n".join(["sequence,label,split", *rows, ""]))
    step = ["step", "locate-sequences", str(tmp_path / "x.csv"), "--genome", str(genome), "--genome-id", "hg38"]
    assert main([*step, "--out", str(tmp_path / "located.tsv")]) == 1
    words = "3 sequences: 0 in one place, 1 in several, 2 in none (0 with an N) (is it the genome that they are from"
    assert words in capsys.readouterr().err
