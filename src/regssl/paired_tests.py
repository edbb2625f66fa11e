"""Is one method better than another over datasets? An exact paired test, with effect sizes beside its p.

A dataset gives one pair: the mean over seeds of either method. Datasets are few, so nothing is approximated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.statistics import mean_interval


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
