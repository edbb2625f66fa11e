"""What the filters of several runs have learned: a row per run, the best and the median run of a method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def describe_run(filters: pd.DataFrame, max_q: float) -> dict[str, Any]:
    """Describe the filters of a run, for a row of the table of runs.

    Shown is the filter that matches a matrix of the factor best, or where the factor has none the one through which
    most of the distance between positive and negative windows comes.

    Args:
        filters: the table of filters of a run, COLUMNS.
        max_q: q-value of a match.
    """
    active = filters[filters["information"].notna()]
    has_own = bool((active["own_id"] != "").any())
    own = int((active["own_q"] <= max_q).sum())
    described: dict[str, Any] = {
        "filters": len(filters),
        "active": len(active),
        "clusters": active["cluster"].nunique(),
        "known": int((active["best_q"] <= max_q).sum()),
        "own": own,
        "own_share": own / len(active) if has_own and len(active) else np.nan,
    }
    if not len(active):
        return described | {"shown": None, "shown_id": "", "shown_q": np.nan, "shown_positive": np.nan,
                            "shown_negative": np.nan}  # fmt: skip
    order = ["own_p", "contribution"] if has_own else ["contribution"]
    shown = active.sort_values(order, ascending=[name == "own_p" for name in order], kind="stable").iloc[0]
    kind = "own" if has_own else "best"
    return described | {
        "shown": int(shown["filter"]),
        "shown_id": shown[f"{kind}_id"],
        "shown_q": float(shown[f"{kind}_q"]),
        "shown_positive": float(shown["positive"]),
        "shown_negative": float(shown["negative"]),
    }


def best_and_median(runs: pd.DataFrame) -> tuple[int, int]:
    """Choose the best run of a method by `shown_q`, and the median one: their row numbers.

    Of an even number the worse of the two in the middle is the median.
    """
    order = runs["shown_q"].fillna(np.inf).argsort(kind="stable")
    return int(order.iloc[0]), int(order.iloc[len(order) // 2])
