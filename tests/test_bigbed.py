"""Reading peaks from bigBed, against a writer that follows the format's description (Kent et al. 2010, supplement)."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.intervals import read_bed
from regssl.peaks import collect_peaks

SIZES = {"chr1": 1_000_000, "chr2": 500_000, "chrX": 80_000}
Interval = tuple[str, int, int]
PEAKS: list[Interval] = [("chr1", 100, 300), ("chr1", 250, 400), ("chr1", 999_990, 1_000_000), ("chrX", 0, 80_000)]


def write_bigbed(
    path: Path, intervals: list[Interval], sizes: dict[str, int] = SIZES, rest: bytes = b"name\t0\t."
) -> Path:
    """A little-endian bigBed file with one uncompressed block per chromosome, no zoom levels and no autoSql."""
    ids, names = {chrom: number for number, chrom in enumerate(sizes)}, max(len(chrom) for chrom in sizes)
    tree = struct.pack("<IIIIQQ", 0x78CA8C91, len(sizes), names, 8, len(sizes), 0) + struct.pack(
        "<BBH", 1, 0, len(sizes)
    )
    for chrom, size in sizes.items():
        tree += struct.pack(f"<{names}sII", chrom.encode(), ids[chrom], size)
    data_at = 64 + len(tree)
    data, leaves = struct.pack("<Q", len(intervals)), []
    for chrom in sizes:
        here = sorted((start, end) for name, start, end in intervals if name == chrom)
        if here:
            block = b"".join(struct.pack("<III", ids[chrom], start, end) + rest + b"\0" for start, end in here)
            last = max(end for _, end in here)
            leaves.append(
                struct.pack("<IIIIQQ", ids[chrom], here[0][0], ids[chrom], last, data_at + len(data), len(block))
            )
            data += block
    index_at = data_at + len(data)
    bounds = (0, 0, len(sizes) - 1, max(sizes.values()))
    index = struct.pack("<IIQIIIIQII", 0x2468ACE0, 256, len(leaves), *bounds, index_at, 512, 0)
    index += struct.pack("<BBH", 1, 0, len(leaves)) + b"".join(leaves)
    header = struct.pack("<IHHQQQHHQQIQ", 0x8789F2EB, 4, 0, 64, data_at, index_at, 6, 6, 0, 0, 0, 0)
    path.write_bytes(header + tree + data + index)
    return path


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
    pooled, _ = collect_peaks([write_bigbed(tmp_path / "peaks.bigBed", PEAKS), bed], SIZES)
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
