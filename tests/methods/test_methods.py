"""Phases of the methods."""

from __future__ import annotations

import pytest

from helpers.training_sets import SETTINGS
from regssl.methods import METHODS
from regssl.methods.settings import RunSettings


def test_methods_have_the_documented_phases() -> None:
    settings = RunSettings(**SETTINGS)
    (only,) = METHODS["sl"].phases(settings)
    assert (only.source, only.training) == ("human", settings.training)
    pretraining, finetuning = METHODS["ssl"].phases(settings)
    assert (pretraining.source, pretraining.training) == ("homologs", settings.training)
    assert finetuning.source == "human"
    expected = {**settings.training.model_dump(), "learning_rate": pytest.approx(0.002)}
    assert finetuning.training.model_dump() == expected
