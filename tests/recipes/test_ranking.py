"""Ranks of recipes, by hand; and gains from other seeds than the AUPR beside them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.recipes.gain import gain_table
from regssl.recipes.ranking import SCORES, rank_recipes


def scores(auprs: dict[str, dict[str, list[tuple[float, float]]]]) -> pd.DataFrame:
    """Scores from recipe → dataset → (sl, ssl) of each seed."""
    return pd.DataFrame(
        [
            (model, dataset, method, seed, aupr)
            for model, datasets in auprs.items()
            for dataset, seeds in datasets.items()
            for seed, pair in enumerate(seeds)
            for method, aupr in zip(("sl", "ssl"), pair, strict=True)
        ],
        columns=list(SCORES),
    )


def test_mean_rank_of_sl_decides_and_of_equals_that_of_ssl() -> None:
    """On ctcf a, b, c are 1st, 2nd, 3rd by SL, on max 3rd, 2nd, 1st: all have mean rank 2; b is best by SSL."""
    table = rank_recipes(
        scores({
            "a": {"ctcf": [(0.30, 0.1), (0.40, 0.1)], "max": [(0.1, 0.2), (0.1, 0.2)]},
            "b": {"ctcf": [(0.20, 0.9), (0.40, 0.9)], "max": [(0.2, 0.9), (0.2, 0.9)]},
            "c": {"ctcf": [(0.25, 0.2), (0.25, 0.2)], "max": [(0.3, 0.1), (0.3, 0.1)]},
        }),
        keep=1,
    )  # fmt: skip
    assert table["model"].tolist() == ["b", "a", "c"] and table["sl_rank"].tolist() == [2, 2, 2]
    assert table["ssl_rank"].tolist() == [1, 2.5, 2.5] and table["kept"].tolist() == [True, False, False]
    assert table["sl_aupr"].tolist() == pytest.approx([0.25, 0.225, 0.275])


def test_a_recipe_without_a_score_comes_last() -> None:
    table = rank_recipes(scores({"a": {"ctcf": [(math.nan, 0.9)]}, "b": {"ctcf": [(0.01, 0.01)]}}), keep=1)
    assert table["model"].tolist() == ["b", "a"]


def test_a_seed_without_a_score_does_not_make_the_others_count_more() -> None:
    """The better seed of a alone would rank it first."""
    auprs = {"a": {"ctcf": [(0.3, 0.3), (math.nan, 0.3)]}, "b": {"ctcf": [(0.2, 0.2), (0.2, 0.2)]}}
    table = rank_recipes(scores(auprs), keep=1)
    assert table["model"].tolist() == ["b", "a"] and table["ssl_rank"].tolist() == [2, 1]
    assert table["sl_aupr"].tolist() == pytest.approx([0.2, math.nan], nan_ok=True)


def test_nothing_is_ranked_on_a_dataset_that_none_was_trained_on() -> None:
    """All would be equal there, and the first by id would be kept."""
    table = scores({name: {"max": [(0.1, 0.2)], "ctcf": [(math.nan, math.nan)]} for name in ("a", "b")})
    with pytest.raises(DataError, match="no recipe has a score on dataset ctcf"):
        rank_recipes(table, keep=1)


def test_recipes_need_the_same_runs() -> None:
    table = scores({"a": {"ctcf": [(0.1, 0.2)]}, "b": {"ctcf": [(0.1, 0.2)]}})
    for wrong in (table.iloc[:-1], pd.concat([table, table])):
        with pytest.raises(DataError, match="recipes with different runs cannot be ranked"):
            rank_recipes(wrong, keep=1)


def test_gain_is_of_other_seeds() -> None:
    table = gain_table(scores({"a": {"ctcf": [(0.1, 0.5), (0.2, 0.3), (0.4, 0.6)], "max": [(0.1, 0.2)]}}))
    assert table.to_dict("records") == [
        {"dataset": "ctcf", "model": "a", "sl_aupr": 0.1, "gain_percent": pytest.approx(50)}
    ]
    again = gain_table(pd.concat([scores({"a": {"ctcf": [(0.1, 0.5), (0.2, 0.3), (0.4, 0.6)]}})] * 2))
    assert again.equals(table)


def test_luck_alone_makes_no_correlation() -> None:
    """Runs that are all noise: the gain of the same runs falls with the AUPR of SL; that of other seeds does not."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0.2, 0.02, (400, 2, 2))
    own = {f"r{recipe}": {"ctcf": [tuple(seed) for seed in seeds]} for recipe, seeds in enumerate(noise)}
    table = gain_table(scores(own))
    same = 100 * (noise[:, 0, 1] / noise[:, 0, 0] - 1)
    assert np.corrcoef(noise[:, 0, 0], same)[0, 1] < -0.5
    assert abs(np.corrcoef(table["sl_aupr"], table["gain_percent"])[0, 1]) < 0.1
