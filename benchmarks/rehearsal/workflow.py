"""Snakemake on the workflow of this repository, run in another folder, and what its commands took."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from rehearsal.world import ROOT

NOTES = "commands.jsonl"
GROUPS = ("step", "report", "explain")


class Command(NamedTuple):
    """What a job is, read from its command: name such as `find-homologs` or `report table1`, dataset, method."""

    name: str
    dataset: str
    method: str


def describe(arguments: Sequence[str]) -> Command:
    """Read a command of `regssl` from its arguments."""
    name = arguments[1] if arguments[0] == "step" else " ".join(arguments[: 1 + (arguments[0] in GROUPS)])
    values = dict(pairwise(arguments))
    of_path = re.search(r"/(?:datasets|runs)/([a-z0-9_]+)/", " ".join(arguments[:8]))
    one = arguments[0] not in ("report", "download")
    dataset = values.get("--dataset") or (of_path[1] if of_path and one else "")
    return Command(name, dataset, values.get("--method", ""))


def snakemake(folder: Path, *arguments: object, quietly: bool = False) -> str:
    """Run Snakemake in a folder; what it prints goes to the terminal, or (`quietly`) is returned.

    Raises:
        SystemExit: with its exit code, if that is not 0.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", *arguments]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if quietly else {}
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env={**os.environ, "PATH": path}, text=True, check=False, **output
    )
    if done.returncode:
        print(done.stdout or "", file=sys.stderr, end="")
        raise SystemExit(done.returncode)
    return done.stdout or ""


def note_commands(folder: Path) -> None:
    """Put a `regssl` into `bin` of a folder that notes what each command takes (see `timed`)."""
    program = shutil.which("regssl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    words = [sys.executable, "-E", "-S", Path(__file__).with_name("timed.py"), folder / NOTES, program]
    script = folder / "bin/regssl"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, words))} "$@"\n')
    script.chmod(0o755)


def planned_commands(folder: Path, *options: object) -> list[Command]:
    """List the commands of all jobs of a plan, when nothing has run in the folder."""
    output = snakemake(folder, "--dry-run", "--printshellcmds", "--cores", "1", *options, quietly=True)
    lines = re.findall(r"regssl ((?:step |report |explain )?[a-z0-9-]+ .*)", output)
    return [describe(shlex.split(line, posix=True)) for line in lines]
