"""Reading peaks from bigBed, against a writer that follows the format's description (Kent et al. 2010, supplement)."""

from __future__ import annotations

import gzip
import os
import struct
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.bigbed import PEAKS, SIZES, Interval, write_bigbed
from regssl.errors import DataError
from regssl.io.bed import read_bed
from regssl.io.bigbed import read_bigbed


def rows(table: pd.DataFrame) -> list[Interval]:
    return list(table.itertuples(index=False, name=None))


def test_a_bigbed_file_reads_like_its_bed(tmp_path: Path) -> None:
    bed = tmp_path / "peaks.bed"
    bed.write_text("".join(f"{chrom}\t{start}\t{end}\tname\t0\t.\n" for chrom, start, end in PEAKS))
    table = read_bed(write_bigbed(tmp_path / "peaks.bigBed", PEAKS), SIZES)
    pd.testing.assert_frame_equal(table, read_bed(bed, SIZES))
    assert rows(table) == PEAKS


@pytest.mark.parametrize("name", ["peaks.bed.gz", "peaks.bed", "peaks"])
def test_the_first_bytes_are_the_format_not_the_name(tmp_path: Path, name: str) -> None:
    assert rows(read_bed(write_bigbed(tmp_path / name, PEAKS))) == PEAKS
    (tmp_path / "text.bigBed").write_bytes(gzip.compress(b"chr1\t1\t2\n"))
    assert rows(read_bed(tmp_path / "text.bigBed")) == [("chr1", 1, 2)]


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.sets(st.tuples(st.sampled_from(list(SIZES)), st.integers(0, 79_000), st.integers(1, 1000)), max_size=60))
def test_every_interval_comes_back(tmp_path_factory: pytest.TempPathFactory, sampled: set[Interval]) -> None:
    intervals = sorted((chrom, start, start + length) for chrom, start, length in sampled)
    path = write_bigbed(tmp_path_factory.mktemp("bigbed") / "x.bigBed", intervals)
    assert sorted(rows(read_bed(path))) == intervals


def test_summits_of_a_bigbed_of_narrow_peaks(tmp_path: Path) -> None:
    """ENCODE's bigBed files of peaks are BED6+4: after the interval come seven columns, the summit the last of them."""
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS[:2], rest=b"name\t0\t.\t1.5\t-1\t2.5\t30")
    assert read_bed(path, summits=True)["summit"].tolist() == [130, 280]
    with pytest.raises(DataError, match=r"row 1, column 10 \(summit\): 6 columns, narrowPeak has 10"):
        read_bed(write_bigbed(tmp_path / "bed6.bigBed", PEAKS), summits=True)


def test_a_header_with_another_length_of_a_chromosome_is_another_assembly(tmp_path: Path) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    with pytest.raises(
        DataError, match=r"peaks.bigBed: chrX has 80,000 bp there, 79,999 bp in mm10 \(another assembly"
    ):
        read_bed(path, SIZES | {"chrX": 79_999}, genome="mm10")


@pytest.mark.parametrize("kept", [4, 30, 64, 100, 200])
def test_a_damaged_file_is_named(tmp_path: Path, kept: int) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"peaks\.bigBed: cannot be read as bigBed"):
        read_bed(path)


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_bed(tmp_path / "absent.bigBed")


@pytest.mark.parametrize("zipped", [False, True])
def test_the_other_byte_order(tmp_path: Path, zipped: bool) -> None:
    assert rows(read_bed(write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=zipped, order=">"))) == PEAKS


@pytest.mark.parametrize("zipped", [False, True])
def test_pybigwig_reads_the_same(tmp_path: Path, zipped: bool) -> None:
    pyBigWig = pytest.importorskip("pyBigWig")
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=zipped)
    with pyBigWig.open(str(path)) as file:
        found = [
            (chrom, *entry[:2]) for chrom, size in file.chroms().items() for entry in file.entries(chrom, 0, size) or []
        ]
    assert found == rows(read_bed(path)) == PEAKS


def test_a_file_that_another_library_wrote(tmp_path: Path) -> None:
    """With several blocks, levels of the index and zoom levels, which the writer here has not."""
    pybigtools = pytest.importorskip("pybigtools")
    rng, sizes = np.random.default_rng(1), {f"chr{number}": 3_000_000 for number in range(1, 9)}
    starts = {chrom: np.sort(rng.choice(2_999_000, 4000, replace=False)).tolist() for chrom in sizes}
    expected = [
        (chrom, start, start + 1 + start % 999, f"peak {start}\t7\t+") for chrom in sizes for start in starts[chrom]
    ]
    pybigtools.open(str(tmp_path / "x.bigBed"), "w").write(sizes, iter(expected))
    found = read_bigbed(tmp_path / "x.bigBed")
    assert [(chrom, start, end, "\t".join(rest)) for chrom, start, end, rest in found] == expected


