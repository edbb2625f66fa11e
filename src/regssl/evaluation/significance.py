"""Conclude for each dataset, and test methods over all of them: signed-rank tests with effect sizes.

Families of tests and their correction are in `families`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.errors import DataError
from regssl.evaluation.conclusions import Difference, PValue, claim_pvalue, conclude
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.families import QUESTION, holm, holm_with_bounds
from regssl.evaluation.gain_fraction import Estimate, fraction_of_gain
from regssl.evaluation.settings import ComparisonSettings
from regssl.methods import METHODS, resolve

GROUP_KEYS = ["dataset", "model"]
DIFFERENCE_COLUMNS = {
    **{"difference": "difference", "low": "ci_low", "high": "ci_high", "p": "p"},
    **{"percent": "relative_difference_percent", "percent_low": "relative_ci_low"},
    **{"percent_high": "relative_ci_high"},
}
"""The numbers of a `conclusions.Difference`, and the columns that hold them."""
ORDERS = 9_999
"""Of pairs that a rank correlation is tested against."""
BASELINES = tuple(name for name, method in METHODS.items() if method.kind == "baseline")


def conclusions(
    methods: pd.DataFrame, differences: pd.DataFrame, names: Mapping[str, str], settings: ComparisonSettings
) -> pd.DataFrame:
    """Conclude for each dataset and model, from its own rows alone, which alone the first columns depend on.

    Args:
        methods: of `comparison.methods_table`, all datasets.
        differences: of `comparison.differences_table`, all datasets.
        names: display names of methods.
        settings: level and margin.

    Returns:
        Columns dataset model prevalence windows positives blocks seeds conclusion text remark smallest_detectable (of
        SSL less SL, in percent of SL), p_claim, p_claim_is_bound (that SSL beats SL and every control), p_claim_holm,
        p_claim_holm_is_bound (corrected over the rows).
    """
    rows = []
    of_aupr = methods[methods["metric"] == "aupr"]
    for group, runs in of_aupr.groupby(GROUP_KEYS, sort=False):
        own = differences[(differences[GROUP_KEYS] == list(group)).all(axis=1) & (differences["metric"] == "aupr")]
        by_method = _differences_of_ssl(own)
        found = conclude(
            by_method,
            names,
            BASELINES,
            margin=settings.equivalence_margin_percent,
            alpha=1 - settings.confidence_level,
            failure=_failure(runs),
        )
        p, first = claim_pvalue(by_method), runs.iloc[0]
        known = {name: first[name] for name in ("prevalence", "windows", "positives", "blocks")}
        concluded = {"conclusion": found.kind, "text": found.text, "remark": found.remark}
        numbers = {"smallest_detectable": _detectable_percent(runs, own)}
        numbers |= {"p_claim": p.value, "p_claim_is_bound": p.is_bound}
        rows.append(
            dict(zip(GROUP_KEYS, group, strict=True))
            | known
            | {"seeds": int(runs["seeds"].max())}
            | concluded
            | numbers
        )
    table = pd.DataFrame(rows)
    adjusted, is_bound = holm_with_bounds(table["p_claim"], table["p_claim_is_bound"])
    return table.assign(p_claim_holm=adjusted, p_claim_holm_is_bound=is_bound)


def compare_across_datasets(methods: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Test SSL against each other method, datasets being the pairs.

    Returns:
        Columns model metric method baseline, those of `PairedTest`, p_holm: corrected over models.
    """
    rows: list[dict[str, Any]] = []
    full = methods[~methods["method"].map(_is_subset)]
    for (model, metric), of_model in full.groupby(["model", "metric"], sort=False):
        wide = of_model.pivot(index="dataset", columns="method", values="value")
        for other in dict.fromkeys(of_model["method"]):
            if other == "ssl" or "ssl" not in wide or not len(pair := wide[["ssl", other]].dropna()):
                continue
            found = paired_test(list(pair["ssl"]), list(pair[other]), level)
            rows.append({"model": model, "metric": metric, "method": "ssl", "baseline": other, **found._asdict()})
    table = pd.DataFrame(rows, columns=["model", "metric", "method", "baseline", *PairedTest._fields])
    return table.assign(p_holm=table.groupby(QUESTION)["p"].transform(holm))


class PairedTest(NamedTuple):
    """Differences between two methods over datasets.

    Attributes:
        pairs: datasets.
        n_better, n_worse: in how many the first method has the higher, the lower value.
        mean, low, high: the mean difference with Student's interval over datasets (NaN for one).
        hedges_g: mean difference / its standard deviation, with Hedges' correction for small samples: NaN below three
            pairs, or without spread.
        rank_biserial: (W⁺ - W⁻) / (W⁺ + W⁻), from -1 (always worse) to 1 (always better); NaN where no pair differs.
        p: two-sided, of Wilcoxon's signed-rank test; NaN where no pair differs.
    """

    pairs: int
    n_better: int
    n_worse: int
    mean: float
    low: float
    high: float
    hedges_g: float
    rank_biserial: float
    p: float


