"""Reading FASTA files whole, and writing them."""

from __future__ import annotations

import errno
import gzip
import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyfaidx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.genomes import AS_READ, SEQUENCES, bgzf, fasta_text, write_as
from helpers.packed import letters, packed
from regssl.errors import DataError
from regssl.sequences import fasta
from regssl.sequences.encoding import decode
from regssl.sequences.fasta import read_fasta
from regssl.sequences.genome import Genome, to_twobit, write_fasta
from regssl.sequences.twobit import TwoBit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no sequence in it"),
        (b"\n\n", "no sequence in it"),
        (b"ACGT\n", "line 1: starts with 'ACGT', not with '>'"),
        (b"\n\n;a comment\n>a\nAC\n", "line 3: starts with ';a', not with '>'"),
        (b">a\nAC\n>\nGT\n", "line 3: a header without a name"),
        (b">a x\nAC\n>b\nA\n>a y\nGT\n", "line 5: a second sequence is named 'a', as in line 1"),
        (b">a\xc3\xa9\nAC\n", "line 1: 'a\u00e9' cannot name a sequence"),
        (b">a\0b\nAC\n", r"line 1: 'a\\x00b' cannot name a sequence"),
        (b">" + b"a" * 256 + b"\nAC\n", "line 1: 'a{40}' cannot name a sequence"),
        (b">a\nACGT\nAC*T\n", r"line 3: '\*' is not a base"),
        (b">a\nACGUAC\n", "line 2: 'U' is not a base"),
        (b">a\nAC-GT\n", "line 2: '-' is not a base"),
        (b">a\nAC.GT\n", r"line 2: '\.' is not a base"),
        (b">a\nAC\n1 ACGT\n", "line 3: '1' is not a base"),
        (b">a\nAC>T\n", "line 2: '>' is not a base"),
        (b">a\nAC\xffT\n", "line 2: '\u00ff' is not a base"),
        (b">a\r\rACGT\rAC?\r", r"line 4: '\?' is not a base"),
        (b">a\r\nACGT\r\n>b\r\nAC\r\nA4\r\n", "line 5: '4' is not a base"),
        (b">a\nAC\n>b\n>c\nAC\n", "line 3: no bases follow the header of 'b'"),
        (b">a\n", "line 1: no bases follow the header of 'a'"),
    ],
)
@pytest.mark.parametrize("block", [4, 1 << 24])
def test_damaged_fasta_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, message: str, block: int
) -> None:
    monkeypatch.setattr(fasta, "CHUNK_BYTES", block)
    (tmp_path / "bad.fa").write_bytes(text)
    with pytest.raises(DataError, match=message):
        to_twobit(tmp_path / "bad.fa", tmp_path / "out.2bit")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.fa"]
    with pytest.raises(DataError):
        Genome(tmp_path / "bad.fa").windows(["a"], [0], 1)


@pytest.mark.parametrize("compress", [gzip.compress, bgzf])
def test_every_truncation_of_compressed_fasta_is_noticed(tmp_path: Path, compress) -> None:
    whole = compress(fasta_text(SEQUENCES))
    path = tmp_path / "cut.fa.gz"
    for length in range(3, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="truncated"):
            list(read_fasta(path))
        with pytest.raises(DataError, match="truncated"):
            Genome(path)


def by_hand(text: bytes) -> dict[str, str] | None:
    """What a slow and obvious reader finds in FASTA, soft mask in lower case; None where it is not FASTA."""
    found: dict[str, str] = {}
    name = None
    for line in (
        text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("latin-1").split("\n")
    ):
        if line.startswith(">"):
            name = next((word for word in re.split("[ \t\f\v]", line[1:]) if word), None)
            if name is None or name in found or not name.isascii() or not name.isprintable():
                return None
            found[name] = ""
            continue
        bases = line.replace(" ", "").replace("\t", "")
        if bases and (name is None or set(bases) - set("ACGTNRYSWKMBDHVXacgtnryswkmbdhvx")):
            return None
        if name is not None:
            found[name] += "".join(base if base in "ACGTacgt" else "Nn"[base.islower()] for base in bases)
    return found if found and all(found.values()) else None


def through_a_pipe(text: bytes, read):
    """Read text, less than a pipe holds, from a pipe."""
    source, sink = os.pipe()
    os.write(sink, text)
    os.close(sink)
    try:
        return read(Path(f"/dev/fd/{source}"))
    finally:
        os.close(source)


