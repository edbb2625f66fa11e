"""FASTA files read in place, through an index."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    with pytest.raises(DataError, match="its index does not fit chr2:0-8"):
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


def _by_both_routes(path: Path) -> tuple[dict | None, dict | None]:
    """Every base of a file by `open_genome` and by `Genome`; None where it is refused."""
    found: list[dict | None] = []
    for opener in (open_genome, Genome):
        try:
            genome = opener(path)
            found.append({name: genome.windows([name], [0], size)[0].tolist() for name, size in genome.sizes.items()})
        except DataError:
            found.append(None)
    return found[0], found[1]


@pytest.mark.parametrize(
    "text",
    [
        b">a\nACGT\nAC\n\n\n>b\nAC\n",
        b">a\n\n\nACGT\n",
        b">a\r\n\r\nACGT\r\nAC\r\n",
        b">a\nACGT\n\n\n",
        b">a\nACGT\r\nACGTA\nAC\n",
        b">a\nAC\rGT\nACGTA\n",
        b">a\nACG\nACGT",
        b"\n\n>a\nACG\n",
        b">a\nA",
        b">a \xa0\nACGT\n",
        b">a\x1fb\nACGT\n",
    ],
)
def test_what_is_read_by_packing_is_read_the_same(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "g.fa").write_bytes(text)
    indexed, packed = _by_both_routes(tmp_path / "g.fa")
    assert indexed == packed is not None


@pytest.mark.parametrize("name", ["a\u00e9", "a" * 256, ""])
def test_a_name_that_cannot_be_packed_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "g.fa").write_text(f">{name}\nACGT\n")
    assert _by_both_routes(tmp_path / "g.fa") == (None, None)


_LINE = st.text("ACGTNacgtnRX", max_size=5) | st.sampled_from(["", "", "ACGT", "ACGT", "ACGT", "AC GT", " ", "AC*"])
_END = st.sampled_from(["\n", "\r\n"])


@st.composite
def fasta_texts(draw: st.DrawFn) -> bytes:
    """FASTA, often with even lines, or nearly FASTA."""
    text, end = "", draw(_END)
    mixed = draw(st.integers(0, 3)) == 0
    for name in draw(st.lists(st.sampled_from(["a", "b", "c x", ""]), min_size=1, max_size=3)):
        even = [draw(st.text("ACGTacgtN", min_size=4, max_size=4)) for _ in range(draw(st.integers(0, 3)))]
        odd = draw(st.lists(_LINE, max_size=4)) if draw(st.booleans()) else [draw(st.sampled_from(["", "AC", "ACGT"]))]
        for line in [">" + name, *even, *odd]:
            text += line + (draw(_END) if mixed else end)
    return text.rstrip("\r\n" if draw(st.booleans()) else "\0").encode()


@settings(deadline=None, derandomize=True, max_examples=300)
@given(text=fasta_texts(), beside=st.none() | fasta_texts())
def test_both_routes_agree(tmp_path_factory: pytest.TempPathFactory, text: bytes, beside: bytes | None) -> None:
    """With and without the index of another text beside the file."""
    import pyfaidx

    path = tmp_path_factory.getbasetemp() / "property.fa"
    index = Path(f"{path}.fai")
    index.unlink(missing_ok=True)
    if beside is not None:
        path.write_bytes(beside)
        try:
            pyfaidx.Faidx(str(path)).close()
        except (pyfaidx.FastaIndexingError, RuntimeError, ValueError):
            index.unlink(missing_ok=True)
    path.write_bytes(text)
    if index.exists():
        os.utime(index, (time.time() + 9,) * 2)
    indexed, packed = _by_both_routes(path)
    assert indexed == packed


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (50, "c\t100\t3\t60\t61"),
        (50, "c\t100\t3\t100\t101"),
        (50, "c\t101\t3\t101\t102"),
        (50, "c\t99\t3\t50\t51"),
        (50, "c\t100\t3\t50\t52"),
        (100, "c\t100\t3\t50\t51"),
        (20, "c\t102\t3\t62\t63"),
        (50, "c\t100\t4\t50\t51"),
        (50, "d\t100\t3\t50\t51"),
        (50, "c\t100\t3\t50"),
        (50, "c\t100\t3\t50\t51\nc\t100\t3\t50\t51"),
        (50, ""),
    ],
)
def test_a_newer_index_that_does_not_fit_gives_no_wrong_base(tmp_path: Path, width: int, row: str) -> None:
    sequence = "".join(np.random.default_rng(1).choice(list("ACGT"), 100))
    lines = [sequence[i : i + width] for i in range(0, 100, width)]
    path = tmp_path / "g.fa"
    path.write_text("\n".join([">c", *lines, ""]))
    (tmp_path / "g.fa.fai").write_text(row + "\n")
    os.utime(tmp_path / "g.fa.fai", (time.time() + 9,) * 2)
    genome = open_genome(path)
    assert genome.sizes == {"c": 100}
    assert letters(genome, "c", 0, 100) == sequence


def test_lines_in_the_middle_that_an_index_beside_the_file_does_not_describe(tmp_path: Path) -> None:
    lines = ["A" * 50, "C" * 25, "G" * 75, "T" * 50]
    path = tmp_path / "g.fa"
    path.write_text("\n".join([">c", *lines, ""]))
    (tmp_path / "g.fa.fai").write_text("c\t200\t3\t50\t51\n")
    os.utime(tmp_path / "g.fa.fai", (time.time() + 9,) * 2)
    genome = open_genome(path)
    assert letters(genome, "c", 150, 200) == "T" * 50
    with pytest.raises(DataError, match=r"its index does not fit c:80-90 .*delete its \.fai"):
        genome.windows(["c"], [80], 10)
