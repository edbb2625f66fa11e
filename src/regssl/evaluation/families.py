"""Families of tests: Holm's correction over the datasets and models of a question, and what is found then.

What is said of one dataset (`conclusions`) is not corrected. What is said of several is, by Holm's method, with one
family per question and score. A question is a method against another (SSL against SL; SSL against each control), or
whether SSL beats SL and every control; its family has one hypothesis per dataset and model. There is no correction over
questions: each is answered by itself, and that of every control is an intersection-union test.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.methods import resolve

QUESTION = ["method", "baseline", "metric"]
"""What is asked of every dataset and model: the family of one correction."""
EVERY_CONTROL = "every_control"
"""The question whether SSL beats SL and every control, in the place of what SSL is compared with."""
FINDINGS_COLUMNS = [
    "question",
    "dataset",
    "model",
    "p",
    "p_is_bound",
    "p_holm",
    "p_holm_is_bound",
    "alone",
    "corrected",
]
Finding = Literal["better", "worse", "none", "unknown"]
"""SSL beats what it is compared with, is beaten, cannot be told from it; nothing can be found."""


def adjust_pvalues(differences: pd.DataFrame) -> pd.DataFrame:
    """Add `p_holm`, corrected over the datasets and models of a question, to a table of `comparison.differences_table`.

    `p_holm_is_bound`: whether it may be smaller, because a p behind it may be.
    """
    adjusted = differences.assign(p_holm=np.nan, p_holm_is_bound=False)
    for _, family in differences.groupby(QUESTION, sort=False):
        adjusted.loc[family.index, "p_holm"], adjusted.loc[family.index, "p_holm_is_bound"] = holm_with_bounds(
            family["p"], family["p_is_bound"]
        )
    return adjusted


def findings(concluded: pd.DataFrame, adjusted: pd.DataFrame, level: float) -> pd.DataFrame:
    """Answer each question for each dataset and model, alone and corrected over all of them.

    Args:
        concluded: of `conclusions`.
        adjusted: of `adjust_pvalues`.
        level: of confidence.

    Returns:
        FINDINGS_COLUMNS: `question` is what SSL is compared with, or EVERY_CONTROL; `alone` and `corrected` are
        `Finding`s.
    """
    rows = adjusted[(adjusted["method"] == "ssl") & (adjusted["metric"] == "aupr")]
    rows = rows.loc[[resolve(method).subset is None for method in rows["baseline"]]]
    compared = rows.assign(question=rows["baseline"])
    columns = {f"p_claim{end}": f"p{end}" for end in ("", "_is_bound", "_holm", "_holm_is_bound")}
    claimed = concluded.rename(columns=columns).assign(question=EVERY_CONTROL, ci_low=np.inf)  # one direction
    table = pd.concat([compared, claimed[claimed["p"].notna()]], ignore_index=True)
    for name, p in (("alone", "p"), ("corrected", "p_holm")):
        table[name] = [_finding(row, p, 1 - level) for row in table.to_dict("records")]
    return table[FINDINGS_COLUMNS]


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values by Holm's method, (n,): below 0.05 where the family's chance of any false finding is below 0.05.

    The k-th smallest of n is multiplied by n - k + 1, is no smaller than those before it, and at most 1. NaN stays NaN
    and counts as no comparison: 0.01, 0.04, 0.03 becomes 0.03, 0.06, 0.06. After Holm 1979.
    """
    values = np.asarray(p, np.float64)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return adjusted


def holm_with_bounds(p: ArrayLike, is_bound: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Adjust p-values by `holm`, and mark those that would be smaller if all that are bounds were 0.

    0.01 and 0.04, the first a bound, become 0.02 and 0.04, the first marked.
    """
    adjusted = holm(p)
    return adjusted, adjusted > holm(np.where(is_bound, 0.0, p))


def _finding(row: Mapping[Hashable, Any], p: str, alpha: float) -> Finding:
    if math.isnan(row[p]):
        return "unknown"
    if not row[p] < alpha:
        return "none"
    return "better" if row["ci_low"] > 0 else "worse" if row["ci_high"] < 0 else "none"
