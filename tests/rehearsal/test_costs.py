"""What commands took: counted by the kernel, added up, and carried to the paper's plan by hand-made numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from plan import windows
from rehearsal.costs import Paper, Rehearsal, by_command, growth, jobs_of
from rehearsal.workflow import Command, describe
from rehearsal.world import POSITIVES

from rehearsal import timed

START = [sys.executable, timed.__file__]


def note(words: str, cpu: float, memory: float = 100, code: int = 0) -> str:
    return json.dumps({"arguments": words.split(), "wall": 2 * cpu, "cpu": cpu, "memory": memory, "read": 1,
                       "written": 2, "code": code})  # fmt: skip


def test_the_kernel_counts_seconds_and_memory_of_a_program(tmp_path: Path) -> None:
    work = (
        "import time, sys; a = bytearray(300_000_000); t = time.process_time()\nwhile time.process_time() < t + 0.4: 0"
    )
    done = subprocess.run([*START, tmp_path / "notes", sys.executable, "-c", f"{work}\nsys.exit(3)"])
    found = json.loads((tmp_path / "notes").read_text())
    assert done.returncode == found["code"] == 3
    assert 0.4 <= found["cpu"] < 4 and found["wall"] >= 0.4 and 300 < found["memory"] < 450
    assert found["arguments"][0] == "-c"


def test_a_signal_reaches_the_program_and_its_death_is_passed_on(tmp_path: Path) -> None:
    command = [*START, tmp_path / "notes", sys.executable, "-c", "print(1, flush=True); input()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    assert json.loads((tmp_path / "notes").read_text())["code"] == -signal.SIGTERM


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("step find-homologs results/bins/default.parquet a.index", Command("find-homologs", "", "")),
        ("step label-windows b p g results/datasets/ctcf/human --dataset ctcf", Command("label-windows", "ctcf", "")),
        ("train results/runs/atf3/deepbind/ssl --settings {} --method ssl", Command("train", "atf3", "ssl")),
        ("predict results/datasets/ctcf/human/test.npy m", Command("predict", "ctcf", "")),
        ("report table2 --summary results/summary.tsv", Command("report table2", "", "")),
        ("download https://a.b/datasets/x/y downloads/a", Command("download", "", "")),
    ],
)
def test_commands_are_read_from_their_arguments(words: str, expected: Command) -> None:
    assert describe(words.split()) == expected


def test_the_last_run_of_a_job_counts_and_none_that_failed() -> None:
    lines = [
        note("step make-bins a b", 9),
        note("step make-bins a b", 4, 500),
        note("step make-bins c d", 6, 700),
        note("step make-bins e f", 99, code=1),
    ]
    row = by_command(jobs_of(lines)).loc["make-bins"]
    assert row[["jobs", "cpu", "wall", "memory", "written"]].tolist() == [2, 10, 20, 700, 4]


def test_the_paper_follows_from_its_plan(tmp_path: Path) -> None:
    """Jobs that take 1 s to start, 101 s at 310 Mb: 1,001 s at 3,100 Mb; and lines over positive bins."""
    few, many = POSITIVES.values()
    lines = [
        note("step make-bins a b", 1),
        note("step find-homologs a b", 101),
        *(note(f"step load-peaks a --dataset {name}", 1 + number / 1_000) for name, number in POSITIVES.items()),
        *(note(f"step audit-leakage a --dataset {name}", 11) for name in POSITIVES),
    ]
    jobs = jobs_of(lines)
    paper = Paper()
    commands = {command.name for command in paper.commands}
    assert {"download", "train", "report table1", "audit-leakage"} <= commands
    paper.__dict__["commands"] = [
        Command("find-homologs", "", ""),
        Command("find-homologs", "", ""),
        Command("load-peaks", "ctcf", ""),
        Command("load-peaks", "h3k4me3", ""),
        Command("audit-leakage", "ctcf", ""),
        Command("not rehearsed", "", ""),
    ]
    found = paper.cpu(jobs, Rehearsal(tmp_path, 2, 310, 1))
    assert found["find-homologs"] == pytest.approx(2 * 1_001)
    assert found["load-peaks"] == pytest.approx(1 + many / 100 + 1 + 200_000 / 100)
    assert found["audit-leakage"] == pytest.approx(101 * 22 / 2)
    assert few == 1_306 and "not rehearsed" not in found


def test_training_is_a_start_and_windows_with_and_without_noise(tmp_path: Path) -> None:
    """Of jobs that take 4 s, 1 s for a thousand windows and 5 s for a thousand with noise, all of it is found again."""
    (tmp_path / "rehearsal.yaml").write_text("training: {min_passes: null, steps_per_epoch: 100, max_epochs: 2}\n")
    rehearsal, paper = Rehearsal(tmp_path, 2, 3_100, 1), Paper()
    seen = 5 * 2 * 100 * 64  # seeds, epochs, steps, batch
    cpu = {"sl": 4 + seen / 1e3, "ssl": 4 + 2 * seen / 1e3, "ssl_ns": 4 + 6 * seen / 1e3}
    jobs = jobs_of(note(f"train results/runs/ctcf/deepbind/{name} --method {name}", cpu[name]) for name in cpu)
    paper.__dict__["commands"] = [Command("train", "ctcf", "sl")]
    settings = paper.config.settings("deepbind", "sl").with_budget(round(paper_windows(paper)))
    budget = settings.training.max_epochs * settings.training.steps_per_epoch * settings.training.batch_size
    assert paper.cpu(jobs, rehearsal)["train"] == pytest.approx(4 + 5 * budget / 1e3, rel=1e-6)


def paper_windows(paper: Paper) -> float:
    """Windows of CTCF in the paper, human and homologs."""
    sizes = windows(paper.project, "ctcf")
    return sizes["human"] + sizes["homologs"]


def test_steps_that_grow_faster_than_their_input_are_named() -> None:
    sizes = {300.0: pd.Series({"even": 10.0, "steep": 10.0}), 3_000.0: pd.Series({"even": 100.0, "steep": 300.0})}
    lines = growth(sizes)
    assert lines[2:] == [
        "| `steep` | 10.0 | 300.0 | 1.48 **faster than its input** |",
        "| `even` | 10.0 | 100.0 | 1.00 |",
    ]
