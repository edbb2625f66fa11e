"""Means and intervals over a handful of seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regssl.errors import DataError


class Estimate(NamedTuple):
    """A value with the bounds of its confidence interval; the bounds are NaN where `n` is too small to know them."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float], level: float = 0.95) -> Estimate:
    """Mean of independent runs with Student's t interval: mean ± t(level, n - 1) × s / √n.

    A single run has a mean and NaN bounds: one seed says nothing about the spread between seeds.

    Raises:
        DataError: no values, or one that is not finite.
    """
    sample = _sample(values)
    mean = float(sample.mean())
    if sample.size < 2:
        return Estimate(mean, math.nan, math.nan, sample.size)
    half = t_quantile(level, sample.size - 1) * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return Estimate(mean, mean - half, mean + half, sample.size)


def percent_increase(treated: Sequence[float], control: Sequence[float], level: float = 0.95) -> Estimate:
    """By how many percent the mean of `treated` exceeds the mean of `control`: 100 × (m_t / m_c - 1).

    The interval is that of the log ratio by the delta method, for two independent samples:

        v_t = s_t² / (n_t m_t²),   v_c = s_c² / (n_c m_c²)
        ln(m_t / m_c) ± t(level, df) × √(v_t + v_c)
        df = (v_t + v_c)² / (v_t² / (n_t - 1) + v_c² / (n_c - 1))        (Welch-Satterthwaite)

    put back through the exponential, so the lower bound never falls below -100 % and the interval of the inverse ratio
    is the inverse interval. Scores are positive (AUPR, AUROC), so the logarithm is safe.

    Returns:
        Percent, with `n` the smaller of the two sample sizes. Bounds are NaN where either sample holds one value or
        `treated` is all zeros; the whole estimate is NaN where `control` is all zeros (no ratio).

    Raises:
        DataError: an empty sample, or a value that is negative or not finite.
    """
    top, bottom = _sample(treated), _sample(control)
    for sample in (top, bottom):
        if (sample < 0).any():
            raise DataError(f"a percent increase of scores below zero: {sample.min()}", "it needs positive scores")
    n = min(top.size, bottom.size)
    if bottom.mean() == 0:
        return Estimate(math.nan, math.nan, math.nan, n)
    ratio = float(top.mean() / bottom.mean())
    if n < 2 or ratio == 0:
        return Estimate(100 * (ratio - 1), math.nan, math.nan, n)

    spreads = [float(sample.var(ddof=1)) / (sample.size * float(sample.mean()) ** 2) for sample in (top, bottom)]
    variance = sum(spreads)
    if variance == 0:
        factor = 1.0
    else:
        freedom = variance**2 / (spreads[0] ** 2 / (top.size - 1) + spreads[1] ** 2 / (bottom.size - 1))
        factor = float(np.exp(t_quantile(level, freedom) * math.sqrt(variance)))
    return Estimate(100 * (ratio - 1), 100 * (ratio / factor - 1), 100 * (ratio * factor - 1), n)


def t_quantile(level: float, freedom: float) -> float:
    """Half the width of Student's interval at a level, in standard errors: 2.776 for 0.95 and 4 degrees of freedom.

    Raises:
        DataError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise DataError(f"confidence level {level}", "give a level between 0 and 1, such as 0.95")
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def _sample(values: Sequence[float]) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        raise DataError("an estimate from no values at all", "run at least one seed")
    if not np.isfinite(sample).all():
        raise DataError(
            f"an estimate from values that are not finite: {sample.tolist()}", "look at the run's metrics.json"
        )
    return sample
