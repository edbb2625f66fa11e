"""Reading FASTA files whole, and writing them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.genomes import SEQUENCES, bgzf, fasta_text
from helpers.packed import packed
from regssl.errors import DataError
from regssl.sequences import fasta
from regssl.sequences.encoding import decode
from regssl.sequences.fasta import read_fasta
from regssl.sequences.genome import Genome, to_twobit, write_fasta


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no sequence in it"),
        (b"\n\n", "no sequence in it"),
        (b"ACGT\n", "line 1: starts with b'ACGT.*not with '>'"),
        (b">a\nAC\n>\nGT\n", "line 3: a header without a name"),
        (b">a x\nAC\n>b\nA\n>a y\nGT\n", "line 5: a second sequence is named 'a'"),
        (b">a\nACGT\nAC*T\n", r"line 3: '\*' is not a base"),
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


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("ACGTNacgtnRY\n", min_size=1).filter(str.strip), min_size=1), st.integers(1, 30))
def test_block_borders_do_not_matter(tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int) -> None:
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
