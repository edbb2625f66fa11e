"""How much of SSL's gain over SL is the strength of SL: the gain of every recipe beside what SL reaches with it."""

from __future__ import annotations

import pandas as pd

GAINS = {"dataset": "str", "model": "str", "sl_aupr": "float64", "gain_percent": "float64"}
"""Columns of the gains, and their types."""


def gain_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Set the gain of each recipe beside the AUPR of `sl`, from different seeds.

    A gain computed from the same runs as the AUPR beside it would fall with it by chance alone: a run of `sl` that was
    lucky has a high AUPR and, for that, a small gain. So the AUPR is that of the first seed, and the gain, of `ssl`
    over `sl` in percent, that of the means of all others. Both are of the same validation windows: what a recipe owes
    to these, beyond its seeds, stays in both.

    Args:
        scores: columns of `ranking.SCORES`; runs of several rounds, of which a repeated one counts once.

    Returns:
        Columns of GAINS, one row per dataset and recipe with two seeds or more.
    """
    runs = scores.drop_duplicates(["dataset", "model", "method", "seed"])
    rows = []
    for (dataset, model), own in runs.groupby(["dataset", "model"], sort=False):
        auprs = own.pivot(index="seed", columns="method", values="validation_aupr").dropna().sort_index()
        if len(auprs) > 1:
            others = auprs.iloc[1:].mean()
            gain = 100 * (others["ssl"] / others["sl"] - 1)
            rows.append({"dataset": dataset, "model": model, "sl_aupr": auprs["sl"].iloc[0], "gain_percent": gain})
    return pd.DataFrame(rows, columns=list(GAINS))
