"""Peaks moved into regions, against the obvious way; those that are not whole in one region are left out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.liftover.chain_file import read_chains
from regssl.regions.peaks import move_measured_peaks, move_peaks, region_intervals
from regssl.regions.places import Place

OFFSET = Place("stretch", 100, "hg19", "chr2", 1000, 1100, "", 0, "", "hg19")
MOVED = Place("ENm", 300, "hg19", "chr7", 0, 500, "chr7", 50, "", "hg16")
CHAIN = "chain 1 7 500 + 100 400 7 900 + 50 352 1\n100 0 2\n200\n"


def peak(chrom: str, start: int, end: int, summit: int) -> str:
    return f"{chrom}\t{start}\t{end}\tname\t900\t+\t1.5\t-1\t3.25\t{summit}\n"


def test_both_ends_and_the_summit_move(tmp_path: Path) -> None:
    (tmp_path / "x.chain").write_text(CHAIN)
    lines = [
        peak("chr7", 150, 260, 100),  # over the insertion of 2 bp before 200
        peak("chr2", 1000, 1100, 0),
        peak("chr2", 1090, 1101, 0),  # ends outside
        peak("chr7", 90, 150, 20),  # begins outside
        peak("chr7", 120, 130, 10),  # its summit is its end, as some callers write
        peak("chrX", 1, 2, 0),
    ]
    with gzip.open(tmp_path / "p.gz", "wt") as file:
        file.writelines(lines)
    moved = move_peaks([tmp_path / "p.gz"], [OFFSET, MOVED], read_chains(tmp_path / "x.chain"))
    assert moved == [
        "ENm\t20\t30\tchr7:120-130\t900\t.\t1.5\t-1\t3.25\t10\n",
        "ENm\t50\t162\tchr7:150-260\t900\t.\t1.5\t-1\t3.25\t102\n",
        "stretch\t0\t100\tchr2:1000-1100\t900\t.\t1.5\t-1\t3.25\t0\n",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chr2\t1000\t1100\n", "line 1: 3 columns"),
        ("chr2\tx\t1100\ta\t1\t.\t1\t1\t1\t5\n", "line 1, column 2: 'x' is not a whole number"),
        ("chr2\t1000\t1100\ta\t1\t.\t1\t1\t1\t-1\n", "line 1, column 10: '-1' is not a whole number"),
        (peak("chr2", 1000, 1100, 101), "start 1000, summit 1101, end 1100: not in this order"),
        (peak("chr2", 1000, 1000, 0), "not in this order"),
        (peak("2", 1000, 1100, 10), "p: no peak on chr2"),
        (">chr2\nACGT\n", r"p: no peak on chr2 \(are these peaks, on that assembly\?\)"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "p").write_text(line)
    with pytest.raises(DataError, match=problem):
        move_peaks([tmp_path / "p"], [OFFSET])


def test_measured_peaks_have_their_middle_as_summit(tmp_path: Path) -> None:
    (tmp_path / "plus").write_text("chr2\t1010\t1021\nchr2\t1090\t1110\n")
    (tmp_path / "minus").write_text("chr2\t1000\t1004\nchr2\t1010\t1021\n")
    place = OFFSET._replace(end=1080, assembly="mm9")
    assert move_measured_peaks([tmp_path / "plus", tmp_path / "minus"], [place], "Who2020") == [
        "stretch\t0\t4\tWho2020:chr2:1000-1004(mm9)\t0\t.\t0\t-1\t-1\t2\n",
        "stretch\t10\t21\tWho2020:chr2:1010-1021(mm9)\t0\t.\t0\t-1\t-1\t5\n",
    ]
    assert region_intervals([place]) == ["stretch\t0\t80\n"]