def every_way(text: bytes, folder: Path) -> dict[str, dict[str, str] | None]:
    """The sequences of a file by everything that reads it; None where it is refused."""

    def as_windows(path: Path) -> dict[str, str]:
        genome = Genome(path)
        for name, size in genome.sizes.items():
            single = [decode(window) for window in genome.windows([name] * size, np.arange(size), 1)]
            assert "".join(single) == letters(genome, name, 0, size)
            ns = genome.n_bases([name] * size, np.arange(size), np.arange(size) + 1)
            assert ns.tolist() == [base == "N" for base in single]
        return {name: letters(genome, name) for name in genome.sizes}

    def as_twobit(path: Path) -> dict[str, str]:
        sizes = to_twobit(path, folder / "packed.2bit")
        assert sizes == TwoBit(folder / "packed.2bit").sizes
        return {name: TwoBit(folder / "packed.2bit").text(name, 0, size) for name, size in sizes.items()}

    files = {"plain": text, "gzip": gzip.compress(text), "bgzip": bgzf(text)}
    ways: dict[str, Callable[[], dict[str, str]]] = {}
    for kind, data in files.items():
        (folder / kind).write_bytes(data)
        ways[f"{kind} windows"] = partial(as_windows, folder / kind)
    ways["packed"] = partial(as_twobit, folder / "plain")
    ways["pipe windows"] = partial(through_a_pipe, text, as_windows)
    ways["gzip pipe packed"] = partial(through_a_pipe, files["gzip"], as_twobit)
    found: dict[str, dict[str, str] | None] = {}
    for way, read in ways.items():
        try:
            found[way] = read()
        except DataError as error:
            assert "\n" not in str(error)
            found[way] = None
    return found


def check_every_way(text: bytes, folder: Path) -> dict[str, str] | None:
    expected = by_hand(text)
    for way, found in every_way(text, folder).items():
        upper = "packed" not in way and expected is not None
        assert found == ({name: bases.upper() for name, bases in expected.items()} if upper else expected), way
    return expected


@pytest.mark.parametrize(
    ("text", "chr1"),
    [
        (b">chr1\nACGTAC\nGTACGT\n\n>chr2\nGGGG\n\n\n", "ACGTACGTACGT"),  # blank lines at the end
        (b">chr1\nACGTACG\nGTACGT\r\nACG\n>chr2\nGG\n", "ACGTACGGTACGTACG"),  # line ends of two kinds
        (b">chr1\nACGTAC \nGTACGT \nAC\n>chr2\nGGGG\n", "ACGTACGTACGTAC"),  # blanks at line ends
        (b">chr1\nACG TAC\t\n", "ACGTAC"),
        (b">chr1 x\rACGT\rAC\r>chr2\rGG", "ACGTAC"),  # CR alone
        (b"\r\n\r\n>chr1\r\n\r\nACGT\r\nACGTA", "ACGTACGTA"),
        (b">chr1\nacGTn\nRYkmX\n", "acGTnNNnnN"),
        (b"\xef\xbb\xbf>chr1\nACGT\n", "ACGT"),  # a byte-order mark
        (b">  chr1  some words\nACGT\n", "ACGT"),
        (b">chr1 caf\xe9\nACGT\n", "ACGT"),  # a description of another encoding
        (b">chr1\nA", "A"),
        (b">chr1\nACGU\n", None),
        (b">chr1\nACGTAC*\n", None),
        (b">chr1\nAC-GT\n", None),
        (b">chr1\nACGT\n>chr1\nACGT\n", None),
        (b">chr1\nACGT\n>chr2\n", None),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 1 << 18])
def test_one_answer_whatever_reads_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, chr1: str | None, block: int
) -> None:
    monkeypatch.setattr(fasta, "CHUNK_BYTES", block)
    found = check_every_way(text, tmp_path)
    assert (found and found["chr1"]) == chr1


_LINE = st.text("ACGTNacgtnRX", max_size=5) | st.sampled_from(
    ["", "", "ACGT", "ACGT", "AC GT", " ", "ACGT ", "\tAC", "AC*", "ACGU", ">", "> a", ">b x", ">c", "A>C", ";"]
)
_END = st.sampled_from(["\n", "\n", "\r\n", "\r", "\n\n", "\r\r"])


