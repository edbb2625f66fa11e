"""Window sets on disk: codes, table and FASTA agree, also of an empty set."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.packed import packed
from regssl.data.dataset import WindowDataset
from regssl.data.packed import check_codes, load_codes, write_windows
from regssl.data.windows import COLUMNS, window_table
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.sequences.encoding import decode
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit


def windows_of(*rows: tuple) -> pd.DataFrame:
    return window_table(pd.DataFrame(list(rows), columns=COLUMNS))


def genome_of(folder: Path) -> Genome:
    write_twobit(folder / "q.2bit", [packed("q", "AACCNGGTTACG")])
    return Genome(folder / "q.2bit")


def test_the_three_files_agree_and_the_minus_strand_is_reverse_complemented(tmp_path: Path) -> None:
    windows = windows_of(("m", "q", 1, 5, "-", 1, "train", 7), ("m", "q", 8, 12, "+", 0, "train", 9))
    write_windows(windows, genome_of(tmp_path), 4, tmp_path / "sets/m.npy")
    assert [decode(row) for row in np.load(tmp_path / "sets/m.npy")] == ["NGGT", "TACG"]
    pd.testing.assert_frame_equal(load_table(tmp_path / "sets/m.parquet"), windows)
    with gzip.open(tmp_path / "sets/m.fa.gz", "rt") as fasta:
        assert fasta.read().splitlines() == [
            ">m:q:1-5(-) label=1 split=train source=7", "NGGT",
            ">m:q:8-12(+) label=0 split=train source=9", "TACG",
        ]  # fmt: skip
    found = WindowDataset.load([tmp_path / "sets/m.npy"])
    assert found.codes.shape == (2, 4) and found.labels.tolist() == [1, 0]


def test_a_set_written_in_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = windows_of(*[("m", "q", i, i + 4, "+-"[i % 2], i % 2, "train", i) for i in range(5)])
    genome = genome_of(tmp_path)
    write_windows(windows, genome, 4, tmp_path / "whole/m.npy")
    monkeypatch.setattr("regssl.data.packed.CHUNK_ROWS", 2)
    write_windows(windows, genome, 4, tmp_path / "parts/m.npy")
    for suffix in ("npy", "parquet", "fa.gz"):
        whole, parts = ((tmp_path / folder / f"m.{suffix}").read_bytes() for folder in ("whole", "parts"))
        assert (gzip.decompress(whole) == gzip.decompress(parts)) if suffix == "fa.gz" else whole == parts


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((2, 3), np.float32), "holds float32"),
        (np.zeros(3, np.uint8), r"holds uint8 \(3,\)"),
        (np.zeros((3, 2), np.uint8, order="F"), "its size differs from that in its header"),
    ],
)
def test_a_file_that_is_no_set_is_refused(tmp_path: Path, content: np.ndarray, message: str) -> None:
    np.save(tmp_path / "x.npy", content)
    with pytest.raises(DataError, match=message):
        load_codes(tmp_path / "x.npy")


def test_codes_of_no_base_are_refused() -> None:
    check_codes(np.array([[0, 4]], np.uint8), "x.npy")
    with pytest.raises(DataError, match="holds 5, which is no code of a base"):
        check_codes(np.array([[0, 5]], np.uint8), "x.npy")
