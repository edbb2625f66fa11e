"""What the comparisons of all datasets say together: corrected p-values, verdicts, and tests over datasets.

The family of Holm's correction is what the page asks: SSL with each other method in full dose, in every dataset and
model; of each score apart. Doses and the comparisons of controls with SL are told without being in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.errors import DataError
from regssl.evaluation.bootstrap import SCORES
from regssl.evaluation.conclusions import Difference, Verdict, verdict
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.settings import Statistics
from regssl.methods import METHODS, resolve

CELL = ["dataset", "model"]
NUMBERS = {
    **{"difference": "difference", "low": "both_low", "high": "both_high", "p": "p_holm"},
    **{"gain": "gain", "gain_low": "gain_both_low", "gain_high": "gain_both_high"},
}
"""The numbers of a verdicts.Difference, and the columns they stand in."""
FLOORS = tuple(id for id, method in METHODS.items() if method.kind == "baseline")


def with_holm(differences: pd.DataFrame) -> pd.DataFrame:
    """`differences` with a column `p_holm`: NaN for what is not in the family."""
    in_family = (differences["method"] == "ssl") & ~differences["baseline"].map(_is_subset)
    adjusted = pd.Series(np.nan, index=differences.index)
    for metric in SCORES:
        of_metric = in_family & (differences["metric"] == metric)
        adjusted[of_metric] = holm(differences.loc[of_metric, "p"])
    return differences.assign(p_holm=adjusted)


def family_size(corrected: pd.DataFrame) -> int:
    """Comparisons of AUPR in the family."""
    return int(corrected.loc[corrected["metric"] == "aupr", "p_holm"].notna().sum())


def verdicts(
    methods: pd.DataFrame, corrected: pd.DataFrame, names: Mapping[str, str], statistics: Statistics
) -> pd.DataFrame:
    """One row per dataset and model: dataset model prevalence windows positives blocks seeds verdict text remark.

    Args:
        methods: of `comparison.methods_table`, all datasets.
        corrected: of `with_holm`.
        names: display names of methods.
        statistics: level and margin.
    """
    rows = []
    of_aupr = methods[methods["metric"] == "aupr"]
    for cell, runs in of_aupr.groupby(CELL, sort=False):
        ours = corrected[(corrected[CELL] == list(cell)).all(axis=1) & (corrected["metric"] == "aupr")]
        found = _judge(runs.set_index("method"), ours, names, statistics)
        first = runs.iloc[0]
        known = {name: first[name] for name in ("prevalence", "windows", "positives", "blocks")}
        told = {"verdict": found.kind, "text": found.text, "remark": found.remark}
        rows.append(dict(zip(CELL, cell, strict=True)) | known | {"seeds": int(runs["seeds"].max())} | told)
    return pd.DataFrame(rows)


def _judge(runs: pd.DataFrame, ours: pd.DataFrame, names: Mapping[str, str], statistics: Statistics) -> Verdict:
    reasons = [runs.loc[id, "problem"] for id in ("sl", "ssl") if id in runs.index]
    problem = next((str(reason) for reason in reasons if isinstance(reason, str) and reason), "")
    above_sl = ours[ours["baseline"] == "sl"].set_index("method")["both_low"] > 0
    differences = {}
    for _, row in ours[ours["method"] == "ssl"].iterrows():
        other = str(row["baseline"])
        if not _is_subset(other):
            numbers = {name: float(row[column]) for name, column in NUMBERS.items()}
            differences[other] = Difference(**numbers, gains=bool(above_sl.get(other, default=False)))
    return verdict(differences, names, FLOORS, statistics.equivalent_percent, 1 - statistics.level, problem)


def over_datasets(methods: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """SSL with each other method, the datasets being the pairs: model metric method baseline, `PairedTest`, p_holm.

    The p is corrected over the comparisons of one score, all models.
    """
    rows: list[dict[str, Any]] = []
    full = methods[~methods["method"].map(_is_subset)]
    for (model, metric), cells in full.groupby(["model", "metric"], sort=False):
        wide = cells.pivot(index="dataset", columns="method", values="value")
        for other in dict.fromkeys(cells["method"]):
            if other == "ssl" or "ssl" not in wide or not len(pair := wide[["ssl", other]].dropna()):
                continue
            found = paired_test(list(pair["ssl"]), list(pair[other]), level)
            rows.append({"model": model, "metric": metric, "method": "ssl", "baseline": other, **found._asdict()})
    table = pd.DataFrame(rows, columns=["model", "metric", "method", "baseline", *PairedTest._fields])
    for metric in SCORES:
        table.loc[table["metric"] == metric, "p_holm"] = holm(table.loc[table["metric"] == metric, "p"])
    return table


def _is_subset(method: str) -> bool:
    return resolve(method).subset is not None


class PairedTest(NamedTuple):
    """Differences between two methods over datasets.

    Attributes:
        pairs: datasets.
        better, worse: in how many the first method has the higher, the lower value.
        mean, low, high: the mean difference with Student's interval over datasets (NaN for one).
        standardised: mean difference / its standard deviation, with Hedges' correction for small samples: NaN below two
            pairs, or without spread.
        rank_biserial: (W⁺ - W⁻) / (W⁺ + W⁻), from -1 (always worse) to 1 (always better); NaN where no pair differs.
        p: two-sided, of Wilcoxon's signed-rank test; NaN where no pair differs.
    """

    pairs: int
    better: int
    worse: int
    mean: float
    low: float
    high: float
    standardised: float
    rank_biserial: float
    p: float


def paired_test(treated: Sequence[float], control: Sequence[float], level: float = 0.95) -> PairedTest:
    """Compare two methods on the same datasets.

    Raises:
        DataError: samples of different size, empty or not finite.
    """
    if len(treated) != len(control):
        raise DataError(f"{len(treated)} treated and {len(control)} control values", "give them in pairs")
    difference = np.asarray(treated, np.float64) - np.asarray(control, np.float64)
    mean, low, high, n = mean_interval(list(difference), level)
    counts = int((difference > 0).sum()), int((difference < 0).sum())
    ranks = _signed_ranks(difference)
    total = float(np.abs(ranks).sum())
    return PairedTest(
        n, *counts, mean, low, high, _hedges(difference), float(ranks.sum()) / total if total else math.nan,
        _exact_p(ranks),
    )  # fmt: skip


def _signed_ranks(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks of the sizes of differences, ties sharing their mean rank, with the sign; pairs that are equal have none.

    Differences that differ by rounding alone are ties: numbers are compared to 12 digits.
    """
    from scipy.stats import rankdata

    sizes = np.abs(difference)
    scale = sizes.max(initial=0.0)
    rounded = np.round(sizes / scale, 12) if scale else sizes
    some = rounded > 0
    return rankdata(rounded[some]) * np.sign(difference[some])