def paired_test(treated: Sequence[float], control: Sequence[float], level: float = 0.95) -> PairedTest:
    """Compare two methods on the same datasets, by Wilcoxon's signed-rank test, exact.

    Raises:
        DataError: samples of different size, empty or not finite.
    """
    if len(treated) != len(control):
        raise DataError(f"{len(treated)} treated and {len(control)} control values", "give them in pairs")
    difference = np.asarray(treated, np.float64) - np.asarray(control, np.float64)
    mean, low, high, n = mean_interval(list(difference), level)
    n_better, n_worse = int((difference > 0).sum()), int((difference < 0).sum())
    ranks = _signed_ranks(difference)
    total = float(np.abs(ranks).sum())
    rank_biserial = float(ranks.sum()) / total if total else math.nan
    return PairedTest(n, n_better, n_worse, mean, low, high, _hedges(difference), rank_biserial, _exact_p(ranks))


def rank_correlation(x: ArrayLike, y: ArrayLike) -> tuple[float, PValue]:
    """Compute Spearman's rank correlation of (n,) pairs, and its two-sided p over their orders.

    All orders of up to 7 pairs, ORDERS of more. Student's approximation gives 0 where few pairs are in the same order;
    5 are so by chance in 2 of 120 orders.

    Returns:
        Correlation and p, a bound where no order of those tried is as extreme; NaN and 1 where either has one value
        only.
    """
    from scipy.stats import permutation_test, rankdata

    first, second = (ranks - ranks.mean() for ranks in map(rankdata, (x, y)))
    scale = math.sqrt((first @ first) * (second @ second))
    if not scale:
        return math.nan, PValue(1.0)

    def correlation(ranks: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
        """Correlate orders of the first ranks, (…, n), with the second ones."""
        return np.asarray(np.moveaxis(ranks, axis, -1) @ second / scale, np.float64)

    found = permutation_test(
        (first,), correlation, permutation_type="pairings", vectorized=True, n_resamples=ORDERS,
        random_state=np.random.default_rng(0),
    )  # fmt: skip
    p = float(found.pvalue)
    return float(found.statistic), PValue(p, math.factorial(len(first)) > ORDERS and p <= 2 / (ORDERS + 1))


def _is_subset(method: str) -> bool:
    return resolve(method).subset is not None


def _failure(runs: pd.DataFrame) -> str:
    """Why SL or SSL has no score; empty where both have one."""
    reasons = runs.loc[runs["method"].isin(["sl", "ssl"]), "failure"]
    return next((str(reason) for reason in reasons if isinstance(reason, str) and reason), "")


def _differences_of_ssl(own: pd.DataFrame) -> dict[str, Difference]:
    """SSL less each other full method, of one dataset and model."""
    of_sl = {str(row["method"]): row for row in own[own["baseline"] == "sl"].to_dict("records")}
    found = {}
    for row in own[own["method"] == "ssl"].to_dict("records"):
        other = str(row["baseline"])
        if not _is_subset(other):
            numbers = {name: float(row[column]) for name, column in DIFFERENCE_COLUMNS.items()}
            found[other] = Difference(
                **numbers,
                improves=other in of_sl and bool(of_sl[other]["ci_low"] > 0),
                p_is_bound=bool(row["p_is_bound"]),
                fraction=_fraction(of_sl, other, row),
            )
    return found


def _fraction(
    of_sl: Mapping[str, Mapping[Hashable, Any]], other: str, rest: Mapping[Hashable, Any]
) -> tuple[float, float] | None:
    """Bounds of the fraction of SSL's gain that another method makes; None where it was not compared with SL."""
    if not {"ssl", other} <= set(of_sl):
        return None
    gain = of_sl["ssl"]
    half_width = float(gain["ci_high"] - gain["ci_low"]) / 2
    return fraction_of_gain(_estimate(of_sl[other]), _estimate(gain), _estimate(rest), half_width)


def _estimate(row: Mapping[Hashable, Any]) -> Estimate:
    return Estimate(float(row["difference"]), float(row["standard_error"]))


def _detectable_percent(runs: pd.DataFrame, own: pd.DataFrame) -> float:
    """The smallest difference between SSL and SL that is found in four of five cases, in percent of SL."""
    of_sl = runs.loc[runs["method"] == "sl", "value"]
    found = own.loc[(own["method"] == "ssl") & (own["baseline"] == "sl"), "smallest_detectable"]
    return 100 * float(found.iloc[0]) / float(of_sl.iloc[0]) if len(found) else math.nan


def _signed_ranks(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks of the sizes of differences, ties sharing their mean rank, with the sign; pairs that are equal have none.

    Differences that differ by rounding alone are ties: numbers are compared to 12 digits.
    """
    from scipy.stats import rankdata

    sizes = np.abs(difference)
    scale = sizes.max(initial=0.0)
    rounded = np.round(sizes / scale, 12) if scale else sizes
    some = rounded > 0
    return np.asarray(rankdata(rounded[some]) * np.sign(difference[some]), np.float64)


def _exact_p(ranks: NDArray[np.float64]) -> float:
    """The fraction of the 2ⁿ ways to give ranks their signs whose sum is as far from 0 as this one, or farther."""
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
