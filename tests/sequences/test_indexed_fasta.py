"""FASTA files read in place, through an index."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from helpers.genomes import AS_READ, SEQUENCES, write_as
from helpers.packed import letters
from regssl.errors import DataError
from regssl.sequences.genome import Genome, open_genome
from regssl.sequences.indexed_fasta import IndexedFasta


def test_a_read_only_folder_and_no_index_left_behind(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    tmp_path.chmod(0o555)
    try:
        assert letters(open_genome(path), "chr1", 0, 4) == "ACGT"
        assert list(tmp_path.iterdir()) == [path]
    finally:
        tmp_path.chmod(0o755)


def test_an_index_older_than_its_fasta_is_not_used(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    index = tmp_path / "genome.fa.fai"
    index.write_text("other\t3\t5\t3\t4\n")
    os.utime(index, (0, 0))
    assert letters(open_genome(path), "chr1", 0, 4) == "ACGT"
    assert index.read_text().startswith("other")


@pytest.mark.parametrize("kind", ["plain", "crlf", "one_line", "no_last_newline"])
def test_a_plain_fasta_of_even_lines_is_not_packed(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} is packed")

    monkeypatch.setattr("regssl.sequences.genome.read_fasta", refuse)
    path = write_as(kind, tmp_path / "genome.fa", SEQUENCES)
    assert letters(open_genome(path), "chr1", 8, 12) == "ACGT"
    with pytest.raises(AssertionError, match="is packed"):
        Genome(path)


def test_an_index_beside_the_file_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    (tmp_path / "genome.fa.fai").write_text("chr1\t26\t20\t10\t11\nchr2\t8\t69\t8\t9\nscaffold_3\t1\t104\t1\t2\n")

    def refuse(*_: object) -> None:
        raise AssertionError("an index is made")

    monkeypatch.setattr("pyfaidx.Faidx.build_index", refuse)
    assert letters(open_genome(path), "chr1") == AS_READ["chr1"].upper()
    (tmp_path / "genome.fa.fai").unlink()
    with pytest.raises(AssertionError, match="an index is made"):
        open_genome(path)


@pytest.mark.parametrize("text", [b">a\nACGT\nAC*T\n", b">a\nACGT\nAC>T\n", b">a\nACGT\nAC\xffT\n"])
def test_a_letter_that_is_no_base_is_refused_where_it_is_read(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "g.fa").write_bytes(text)
    with pytest.raises(DataError, match=r"is not a base|does not fit"):
        open_genome(tmp_path / "g.fa").windows(["a"], [5], 3)


def test_a_file_that_changes_after_it_was_opened_is_refused(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    genome = open_genome(path)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(DataError, match="its index does not fit"):
        genome.windows(["chr2"], [0], 8)


@pytest.mark.parametrize("text", [b">a\n>b\nAC\n", b">a\nAC\n>a\nAC\n", b">\nAC\n", b"AC\n"])
def test_what_an_index_cannot_describe_is_left_to_the_reader(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "g.fa").write_bytes(text)
    assert IndexedFasta.open(tmp_path / "g.fa") is None
    with pytest.raises(DataError, match=r"line [13]"):
        open_genome(tmp_path / "g.fa")


def _read_often(genome: Genome, failures) -> None:
    expected = AS_READ["chr1"].upper()
    failures.put(sum(letters(genome, "chr1", i % 26, i % 26 + 1) != expected[i % 26] for i in range(500)))


def test_a_forked_process_reads_for_itself(tmp_path: Path) -> None:
    genome = open_genome(write_as("plain", tmp_path / "genome.fa", SEQUENCES))
    context = multiprocessing.get_context("fork")
    failures = context.SimpleQueue()
    readers = [context.Process(target=_read_often, args=(genome, failures)) for _ in range(2)]
    for reader in readers:
        reader.start()
    assert [failures.get() for _ in readers] == [0, 0]
    for reader in readers:
        reader.join()
