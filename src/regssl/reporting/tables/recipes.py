"""The table of a search for a recipe."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.recipes.space import count_parameters
from regssl.reporting.format import MISSING, number
from regssl.reporting.tables.base import Table, grouped

Recipes = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Recipes by id: `params` and `training`, as `recipes.space.Recipe` has them."""


def recipe_table(recipes: Recipes, rounds: Sequence[pd.DataFrame], test: pd.DataFrame, names: DisplayNames) -> Table:
    """Make the table of all recipes, those that came farthest first.

    Args:
        recipes: all of them.
        rounds: of each round, columns of `recipes.ranking.RANKS`.
        test: a summary of the runs on the test set of the recipe that was left and of the models that took part.
        names: display names of models, by id.

    Returns:
        Tidy columns: model, parameters, every setting in which recipes differ, round (the last in which it was ranked),
        sl_rank, ssl_rank, sl_aupr, ssl_aupr of that round, test_sl_aupr and test_ssl_aupr (means over seeds, then
        datasets; NaN where the test set was not read).
    """
    values = {name: {**recipe["params"], **recipe["training"]} for name, recipe in recipes.items()}
    every = pd.DataFrame.from_dict(values, orient="index")
    settings = every.drop(columns=[key for key in every if every[key].map(repr).nunique() == 1])
    settings.insert(0, "parameters", [count_parameters(recipe["params"]) for recipe in recipes.values()])
    ranked = pd.concat([table.assign(round=number) for number, table in enumerate(rounds, start=1)])
    last = ranked.sort_values("round", kind="stable").drop_duplicates("model", keep="last").set_index("model")
    means = test.groupby(["model", "dataset", "method"])["aupr"].mean().groupby(["model", "method"]).mean()
    on_test = means.unstack("method").reindex(columns=["sl", "ssl"])
    tidy = settings.join(last[["round", "sl_rank", "ssl_rank", "sl_aupr", "ssl_aupr"]])
    tidy = tidy.join(on_test.add_prefix("test_").add_suffix("_aupr")).rename_axis("model").reset_index()
    tidy = tidy.sort_values(["round", "sl_rank", "ssl_rank"], ascending=[False, True, True], ignore_index=True)
    return Table(tidy, _display(tidy, [str(key) for key in settings], names), _caption(len(rounds), len(recipes)))


def _display(tidy: pd.DataFrame, settings: list[str], names: DisplayNames) -> pd.DataFrame:
    columns = [(("", "Recipe"), [names.models[model] for model in tidy["model"]])]
    columns += [(("Settings", key.replace("_", " ")), list(map(_setting, tidy[key]))) for key in settings]
    columns.append((("Validation", "Round"), [str(value) for value in tidy["round"]]))
    for score, spec, title in (("rank", ".1f", "mean rank"), ("aupr", ".3f", "AUPR")):
        columns += [
            (("Validation", f"{title}, {method.upper()}"), [number(value, spec) for value in tidy[f"{method}_{score}"]])
            for method in ("sl", "ssl")
        ]
    columns += [
        (("Test", f"AUPR, {method.upper()}"), [number(value) for value in tidy[f"test_{method}_aupr"]])
        for method in ("sl", "ssl")
    ]
    return grouped(columns)


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def _caption(rounds: int, recipes: int) -> str:
    return (
        f"{recipes} recipes in {rounds} round{'s' if rounds > 1 else ''}, ranked on validation windows alone: by the "
        "mean rank of SL's AUPR over the datasets of the round; equal ones by that of SSL. Ranks and AUPR are those of "
        "the last round that a recipe reached; rounds have different datasets, so compare within a round. The test set "
        "was read for the recipe that was left, and for the models that the search was to improve, and for no other."
    )
