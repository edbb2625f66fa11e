"""docs/reruns.md is a test: its table is made again by dry runs, and must be that of the page.

Where it is not, the failure prints the table as it should be; with WRITE_PAGES=1 in the environment it is written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from helpers.checkout import SMALL, Checkout
from helpers.paths import ROOT

PAGE = ROOT / "docs/reruns.md"
BASE: dict[str, Any] = {
    **SMALL,
    "data_dir": "world",
    "select_datasets": ["ctcf"],
    "select_genomes": ["simChimp", "simDog"],
    "methods": ["sl", "ssl"],
    "run_models": ["deepbind", "deepsea"],
    "training": {"min_passes": 1, "steps_per_epoch": 2, "max_epochs": 1},
    "models": {
        "deepbind": {"params": {"filters": 8}},
        "deepsea": {"params": {"channels": [4, 4, 4], "hidden": 8}},
    },
}
PEAKS = "world/peaks/ctcf.cellA.narrowPeak"
DEEPSEA = BASE["models"]["deepsea"]
Change = Callable[["Lab"], AbstractContextManager[None]]


class Lab(Checkout):
    """A checkout with a library of its own to edit, and a finished run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, os.environ)
        shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        self.environment["PYTHONPATH"] = str(folder / "src")
        self.base = BASE
        self.configure(BASE)

    def cell(self, change: Change) -> str:
        """The jobs that would run after a change, as the page writes them."""
        with change(self):
            jobs = self.jobs(run=False)
        rules = sorted(
            jobs.keys() - {"all"}, key=lambda rule: (ORDER.index(rule) if rule in ORDER else len(ORDER), rule)
        )
        listed = [f"`{rule}`" + (f" {jobs[rule]}" if jobs[rule] > 1 else "") for rule in rules]
        return ", ".join(listed) or "none"


ORDER = [
    "simulate", "index_genome", "index_chain", "make_bins", "find_homologs", "load_peaks", "label_windows",
    "pseudo_label", "lift_status_table", "prepare_variants",
    *[f"{rule}_{model}" for rule in ("train", "predict", "score_variants", "evaluate") for model in BASE["run_models"]],
    "summarize_all", "table1", "table2", "paper_comparison", "figure2", "lift_figure",
    "correlate_variants", "variant_effects_table", "figure3",
]  # fmt: skip


def config(**values: Any) -> Change:
    """Other values in the configuration."""

    @contextmanager
    def change(lab: Lab) -> Iterator[None]:
        lab.configure({**lab.base, **values})
        yield
        lab.configure(lab.base)

    return change


def edit(path: str, old: str, new: str) -> Change:
    """Another text in a file."""

    @contextmanager
    def change(lab: Lab) -> Iterator[None]:
        file = lab.folder / path
        text = file.read_text()
        assert old in text, f"{path}: no {old}"
        file.write_text(text.replace(old, new))
        yield
        file.write_text(text)

    return change


@contextmanager
def touch_config(lab: Lab) -> Iterator[None]:
    for path in [*lab.folder.glob("config/**/*"), lab.folder / "small.yaml"]:
        os.utime(path)
    yield


def write_again(path: str, more: str = "") -> Change:
    """A file written again, with more in it or just newer."""

    @contextmanager
    def change(lab: Lab) -> Iterator[None]:
        file = lab.folder / path
        text, before = file.read_text(), file.stat()
        file.write_text(text + more)
        yield
        file.write_text(text)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


CHANGES: dict[str, Change] = {
    "nothing": lambda lab: nullcontext(),
    "touch every file in `config/`": touch_config,
    "a comment in a config file": edit("config/demo.yaml", "run_models: [", "# a comment\nrun_models: ["),
    "`mem_mb`, `runtime` or `threads` of training: `models.….resources`": config(
        models={
            model: {**block, "resources": {"mem_mb": 9000, "runtime": 800, "threads": 2}}
            for model, block in BASE["models"].items()
        }
    ),
    "a caption of the report": edit("workflow/report/table2.rst", "Area under", "The area under"),
    "a hyper-parameter of one model: `models.deepsea.params.hidden`": config(
        models={**BASE["models"], "deepsea": {"params": {**DEEPSEA["params"], "hidden": 9}}}
    ),
    "`training.learning_rate` for one model: `models.deepsea.training`": config(
        models={**BASE["models"], "deepsea": {**DEEPSEA, "training": {"learning_rate": 0.002}}}
    ),
    "`training.learning_rate`": config(training={**BASE["training"], "learning_rate": 0.002}),
    "`budget`: twice the steps, `--config budget=2`": config(budget=2),
    "`finetuning.learning_rate_factor`": config(finetuning={"learning_rate_factor": 0.2}),
    "`noisy_student.noise_sd`, which no method of the run uses": config(noisy_student={"noise_sd": 0.2}),
    "`filtering.min_label_probability`, which no method of the run uses": config(
        filtering={"min_label_probability": 0.6}
    ),
    "a seed more": config(seeds=[0, 1]),
    "a method more: `ssl_ns`": config(methods=["sl", "ssl", "ssl_ns"]),
    "a method more: `ssl_filtered`": config(methods=["sl", "ssl", "ssl_filtered"]),
    "a dataset more": config(select_datasets=["ctcf", "rest"]),
    "a genome more": config(select_genomes=["simChimp", "simDog", "simOpossum"]),
    "peaks measured in another genome: a row of `measured`": config(measured="config/demo/measured.tsv"),
    "the display name of a dataset": edit("config/demo/datasets.tsv", "\tCTCF\t", "\tCtcf\t"),
    "`homologs.min_match`": config(homologs={"min_match": 0.5}),
    "`sampling.seed`": config(sampling={**BASE["sampling"], "seed": 1}),
    "`gpus_per_job`": config(gpus_per_job=1),
    "a file of peaks written again, the same": write_again(PEAKS),
    "a peak more in a file of peaks": write_again(PEAKS, "chr1\t0\t200\t.\t0\t.\t0\t-1\t-1\t-1\n"),
    "an edit of the library: a line of `training/fit.py`": edit(
        "src/regssl/training/fit.py", "import json", "import json  # an edit"
    ),
}  # fmt: skip
"""What is changed, as the page calls it."""


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.snakemake()
    return lab


def test_the_table_of_the_page_is_that_of_dry_runs(lab: Lab) -> None:
    rows = [(text, lab.cell(change)) for text, change in CHANGES.items()]
    table = [f"| {text} | {jobs} |" for text, jobs in rows]
    before, head, after = PAGE.read_text().partition("| change | jobs that run |\n|---|---|\n")
    old, blank, rest = after.partition("\n\n")
    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(before + head + "\n".join(table) + blank + rest)
        old = "\n".join(table)
    assert old.splitlines() == table, "docs/reruns.md should be:\n" + "\n".join(table)
