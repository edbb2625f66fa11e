"""The workflow through `sbatch` of a real SLURM, as in docs/slurm.md. `make test-slurm` runs this.

Two checkouts at once: in one the whole small world, interrupted; in the other training jobs that fail or are cut off.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.checkout import SMALL, Checkout
from helpers.paths import ROOT
from helpers.plans import count_jobs
from helpers.slurm_cluster import Cluster, reason_to_skip, wait_for

pytestmark = pytest.mark.slurm
PATIENCE = 600
"""Seconds that a busy machine is given."""

WORLD = {
    **SMALL,
    "select_datasets": ["ctcf"],
    "select_genomes": ["simChimp", "simDog"],
    "methods": ["sl", "ssl"],
    "gpus_per_job": 1,
}
FAILING = {
    **WORLD,
    "methods": ["sl"],
    "run_models": ["fails_once", "slow"],
    "models": {
        "fails_once": {"architecture": "networks:FailsOnce", "name": "Fails once", "params": {"filters": 16}},
        "slow": {
            "architecture": "networks:Slow",
            "name": "Slow",
            "params": {"filters": 16},
            "training": {"min_passes": None, "steps_per_epoch": 20, "max_epochs": 16},
        },
    },
}
TRAINED = [f"results/demo/runs/ctcf/{model}/sl/seed0/model.safetensors" for model in FAILING["run_models"]]


class Users(Checkout):
    """User checkout: profiles/mine is profiles/slurm, changed where marked CHANGE; this cluster has no sacct."""

    SLURM = ("--workflow-profile", "profiles/mine")

    def __init__(self, folder: Path, cluster: Cluster, rules: dict) -> None:
        super().__init__(folder, cluster.environment)
        self.environment["PYTHONPATH"] = f"{ROOT / 'src'}:{ROOT / 'tests/helpers'}"
        profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
        profile["default-resources"] = ["slurm_partition=main"]
        profile["set-resources"] = rules
        profile |= {"slurm-status-command": "squeue", "slurm-no-account": True}
        profile["slurm-init-seconds-before-status-checks"] = 1  # the test is in a hurry
        (folder / "profiles/mine").mkdir()
        (folder / "profiles/mine/profile.yaml").write_text(yaml.safe_dump(profile))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if reason := reason_to_skip():
        pytest.skip(reason)
    cluster = Cluster(tmp_path_factory.mktemp("slurm"), cpus=3)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def failing(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Users, subprocess.Popen]]:
    """Two training jobs in the queue while other tests run: one fails once, one needs more time than it gets."""
    rules = {"train_fails_once": {"slurm_partition": "gpu", "gpu_model": "a100"}, "train_slow": {"runtime": 1}}
    users = Users(tmp_path_factory.mktemp("failing"), cluster, rules)
    users.configure(FAILING)
    users.snakemake(*[f"results/demo/datasets/ctcf/human/{split}.npy" for split in ("train", "validation")])
    run = users.start(*TRAINED, "--retries", "5", how=Users.SLURM)  # a busy machine may need several minutes
    yield users, run
    run.kill()


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Users:
    rules = {"train_deepbind": {"slurm_partition": "gpu"}, "predict_deepbind": {"gpu": 0, "gres": "gpu:1"}}
    users = Users(tmp_path_factory.mktemp("world"), cluster, rules)
    users.configure(WORLD)
    return users


def test_half_of_the_jobs_cancelled_and_a_restart_that_finishes(
    cluster: Cluster, world: Users, failing: tuple[Users, subprocess.Popen]
) -> None:
    results = world.folder / "results/demo"
    run = world.start("--retries", "0", how=Users.SLURM)  # so that the cancelled job is not submitted again at once
    wait_for(lambda: _running(cluster, "train_deepbind"), "a training job runs", PATIENCE)
    cancelled = _running(cluster, "train_deepbind")[0]  # the other one may be waiting for a GPU
    cluster.ask("scancel", cancelled["JobId"])
    output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode != 0 and "CANCELLED" in output, output
    method = "ssl" if cancelled["Comment"].endswith("ssl") else "sl"
    other = "sl" if method == "ssl" else "ssl"
    assert (results / f"runs/ctcf/deepbind/{other}/seed0/metrics.json").exists(), "the others go on"
    assert not (results / f"runs/ctcf/deepbind/{method}/seed0/model.safetensors").exists()

    output = world.snakemake(how=Users.SLURM)
    planned = count_jobs(output)
    assert planned["train_deepbind"] == planned["predict_deepbind"] == 1, "only what was cancelled is done again"
    assert not planned["label_windows"] and not planned["index_genome"]
    assert world.jobs(run=False) == Counter(), "all is done"
    assert len(pd.read_csv(results / "summary.tsv", sep="\t")) == 2


def test_who_asked_for_what(cluster: Cluster, world: Users) -> None:
    """GPUs by both ways of asking; a dataset's windows in one job; the chosen partitions."""
    jobs = [job for job in cluster.jobs() if job["WorkDir"] == str(world.folder)]
    for job in jobs:
        rule = job["Comment"].removeprefix("rule_")
        assert job["Partition"] == ("gpu" if rule.startswith("train") else "main")
        assert job.get("TresPerJob") == ("gres:gpu:1" if rule.startswith(("train", "score_variants")) else None)
        assert job.get("TresPerNode") == ("gres:gpu:1" if rule.startswith("predict") else None)
    windows = [job for job in jobs if job["Comment"].startswith("rule_windows")]
    assert [(job["MinMemoryNode"], job["NumCPUs"], job["TimeLimit"]) for job in windows] == [
        ("16000M", "2", "02:10:00")
    ]
    assert Counter(job["Comment"].split("_")[1] for job in jobs) == Counter(
        simulate=1, index=3 + 2, make=1, find=2, windows=1, prepare=1, train=3, predict=2, score=2, correlate=1,
        estimate=2, audit=1, leakage=1,
    )  # fmt: skip


