"""The record of a run."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from helpers.training_sets import run


def test_the_record_can_be_written_as_json(tmp_path: Path) -> None:
    from regssl.training.provenance import describe_run

    describe_run(run(tmp_path, "sl"), tmp_path / "run.json")
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["settings"]["architecture"] == "deepbind"
    assert record["versions"]["torch"] == torch.__version__
