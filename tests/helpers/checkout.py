"""A copy of what the workflow needs, with a small configuration, to run as a user does."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from helpers.plans import copy_workflow, count_jobs
from helpers.warm import environment_of, warm_environment

SMALL = {
    "data_dir": "a world",  # with a space: every path must be quoted
    "simulation": {"seed": 2, "size": "small"},
    "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
    "measured": None,  # a dozen jobs more: see test_controls
    "select_datasets": ["ctcf", "rest"],
    "select_genomes": ["simChimp", "simDog", "simOpossum"],
    "sampling": {"negatives_per_positive": 3},
    "methods": ["sl", "ssl", "ssl_ns"],
    "seeds": [0],
    "cross_fitting": {"folds": 1},  # a third of the runs
    "training": {"min_passes": None, "steps_per_epoch": 5, "max_epochs": 2},
    "models": {"deepbind": {"params": {"filters": 16}}},
}


class Checkout:
    """A copy of what the workflow needs, with the small configuration; run by warm programs in no environment given."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str] | None = None, config: str = "config/demo.yaml"
    ) -> None:
        self.folder, self.config = folder, config
        self.environment = environment_of(base=environment) if environment else warm_environment()
        copy_workflow(folder)
        self.configure(SMALL)

    def configure(self, values: dict) -> None:
        """Write the file that goes on top of the configuration."""
        (self.folder / "small.yaml").write_text(yaml.safe_dump(values))

    def start(self, *arguments: str, how: Sequence[str] = ("--cores", "2")) -> subprocess.Popen[str]:
        """Start snakemake; its output goes to one pipe."""
        return subprocess.Popen(
            ["snakemake", *arguments, *how, "--configfile", self.config, "small.yaml"],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def snakemake(self, *arguments: str, fails: bool = False, how: Sequence[str] = ("--cores", "2")) -> str:
        """Output of snakemake until it ends, well or (`fails`) not."""
        done = self.start(*arguments, how=how)
        output, _ = done.communicate()
        assert (done.returncode != 0) == fails, output
        return output

    def jobs(self, *arguments: str, run: bool = True) -> Counter[str]:
        """The jobs that ran, or would run, by rule."""
        return count_jobs(self.snakemake(*arguments, *([] if run else ["--dry-run"])))
