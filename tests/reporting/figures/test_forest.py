"""The figure of SSL less every other method, from comparisons made by hand."""

from __future__ import annotations

import pytest

from helpers.evidence import AUPR, NAMES, evidence
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.figures.forest import forest_plot

DISPLAY = DisplayNames({dataset: dataset.upper() for dataset in AUPR}, {"deepbind": "CNN-27K"}, NAMES)


def test_a_method_that_a_dataset_lacks_is_said_to_be_not_compared(tmp_path):
    differences = evidence(AUPR).differences
    forest_plot(differences, DISPLAY, 0.95, tmp_path / "forest.svg", tmp_path / "forest.png")
    shown = (tmp_path / "forest.svg").read_text()
    methods = set(AUPR["ctcf"]) - {"ssl"}
    for name in ("CTCF", "REST", "MAX", *(NAMES[method] for method in methods)):
        assert f">{name}</text>" in shown
    assert shown.count(">not compared</text>") == len(methods) - 1  # MAX has SL alone; its baseline has no score


def test_ssl_that_is_compared_with_nothing_is_refused(tmp_path):
    differences = evidence({"ctcf": {"sl": 0.1, "sl_noise": 0.1}}).differences
    with pytest.raises(DataError, match="nothing to display"):
        forest_plot(differences, DISPLAY, 0.95, tmp_path / "forest.svg", tmp_path / "forest.png")
    assert not list(tmp_path.iterdir())
