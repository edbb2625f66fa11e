"""The end of a phase."""

from __future__ import annotations

from pathlib import Path

from helpers.training_sets import SETTINGS, run


def test_training_stops_early(tmp_path: Path) -> None:
    settings = {**SETTINGS["training"], "learning_rate": 1e-9, "max_epochs": 30, "patience": 2}
    run(tmp_path, "sl", training=settings)
    assert len((tmp_path / "out/seed0/history.csv").read_text().splitlines()) < 15
