"""BED and narrowPeak files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.io.bed import read_bed

SIZES = {"chr1": 1000, "chr2": 500}


def table(rows: list[tuple[str, int, int]]) -> pd.DataFrame:
    """Rows of (chrom, start, length)."""
    chrom, start, length = zip(*rows, strict=True) if rows else ((), (), ())
    starts, lengths = np.array(start, np.int64), np.array(length, np.int64)
    return pd.DataFrame({"chrom": pd.Series(chrom, dtype="str"), "start": starts, "end": starts + lengths})


def test_bed_and_narrowpeak_plain_and_gzipped_read_alike(tmp_path: Path) -> None:
    text = "track name=x\n# comment\nchr1\t10\t20\tpeak\t5\n\nchr2\t0\t7\r\n"
    (tmp_path / "a.bed").write_bytes(text.encode())
    (tmp_path / "b.narrowPeak.gz").write_bytes(gzip.compress(text.encode()))
    expected = table([("chr1", 10, 10), ("chr2", 0, 7)])
    for name in ("a.bed", "b.narrowPeak.gz"):
        pd.testing.assert_frame_equal(read_bed(tmp_path / name), expected)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chr1\t10", "row 2: 2 columns, BED has at least 3"),
        ("chr1\t-5\t10", r"row 2, column 2 \(start\): '-5' is not a whole number"),
        ("chr1\t5\t1e3", r"row 2, column 3 \(end\): '1e3' is not a whole number"),
        ("chrom\tstart\tend", r"row 2, column 2 \(start\): 'start'"),
        ("\t20\t100", r"row 2, column 1 \(chrom\): is empty"),
        ("chr1\t20", "row 2: 2 columns, BED has at least 3"),
        ("chr1\t5\t" + "x" * 9999, r"row 2, column 3 \(end\): 'x{60}…' is not a whole number"),
        ("chr1\t20\t100 name", r"row 2, column 3 \(end\): '100 name' is not a whole number"),
        ("chr1\t20\t10", "row 2: start 20 is not before end 10"),
        ("chr1\t10\t10", "row 2: start 10 is not before end 10"),
        ("chr1\t990\t1001", r"row 2, column 3 \(end\): 1001 is past the end of chr1, 1000 bp long"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "peaks.bed"
    path.write_text(f"chr1\t0\t5\n{line}\n")
    with pytest.raises(DataError, match=message) as caught:
        read_bed(path, SIZES)
    assert str(path) in str(caught.value)


def test_summits_of_narrow_peaks(tmp_path: Path) -> None:
    path = tmp_path / "a.narrowPeak"
    path.write_text("chr1\t10\t20\tp\t0\t.\t1\t-1\t2\t3\nchr2\t0\t7\tp\t0\t.\t1\t-1\t2\t0\n")
    expected = table([("chr1", 10, 10), ("chr2", 0, 7)]).assign(summit=[13, 0])
    pd.testing.assert_frame_equal(read_bed(path, summits=True), expected)
    path.write_text("# none\n")
    assert read_bed(path, summits=True).columns.tolist() == ["chrom", "start", "end", "summit"]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("p\t0\t.", "6 columns, narrowPeak has 10"),
        ("p\t0\t.\t10\t20\t0\t2\t5,5\t0,5", "12 columns, narrowPeak has 10"),  # BED12 has another column 10
        ("p\t0\t.\t1\t-1\t2\t" + "9" * 5000, "'9{60}…' is not a position within the peak"),
        ("p\t0\t.\t1\t-1\t2\t-1", "-1, which says that none was called"),
        ("p\t0\t.\t1\t-1\t2\t10", "'10' is not a position within the peak"),
    ],
)
def test_a_peak_without_summit_is_named_where_summits_are_asked_for(tmp_path: Path, rest: str, message: str) -> None:
    path = tmp_path / "a.narrowPeak"
    path.write_text(f"chr1\t10\t20\t{rest}\n")
    with pytest.raises(DataError, match=rf"row 1, column 10 \(summit\): {message}.*`peak_centre`"):
        read_bed(path, summits=True)


def test_tabs_separate_where_there_are_any(tmp_path: Path) -> None:
    path = tmp_path / "a.narrowPeak"
    path.write_text(
        "chr1\t10\t20\tmy peak\t0\t.\t1\t-1\t2\t3\t\t\nchr1 \t0\t7\t\t\t\t\t\t\t2\n chr2  5 9  p 0\t. 1 -1\v2 3 \n"
    )
    expected = table([("chr1", 10, 10), ("chr1", 0, 7), ("chr2", 5, 4)]).assign(summit=[13, 2, 8])
    pd.testing.assert_frame_equal(read_bed(path, summits=True), expected)


def test_chromosomes_whose_names_begin_like_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text(
        "track\ntrack name=x\nbrowser\tposition\ntrack7\t1\t2\nbrowser_2\t3\t5\n#chr1\t1\t2\n \t# 1\n\t\v\n"
    )
    pd.testing.assert_frame_equal(read_bed(path), table([("track7", 1, 1), ("browser_2", 3, 2)]))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_other_systems(tmp_path: Path, end: str, last: bool, mark: str) -> None:
    lines = ["#track", "chr1\t10\t20\tpeak", "chr2\t0\t7"]
    (tmp_path / "a.bed").write_bytes((mark + end.join(lines) + end * last).encode())
    pd.testing.assert_frame_equal(read_bed(tmp_path / "a.bed"), table([("chr1", 10, 10), ("chr2", 0, 7)]))


@pytest.mark.parametrize("text", ["", "\n", "# none\n", "track name=x\n"])
def test_a_file_without_a_peak_is_a_table_without_rows(tmp_path: Path, text: str) -> None:
    """As callers of peaks write it where there is none; but an empty `.gz` or `.bb` is an error of the door."""
    (tmp_path / "a.bed").write_text(text)
    pd.testing.assert_frame_equal(read_bed(tmp_path / "a.bed"), table([]))
    (tmp_path / "a.bb").write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        read_bed(tmp_path / "a.bb")


def test_a_truncated_gzip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "peaks.bed.gz"
    path.write_bytes(gzip.compress(b"chr1\t0\t5\n" * 1000)[:-20])
    with pytest.raises(DataError, match=r"peaks\.bed\.gz: truncated or damaged gzip"):
        read_bed(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_bed(tmp_path / "none.bed")
