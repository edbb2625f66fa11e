"""Replicates of datasets: what they train, what follows them, and rows that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.tables import config, write_tables
from regssl.config.project import Project
from regssl.errors import ConfigError
from regssl.evaluation.design import DesignRow

SWAPPED = {"train": ["chr2"], "validation": ["chr1"], "test": ["chr3"]}
ROWS = """\
dataset\tname\tpeaks\tsplits\tsampling_seed\treplicate_of
ctcf_swapped\tCTCF, swapped\tc.bed\tswapped\t\tctcf
ctcf\tCTCF\tc.bed\t\t\t
max\tMAX\tm.bed\t\t\t
ctcf_redrawn\tCTCF, redrawn\tc.bed\t\t7\tctcf
"""


def project(folder: Path, rows: str = ROWS, **changes: Any) -> Project:
    write_tables(folder)
    (folder / "datasets.tsv").write_text(rows)
    values = {"results_dir": "r", "further_splits": {"swapped": SWAPPED, "elsewhere": SWAPPED | {"test": ["chr4"]}}}
    return Project(config(folder, **(values | {"methods": ["sl", "ssl", "sl_mutated"]} | changes)))


def test_a_replicate_is_no_dataset_of_the_tables(tmp_path: Path) -> None:
    plan = project(tmp_path)
    assert list(plan.datasets) == ["ctcf", "max"] and list(plan.replicates) == ["ctcf_swapped", "ctcf_redrawn"]
    names = plan.display_names()
    assert list(names["datasets"]) == ["ctcf", "max"] and names["replicates"]["ctcf_swapped"] == "CTCF, swapped"
    assert not any("ctcf_" in path for path in plan.all_run_files("metrics.json"))


def test_a_replicate_trains_what_the_gain_is_read_from(tmp_path: Path) -> None:
    plan = project(tmp_path, ablations={"train_percent": [25]})
    assert plan.methods["ctcf_swapped"] == ["sl", "ssl"] and "sl-train25" in plan.methods["ctcf"]
    assert plan.training_genomes("ctcf_swapped", "mutated") == [] and plan.training_genomes("ctcf", "mutated")
    assert plan.training_windows("ctcf_swapped", "homologs", "npy") == ["r/datasets/ctcf_swapped/homologs/mm10.npy"]
    assert plan.bins_of("ctcf_swapped") == "r/bins/swapped.parquet" and plan.sampling_of("ctcf_redrawn").seed == 7
    assert plan.peaks("ctcf_swapped") == plan.peaks("ctcf")
    assert plan.dataset_results("ctcf_swapped") == [
        "r/runs/ctcf_swapped/summary.tsv",
        "r/datasets/ctcf_swapped/leakage/counts.tsv",
    ]


def test_the_nested_design_has_each_dataset_before_its_replicates(tmp_path: Path) -> None:
    assert project(tmp_path).nested_design() == [
        DesignRow("ctcf", "ctcf", "default"),
        DesignRow("ctcf_swapped", "ctcf", "swapped"),
        DesignRow("ctcf_redrawn", "ctcf", "default"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\t7\tctcf", "\t7\tctfc", "row 'ctcf_redrawn', column replicate_of: 'ctfc' is not a selected row with peaks"),
        ("\t7\tctcf", "\t7\tctcf_swapped", "'ctcf_swapped' is a replicate itself"),
        ("\t7\tctcf", "\t7\tmax", "'max' has other values in peaks"),
        ("\tswapped\t\tctcf", "\telsewhere\t\tctcf", "'ctcf' is tested on other chromosomes"),
    ],
)
def test_a_row_that_is_no_replicate(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        project(tmp_path, ROWS.replace(old, new))


def test_replicates_need_both_methods(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="key `methods`: without 'ssl', which the replicates"):
        project(tmp_path, methods=["sl"])
    own = {"deepbind": {"architecture": "deepbind", "name": "CNN", "methods": ["ssl"]}}
    with pytest.raises(ConfigError, match=r"key `models\.deepbind\.methods`: without 'sl', which the replicates"):
        project(tmp_path, models=own)
    with pytest.raises(ConfigError, match="'ctcf' is not a selected row"):
        project(tmp_path, select_datasets=["max", "ctcf_redrawn"])
