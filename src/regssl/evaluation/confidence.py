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


class Interval(NamedTuple):
    """The bounds of a confidence interval; NaN where they are not known."""

    low: float
    high: float


UNKNOWN = Interval(math.nan, math.nan)


class Doubts(NamedTuple):
    """A value with three intervals, and the two-sided p of the hypothesis that it is 0, of both doubts."""

    value: float
    seeds: Interval
    blocks: Interval
    both: Interval
    p: float


class _Centres(NamedTuple):
    """A value and its standard error over seeds in each replicate, (1 + replicates,); column 0: the data as they are.

    `freedom` is that of the error, in the data as they are; 0 where one seed tells nothing.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: float


def of_scores(samples: NDArray[np.float64], level: float = 0.95) -> Doubts:
    """The mean over seeds of a score.

    Args:
        samples: (seeds, 1 + replicates); column 0 holds the data as they are. Replicates that are NaN are left out.
        level: of the intervals.

    Returns:
        Intervals of seeds and of both are unknown for one seed, those of blocks and of both without replicates. `p` is
        2 min(F(0), 1 - F(0)), and no smaller than 2 / (replicates + 1): replicates know no more.
    """
    variance = _variance(samples)
    return _doubts(_Centres(samples.mean(axis=0), np.sqrt(variance), len(samples) - 1), level)


def of_difference(treated: NDArray[np.float64], control: NDArray[np.float64], level: float = 0.95) -> Doubts:
    """The mean over seeds of `treated` less that of `control`, replicate by replicate; otherwise as `of_scores`."""
    variances = _variance(treated), _variance(control)
    difference = treated.mean(axis=0) - control.mean(axis=0)
    freedom = _welch([variances[0][0], variances[1][0]], [len(treated), len(control)])
    return _doubts(_Centres(difference, np.sqrt(sum(variances)), freedom), level)


def of_gain(treated: NDArray[np.float64], control: NDArray[np.float64], level: float = 0.95) -> Doubts:
    """By how many percent the mean of `treated` exceeds that of `control`: 100 × (m_t / m_c - 1).

    The intervals are those of ln(m_t / m_c), put back through the exponential, as in `statistics.percent_increase`,
    which gives that of seeds. Unknown where a mean is 0.
    """
    means = treated.mean(axis=0), control.mean(axis=0)
    if not (means[0][0] > 0 and means[1][0] > 0):
        return Doubts(math.nan, UNKNOWN, UNKNOWN, UNKNOWN, math.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(means[0] / means[1])
        variances = _variance(treated) / means[0] ** 2, _variance(control) / means[1] ** 2
    known = np.isfinite(log_ratio)
    freedom = _welch([variances[0][0], variances[1][0]], [len(treated), len(control)])
    error = np.sqrt(np.where(known, variances[0] + variances[1], np.nan))
    found = _doubts(_Centres(np.where(known, log_ratio, np.nan), error, freedom), level)
    seeds, blocks, both = (_percent(interval) for interval in (found.seeds, found.blocks, found.both))
    return Doubts(100 * math.expm1(found.value), seeds, blocks, both, found.p)


def _percent(interval: Interval) -> Interval:
    return Interval(100 * math.expm1(interval.low), 100 * math.expm1(interval.high))


def _variance(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the mean over rows, from their spread; 0 for one row, and where rows differ by rounding alone."""
    if len(samples) < 2:
        return np.zeros(samples.shape[1])
    variance = samples.var(axis=0, ddof=1) / len(samples)
    return np.where(variance <= (1e-12 * np.abs(samples).max(axis=0)) ** 2, 0.0, variance)


def _welch(variances: Sequence[float], seeds: Sequence[int]) -> float:
    """Degrees of freedom of a difference of two means (Welch-Satterthwaite); 0 where a method has one seed."""
    if min(seeds) < 2:
        return 0.0
    if not sum(variances):
        return min(seeds) - 1.0
    return sum(variances) ** 2 / sum(v**2 / (n - 1) for v, n in zip(variances, seeds, strict=True))


def _doubts(centres: _Centres, level: float) -> Doubts:
    value, freedom = float(centres.value[0]), centres.freedom
    seeds, known = UNKNOWN, np.isfinite(centres.value[1:])
    if freedom:
        half = t_quantile(level, freedom) * float(centres.error[0])
        seeds = Interval(value - half, value + half)
    replicates = _Centres(centres.value[1:][known], centres.error[1:][known], freedom)
    if not replicates.value.size:
        return Doubts(value, seeds, UNKNOWN, UNKNOWN, math.nan)
    tails = (1 - level) / 2, (1 + level) / 2
    blocks = Interval(*(float(bound) for bound in np.quantile(replicates.value, tails)))
    if not freedom:
        return Doubts(value, seeds, blocks, UNKNOWN, math.nan)
    below = _cumulative(0.0, replicates)
    p = min(max(2 * min(below, 1 - below), 2 / (replicates.value.size + 1)), 1.0)
    if not replicates.error.any():
        return Doubts(value, seeds, blocks, blocks, p)
    return Doubts(value, seeds, blocks, Interval(*(_quantile(tail, replicates) for tail in tails)), p)


def _cumulative(x: float, replicates: _Centres) -> float:
    """F(x); a replicate without error counts one half where it is x itself."""
    from scipy.special import stdtr

    certain, distance = replicates.error == 0, x - replicates.value
    share = (1 + np.sign(distance)) / 2
    share[~certain] = stdtr(replicates.freedom, distance[~certain] / replicates.error[~certain])
    return float(share.mean())


def _quantile(tail: float, replicates: _Centres) -> float:
    """Where F reaches `tail`: between the smallest and the largest of the replicates' own quantiles.

    T is read from a table, which is exact to 1e-6 and spares most of the time.
    """
    from scipy.optimize import brentq
    from scipy.special import stdtr

    own = replicates.value + np.sign(tail - 0.5) * replicates.error * t_quantile(abs(2 * tail - 1), replicates.freedom)
    low, high = float(own.min()), float(own.max())
    margin = 1e-9 * max(high - low, abs(low), abs(high), 1e-300)
    places = np.sinh(np.linspace(-12, 12, 4_001))
    table = stdtr(replicates.freedom, places)

    def above(x: float) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.nan_to_num((x - replicates.value) / replicates.error, nan=0.0)
        return float(np.interp(distance, places, table).mean()) - tail

    if above(low - margin) >= 0:
        return low
    return high if above(high + margin) <= 0 else float(brentq(above, low - margin, high + margin, xtol=margin))
