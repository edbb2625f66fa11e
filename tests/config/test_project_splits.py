"""Splits and sampling of each dataset, and the files that follow its splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.tables import config, write_tables
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.errors import ConfigError

SWAPPED = {"train": ["chr2"], "validation": ["chr1"], "test": ["chr3"]}
ROWS = """\
dataset\tname\tpeaks\tsplits\tsampling_seed\tnegatives_per_positive
ctcf\tCTCF\tc.bed\t\t\t
ctcf_swapped\tCTCF, swapped\tc.bed\tswapped\t\t
ctcf_redrawn\tCTCF, redrawn\tc.bed\tdefault\t7\t
ctcf_many\tCTCF, many negatives\tc.bed\tdefault\t\t100
"""


def project(folder: Path, rows: str = ROWS, **changes: Any) -> Project:
    write_tables(folder)
    (folder / "datasets.tsv").write_text(rows)
    values = {"results_dir": "r", "further_splits": {"swapped": SWAPPED, "unused": SWAPPED}}
    return Project(config(folder, **(values | changes)))


def test_files_follow_the_splits_of_their_dataset(tmp_path: Path) -> None:
    plan = project(tmp_path)
    assert list(plan.splits) == ["default", "swapped"], "splits that no dataset uses are not planned"
    assert plan.splits_of("ctcf") == plan.splits_of("ctcf_redrawn") == plan.config.splits
    assert plan.splits_of("ctcf_swapped").train == ["chr2"]
    assert plan.bins_of("ctcf") == plan.bins_of("ctcf_redrawn") == "r/bins/default.parquet"
    assert plan.bins_of("ctcf_swapped") == "r/bins/swapped.parquet" and plan.bins() == "r/bins/{splits}.parquet"
    assert plan.homologs_of("ctcf_swapped", "mm10") == "r/homologs/swapped/mm10.parquet"
    assert plan.divergence_of("ctcf") == "r/divergence/default.tsv"
    tables = plan.divergence_tables("ctcf_swapped", "ssl-nearest1")
    assert tables == ["r/homologs/swapped/mm10.divergence.tsv"]


def test_a_dataset_with_a_seed_draws_its_own_negatives(tmp_path: Path) -> None:
    plan = project(tmp_path, sampling={"negatives_per_positive": 5, "seed": 3})
    assert plan.sampling_of("ctcf") == plan.sampling_of("ctcf_swapped") == plan.config.sampling
    own = plan.sampling_of("ctcf_redrawn")
    assert (own.seed, own.negatives_per_positive) == (7, 5)
    assert plan.sampling_of("ctcf_many") == plan.config.sampling.model_copy(update={"negatives_per_positive": 100})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS.replace("\tswapped\t", "\tswaped\t"), "row 'ctcf_swapped', column splits: 'swaped' is not in `further_"),
        (ROWS.replace("\tswapped\t", "\tswaped\t"), "did you mean 'swapped'"),
        (ROWS.replace("\t7\t", "\t-7\t"), "column sampling_seed: '-7'"),
        (ROWS.replace("\t100", "\t0"), "column negatives_per_positive: '0'"),
    ],
)
def test_a_wrong_cell(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        project(tmp_path, rows)


@pytest.mark.parametrize("name", ["default", "Swapped", "a-b"])
def test_an_id_of_splits_is_a_part_of_paths_and_not_that_of_the_default(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}'"):
        config(write_tables(tmp_path), further_splits={name: SWAPPED})


def test_splits_that_overlap_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"further_splits.swapped\n.*'chr\*' is in both train and validation"):
        Config.model_validate(
            config(write_tables(tmp_path)).model_dump() | {"further_splits": {"swapped": SWAPPED | {"train": ["chr*"]}}}
        )
