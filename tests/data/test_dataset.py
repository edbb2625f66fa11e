"""Window sets in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.packed import packed
from helpers.training_sets import on_disk
from regssl.data.dataset import WindowDataset
from regssl.data.packed import write_windows
from regssl.data.windows import COLUMNS, window_table
from regssl.errors import DataError
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit


def write(folder: Path, name: str, *rows: tuple, width: int = 4) -> Path:
    """A set of windows of the genome q: (start, label, source)."""
    write_twobit(folder / "q.2bit", [packed("q", "AACCNGGTTACG")])
    windows = [("m", "q", start, start + width, "+", label, "train", source) for start, label, source in rows]
    table = window_table(pd.DataFrame(windows, columns=COLUMNS))
    write_windows(table, Genome(folder / "q.2bit"), width, folder / f"{name}.npy")
    return folder / f"{name}.npy"


def test_a_genome_without_homologs_gives_an_empty_set_that_joins_others(tmp_path: Path) -> None:
    found = WindowDataset.load([write(tmp_path, "none"), write(tmp_path, "some", (0, 1, 0))])
    assert found.codes.shape == (1, 4)


def test_origins_are_source_bins_and_the_number_of_the_set(tmp_path: Path) -> None:
    paths = [write(tmp_path, "a", (0, 1, 7), (1, 0, 9)), write(tmp_path, "b"), write(tmp_path, "c", (2, 1, 7))]
    found = WindowDataset.load(paths, origins=True)
    assert found.sources is not None and found.genomes is not None
    assert found.sources.tolist() == [7, 9, 7] and found.genomes.tolist() == [0, 0, 2]
    assert found.labels.tolist() == [1, 0, 1] and found.codes[2].tolist() == [1, 1, 4, 2]
    assert WindowDataset.load(paths).sources is None


def test_sets_of_different_widths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="windows of 3 and 4 bp"):
        WindowDataset.load([write(tmp_path, "a", (0, 1, 0)), write(tmp_path, "b", (0, 1, 0), width=3)])


def test_a_table_of_other_length_than_its_sequences_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a", (0, 1, 0), (1, 1, 1))
    np.save(path, np.zeros((3, 4), np.uint8))
    with pytest.raises(DataError, match="3 sequences but 2 labels"):
        WindowDataset.load([path])


def test_the_checksum_depends_on_sequences_and_labels() -> None:
    codes, labels = torch.zeros(3, 4, dtype=torch.uint8), torch.tensor([0.0, 1, 0])
    sums = {WindowDataset(codes, labels).sha256(), WindowDataset(codes + 1, labels).sha256(),
            WindowDataset(codes, 1 - labels).sha256()}  # fmt: skip
    assert len(sums) == 3
    assert (WindowDataset(codes[:1], labels[:1]) + WindowDataset(codes[1:], labels[1:])).sha256() in sums


def test_damaged_sets_are_refused(tmp_path: Path) -> None:
    path = on_disk(tmp_path, "human", 40, 1)
    np.save(tmp_path / "floats.npy", np.zeros((3, 4), np.float32))
    with pytest.raises(DataError, match="not byte codes"):
        WindowDataset.load([tmp_path / "floats.npy"])
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"human\.npy: cannot be read"):
        WindowDataset.load([path])
