"""What a rehearsal took, command by command, and what the whole paper takes.

Measured is what the kernel counted of each command (`timed`). The paper's cost is that of its jobs in the plan of the
default configuration, for CNN-27K and the methods that were rehearsed:

* What depends on a dataset is a line through the two rehearsed ones over their positive bins, at those of the paper's.
* What reads all genomes in one job grows with their number, and what runs all seeds with theirs.
* Training is a start, and windows trained with and without noise, fitted to the rehearsed jobs.
* At less than the whole size, all but the start of a process grows in proportion to it: a forecast, and none below
  FORECAST_FROM, where jobs do little but start.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from plan import KNOWN, windows
from plan import POSITIVES as ASSUMED
from scipy.optimize import nnls

from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.methods import resolve
from rehearsal.mirror import METHODS, SEEDS
from rehearsal.workflow import NOTES, Command, describe, planned_commands
from rehearsal.world import POSITIVES, ROOT, WHOLE

FORECAST_FROM = 300  # megabases
LIMIT = 8_000  # MB that a job may take
STEEP = 1.1  # exponent of the size beyond which a command grows faster than its input
READS_ALL_GENOMES = {"audit-leakage", "count-windows", "report lift-status", "pseudo-label", "mutate"}
RUNS_ALL_SEEDS = {"predict", "predict-sets", "score-variant-set"}
SUMMED = ["wall", "cpu", "read", "written"]


class Rehearsal(NamedTuple):
    """A rehearsal that ran: its folder, and genomes (beside the human one), megabases and cores of it."""

    folder: Path
    genomes: int
    megabases: float
    cores: int

    @classmethod
    def of(cls, folder: Path) -> Rehearsal:
        """Return that of a folder."""
        return cls(folder, **json.loads((folder / "rehearsal.json").read_text()))

    def jobs(self) -> pd.DataFrame:
        """Return a row per job: name, dataset, method; wall and cpu in seconds; memory, read, written in MB."""
        return jobs_of((self.folder / NOTES).read_text().splitlines())


def jobs_of(lines: Iterable[str]) -> pd.DataFrame:
    """Read notes; of what was run again the last counts, and nothing that failed."""
    rows = {}
    for note in map(json.loads, lines):
        if note["code"] == 0:
            rows[json.dumps(note["arguments"])] = {**describe(note["arguments"])._asdict(), **note}
    return pd.DataFrame(list(rows.values())).drop(columns=["arguments", "code"])


def by_command(jobs: pd.DataFrame) -> pd.DataFrame:
    """Add up the jobs of each command, the dearest first; memory is that of the largest job."""
    sums = {column: (column, "sum") for column in SUMMED}
    grouped = jobs.groupby("name").agg(jobs=("wall", "size"), memory=("memory", "max"), **sums)
    return grouped.sort_values("cpu", ascending=False)


class Paper:
    """The default configuration with the rehearsed methods of CNN-27K."""

    @cached_property
    def config(self) -> Any:
        """Its configuration."""
        return load_config([ROOT / "config/config.yaml"])

    @cached_property
    def project(self) -> Project:
        """Its files."""
        return Project(self.config)

    @cached_property
    def commands(self) -> list[Command]:
        """All its jobs."""
        keys = [f"methods={json.dumps(METHODS)}", 'run_models=["deepbind"]']
        with tempfile.TemporaryDirectory() as folder:
            return planned_commands(Path(folder), "--config", *keys)

    def cpu(self, jobs: pd.DataFrame, rehearsal: Rehearsal) -> dict[str, float]:
        """Return CPU-seconds of each command, as the module says."""
        start = jobs["cpu"].min()
        each = jobs.assign(cpu=start + (jobs["cpu"] - start) * WHOLE / rehearsal.megabases)
        means = each.groupby(["name", "dataset"])["cpu"].mean().to_dict()
        overall = each.groupby("name")["cpu"].mean().to_dict()
        training = self._training(jobs, rehearsal)
        total = dict.fromkeys(overall, 0.0)
        for command in self.commands:
            if command.name == "train" and training is not None:
                total["train"] += float(np.dot(self._windows(self.config, command), training))
            elif command.name in overall:
                factor = len(self.project.genomes) / rehearsal.genomes if command.name in READS_ALL_GENOMES else 1
                factor *= len(self.config.seeds) / len(SEEDS) if command.name in RUNS_ALL_SEEDS else 1
                total[command.name] += factor * _of_dataset(means, command, overall[command.name])
        return total

    def _training(self, jobs: pd.DataFrame, rehearsal: Rehearsal) -> np.ndarray | None:
        """Fit what training takes: CPU-seconds of a job, of a window, and of one with noise; None where none ran."""
        trained = jobs[jobs["name"] == "train"]
        if trained.empty:
            return None
        config = load_config([ROOT / "config/config.yaml", rehearsal.folder / "rehearsal.yaml"])
        commands = [Command("train", *row) for row in zip(trained["dataset"], trained["method"], strict=True)]
        counted = np.array([self._windows(config, command) for command in commands], float)
        fitted: np.ndarray = nnls(counted, trained["cpu"].to_numpy(float))[0]
        return fitted

    def _windows(self, config: Any, command: Command) -> tuple[int, int, int]:
        """Return 1, how many windows the seeds of a job are trained on, and how many with noise."""
        sizes = windows(self.project, command.dataset)
        settings = config.settings("deepbind", command.method).with_budget(round(sizes["human"] + sizes["homologs"]))
        plain = noisy = 0
        for phase in resolve(command.method).phases(settings):
            training = phase.training
            seen = training.max_epochs * training.steps_per_epoch * training.batch_size
            plain, noisy = (plain, noisy + seen) if phase.noise_sd else (plain + seen, noisy)
        seeds = len(config.seeds_of("deepbind"))
        return 1, plain * seeds, noisy * seeds


def _of_dataset(means: dict[tuple[str, str], float], command: Command, overall: float) -> float:
    """Return what a command takes for a dataset: on the line through the two rehearsed ones."""
    if not command.dataset:
        return overall
    known = [(POSITIVES[name], means[command.name, name]) for name in POSITIVES if (command.name, name) in means]
    if len(known) < len(POSITIVES):
        return known[0][1] if known else overall
    (few, cheap), (many, dear) = known
    return cheap + max(dear - cheap, 0) * (KNOWN.get(command.dataset, ASSUMED) - few) / (many - few)


def report(folders: Sequence[Path]) -> None:
    """Print the table of each rehearsal, write it beside its results, and compare the sizes."""
    sizes, paper = {}, Paper()
    for folder in folders:
        rehearsal = Rehearsal.of(folder)
        jobs = rehearsal.jobs()
        commands = by_command(jobs)
        forecast = paper.cpu(jobs, rehearsal) if rehearsal.megabases >= FORECAST_FROM else {}
        lines = _table(commands, forecast, rehearsal)
        (folder / "costs.md").write_text("\n".join(lines) + "\n")
        print("\n".join(["", str(folder), *lines]), flush=True)
        sizes[rehearsal.megabases] = commands["cpu"] / commands["jobs"]
    if len(sizes) > 1:
        print("\n".join(["", *growth(sizes)]))


def _table(commands: pd.DataFrame, paper: dict[str, float], rehearsal: Rehearsal) -> list[str]:
    """Return the lines of the table of a rehearsal."""
    disk = sum(path.stat().st_size for path in rehearsal.folder.rglob("*") if path.is_file() and not path.is_symlink())
    words = f"{rehearsal.genomes} genomes of {rehearsal.megabases:,g} Mb, {rehearsal.cores} cores, {disk / 1e9:.1f} GB."
    columns = [
        "command",
        "jobs",
        "wall, s",
        "CPU, s",
        "memory of a job, GB",
        "read, MB",
        "written, MB",
        "the paper, CPU-h",
    ]
    lines = [words, "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    everything = commands[["jobs", *SUMMED]].sum()
    everything["memory"] = commands["memory"].max()
    rows = [(f"`{name}`", row, paper.get(str(name))) for name, row in commands.iterrows()]
    for name, row, seconds in [*rows, ("all", everything, sum(paper.values()) if paper else None)]:
        numbers = [row["jobs"], row["wall"], row["cpu"], row["read"], row["written"]]
        jobs, wall, cpu, read, written = (f"{number:,.0f}" for number in numbers)
        memory = f"{row['memory'] / 1e3:.2f}{' **over 8**' if row['memory'] > LIMIT else ''}"
        hours = "–" if seconds is None else f"{seconds / 3600:.2f}"
        lines.append(f"| {' | '.join([name, jobs, wall, cpu, memory, read, written, hours])} |")
    return lines


def growth(sizes: dict[float, pd.Series]) -> list[str]:
    """Compare CPU-seconds of a job at several megabases, with the exponent of the size between the two largest."""
    order = sorted(sizes)
    table = pd.DataFrame({size: sizes[size] for size in order}).dropna().sort_values(order[-1], ascending=False)
    columns = ["CPU of a job, s", *(f"{size:,g} Mb" for size in order), "exponent"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    small, large = order[-2:]
    for name, row in table.iterrows():
        exponent = math.log(row[large] / row[small]) / math.log(large / small)
        steep = " **faster than its input**" if exponent > STEEP else ""
        cells = [f"`{name}`", *(f"{value:,.1f}" for value in row), f"{exponent:.2f}{steep}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