def test_a_job_that_fails_is_tried_again_with_more_memory(
    cluster: Cluster, failing: tuple[Users, subprocess.Popen]
) -> None:
    users, _ = failing
    wait_for(lambda: (users.folder / TRAINED[0]).exists(), "the second attempt has trained", PATIENCE)
    jobs = [job for job in cluster.jobs() if job["Comment"] == "rule_train_fails_once_wildcards_ctcf_sl"]
    assert jobs[0]["JobState"] == "FAILED"
    assert [job["MinMemoryNode"] for job in jobs] == ["8000M", "16000M"]
    assert {job["TresPerJob"] for job in jobs} == {"gres:gpu:a100:1"}


def test_lightning_does_not_take_slurm_for_its_process_manager(failing: tuple[Users, subprocess.Popen]) -> None:
    users, _ = failing
    noted = users.folder / "noted.json"
    wait_for(noted.exists, "training has begun", PATIENCE)
    assert json.loads(noted.read_text()) == {"slurm_is_detected": True, "environment": "LightningEnvironment"}


def test_a_job_that_meets_its_time_limit_goes_on_where_it_was(
    cluster: Cluster, failing: tuple[Users, subprocess.Popen]
) -> None:
    users, run = failing
    output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, output
    jobs = [job for job in cluster.jobs() if job["Comment"] == "rule_train_slow_wildcards_ctcf_sl"]
    states = [job["JobState"] for job in jobs]
    assert len(states) > 1 and set(states[:-1]) == {"TIMEOUT"} and states[-1] == "COMPLETED"
    history = pd.read_csv((users.folder / TRAINED[1]).with_name("history.csv"))
    assert history["epoch"].tolist() == list(range(17))
    log = (users.folder / "results/demo/logs/train/ctcf/slow/sl/1.log").read_text()
    done_before = int(re.search(r"going on after epoch (\d+)", log)[1])  # type: ignore[index]
    assert [int(epoch) for epoch in re.findall(r"train epoch (\d+):", log)] == list(range(done_before + 1, 16))
    assert not (users.folder / TRAINED[1]).with_name("checkpoints").exists()


def test_every_command_of_the_manual_is_understood(cluster: Cluster, tmp_path: Path) -> None:
    """Each line of shell in docs/slurm.md but pip's, snakemake's as dry runs, in the order of the page."""
    checkout = Checkout(tmp_path, cluster.environment)
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/slurm.md").read_text(), flags=re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    tried = Counter()
    for line in lines:
        program, *arguments = shlex.split(line)
        if program in ("snakemake", "cp", "squeue", "scancel"):
            tried[program] += 1
            dry = ["--dry-run", "--quiet"] if program == "snakemake" and "--unlock" not in arguments else []
            command = " ".join([line, *dry])
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=checkout.environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert tried["snakemake"] >= 6 and tried["cp"] == 1, "the page was read"


def _running(cluster: Cluster, rule: str) -> list[dict[str, str]]:
    return [job for job in cluster.jobs() if f"rule_{rule}" in job["Comment"] and job["JobState"] == "RUNNING"]