def test_bigbed_from_a_pipe_and_compressed(tmp_path: Path) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    (tmp_path / "peaks.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert rows(read_bed(tmp_path / "peaks.gz")) == PEAKS
    os.mkfifo(tmp_path / "fifo")
    thread = threading.Thread(target=(tmp_path / "fifo").write_bytes, args=[path.read_bytes()])
    thread.start()
    assert rows(read_bed(tmp_path / "fifo")) == PEAKS
    thread.join()


def changed(path: Path, at: int, value: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + len(value)] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, b"text", "its first bytes are not those of a bigBed file"),
        (16, struct.pack("<Q", 2**40), "unpack_from requires a buffer of at least"),
        (24, struct.pack("<Q", 2**40), "unpack_from requires a buffer of at least"),  # the index
        (24, struct.pack("<Q", 64), "its index is not where its header says"),
        (8, struct.pack("<Q", 72), "its chromosomes are not where its header says"),
        (136, struct.pack("<Q", 5), "its header counts 5 intervals, 4 are found"),
        (136, struct.pack("<Q", 3), "its header counts 3 intervals, more are found"),
        (136, struct.pack("<Q", 2**50), "its header counts 1125899906842624 intervals, 4 are found"),
        (144, struct.pack("<III", 0, 300, 299), "an interval of chr1, 300 to 299, is not within its 1000000 bp"),
        (144, struct.pack("<III", 0, 260, 400), "an interval of chr1, 250 to 400, is not in order"),
    ],
)
def test_a_file_that_contradicts_itself(tmp_path: Path, at: int, value: bytes, message: str) -> None:
    """Other libraries panic, abort, or end the process with a segmentation fault."""
    path = changed(write_bigbed(tmp_path / "peaks.bigBed", PEAKS), at, value)
    with pytest.raises(DataError, match=rf"peaks\.bigBed: cannot be read as bigBed: .*{message}"):
        read_bigbed(path)


def root_of_index(path: Path) -> int:
    return struct.unpack_from("<Q", path.read_bytes(), 24)[0] + 48


@pytest.mark.parametrize("size", [2**33, 2**60, 2**63])
def test_a_block_longer_than_the_file(tmp_path: Path, size: int) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    with pytest.raises(
        DataError, match=r"peaks\.bigBed: cannot be read as bigBed: (a block ends|Python int too large)"
    ):
        read_bigbed(changed(path, root_of_index(path) + 4 + 24, struct.pack("<Q", size)))


def test_a_block_that_is_larger_than_announced(tmp_path: Path) -> None:
    """UCSC's programs announce the exact size of the largest block."""
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=True)
    largest = 3 * len(struct.pack("<III", 0, 0, 0) + b"name\t0\t.\0")
    assert len(read_bigbed(changed(path, 52, struct.pack("<I", largest)))) == 4
    with pytest.raises(DataError, match="a compressed block is cut short, or longer than its header says"):
        read_bigbed(changed(path, 52, struct.pack("<I", largest - 1)))


def test_an_index_that_is_a_circle(tmp_path: Path) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    root = root_of_index(path)
    with pytest.raises(DataError, match="its index is a circle"):
        read_bigbed(changed(path, root, struct.pack("<BBHIIIIQ", 0, 0, 1, 0, 0, 2, 1_000_000, root)))


@pytest.mark.parametrize(
    ("rest", "summit"),
    [
        ("a name\t0\t.\t1.5\t-1\t2.5\t30", 30),
        ("\t0\t.\t1.5\t-1\t2.5\t30", 30),
        ("\t\t\t\t\t\t7", 7),
        ("a name\t0\t.\t1 .5\t\t2.5\t30", 30),
        ("name\t0\t.\t1.5\t-1\t2 5\t", None),  # at white space, 5 would be the summit
        ("name\t0\t.\t1.5\t-1\t2.5\t", None),
        ("name\t0\t.\t1.5\t-1\t2.5\t³", None),
    ],
)
def test_columns_are_separated_by_tabs_alone(tmp_path: Path, rest: str, summit: int | None) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS[:1], rest=rest.encode())
    assert [interval.rest for interval in read_bigbed(path)] == [tuple(rest.split("\t"))]
    if summit is None:
        with pytest.raises(DataError, match=r"row 1, column 10 \(summit\): '³?' is not a position within the peak"):
            read_bed(path, summits=True)
    else:
        assert read_bed(path, summits=True)["summit"].tolist() == [100 + summit]


@pytest.mark.parametrize("rest", ["a name\t0\t.\t1.5\t-1\t30", "name\t0\t.\t1.5\t-1\t2.5\t30\t7"])
def test_other_columns_than_those_of_narrow_peaks(tmp_path: Path, rest: str) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS[:2], rest=rest.encode())
    assert rows(read_bed(path)) == PEAKS[:2]
    with pytest.raises(DataError, match=r"row 1, column 10 \(summit\): (9|11) columns, narrowPeak has 10"):
        read_bed(path, summits=True)


@pytest.mark.parametrize("text", [b"n\xffme", b"a\xa0b"])
def test_a_text_that_is_not_utf_8(tmp_path: Path, text: bytes) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS[:2], rest=text + b"\t0\t.")
    for read in (read_bigbed, read_bed):
        with pytest.raises(DataError, match="not UTF-8") as error:
            read(path)
        assert str(error.value) == (
            f"{path}: cannot be read as bigBed: a text in it is not UTF-8 "
            "(is the file whole? if so, make a BED file of it (bigBedToBed))"
        )


@pytest.mark.parametrize("zipped", [False, True])
def test_every_cut_is_noticed(tmp_path: Path, zipped: bool) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=zipped)
    whole = path.read_bytes()
    for kept in range(4, len(whole)):
        path.write_bytes(whole[:kept])
        with pytest.raises(DataError):
            read_bigbed(path)


def test_every_flipped_bit_of_compressed_intervals_is_noticed_or_unharmed(tmp_path: Path) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=True, rest=b"name\t0\t.\t1.5\t-1\t2.5\t30")
    whole, expected = path.read_bytes(), read_bigbed(path)
    changed_names = 0
    for bit in range(32, 8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found = read_bigbed(path)
        except DataError:
            continue
        assert [interval[1:] for interval in found] == [interval[1:] for interval in expected]
        changed_names += found != expected
    assert changed_names <= 8 * sum(map(len, SIZES)), "names of chromosomes are not protected by anything"
