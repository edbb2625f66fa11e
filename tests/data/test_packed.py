"""Packed sets: codes, table and FASTA say the same, also when there is nothing to say."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.packed import packed
from regssl.data.dataset import WindowDataset
from regssl.data.packed import write_windows
from regssl.data.windows import COLUMNS, window_table
from regssl.io.parquet import load_table
from regssl.sequences.encoding import decode
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit


def windows_of(*rows: tuple) -> pd.DataFrame:
    return window_table(pd.DataFrame(list(rows), columns=COLUMNS))


def genome_of(folder: Path) -> Genome:
    write_twobit(folder / "q.2bit", [packed("q", "AACCNGGTTACG")])
    return Genome(folder / "q.2bit")


def test_the_three_files_agree_and_the_minus_strand_is_turned(tmp_path: Path) -> None:
    windows = windows_of(("m", "q", 1, 5, "-", 1, "train", 7), ("m", "q", 8, 12, "+", 0, "train", 9))
    write_windows(windows, genome_of(tmp_path), 4, tmp_path / "sets/m.npy")
    assert [decode(row) for row in np.load(tmp_path / "sets/m.npy")] == ["NGGT", "TACG"]
    pd.testing.assert_frame_equal(load_table(tmp_path / "sets/m.parquet"), windows)
    with gzip.open(tmp_path / "sets/m.fa.gz", "rt") as fasta:
        assert fasta.read().splitlines() == [
            ">m:q:1-5(-) label=1 split=train source=7", "NGGT",
            ">m:q:8-12(+) label=0 split=train source=9", "TACG",
        ]  # fmt: skip
    packed = WindowDataset.load([tmp_path / "sets/m.npy"])
    assert packed.codes.shape == (2, 4) and packed.labels.tolist() == [1, 0]


def test_a_genome_without_homologs_gives_an_empty_set_that_joins_others(tmp_path: Path) -> None:
    genome = genome_of(tmp_path)
    write_windows(windows_of(("m", "q", 0, 4, "+", 1, "train", 0)), genome, 4, tmp_path / "some.npy")
    write_windows(windows_of(), genome, 4, tmp_path / "none.npy")
    packed = WindowDataset.load([tmp_path / "none.npy", tmp_path / "some.npy"])
    assert packed.codes.shape == (1, 4)
