"""The rehearsal in small, killed in the middle again and again: it goes on, and ends in the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.paths import ROOT

pytestmark = pytest.mark.slow

PLACES = ["downloads/**/*.part", "results/logs/find_homologs/default/*.log", "results/logs/train/ctcf/**/*.log"]
"""What lies in the folder of a run that downloads, that finds homologs, and that trains."""
WHOLE = ["leakage.tsv", "table1.tsv", "table2.tsv", "figure2.tsv", "figure3.tsv", "variant_effects.tsv",
         "measured.tsv", "comparison.tsv", "divergence/default.tsv", "paper_comparison.tsv"]  # fmt: skip


def start(folder: Path, run: Path) -> subprocess.Popen[bytes]:
    """Start a rehearsal in a process group of its own."""
    options = ["--genomes", "2", "--megabases", "10", "--cores", "2", "--folder", folder, "--run", run]
    command = [sys.executable, ROOT / "benchmarks/rehearse.py", *options]
    run.mkdir(exist_ok=True)
    with (run / "output.txt").open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)


def kill_at(place: str, folder: Path, run: Path) -> None:
    """Run until there is such a file, then kill all of it at once."""
    process = start(folder, run)
    while not any(path.stat().st_size or path.suffix == ".log" for path in run.glob(place)):
        assert process.poll() is None, (run / "output.txt").read_text()[-5_000:]
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_killed_three_times_it_ends_in_the_same_tables(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for place in PLACES:
        kill_at(place, tmp_path / "world", killed)
    for run in (killed, whole):
        assert start(tmp_path / "world", run).wait() == 0, (run / "output.txt").read_text()[-5_000:]
    for name in WHOLE:
        expected = (whole / "results" / name).read_bytes()
        assert expected.count(b"\n") > 1 and (killed / "results" / name).read_bytes() == expected, name
    models = sorted(path.relative_to(whole) for path in whole.glob("results/runs/**/model.safetensors"))
    assert models and all((whole / path).read_bytes() == (killed / path).read_bytes() for path in models)
    costs = (whole / "costs.md").read_text()
    assert all(f"| `{name}` |" in costs for name in ("download", "find-homologs", "train", "report table2"))
