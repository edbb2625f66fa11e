"""The models of a search for a recipe: those that take part, and the recipes that are drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import ValidationError

from regssl.config.models import Model
from regssl.config.validators import did_you_mean
from regssl.methods.settings import Training
from regssl.recipes.settings import RecipeSearch
from regssl.recipes.space import draw_recipes

ARCHITECTURE = "deepbind"
SIZE = {"filters": 1, "filter_width": 1, "hidden": 0}
"""Arguments from which the size of the network follows, whole numbers: the least of each."""
MAX_RUNS = 1_000
"""Runs of a round: the command that ranks them names them all, and Linux ends a command at 128 KiB."""


def searched_models(search: RecipeSearch, known: Mapping[str, Model], taken: Collection[str]) -> dict[str, Model]:
    """Return the models of a search by id: those that take part, then a recipe for each draw.

    Args:
        search: what to choose from.
        known: models that take part, at least one; recipes are of the first, but for what is chosen.
        taken: ids of all models of the configuration.

    Raises:
        ValueError: a model is no DeepBind or does not state its size; a recipe has the id of a model; a choice is no
            size, or no value of a key of `training`; a round has too many runs. The message begins with the key of
            the configuration.
        ConfigError: as `draw_recipes`.
    """
    for name, model in known.items():
        if model.architecture != ARCHITECTURE:
            raise ValueError(f"run_models: '{name}' is a {model.architecture}; a search is for a {ARCHITECTURE}")
        if missing := [key for key in SIZE if key not in model.params]:
            raise ValueError(f"models: `{name}.params` has no `{missing[0]}`, from which the size follows")
        for key in SIZE:
            _check_size(f"models.{name}.params.{key}", key, model.params[key])
    for key in SIZE.keys() & search.params.keys():
        for choice in search.params[key]:
            _check_size(f"recipes.params.{key}", key, choice)
    _check_training(search)
    _check_rounds(search, len(known))
    base = next(iter(known.values()))
    runs = {"seeds": search.seeds, "seeds_per_job": len(search.rounds[0].seeds)}
    models = {name: model.model_copy(update=runs) for name, model in known.items()}
    for name, recipe in draw_recipes(search, base.params, base.training).items():
        if name in taken:
            raise ValueError(f"models: '{name}' is what a recipe that is drawn is called; rename it")
        named = {"name": f"Recipe {name.removeprefix('recipe')}"}
        models[name] = base.model_copy(update={**runs, **named, **recipe._asdict()})
    return models


def _check_size(where: str, key: str, value: object) -> None:
    if type(value) is not int or value < SIZE[key]:
        raise ValueError(f"{where}: {value!r} is no whole number of at least {SIZE[key]}")


def _check_training(search: RecipeSearch) -> None:
    for key, choices in search.training.items():
        if key not in Training.model_fields:
            raise ValueError(f"recipes.training.{key}: no such key{did_you_mean(key, Training.model_fields)}")
        for choice in choices:
            try:
                Training.model_validate({key: choice})
            except ValidationError as error:
                raise ValueError(f"recipes.training.{key}: {choice!r}: {error.errors()[0]['msg']}") from None


def _check_rounds(search: RecipeSearch, known: int) -> None:
    models = search.draws + known
    for number, own in enumerate(search.rounds, start=1):
        runs = models * len(own.datasets) * len(own.seeds) * 2  # sl and ssl
        if runs > MAX_RUNS:
            problem = f"{runs:,} runs, and a round can have {MAX_RUNS:,}: draw or keep fewer"
            raise ValueError(f"recipes.rounds: round {number} has {problem}")
        models = own.keep
