"""Random recipes: all of one size, none twice, the same from the same seed."""

from __future__ import annotations

import inspect
from itertools import product

import pytest

from regssl.errors import ConfigError
from regssl.models.deepbind import DeepBind
from regssl.recipes.settings import ARGUMENTS, RecipeSearch
from regssl.recipes.space import count_parameters, draw_recipes, filters_for, recipe_names

BASE = {"filters": 256, "filter_width": 24, "hidden": 10, "dropout": 0.2}
SPACE = {
    "filter_width": [12, 16, 24],
    "hidden": [0, 10],
    "both_strands": [False, True],
    "pooling": ["max", "max_and_mean"],
}


def search(draws: int = 30, **changed) -> RecipeSearch:
    values = {"draws": draws, "params": SPACE, "training": {"learning_rate": [0.001, 0.003]}, **changed}
    return RecipeSearch(**values, rounds=[{"datasets": ["ctcf"], "seeds": [0], "keep": 1}])


@pytest.mark.parametrize("hidden", [0, 10])
@pytest.mark.parametrize("pooling", ["max", "max_and_mean"])
@pytest.mark.parametrize("both_strands", [False, True])
def test_parameters_are_those_of_the_network(hidden: int, pooling: str, both_strands: bool) -> None:
    params = {"filters": 30, "filter_width": 16, "hidden": hidden, "pooling": pooling, "both_strands": both_strands}
    assert count_parameters(params) == sum(parameter.numel() for parameter in DeepBind(**params).parameters())


def test_what_is_chosen_are_arguments_of_the_network() -> None:
    assert {*ARGUMENTS, "filters", "width"} == set(inspect.signature(DeepBind).parameters)


def test_no_number_of_filters_is_nearer() -> None:
    for width in range(8, 25):
        params = {**BASE, "filter_width": width}
        off = [abs(count_parameters({**params, "filters": filters}) - 27_000) for filters in range(1, 1000)]
        assert filters_for(27_000, params) == 1 + off.index(min(off))


@pytest.mark.parametrize("choices", [SPACE, {"filter_width": [3], "hidden": [0, 400]}, {}])
def test_a_size_is_refused_where_no_network_with_some_choice_comes_near(choices: dict) -> None:
    """Held against every number of filters; from the number that the message gives on, none is refused."""
    candidates = [{**BASE, **dict(zip(choices, values, strict=True))} for values in product(*choices.values())]
    sizes = [[count_parameters({**params, "filters": filters}) for filters in range(1, 900)] for params in candidates]
    for asked in (*range(1, 200), *range(200, 12_000, 37)):
        nearest = [min(of_one, key=lambda size: abs(size - asked)) for of_one in sizes]
        if all(20 * abs(size - asked) <= asked for size in nearest):
            draw_recipes(search(1, params=choices, parameters=asked), BASE, {})
            continue
        with pytest.raises(ConfigError, match=rf"`recipes.parameters`: {asked:,}: the nearest network with") as caught:
            draw_recipes(search(1, params=choices, parameters=asked), BASE, {})
        worst = max(abs(size - asked) for size in nearest)
        assert any(f"has {size:,} (it must" in str(caught.value) for size in (asked - worst, asked + worst))
        enough = int(str(caught.value).partition("from ")[2].partition(" on")[0].replace(",", ""))
        assert asked < enough < 12_000


def test_recipes_differ_and_all_are_of_the_size() -> None:
    recipes = draw_recipes(search(), BASE, {"batch_size": 32})
    assert list(recipes) == recipe_names(30) and next(iter(recipes)) == "recipe01"
    assert len(set(map(str, recipes.values()))) == 30
    for params, training in recipes.values():
        assert abs(count_parameters(params) - 27_000) < 60 and params["dropout"] == 0.2, "what is not chosen is kept"
        assert all(params[key] in choices for key, choices in SPACE.items())
        assert training["batch_size"] == 32 and training["learning_rate"] in (0.001, 0.003)
    assert draw_recipes(search(), BASE, {"batch_size": 32}) == recipes
    assert draw_recipes(search(seed=1), BASE, {"batch_size": 32}) != recipes


def test_all_there_are_and_one_more() -> None:
    possible = 3 * 2 * 2 * 2 * 2
    assert len(draw_recipes(search(possible), BASE, {})) == possible
    with pytest.raises(ConfigError, match=f"{possible + 1} recipes, but the choices make only {possible}"):
        draw_recipes(search(possible + 1), BASE, {})


def test_rounds_end_with_one_recipe() -> None:
    rounds = [{"datasets": ["ctcf"], "seeds": [0], "keep": keep} for keep in (2, 3)]
    for wrong in (rounds, rounds[:1]):
        with pytest.raises(ValueError, match="`keep` must not rise from round to round, and is 1 in the last"):
            RecipeSearch(draws=2, rounds=wrong)
    with pytest.raises(ValueError, match="`hidden` has no choices"):
        search(params={"hidden": []})
