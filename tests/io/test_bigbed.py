"""Reading peaks from bigBed, against a writer that follows the format's description (Kent et al. 2010, supplement)."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.bigbed import PEAKS, SIZES, Interval, write_bigbed
from regssl.data.peaks import load_peaks
from regssl.errors import DataError
from regssl.io.bed import read_bed


def rows(table: pd.DataFrame) -> list[Interval]:
    return list(table.itertuples(index=False, name=None))


def test_a_bigbed_file_reads_like_its_bed(tmp_path: Path) -> None:
    bed = tmp_path / "peaks.bed"
    bed.write_text("".join(f"{chrom}\t{start}\t{end}\tname\t0\t.\n" for chrom, start, end in PEAKS))
    table = read_bed(write_bigbed(tmp_path / "peaks.bigBed", PEAKS), SIZES)
    pd.testing.assert_frame_equal(table, read_bed(bed, SIZES))
    assert rows(table) == PEAKS


@pytest.mark.parametrize("name", ["peaks.bed.gz", "peaks.bed", "peaks"])
def test_the_first_bytes_tell_the_format_not_the_name(tmp_path: Path, name: str) -> None:
    assert rows(read_bed(write_bigbed(tmp_path / name, PEAKS))) == PEAKS
    (tmp_path / "text.bigBed").write_bytes(gzip.compress(b"chr1\t1\t2\n"))
    assert rows(read_bed(tmp_path / "text.bigBed")) == [("chr1", 1, 2)]


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.sets(st.tuples(st.sampled_from(list(SIZES)), st.integers(0, 79_000), st.integers(1, 1000)), max_size=60))
def test_every_interval_comes_back(tmp_path_factory: pytest.TempPathFactory, drawn: set[Interval]) -> None:
    intervals = sorted((chrom, start, start + length) for chrom, start, length in drawn)
    path = write_bigbed(tmp_path_factory.mktemp("bigbed") / "x.bigBed", intervals)
    assert sorted(rows(read_bed(path))) == intervals


def test_bigbed_and_bed_are_pooled(tmp_path: Path) -> None:
    bed = tmp_path / "peaks.bed"
    bed.write_text("chr1\t350\t500\n")
    pooled, _ = load_peaks([write_bigbed(tmp_path / "peaks.bigBed", PEAKS), bed], SIZES)
    assert rows(pooled) == [("chr1", 100, 500), ("chr1", 999_990, 1_000_000), ("chrX", 0, 80_000)]


def test_summits_of_a_bigbed_of_narrow_peaks(tmp_path: Path) -> None:
    """ENCODE's bigBed files of peaks are BED6+4: after the interval come seven columns, the summit the last of them."""
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS[:2], rest=b"name\t0\t.\t1.5\t-1\t2.5\t30")
    assert read_bed(path, summits=True)["summit"].tolist() == [130, 280]
    with pytest.raises(DataError, match=r"row 1, column 10 \(summit\): only 6 columns"):
        read_bed(write_bigbed(tmp_path / "bed6.bigBed", PEAKS), summits=True)


def test_a_peak_past_the_end_of_its_chromosome(tmp_path: Path) -> None:
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    with pytest.raises(DataError, match=r"row 4, column 3 \(end\): 80000 is past the end of chrX, 79999 bp long"):
        read_bed(path, SIZES | {"chrX": 79_999})


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
def test_pybigwig_reads_the_same(tmp_path: Path, zipped: bool) -> None:
    pyBigWig = pytest.importorskip("pyBigWig")
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS, zipped=zipped)
    with pyBigWig.open(str(path)) as file:
        found = [(chrom, *entry[:2]) for chrom, size in file.chroms().items() for entry in file.entries(chrom, 0, size)]
    assert found == rows(read_bed(path)) == PEAKS


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (16, 2**40, "something lies at"),  # the data
        (24, 2**40, "something lies at"),  # the index
        (24, 64, "no index where the header says"),
        (8, 72, "no list of chromosomes where the header says"),
    ],
)
def test_offsets_that_lead_nowhere(tmp_path: Path, at: int, value: int, said: str) -> None:
    """pyBigWig, which we used before, ends such a process with a segmentation fault."""
    path = write_bigbed(tmp_path / "peaks.bigBed", PEAKS)
    data = bytearray(path.read_bytes())
    data[at : at + 8] = struct.pack("<Q", value)
    path.write_bytes(data)
    with pytest.raises(DataError, match=rf"peaks\.bigBed: cannot be read as bigBed: .*{said}"):
        read_bed(path)
