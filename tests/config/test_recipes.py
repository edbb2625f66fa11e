"""A search for a recipe in the configuration: what it draws are models like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from helpers.tables import config, write_tables
from regssl.config.project import Project
from regssl.errors import ConfigError

ROUNDS = [{"datasets": ["ctcf"], "seeds": [0], "keep": 2}, {"datasets": ["ctcf", "max"], "seeds": [0, 1], "keep": 1}]
SIZE = {"filters": 8, "filter_width": 24, "hidden": 10}
MODELS = {
    "deepbind": {
        "architecture": "deepbind",
        "name": "CNN",
        "params": SIZE,
        "training": {"batch_size": 32},
    }
}
MODELS |= {
    "deepsea": {"architecture": "deepsea", "name": "DeepSEA"},
    "unsized": {"architecture": "deepbind", "name": "CNN", "params": {"filters": 8, "filter_width": 24}},
}


def project(folder: Path, search: dict[str, Any] | None = None, **changes: Any) -> Project:
    recipes = {"draws": 3, "params": {"filter_width": [12, 16, 20]}, "training": {"learning_rate": [0.1, 0.2]}}
    values = {"methods": ["sl", "ssl"], "models": MODELS, "results_dir": "r"}
    recipes = {**recipes, "rounds": ROUNDS, **(search or {})}
    return Project(config(write_tables(folder), **{**values, "recipes": recipes, **changes}))


def test_recipes_are_models_beside_the_one_they_are_to_improve(tmp_path: Path) -> None:
    plan = project(tmp_path)
    assert plan.config.run_models == ["deepbind", "recipe1", "recipe2", "recipe3"]
    assert plan.drawn_recipes() == plan.config.run_models[1:]
    assert all(plan.config.seeds_of(name) == [0, 1] for name in plan.config.run_models), "as the rounds need"
    for name in plan.drawn_recipes():
        model = plan.config.models[name]
        assert model.params["hidden"] == 10 and model.params["filter_width"] in (12, 16, 20)
        assert model.params["filters"] > 200, "27,000 parameters"
        assert model.training["batch_size"] == 32 and model.training["learning_rate"] in (0.1, 0.2)
        assert model.display_name == f"Recipe {name[-1]}"
    assert [job.rule("train") for job in plan.seed_jobs()][2:4] == ["train_recipe1", "train_recipe1_2"]
    assert plan.recipe_settings()["deepbind"]["training"]["batch_size"] == 32


def test_runs_of_a_round(tmp_path: Path) -> None:
    plan = project(tmp_path)
    assert plan.round_runs(1, ["a"]) == [("ctcf", "a", "sl", 0), ("ctcf", "a", "ssl", 0)]
    assert len(plan.round_runs(2, ["a", "b"])) == 2 * 2 * 2 * 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"search": {"draws": 7}}, "key `recipes.draws`: 7 recipes, but the choices make only 6"),
        ({"search": {"rounds": ROUNDS[:1]}}, "`keep` must not rise from round to round, and is 1 in the last"),
        ({"search": {"rounds": [{**ROUNDS[1], "datasets": ["cctf"]}]}}, "key `recipes.rounds`: 'cctf' is not selected"),
        ({"methods": ["sl", "ssl", "ssl_ns"]}, "recipes are ranked by sl and ssl"),
        ({"models": {"deepbind": {**MODELS["deepbind"], "methods": ["sl"]}}}, "recipes are ranked by sl and ssl"),
        ({"search": {"training": {"lerning_rate": [0.1]}}}, "no such key; did you mean 'learning_rate'"),
        ({"search": {"training": {"learning_rate": [-1, 0.1]}}}, "recipes.training.learning_rate: -1: Input should"),
        ({"search": {"params": {"filter_width": ["wide"]}}}, "params.filter_width: 'wide' is no whole number"),
        ({"search": {"params": {"filter_width": [12, 0]}}}, "params.filter_width: 0 is no whole number of at least 1"),
        ({"search": {"params": {"hidden": [10, 2.5]}}}, "recipes.params.hidden: 2.5 is no whole number of at least 0"),
        (
            {"models": {"deepbind": {**MODELS["deepbind"], "params": {**SIZE, "hidden": [1, 2]}}}},
            r"models.deepbind.params.hidden: \[1, 2\] is no whole number of at least 0",
        ),
        (
            {"search": {"parameters": 27, "params": {"filter_width": [12, 16], "dropout": [0, 0.5]}}},
            "key `recipes.parameters`: 27: the nearest network with filters 1, filter_width 16, hidden 10 has 96 "
            r"\(it must come within 5% with every choice: from 750 on any number will do\)",
        ),
        ({"search": {"params": {"filters": [100, 200]}}}, "`filters` is not one of filter_width, hidden"),
        ({"search": {"params": {"dropout": [0, 0.0]}, "training": {}, "draws": 2}}, "the choices make only 1"),
        (
            {"search": {"draws": 6, "rounds": [ROUNDS[0] | {"seeds": list(range(72))}, ROUNDS[1]]}},
            "round 1 has 1,008 runs",
        ),
        ({"run_models": ["deepsea"]}, "'deepsea' is a deepsea; a search is for a deepbind"),
        ({"run_models": ["unsized"]}, "`unsized.params` has no `hidden`, from which the size follows"),
        (
            {"models": {**MODELS, "recipe2": MODELS["deepbind"]}},
            "'recipe2' is what a recipe that is drawn is called; rename it",
        ),
    ],
)
def test_what_cannot_be_searched(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, ValidationError), match=message):
        project(tmp_path, **changes)
