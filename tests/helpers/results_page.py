"""A page of results whose names mean something to HTML, made by hand of all kinds of parts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from helpers.display import HOSTILE
from helpers.evidence import AUPR, NAMES, evidence
from helpers.measured_tables import measured_tables
from regssl.cli import main
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames
from regssl.io.json_object import write_json_object
from regssl.reporting.comparison_page import write_comparison_page
from regssl.reporting.measured_page import write_measured_page
from regssl.reporting.tables.base import Table, grouped, write_table

DATASETS = dict(zip(AUPR, HOSTILE[:3], strict=True))
GENOMES = {"hg38": "Human", "mm10": HOSTILE[3]}
DISPLAY = DisplayNames(DATASETS, {"deepbind": HOSTILE[0]}, {name: NAMES[name] for name in AUPR["ctcf"]}, {}, GENOMES)
VERSIONS = {"python": "3.12.1", "torch": "2.9"}


def write_results(folder: Path, *, compared: bool = True) -> Path:
    """Write the documents of some reports, and the page of them with the command; return its path."""
    rows = pd.DataFrame({"dataset": list(DATASETS), "n": [3, 20, 1000]})
    shown = grouped(
        [(("", "Dataset"), list(DATASETS.values())), (("Windows", "n"), ["3", "–", "1,000 (900 to 1,100)"])]
    )
    write_table(Table(rows, shown, "Table 1. Windows < 5 & more."), folder / "table1")
    sections = {"windows": "table1"}
    if compared:
        write_comparison_page(evidence(AUPR), DISPLAY, ComparisonSettings(), folder / "comparison")
        measured = replace(DISPLAY, methods={name: DISPLAY.methods[name] for name in ("sl", "ssl")})
        write_measured_page(measured_tables(names=measured), measured, folder / "measured")
        sections |= {"answer": "comparison_answer", "comparison": "comparison", "measured": "measured"}
    (folder / "names.json").write_text(json.dumps(asdict(DISPLAY)), encoding="utf-8")
    (folder / "own.bed").write_text("chr1\t0\t9\n", encoding="utf-8")
    inputs = {str(folder / "own.bed"): "", "downloads/x/a.bed": "https://x.org/a.bed?<&"}
    known = {
        "config": {"seeds": [0, 1], "splits": {"test": ["chr<6>"]}},
        "inputs": inputs,
        "lockfile": f"{folder}/lock",
        "test_chromosomes": ["chr7"],
    }
    write_json_object(folder / "configuration.json", known)
    for seed in range(2):
        write_json_object(folder / f"run{seed}.json", {"versions": VERSIONS | {"numpy": f"2.{seed}"}})
    words = [word for key, name in sections.items() for word in (f"--{key}", f"{folder / name}.json")]
    arguments = [*words, "--configuration", f"{folder}/configuration.json", "--names", f"{folder}/names.json",
                 "--records", f"{folder}/run0.json", f"{folder}/run1.json", f"--out={folder}/index.html"]  # fmt: skip
    assert main(["report", "page", *arguments]) == 0
    return folder / "index.html"
