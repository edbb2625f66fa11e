"""A genome whose chain is `align` is aligned in the workflow: planned here, and run on simulated data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from helpers.plans import copy_workflow, count_jobs, dry_run
from helpers.warm import warm_environment

INDEXES = ["results/demo/chains/simChimp.index", "results/demo/chains/simDog.index"]


def write(folder: Path, **align: object) -> list[str]:
    """The demo with one aligned genome of two; return the options of Snakemake."""
    table = (folder / "config/demo/genomes.tsv").read_text()
    (folder / "genomes.tsv").write_text(table.replace("chains/simHumanToSimChimp.over.chain.gz", "align"))
    changed = {
        "genomes": "genomes.tsv",
        "select_genomes": ["simChimp", "simDog"],
        "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
        "simulation": {"size": "small"},
        "align": align,
    }
    (folder / "changed.yaml").write_text(yaml.safe_dump(changed))
    return ["--configfile", "config/demo.yaml", "changed.yaml", "--", *INDEXES]


def test_an_aligned_genome_is_planned(tmp_path: Path) -> None:
    copy_workflow(tmp_path)
    output = dry_run(tmp_path, *write(tmp_path))
    assert count_jobs(output) == {"simulate": 1, "index_genome": 2, "align_genome": 1, "index_chain": 2}
    assert "chains/simChimp.over.chain.gz, " not in output, "it is the only input of its index"


@pytest.mark.slow
def test_a_higher_limit_aligns_nothing_again_and_another_score_does(tmp_path: Path) -> None:
    copy_workflow(tmp_path)
    environment = warm_environment()
    command = ["snakemake", "--cores", "2", *write(tmp_path)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
    log = (tmp_path / "results/demo/logs/align_genome/simChimp.log").read_text()
    assert "chains, covering" in log and (tmp_path / INDEXES[0]).exists()
    assert not count_jobs(dry_run(tmp_path, *write(tmp_path, max_megabases=200)))
    again = count_jobs(dry_run(tmp_path, *write(tmp_path, min_score=4000)))
    assert again == {"align_genome": 1, "index_chain": 1}
