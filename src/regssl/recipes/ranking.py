"""Ranks of recipes by validation AUPR."""

from __future__ import annotations

import pandas as pd

from regssl.errors import DataError

SCORES = {"model": "str", "dataset": "str", "method": "str", "seed": "int64", "validation_aupr": "float64"}
"""Columns of the scores, one row per run, and their types."""
RANKS = {"model": "str", "sl_rank": "float64", "ssl_rank": "float64", "sl_aupr": "float64", "ssl_aupr": "float64",
         "kept": "bool"}  # fmt: skip
"""Columns of the ranks, one row per recipe, best first, and their types."""


def rank_recipes(scores: pd.DataFrame, keep: int) -> pd.DataFrame:
    """Rank recipes: by the mean rank of `sl` over datasets; of equal ones, by that of `ssl`; then by id.

    A recipe's rank on a dataset is that of its mean validation AUPR over seeds among all recipes, 1 the best, and equal
    ones share their mean rank. One with a seed that has no score comes last: the mean of the others would flatter it.

    Args:
        scores: columns of SCORES; every recipe has the same runs.
        keep: number of recipes that go on.

    Returns:
        Columns of RANKS; `sl_aupr` and `ssl_aupr` are means over seeds, then datasets, NaN where one has no score.

    Raises:
        DataError: recipes have different runs; none has a score on a dataset.
    """
    runs = ["dataset", "method", "seed"]
    each = {model: sorted(own[runs].itertuples(index=False, name=None)) for model, own in scores.groupby("model")}
    if len(set(map(tuple, each.values()))) != 1 or scores.duplicated(["model", *runs]).any():
        raise DataError("recipes with different runs cannot be ranked", "give the same runs of each")
    means = scores.groupby(["model", "dataset", "method"])["validation_aupr"].agg(_mean_of_all).unstack("method")
    if not (scored := means["sl"].notna().groupby("dataset").any()).all():
        raise DataError(f"no recipe has a score on dataset {scored.idxmin()}", "it cannot be trained: see its run.json")
    ranks = means.groupby("dataset").rank(ascending=False, na_option="bottom").groupby("model").mean()
    table = ranks.add_suffix("_rank").join(means.groupby("model").agg(_mean_of_all).add_suffix("_aupr")).reset_index()
    table = table.sort_values(["sl_rank", "ssl_rank", "model"], ignore_index=True)
    return table.assign(kept=table.index < keep)[list(RANKS)]


def _mean_of_all(auprs: pd.Series) -> float:
    """The mean; NaN where one is."""
    return float(auprs.mean(skipna=False))
