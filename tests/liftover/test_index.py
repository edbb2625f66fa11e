"""Index of a chain file: the same arrays come back, and a wrong file is refused."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
import pytest

from regssl.errors import ChainError
from regssl.liftover.bed import lift_bed
from regssl.liftover.chain_file import peek_sizes, read_chains
from regssl.liftover.chains import Chains
from regssl.liftover.index import MAGIC, PREFIX, VERSION, open_index, read_sizes, save_index

TEXT = """\
chain 900 chr1 9000 + 100 140 chrA 500 + 20 65 7
10 0 5
10 10 10
10

chain 80.5 ü 1000 + 121 125 chrB 300 - 50 54
4
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "x.chain.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    return path


@pytest.fixture
def index(source: Path) -> Path:
    path = source.with_name("x.chains")
    save_index(read_chains(source), path)
    return path


def assert_same(found: Chains, expected: Chains) -> None:
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), value)
        assert isinstance(value, dict) or getattr(found, name).dtype == value.dtype


def test_the_same_arrays_come_back(source: Path, index: Path) -> None:
    expected = read_chains(source)
    for found in (open_index(index), read_chains(index)):
        assert_same(found, expected)
    assert list(open_index(index).target_sizes) == ["chr1", "ü"]
    assert peek_sizes(index) == peek_sizes(source) == (expected.target_sizes, expected.query_sizes)


def test_an_index_is_read_wherever_a_chain_file_is(source: Path, index: Path, tmp_path: Path) -> None:
    bed = tmp_path / "in.bed"
    bed.write_text("chr1\t100\t130\tn\t0\t+\nchr1\t500\t600\n")
    for chain in (source, index):
        lift_bed(bed, chain, tmp_path / "mapped", tmp_path / "unmapped", min_match=0.5)
        assert (tmp_path / "mapped").read_text() == "chrA\t20\t45\tn\t0\t+\n"
        assert (tmp_path / "unmapped").read_text() == "#Deleted in new\nchr1\t500\t600\n"


def test_real_chains(shared: Path, tmp_path: Path) -> None:
    chains = read_chains(shared / "encode_regions/chains/humanToDog.over.chain.gz")
    save_index(chains, tmp_path / "dog.chains")
    assert_same(open_index(tmp_path / "dog.chains"), chains)


def test_changes_stay_in_memory(index: Path) -> None:
    before = index.read_bytes()
    open_index(index).block_start[0] = 77
    assert index.read_bytes() == before


def test_a_wrong_file_is_refused(source: Path, index: Path) -> None:
    whole = index.read_bytes()
    for data, message in (
        (b"", "not an index of chains"),
        (MAGIC, "not an index of chains"),
        (TEXT.encode(), "not an index of chains"),
        (whole[:40], "header cannot be read"),
        (whole[:-1], f"{len(whole) - 1} bytes, expected {len(whole)}"),
        (whole + b"x", f"{len(whole) + 1} bytes, expected {len(whole)}"),
        (MAGIC + b"\x09\0\0\0" + whole[len(MAGIC) + 4 :], "version 9, expected 4"),
    ):
        index.write_bytes(data)
        with pytest.raises(ChainError, match=message) as error:
            open_index(index)
        assert str(index) in str(error.value)
    with pytest.raises(ChainError, match="No such file"):
        open_index(source.with_name("absent"))


@pytest.mark.parametrize("width", [1, 4])
def test_any_changed_byte_is_an_error(index: Path, width: int) -> None:
    """A wrong number of a block would be a wrong answer, or a place outside an array."""
    whole = index.read_bytes()
    for at in range(0, len(whole) - width + 1, width):
        index.write_bytes(whole[:at] + bytes(byte ^ 0xFF for byte in whole[at : at + width]) + whole[at + width :])
        with pytest.raises(ChainError, match=r"x\.chains: .*(make it again|make one)"):
            open_index(index)


def test_a_lift_by_a_damaged_index_writes_nothing(index: Path, tmp_path: Path) -> None:
    whole = index.read_bytes()
    index.write_bytes(whole[:-8] + b"\xff" * 8)
    bed = tmp_path / "in.bed"
    bed.write_text("chr1\t100\t130\n")
    with pytest.raises(ChainError, match="its checksum is wrong"):
        lift_bed(bed, index, tmp_path / "mapped", tmp_path / "unmapped")
    assert not (tmp_path / "mapped").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("block_chain", 2**31 - 1), ("block_chain", -1), ("target", 2), ("query", 9), ("bucket", 2**31 - 1),
        ("block_offsets", 2**40), ("bucket_offsets", 2**40),
    ],
)  # fmt: skip
def test_arrays_that_lead_out_of_one_another_are_refused(source: Path, index: Path, column: str, value: int) -> None:
    """Their checksum is right: such a file was made to attack."""
    chains = read_chains(source)
    getattr(chains, column)[-1] = value
    save_index(chains, index)
    with pytest.raises(ChainError, match="its arrays contradict one another"):
        open_index(index)


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000, b"[]", b"{}", b'{"target_sizes": {}, "query_sizes": {}, "columns": []}',
        b'{"target_sizes": {"a": "x"}, "query_sizes": {}, "columns": {}}',
        b'{"target_sizes": {}, "query_sizes": {}, "columns": {"target": ["O", 1]}}',
        b'{"target_sizes": {}, "query_sizes": {}, "columns": {"target": ["<i4", -1]}}',
    ],
)  # fmt: skip
def test_a_header_of_something_else_is_refused(index: Path, header: bytes) -> None:
    index.write_bytes(PREFIX.pack(MAGIC, VERSION, len(header), zlib.crc32(header), 0) + header)
    for read in (open_index, read_sizes):
        with pytest.raises(ChainError, match="its header is not that of an index of chains"):
            read(index)
