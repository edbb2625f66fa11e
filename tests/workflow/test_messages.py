"""What a run says of itself, and how often Snakemake asks what can run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from helpers.paths import ROOT
from helpers.warm import environment_of

SNAKEFILE = f"""
import os, sys
from types import SimpleNamespace

PROJECT, CONFIG = SimpleNamespace(datasets=[1, 2]), SimpleNamespace(run_models=["deepbind"], run_methods=["sl", "ssl"])
RESULTS = "results"

include: "{ROOT}/workflow/rules/messages.smk"

rule page:
    input: "first", "second"
    output: "results/index.html"
    shell: "touch {{output}}"

rule slow:
    output: "{{which}}"
    shell: "sleep {{config[seconds]}}; touch {{output}}"
"""


def run(here: Path, *arguments: str, seconds: float = 0) -> list[str]:
    (here / "Snakefile").write_text(SNAKEFILE)
    command = ["snakemake", "--cores", "1", "--forceall", *arguments, "--config", f"seconds={seconds}"]
    return subprocess.run(
        command, cwd=here, env=environment_of(), text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout.splitlines()


def test_a_run_says_what_it_will_do_and_where_the_results_are(tmp_path: Path) -> None:
    said = run(tmp_path)
    assert said[0].startswith("regssl ")
    assert "datasets: 2, networks: 1, methods: 2; results in results, the log of each job in results/logs" in said[0]
    assert f"regssl: all results on one page: {tmp_path}/results/index.html" in said[-3:]
    assert not any(line.strip().startswith(("input:", "output:")) for line in said)
    assert any(line.strip().startswith("output:") for line in run(tmp_path, "--printshellcmds"))


def test_what_can_run_is_asked_after_each_job_and_not_each_second(tmp_path: Path) -> None:
    said = run(tmp_path, "--verbose", seconds=1.2)
    asked = sum(line.startswith("Ready jobs:") for line in said)
    assert asked == 3, "at first, and after each of the two jobs that others wait for"
    limited = run(tmp_path, "--verbose", "--max-jobs-per-timespan", "99/1s", seconds=1.2)
    assert sum(line.startswith("Ready jobs:") for line in limited) > 3, "a limit that a user sets is kept"
