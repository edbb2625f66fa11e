"""Random recipes of one size: arguments of DeepBind, and settings of its training."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from regssl.errors import ConfigError
from regssl.recipes.settings import RecipeSearch

SIZED = ("filter_width", "hidden", "pooling")
"""Arguments of DeepBind that may be chosen and on which its size depends."""


NEAR = 0.05
"""Largest part of the size asked for by which that of a network differs: within it, all are of one size."""


class Recipe(NamedTuple):
    """A network and how it is trained.

    Attributes:
        params: arguments of the architecture.
        training: keys of `training` that differ from those of the configuration.
    """

    params: dict[str, Any]
    training: dict[str, Any]


def count_parameters(params: Mapping[str, Any]) -> int:
    """Count the parameters of a DeepBind of such arguments, without building it."""
    features = params["filters"] * (2 if params.get("pooling") == "max_and_mean" else 1)
    hidden = params["hidden"]
    head = (features + 1) * hidden + hidden + 1 if hidden else features + 1
    return int(params["filters"] * (4 * params["filter_width"] + 1) + head)


def filters_for(parameters: int, params: Mapping[str, Any]) -> int:
    """Return the number of filters with which a DeepBind has as nearly as possible so many parameters."""
    none, each = _size_by_filters(params)
    return max(1, round((parameters - none) / each))


def _size_by_filters(params: Mapping[str, Any]) -> tuple[int, int]:
    """Return the parameters that a DeepBind of such arguments has without filters, and those that each filter adds."""
    none, one = (count_parameters({**params, "filters": filters}) for filters in (0, 1))
    return none, one - none


def _check_size(search: RecipeSearch, params: Mapping[str, Any]) -> None:
    """Check that all recipes are of the size asked for: with each choice, drawn or not, a network comes within NEAR.

    Raises:
        ConfigError: with some choice none does.
    """
    sized = {key: search.params[key] for key in SIZED if key in search.params}
    candidates = [{**params, **dict(zip(sized, values, strict=True))} for values in itertools.product(*sized.values())]
    for candidate in candidates:
        candidate["filters"] = filters_for(search.parameters, candidate)
    worst = max(candidates, key=lambda candidate: abs(count_parameters(candidate) - search.parameters))
    nearest = count_parameters(worst)
    if abs(nearest - search.parameters) > NEAR * search.parameters:
        named = ", ".join(f"{key} {worst[key]}" for key in ("filters", *SIZED) if key in worst)
        enough = max(math.ceil(each / (2 * NEAR)) for _, each in map(_size_by_filters, candidates))
        raise ConfigError(
            f"key `recipes.parameters`: {search.parameters:,}: the nearest network with {named} has {nearest:,}",
            f"it must come within {NEAR:.0%} with every choice: from {enough:,} on any number will do",
        )


def recipe_names(draws: int) -> list[str]:
    """Return the ids of so many recipes: `recipe1` and so on, with as many digits each."""
    return [f"recipe{number:0{len(str(draws))}d}" for number in range(1, draws + 1)]


def draw_recipes(search: RecipeSearch, params: Mapping[str, Any], training: Mapping[str, Any]) -> dict[str, Recipe]:
    """Draw recipes, all choices being equally likely.

    Args:
        search: what to choose from.
        params, training: of the model that the search is for; what is not chosen is as there.

    Returns:
        Recipes by id, of `recipe_names`, which differ from one another.

    Raises:
        ConfigError: there are not so many, or not of the size.
    """
    _check_size(search, params)
    groups = {"params": search.params, "training": search.training}
    keys = [(group, key) for group, choices in groups.items() for key in choices]
    choices = [groups[group][key] for group, key in keys]
    possible = math.prod(len(set(of_key)) for of_key in choices)
    if possible < search.draws:
        raise ConfigError(f"key `recipes.draws`: {search.draws} recipes, but the choices make only {possible}")
    rng, names = random.Random(search.seed), recipe_names(search.draws)
    drawn: dict[str, Recipe] = {}
    for values in (tuple(map(rng.choice, choices)) for _ in itertools.count()):
        recipe = Recipe(dict(params), dict(training))
        for (group, key), value in zip(keys, values, strict=True):
            getattr(recipe, group)[key] = value
        recipe.params["filters"] = filters_for(search.parameters, recipe.params)
        if recipe not in drawn.values():
            drawn[names[len(drawn)]] = recipe
        if len(drawn) == search.draws:
            return drawn
    raise AssertionError("unreachable: draws go on until there are enough")
