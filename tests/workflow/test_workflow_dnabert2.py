"""DNABERT-2 in the workflow: in small with random weights, and from files that are or are not there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import regssl
from helpers.checkout import SMALL, Checkout
from regssl.models.serialization import read_card

TINY = {
    **SMALL,
    "select_datasets": ["ctcf"],
    "select_genomes": ["simDog"],
    "run_models": ["dnabert2_tiny"],
    "training": {"min_passes": None, "steps_per_epoch": 4, "max_epochs": 2},
    "models": {"dnabert2_tiny": {"seeds": [3]}},
}


@pytest.mark.slow
def test_the_tiny_model_by_all_three_methods(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure(TINY)
    ran = checkout.jobs("results/demo/table2.html", "results/demo/figure2.svg")
    assert ran["init_weights"] == 1 and ran["train_dnabert2_tiny"] == ran["predict_dnabert2_tiny"] == 3
    results = tmp_path / "results/demo"
    summary = pd.read_csv(results / "summary.tsv", sep="\t")
    assert summary["method"].tolist() == ["sl", "ssl", "ssl_ns"] and (summary["seed"] == 3).all()
    assert summary["collapsed"].dtype == bool and summary["aupr"].between(0, 1).all()
    for output in ("table2.html", "figure2.svg"):
        assert "DNABERT-2 tiny (random initialisation)" in re.sub(r"\s+", " ", (results / output).read_text())
    run = results / "runs/ctcf/dnabert2_tiny/ssl_ns/seed3"
    record = json.loads((run / "run.json").read_text())
    assert record["origin"] == "random initialisation" and record["windows"]["homologs"] > 0
    assert read_card(run / "model.safetensors").params["sizes"]["hidden_size"] == 32
    (results / "pretrained/dnabert2_tiny/tokenizer.json").unlink()
    assert type(regssl.load(run / "model.safetensors")).__name__ == "TinyDNABERT2"


def test_missing_weights_stop_the_run_before_any_job(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/config.json").touch()
    checkout.configure({**TINY, "run_models": ["dnabert2"], "models": {"dnabert2": {"pretrained": "weights"}}})
    lines = [line for line in checkout.snakemake(fails=True).splitlines() if line.startswith("regssl: ")]
    assert len(lines) == 1 and "no file weights/tokenizer.json (put it there" in lines[0]
    assert not (tmp_path / "results").exists()


def test_the_published_weights_are_an_input_of_training_alone(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure({**TINY, "run_models": ["dnabert2"], "methods": ["sl", "ssl"], "models": {}})
    planned = checkout.jobs(run=False)
    assert planned["download"] == 3 and planned["train_dnabert2"] == planned["train_dnabert2_3"] == 2
    plan = checkout.snakemake("--dry-run")
    readers = {
        rule for rule, files in re.findall(r"rule (\w+):\n    input: (.*)", plan) if "pytorch_model.bin" in files
    }
    assert readers == {"train_dnabert2", "train_dnabert2_2", "train_dnabert2_3"}
    checkout.configure(TINY)
    assert not checkout.jobs(run=False)["download"]
