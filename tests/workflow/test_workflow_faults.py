"""The workflow under faults, see docs/faults.md: a dataset without positives, a plug that is pulled, two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from html import escape
from pathlib import Path

import pandas as pd
import pytest

from helpers.checkout import SMALL, Checkout
from helpers.plans import count_jobs

DATA, RESULTS = "a $HOME's world", "it's $results & `more`"
"""Every path of the runs below: with spaces, quotes, dollar signs, what a shell would take for itself."""
AWKWARD = {
    **SMALL,
    "data_dir": DATA,
    "results_dir": RESULTS,
    "select_genomes": ["simDog"],
    "methods": ["sl", "ssl"],
    "models": {"deepbind": {"params": {"filters": 8}, "name": "{model} $y$ </script>"}},
}
NAME = "</script> {dataset} $x_1$ %s & <b>"
REASON = "no positive validation window"
PAGES = [f"{RESULTS}/{page}" for page in ("table1.html", "table2.html", "paper_comparison.html", "figure2.svg")]
EFFECTS = [f"{RESULTS}/{page}" for page in ("variant_effects.html", "figure3.svg")]


def test_a_dataset_that_cannot_be_trained_takes_no_other_down(tmp_path: Path) -> None:
    """REST keeps three peaks, all on the training chromosome: CTCF gets its numbers, REST the reason; by odd names."""
    checkout = Checkout(tmp_path)
    checkout.configure(AWKWARD)
    for table, plain in {"datasets": "REST", "genomes": "Dog (simulated)", "snps": "simulated"}.items():
        path = tmp_path / f"config/demo/{table}.tsv"
        path.write_text(path.read_text().replace(f"\t{plain}\t", f"\t{NAME}\t"))
    checkout.jobs(f"{DATA}/simulation.json")
    peaks = tmp_path / DATA / "peaks/rest.narrowPeak"
    whole = peaks.read_text()
    peaks.write_text("".join([line for line in whole.splitlines(keepends=True) if line.startswith("chr1\t")][:3]))

    checkout.jobs(*PAGES, *EFFECTS)
    results = tmp_path / RESULTS
    summary = pd.read_csv(results / "summary.tsv", sep="\t").set_index("dataset")
    assert summary.loc["ctcf", "aupr"].between(0, 1).all() and summary.loc["ctcf", "failure"].isna().all()
    assert summary.loc["rest", "aupr"].isna().all() and set(summary.loc["rest", "failure"]) == {REASON}
    for page in PAGES:
        assert f"Without a score: {escape(NAME)} ({REASON})." in (tmp_path / page).read_text(), page
    assert "–" in (results / "variant_effects.html").read_text() and (results / "figure3.svg").exists()
    counts = pd.read_csv(results / "datasets/rest/human/counts.tsv", sep="\t").set_index("split")
    assert counts.loc["train", "positives"] > 0 and counts.loc["validation", "failure"] == REASON
    assert checkout.jobs(*PAGES, *EFFECTS, run=False) == {}, "it is not tried again and again"

    assert f"no run has a score: rest: {REASON}" in checkout.snakemake("rest", fails=True), "alone it is an error"

    peaks.write_text(whole)
    mended = checkout.jobs(*PAGES)
    assert mended["train_deepbind"] == 2 and mended["label_windows"] == 1, "only the mended dataset is run"
    assert "Without a score" not in (results / "table2.html").read_text()


@pytest.mark.slow
def test_a_workflow_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """SIGKILL of Snakemake and all its jobs in the middle of training; and a second Snakemake while the first runs."""
    checkout = Checkout(tmp_path, os.environ)
    long = {"min_passes": None, "steps_per_epoch": 20, "max_epochs": 40}
    checkout.configure({**AWKWARD, "select_datasets": ["ctcf"], "methods": ["sl"], "training": long, "snps": None})
    run = tmp_path / RESULTS / "runs/ctcf/deepbind/sl/seed0"
    command = ["snakemake", "ctcf", "--cores", "2", "--configfile", "config/demo.yaml", "small.yaml"]
    first = subprocess.Popen(
        command, cwd=tmp_path, env=checkout.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: (tmp_path / RESULTS / "logs").exists())
        second = checkout.snakemake("ctcf", fails=True)
        assert "Directory cannot be locked" in second and "no other Snakemake process" in second
        assert "--unlock" in second, "the cure is named"
        wait_for(lambda: list(run.glob("checkpoints/*/*.ckpt")))
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert not (run / "model.safetensors").exists() and list(run.glob("checkpoints/*/*.ckpt"))
    checkout.snakemake("ctcf", "--unlock")
    rest = count_jobs(checkout.snakemake("ctcf"))
    assert set(rest) == {
        "ctcf",
        "train_deepbind",
        "predict_deepbind",
        "evaluate_deepbind",
        "summarize",
        "lift_status_table",
        "audit_leakage",
        "leakage_strata",
    } & (set(rest)), "what was finished is not done again"
    log = (tmp_path / RESULTS / "logs/train/ctcf/deepbind/sl/1.log").read_text()
    assert "going on after epoch" in log and "epoch 0:" not in log
    assert (run / "metrics.json").exists() and not (run / "checkpoints").exists()


def wait_for(condition, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


@pytest.mark.parametrize("key", ["select_datasets", "human"])
@pytest.mark.parametrize("value", ["../x", "a b;rm -rf ~", "$(id)"])
def test_an_id_that_is_no_id_stops_before_any_job(tmp_path: Path, key: str, value: str) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure({**SMALL, key: [value] if key.startswith("select") else value})
    lines = [line for line in checkout.snakemake(fails=True).splitlines() if line.startswith("regssl: ")]
    assert len(lines) == 1 and value in lines[0]
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("name", ["all", "table1", "train_deepbind"])
def test_a_dataset_cannot_be_named_like_a_rule(tmp_path: Path, name: str) -> None:
    checkout = Checkout(tmp_path)
    table = tmp_path / "config/demo/datasets.tsv"
    table.write_text(table.read_text().replace("rest\tREST", f"{name}\tREST"))
    checkout.configure({**SMALL, "select_datasets": None})
    lines = [line for line in checkout.snakemake("--dry-run", fails=True).splitlines() if line.startswith("regssl: ")]
    assert lines[-1] == (
        f"regssl: config/demo/datasets.tsv, row '{name}', column dataset: '{name}' is the name of a rule of the "
        "workflow (choose another id)"
    )
    assert all(line.startswith("regssl: note: ") for line in lines[:-1])
