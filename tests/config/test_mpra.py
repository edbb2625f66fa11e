"""Saturation mutagenesis in the configuration: the key `mpra`, and elements as sets of variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.paths import ROOT
from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.config.table_files import read_table
from regssl.config.tables import VariantSetRow
from regssl.errors import ConfigError

PAPER = [ROOT / "config/config.yaml"]
URL = "https://example.org/elements.tsv.gz#sha256=" + 64 * "a"


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def project(**changed: object) -> Project:
    few = {"select_datasets": ["ctcf", "atf3"], "select_genomes": ["mm10"], "seeds": [0, 1], "run_models": ["deepbind"]}
    return Project(load_config(PAPER, few | changed))


def test_nothing_is_held_against_mutagenesis_unless_it_is_asked() -> None:
    plan = project()
    assert (plan.mpra_datasets(), plan.mpra_tables()) == ([], [])
    assert not any("mpra" in path for path in plan.dataset_results("ctcf"))


def test_every_run_of_every_dataset_but_ablations_is() -> None:
    plan = project(mpra={"table": URL}, methods=["sl", "ssl"], ablations={"train_percent": [50]})
    assert plan.mpra_tables() == ["downloads/example.org/elements.tsv.gz"]
    assert [source.origin for source in plan.downloads.values() if "elements" in source.url] == ["key `mpra.table`"]
    assert plan.mpra_datasets() == list(plan.datasets) and set(plan.datasets) == {"ctcf", "atf3"}
    assert plan.mpra_scores("ctcf") == [
        f"results/runs/ctcf/deepbind/{method}/seed{seed}/mpra.parquet" for method in ("sl", "ssl") for seed in (0, 1)
    ]
    assert "results/runs/atf3/mpra.tsv" in plan.dataset_results("atf3")
    assert plan.seen_windows("ctcf") == [
        *(f"results/datasets/ctcf/human/{split}.npy" for split in ("train", "validation")),
        "results/datasets/ctcf/homologs/mm10.npy",
    ]


@pytest.mark.parametrize(
    ("mpra", "problem"),
    [
        ({}, "mpra.table"),
        ({"table": URL, "elements": ["TERT-HEK", "TERT-HEK"]}, "'TERT-HEK' is listed twice"),
        ({"table": URL, "min_barcodes": 0}, "min_barcodes"),
        ({"table": "ftp://example.org/elements.tsv.gz"}, "key `mpra.table`"),
    ],
)
def test_a_wrong_value_is_named(mpra: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        project(mpra=mpra)


def test_elements_on_which_a_factor_acts_are_a_set_of_variants(tmp_path: Path) -> None:
    table = tmp_path / "snps.tsv"
    header, row = (
        "snps\tdataset\tname\tformat\tfile\telements\tregions\n",
        "tert\tctcf\tTERT\t{}\ta.gz\t{}\tregions.tsv\n",
    )
    table.write_text(header + row.format("mpra", "TERT-HEK;TERT-GBM"))
    plan = project(snps=str(table))
    assert plan.variant_options("tert")[-2:] == ["--element=TERT-HEK", "--element=TERT-GBM"]
    assert plan.variant_training("tert") == plan.seen_windows("ctcf")
    table.write_text(header + row.format("shi2016", "TERT-HEK"))
    with pytest.raises(ConfigError, match="format shi2016 has no elements"):
        read_table(table, VariantSetRow)
    table.write_text(header + row.format("mpra", "TERT-HEK;TERT-HEK"))
    with pytest.raises(ConfigError, match="column elements"):
        read_table(table, VariantSetRow)
