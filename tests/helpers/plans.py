"""Dry-runs of the workflow in a copy of the repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from helpers.paths import ROOT
from helpers.warm import warm_environment

PARTS = ("Snakefile", "workflow", "config", "profiles", "envs")
"""What the workflow needs of the repository."""


def copy_workflow(folder: Path) -> None:
    """Copy what the workflow needs, so that nothing is read from or left in the repository."""
    for name in PARTS:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)


def count_jobs(output: str) -> Counter[str]:
    """Jobs by rule, as Snakemake's table has them."""
    if "Nothing to be done" in output:
        return Counter()
    rows = re.findall(r"^(\w+) +(\d+)$", output[output.index("Job stats:") :], flags=re.MULTILINE)
    return Counter({rule: int(count) for rule, count in rows if rule != "total"})


def planned(folder: Path, changed: Mapping[str, Any] | None = None) -> Counter[str]:
    """The jobs of the default configuration with some keys changed, when nothing has run."""
    copy_workflow(folder)
    if changed:
        (folder / "changed.yaml").write_text(yaml.safe_dump(dict(changed)))
    return count_jobs(dry_run(folder, *(["--configfile", "changed.yaml"] if changed else [])))


def dry_run(folder: Path, *options: str) -> str:
    """What Snakemake prints of a dry run in a folder that `copy_workflow` filled."""
    command = ["snakemake", "--dry-run", "--cores", "1", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=warm_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


class Job(NamedTuple):
    """A planned job: its rule, and the files it reads and writes."""

    rule: str
    inputs: frozenset[str]
    outputs: frozenset[str]


def planned_jobs(folder: Path, *configs: str) -> list[Job]:
    """Every job of a configuration, given as files of the repository, when nothing has run."""
    copy_workflow(folder)
    output = dry_run(folder, "--configfile", *configs)
    blocks = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", output, flags=re.MULTILINE)
    return [Job(rule, _files(block, "input"), _files(block, "output")) for rule, block in blocks]


def _files(block: str, kind: str) -> frozenset[str]:
    found = re.search(rf"^    {kind}: (.+)$", block, flags=re.MULTILINE)
    return frozenset(found[1].split(", ")) if found else frozenset()
