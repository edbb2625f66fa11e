"""The workflow in a locale that is not UTF-8: names and paths reach its jobs as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from helpers.plans import copy_workflow

NAME = "Größe ≥ 1 µm"
CLADE = "Größe (1 µm)"
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}


def test_names_and_paths_reach_the_jobs(tmp_path: Path) -> None:
    """One job is run, which writes the names into a folder with such a name; the others are planned."""
    copy_workflow(tmp_path)
    table = tmp_path / "config/demo/genomes.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("primate", CLADE), encoding="utf-8")
    results = f"results/{NAME}"
    (tmp_path / "my.yaml").write_text(yaml.safe_dump({"results_dir": results}), encoding="utf-8")
    configs = ["--configfile", "config/demo.yaml", "my.yaml"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    environment = clean | ASCII | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def snakemake(*options: str) -> str:
        command = [part.encode() for part in ("snakemake", "--cores", "1", *options, *configs)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode() + done.stderr.decode()

    snakemake(f"{results}/display_names.json")
    assert "CTCF" in json.loads((tmp_path / results / "display_names.json").read_bytes())["datasets"].values()
    assert f"--clades '{CLADE}'" in snakemake("--dry-run", "--printshellcmds")
