"""Counts of a dataset's training windows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from regssl.data.training_windows import count_training_windows, read_n_training_windows
from regssl.errors import DataError
from regssl.io.parquet import save_table
from regssl.io.tsv import write_tsv


def test_windows_and_positives_of_each_genome(tmp_path: Path) -> None:
    """A genome without a homolog has a row too."""
    labels = {"hg38": [1, 0, 0, 0], "mouse": [1, 1, 0], "opossum": []}
    for genome, own in labels.items():
        save_table(pd.DataFrame({"chrom": "chr1", "label": pd.Series(own, dtype="uint8")}), tmp_path / genome)
    counts = count_training_windows({genome: tmp_path / genome for genome in labels})
    assert counts.to_dict("list") == {"genome": list(labels), "windows": [4, 3, 0], "positives": [1, 2, 0]}
    write_tsv(counts, tmp_path / "counts.tsv")
    assert read_n_training_windows(tmp_path / "counts.tsv") == 7


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    write_tsv(pd.DataFrame({"genome": ["hg38"]}), tmp_path / "counts.tsv")
    with pytest.raises(DataError, match=r"counts\.tsv.*windows"):
        read_n_training_windows(tmp_path / "counts.tsv")
