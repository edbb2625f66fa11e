"""The real regions by one command, from published files: what is planned, and (slow) what is made, by the workflow."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from helpers.plans import copy_workflow, count_jobs, dry_run
from helpers.warm import warm_environment

CONFIG = ["--configfile", "config/encode_regions.yaml"]
MADE = "downloads/encode_regions"


def test_the_plan_fetches_and_makes_what_is_needed_and_no_more(tmp_path: Path) -> None:
    copy_workflow(tmp_path)
    few = ["--config", "select_datasets=[ctcf]", "select_genomes=[mouse,rfbat]"]
    jobs = count_jobs(dry_run(tmp_path, *CONFIG, *few))
    expected = {"assemble_human": 1, "assemble_genome": 2, "move_peaks": 7, "move_measured_peaks": 1, "add_contexts": 2}
    assert {rule: jobs[rule] for rule in expected} == expected
    assert jobs["download"] == 5 + 3 + 3 + 7 + 2 + 2 + 20 + 2 + 1 + 1 and jobs["align_genome"] == 2


@pytest.mark.slow
def test_all_is_made_as_in_the_witness_and_nothing_twice(tmp_path: Path, shared: Path) -> None:
    copy_workflow(tmp_path)
    every = [*CONFIG, "--config", f"mirror={shared / 'mirror'}", "select_datasets=null", "select_genomes=null"]
    witness = shared / "encode_regions"
    files = {path.relative_to(witness): path for path in witness.glob("*/*") if path.parent.name != "chains"}
    targets = [f"{MADE}/{name}" for name in files]
    species = [path.name.removesuffix(".fa.gz") for path in witness.glob("genomes/*.fa.gz")]
    chains = {name: f"results/encode_regions/chains/{name}.over.chain.gz" for name in species if name != "human"}
    command = ["snakemake", "--cores", "2", "--quiet", "all", *every, "--", *targets, *chains.values()]
    environment = warm_environment()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(files) + len(chains) == 82
    for name, path in files.items():
        assert (tmp_path / MADE / name).read_bytes() == path.read_bytes(), name
    for name, chain in chains.items():
        expected = witness / f"chains/humanTo{name.capitalize()}.over.chain.gz"
        assert gzip.decompress((tmp_path / chain).read_bytes()) == gzip.decompress(expected.read_bytes()), name
    for path in [*(tmp_path / "downloads/raw.githubusercontent.com").rglob("*"), *(tmp_path / "config").rglob("*")]:
        path.touch()  # the times of what was fetched, and of tables, do not count
    assert not count_jobs(dry_run(tmp_path, *every, "--", *targets))
