"""The 2bit format: bytes put together by hand from the specification, round trips, damage."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.packed import packed
from regssl.errors import DataError
from regssl.sequences import twobit
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.twobit import TwoBit, write_twobit

BITS = {"T": 0b00, "C": 0b01, "A": 0b10, "G": 0b11}


def by_hand(order: str = "<", version: int = 0) -> bytes:
    """Two sequences: s1 = TCAGNNNNacgtT (N at 4-8, masked 8-12) and x = G."""
    word = lambda *values: struct.pack(f"{order}{len(values)}I", *values)  # noqa: E731
    offset = word if version == 0 else lambda value: struct.pack(f"{order}Q", value)
    pointer = 4 if version == 0 else 8
    record_1 = word(13, 1, 4, 4, 1, 8, 4, 0) + bytes([0b00011011, 0b00000000, 0b10011100, 0b00000000])
    record_2 = word(1, 0, 0, 0) + bytes([0b11000000])
    first = 16 + (1 + 2 + pointer) + (1 + 1 + pointer)
    header = word(0x1A412743, version, 2, 0)
    index = b"\x02s1" + offset(first) + b"\x01x" + offset(first + len(record_1))
    return header + index + record_1 + record_2


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("order", ["<", ">"])
def test_reads_the_specification(tmp_path: Path, order: str, version: int) -> None:
    path = tmp_path / "hand.2bit"
    path.write_bytes(by_hand(order, version))
    genome = TwoBit(path)
    assert genome.sizes == {"s1": 13, "x": 1}
    assert genome.text("s1", 0, 13) == "TCAGNNNNacgtT"
    assert genome.text("x", 0, 1) == "G"
    assert genome.n_blocks("s1").tolist() == [[4, 8]]
    assert genome.mask_blocks("s1").tolist() == [[8, 12]]
    assert genome.n_blocks("x").tolist() == genome.mask_blocks("x").tolist() == []
    assert decode(genome.codes("s1")) == "TCAGNNNNACGTT"


def test_writes_the_specification(tmp_path: Path) -> None:
    written = (packed(name, text) for name, text in {"s1": "TCAGNNNNacgtT", "x": "G"}.items())
    assert write_twobit(tmp_path / "w.2bit", written) == {"s1": 13, "x": 1}
    assert (tmp_path / "w.2bit").read_bytes() == by_hand()


def test_writes_version_1_where_32_bits_do_not_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twobit, "_LARGEST_OFFSET_V0", 50)
    write_twobit(tmp_path / "w.2bit", [packed("s1", "TCAGNNNNacgtT"), packed("x", "G")])
    assert (tmp_path / "w.2bit").read_bytes() == by_hand(version=1)


SEQUENCES = st.lists(st.text("ACGTNacgtn", min_size=1, max_size=60), min_size=1, max_size=4)


def write(path: Path, texts: list[str]) -> Path:
    write_twobit(path, (packed(f"chr{i}", text) for i, text in enumerate(texts)))
    return path


@settings(deadline=None, derandomize=True)
@given(SEQUENCES)
def test_round_trip_keeps_bases_and_mask(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    genome = TwoBit(write(tmp_path_factory.mktemp("trip") / "t.2bit", texts))
    assert list(genome.sizes.values()) == [len(text) for text in texts]
    assert [genome.text(name, 0, size) for name, size in genome.sizes.items()] == texts


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_windows_are_slices(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Every phase, width, strand and both ends, with runs of N: against Python slicing."""
    text = data.draw(st.lists(st.sampled_from(["ACGTTGCA", "NNN", "G", "ca"]), min_size=1, max_size=12).map("".join))
    genome = TwoBit(write(tmp_path_factory.mktemp("windows") / "w.2bit", ["TT", text, "GG"]))
    width = data.draw(st.integers(0, len(text)))
    starts = np.arange(len(text) - width + 1)[::-1]
    minus = np.array(data.draw(st.lists(st.booleans(), min_size=len(starts), max_size=len(starts))))
    codes = genome.windows("chr1", starts, width, minus)
    assert codes.shape == (len(starts), width) and codes.dtype == np.uint8
    for start, strand, window in zip(starts, minus, codes, strict=True):
        plus = encode(text[start : start + width])
        assert decode(window) == decode(reverse_complement(plus) if strand else plus)
    n = [text[start : start + width].upper().count("N") for start in starts]
    assert genome.n_bases("chr1", starts, starts + width).tolist() == n


