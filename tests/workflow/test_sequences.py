"""A dataset of sequences beside one of peaks: a plan."""

from __future__ import annotations

from pathlib import Path

import yaml

from helpers.checkout import SMALL
from helpers.paths import ROOT
from helpers.plans import planned_jobs

TABLE = """\
sequence,label,split
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,1,train
CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC,0,train
ACACACACACACACACACACACACACACAC,1,dev
AGAGAGAGAGAGAGAGAGAGAGAGAGAGAG,0,test
"""


def test_sequences_are_read_and_nothing_of_them_is_lifted(tmp_path: Path) -> None:
    header, *rows = (ROOT / "config/demo/datasets.tsv").read_text().splitlines()
    ctcf = next(row for row in rows if row.startswith("ctcf\t"))
    blank = "\t" * (header.count("\t") - 1)
    (tmp_path / "datasets.tsv").write_text(f"{header}\tsequences\n{ctcf}\t\nown\tOwn{blank}\t{tmp_path}/own.csv\n")
    (tmp_path / "own.csv").write_text(TABLE)
    values = {"datasets": "datasets.tsv", "select_datasets": None, "methods": ["sl", "gc_logistic"], "snps": None}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({**SMALL, **values}))
    jobs = planned_jobs(tmp_path, "config/demo.yaml", "own.yaml")
    of_own = {job.rule: job for job in jobs if any("/own/" in path for path in job.outputs)}
    assert set(of_own) == {
        "read_sequences", "audit_leakage", "leakage_strata", "train_deepbind", "predict_deepbind", "evaluate_deepbind"
    }  # fmt: skip
    assert of_own["read_sequences"].inputs == {f"{tmp_path}/own.csv"}
    assert "results/demo/bins/own.parquet" in of_own["audit_leakage"].inputs
    table1 = next(job for job in jobs if job.rule == "table1")
    assert {path.removeprefix("results/demo/") for path in table1.inputs} == {
        "datasets/ctcf/human/counts.tsv", "datasets/own/human/counts.tsv", "datasets/ctcf/lift_status.tsv",
        "datasets/ctcf/peaks.tsv", "display_names.json",
    }  # fmt: skip
