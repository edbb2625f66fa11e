"""The budget of a dataset: how many optimizer steps each phase of every method makes."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.minimal import MINIMAL
from regssl.config.load import load_as_workflow, validate_config
from regssl.methods import METHODS, resolve
from regssl.methods.settings import RunSettings


def steps(windows: int, budget: float = 1, **training: Any) -> int:
    values = {"batch_size": 64, "max_epochs": 20, "steps_per_epoch": 100, "min_passes": 10, **training}
    settings = RunSettings(architecture="deepbind", budget=budget, training=values)
    return settings.with_budget(windows).training.steps_per_epoch


def test_epochs_are_as_long_as_the_passes_ask_for() -> None:
    """10 × 40,000 windows in batches of 64 are 6250 steps, in 20 epochs 312.5 each."""
    assert steps(40_000) == 313
    assert steps(40_000, batch_size=32) == 625 and steps(40_000, max_epochs=10) == 625
    assert steps(40_000, min_passes=20) == steps(80_000) == 625
    assert 20 * steps(40_000) * 64 >= 10 * 40_000 > 20 * (steps(40_000) - 1) * 64


def test_small_datasets_and_no_passes_have_the_steps_that_are_given() -> None:
    assert steps(10_000) == 100
    assert steps(10**9, min_passes=None) == 100


def test_more_is_one_word() -> None:
    """`--config budget=2`: twice the steps, whatever they come from; every other setting stays."""
    assert steps(40_000, budget=2) == 2 * 313 and steps(10_000, budget=2) == 200
    assert steps(10_000, budget=1.5, min_passes=None) == 150
    config, _, _ = load_as_workflow(["config/demo.yaml"], {"budget": 2})
    longer, once = (one.settings("deepbind", "ssl") for one in (config, config.model_copy(update={"budget": 1})))
    assert longer == once.model_copy(update={"budget": 2})


def test_every_method_has_the_budget_of_the_dataset() -> None:
    config = validate_config({**MINIMAL, "methods": ["sl", "ssl"], "training": {"min_passes": 10}})
    lengths = set()
    for method in (method.id for method in METHODS.values() if method.kind != "baseline"):
        settings = config.settings("cnn", method).with_budget(1_000_000)
        lengths |= {
            (phase.training.max_epochs, phase.training.steps_per_epoch) for phase in resolve(method).phases(settings)
        }
    assert lengths == {(60, 2605)}  # 10,000,000 windows / 64 / 60


@pytest.mark.parametrize("wrong", [{"min_passes": 0}, {"min_passes": -1}])
def test_a_budget_of_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        steps(1, **wrong)