def _exact_p(ranks: NDArray[np.float64]) -> float:
    """The share of the 2ⁿ ways to give ranks their signs whose sum is as far from 0 as this one, or farther."""
    if not ranks.size:
        return math.nan
    doubled = np.rint(2 * np.abs(ranks)).astype(np.int64)  # mean ranks are halves
    chance = np.zeros(int(doubled.sum()) + 1)  # of each value that twice the sum of positive ranks can have
    chance[0] = 1
    for rank in doubled:
        shifted = np.zeros_like(chance)
        shifted[rank:] = chance[: len(chance) - rank]
        chance = (chance + shifted) / 2
    positive = int(np.rint(2 * ranks[ranks > 0].sum()))
    away = abs(2 * positive - int(doubled.sum()))
    distance = np.abs(2 * np.arange(len(chance)) - int(doubled.sum()))
    return min(float(chance[distance >= away].sum()), 1.0)


def _hedges(difference: NDArray[np.float64]) -> float:
    """Hedges' g of paired differences: J × mean / sd, J = Γ(m / 2) / (√(m / 2) Γ((m - 1) / 2)), m = n - 1."""
    freedom = difference.size - 1
    if freedom < 1 or not (spread := float(difference.std(ddof=1))):
        return math.nan
    if freedom == 1:
        return math.nan  # the correction does not exist: Γ(0)
    log_j = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2) - math.log(freedom / 2) / 2
    return math.exp(log_j) * float(difference.mean()) / spread


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's adjusted p-values, (n,): below 0.05 where the family's chance of any false finding is below 0.05.

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
