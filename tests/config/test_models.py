"""Models of a configuration: display names, recipes."""

from __future__ import annotations

from helpers.minimal import MINIMAL, model
from helpers.paths import ROOT
from regssl.config.load import load_config, validate_config


def test_random_weights_are_named_as_such() -> None:
    config = validate_config({**MINIMAL, "models": model("dnabert2_tiny")})
    assert config.models["cnn"].display_name == "x (random initialisation)"
    config = load_config([ROOT / "config/config.yaml", ROOT / "config/demo.yaml"])
    assert config.models["dnabert2_tiny"].display_name == "DNABERT-2 tiny (random initialisation)"
    assert config.models["dnabert2"].display_name == "DNABERT-2"


def test_the_authors_recipe() -> None:
    config = load_config([ROOT / "config/config.yaml"])
    training = config.settings("dnabert2", "sl").training.model_dump()
    assert (training["optimizer"], training["learning_rate"], training["weight_decay"]) == ("adamw", 3e-5, 0.01)
    assert (training["batch_size"], training["gradient_clip_norm"], training["schedule"]) == (32, 1.0, "linear")
    assert (training["max_epochs"], training["min_passes"]) == (3, 1) and 30 <= training["warmup_steps"] <= 50
    assert config.jobs("dnabert2") == [[0], [1], [2]]