def test_no_windows(tmp_path: Path) -> None:
    genome = TwoBit(write(tmp_path / "t.2bit", ["ACGT"]))
    assert genome.windows("chr0", np.empty(0, int), 3).shape == (0, 3)


@pytest.mark.parametrize(("start", "width"), [(-1, 3), (2, 3), (5, 1), (1, 4), (3, -1)])
def test_a_window_past_an_end_is_refused(tmp_path: Path, start: int, width: int) -> None:
    genome = TwoBit(write(tmp_path / "t.2bit", ["ACGT"]))
    with pytest.raises(DataError, match=f"chr0:{start}-{start + width} .*row 1.* not within 0-4"):
        genome.windows("chr0", np.array([0, start]), width) if width > 0 else genome.n_bases(
            "chr0", np.array([0, start]), np.array([1, start + width])
        )


def test_an_unknown_sequence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no sequence 'chr9' \(it has chr0"):
        TwoBit(write(tmp_path / "t.2bit", ["ACGT"])).text("chr9", 0, 1)


@pytest.mark.parametrize("version", [0, 1])
def test_every_truncation_is_noticed_when_the_file_is_opened(tmp_path: Path, version: int) -> None:
    whole = by_hand(version=version)
    path = tmp_path / "cut.2bit"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"truncated|empty|not a 2bit file"):
            TwoBit(path)


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, 0x1A412744, "not a 2bit file"),
        (4, 2, "version 2"),
        (19, 10_000, "truncated.*byte 10008"),  # the index points past the end
        (29, 1_000_000, "sequence s1 ends at byte"),  # more bases than the file holds
    ],
)
def test_damage_is_named(tmp_path: Path, at: int, value: int, message: str) -> None:
    damaged = bytearray(by_hand())
    damaged[at : at + 4] = struct.pack("<I", value)
    (tmp_path / "bad.2bit").write_bytes(damaged)
    with pytest.raises(DataError, match=message):
        TwoBit(tmp_path / "bad.2bit")


def test_blocks_past_the_end_are_refused(tmp_path: Path) -> None:
    damaged = by_hand().replace(struct.pack("<3I", 1, 4, 4), struct.pack("<3I", 1, 4, 40))
    (tmp_path / "bad.2bit").write_bytes(damaged)
    with pytest.raises(DataError, match="blocks of s1 overlap or run past"):
        TwoBit(tmp_path / "bad.2bit").text("s1", 0, 1)


@pytest.mark.parametrize("names", [["a", "a"], [""], ["n" * 256], ["chrÄ"]])
def test_names_the_format_cannot_hold_are_refused_and_nothing_is_left(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(DataError, match="cannot store sequence"):
        write_twobit(tmp_path / "t.2bit", [packed(name, "ACGT") for name in names])
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        TwoBit(tmp_path / "none.2bit")


def test_py2bit_reads_the_same(tmp_path: Path) -> None:
    py2bit = pytest.importorskip("py2bit", reason="py2bit is not installed")
    letters = np.frombuffer(b"ACGTacgtNNNNNNNN", np.uint8)
    texts = [letters[np.random.default_rng(i).integers(0, 9 + i, 1000 + i)].tobytes().decode() for i in range(5)]
    path = write(tmp_path / "t.2bit", texts)
    other = py2bit.open(str(path), True)
    assert other.chroms() == TwoBit(path).sizes
    assert [other.sequence(f"chr{i}") for i in range(5)] == texts