@settings(deadline=None, derandomize=True, max_examples=150)
@given(lines=st.lists(st.tuples(_LINE, _END), max_size=9), whole=st.booleans(), block=st.integers(1, 30))
def test_any_text_has_one_answer_whatever_reads_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]], whole: bool, block: int
) -> None:
    text = ">s1\n" + "".join(line + end for line, end in lines)
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fasta, "CHUNK_BYTES", block)
        check_every_way((text if whole else text.rstrip("\r\n")).encode(), folder)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("ACGTNacgtnRY\n", min_size=1).filter(str.strip), min_size=1), st.integers(1, 30))
def test_packing_against_text(tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int) -> None:
    path = tmp_path_factory.mktemp("blocks") / "g.fa"
    path.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(texts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fasta, "CHUNK_BYTES", block)
        read = list(read_fasta(path))
    for found, (i, text) in zip(read, enumerate(texts), strict=True):
        bases = text.replace("\n", "").translate(str.maketrans("RY", "NN"))
        expected = packed(f"s{i}", bases)
        assert (found.name, found.size, found.bases) == (expected.name, expected.size, expected.bases)
        assert found.n_blocks.tolist() == expected.n_blocks.tolist()
        assert found.mask_blocks.tolist() == expected.mask_blocks.tolist()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_even_lines_are_read_as_pyfaidx_reads_them(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "genome.fa"
    path.write_bytes(fasta_text(SEQUENCES, newline=newline))
    with pyfaidx.Fasta(str(path), as_raw=True) as reader:
        texts = {record.name: record[:] for record in reader}
    expected = {
        name: "".join(b if b in "ACGTacgt" else "Nn"[b.islower()] for b in text) for name, text in texts.items()
    }
    assert check_every_way(path.read_bytes(), tmp_path) == expected


@pytest.mark.parametrize(
    "index", [b"", b"chr1\t26\t20\t10\t11\n", b"chr1\t20\t20\t10\t11\nchr2\t8\t69\t8\t9\n", b"\xff\0 no index\n"]
)
def test_an_index_beside_the_file_changes_nothing(tmp_path: Path, index: bytes) -> None:
    """Damaged, stale, or of a file whose lines in the middle differ."""
    path = write_as("uneven", tmp_path / "genome.fa", SEQUENCES)
    (tmp_path / "genome.fa.fai").write_bytes(index)
    (tmp_path / "genome.fa.gzi").write_bytes(index)
    assert {name: letters(Genome(path), name) for name in SEQUENCES} == {n: s.upper() for n, s in AS_READ.items()}


def test_headers_and_lines_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "g.fa"
    path.write_bytes(b">a " + b"x" * 1_000_000 + b"\n" + b"ACGT" * 1_000_000 + b"\n>b\nG\n")
    assert Genome(path).sizes == {"a": 4_000_000, "b": 1}
    path.write_bytes(b">a\nACGT\n>b " + b"x" * 2_000_000)
    with pytest.raises(DataError, match=r"line 3: a header of over 1,048,576 bytes"):
        Genome(path)


def test_many_sequences_take_no_longer_each(tmp_path: Path) -> None:
    def seconds(n: int) -> float:
        (tmp_path / "g.fa").write_text("".join(f">scaffold_{i}\nACGT\n" for i in range(n)))
        began = time.process_time()
        assert sum(1 for _ in read_fasta(tmp_path / "g.fa")) == n
        return time.process_time() - began

    seconds(10)
    assert seconds(40_000) < 40 * seconds(2_000), "as many times as long as there are more, with a margin of two"


def test_no_space_for_the_packed_genome_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(DataError, match=r"genome.fa: cannot be packed .*: No space left on device .*TMPDIR"):
        Genome(path)


def test_write_fasta_reads_back_and_repeats_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fasta, "CHUNK_BYTES", 64)  # several batches
    codes = np.random.default_rng(0).integers(0, 5, (50, 13), dtype=np.uint8)
    names = [f"chr1:{i}-{i + 13}(+)" for i in range(50)]
    for name in ("a.fa", "a.fa.gz", "b.fa.gz"):
        write_fasta(tmp_path / name, names, codes)
    lines = (tmp_path / "a.fa").read_text().splitlines()
    assert lines[::2] == [f">{name}" for name in names]
    assert lines[1::2] == [decode(window) for window in codes]
    assert gzip.decompress((tmp_path / "a.fa.gz").read_bytes()) == (tmp_path / "a.fa").read_bytes()
    assert (tmp_path / "a.fa.gz").read_bytes() == (tmp_path / "b.fa.gz").read_bytes()


def test_write_fasta_wants_a_name_for_each_sequence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 names for 2 sequences"):
        write_fasta(tmp_path / "a.fa", ["one"], np.zeros((2, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []
