"""Confidence intervals of means over seeds and of block-bootstrap scores, and of differences between two methods.

Two sources of uncertainty: *seeds* (Student's t, a handful of independent runs) and *test windows* (percentiles of a
block bootstrap). `Uncertainty` holds the interval of each and of both together: in each replicate, Student's
distribution over the seeds of that replicate; the interval is that of the mixture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regssl.errors import DataError


class ConfidenceInterval(NamedTuple):
    """A value, the bounds of its confidence interval and the number of seeds; bounds are NaN where they are unknown.

    Of two methods, `n` is the smaller number of seeds.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high


NO_INTERVAL = ConfidenceInterval(math.nan, math.nan, math.nan, 0)


class Uncertainty(NamedTuple):
    """The intervals of one value: over seeds, over bootstrap replicates, and over both.

    Attributes:
        seed_ci: Student's t over seeds.
        bootstrap_ci: percentiles over replicates of the mean over seeds.
        ci: of both sources together.
        p: two-sided p-value of the hypothesis that the value is 0, from both sources; NaN where `ci` is unknown.
        p_is_bound: whether `p` is the smallest that so many replicates can give: the true one may be smaller.
        standard_error: of the value, from both sources; NaN where `ci` is unknown.
    """

    seed_ci: ConfidenceInterval
    bootstrap_ci: ConfidenceInterval
    ci: ConfidenceInterval
    p: float
    p_is_bound: bool = False
    standard_error: float = math.nan

    @property
    def value(self) -> float:
        """The value that all three intervals are of."""
        return self.ci.value


def mean_interval(values: Sequence[float], level: float = 0.95) -> ConfidenceInterval:
    """Compute the mean of independent runs with Student's t interval: mean ± t(level, n - 1) × s / √n.

    A single run has a mean and NaN bounds: one seed gives no spread between seeds.

    Raises:
        DataError: no values, or one that is not finite.
    """
    sample = _sample(values)
    mean = float(sample.mean())
    if sample.size < 2:
        return ConfidenceInterval(mean, math.nan, math.nan, sample.size)
    half = t_quantile(level, sample.size - 1) * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return ConfidenceInterval(mean, mean - half, mean + half, sample.size)


def percent_increase(treated: Sequence[float], control: Sequence[float], level: float = 0.95) -> ConfidenceInterval:
    """Compute by how many percent the mean of `treated` exceeds the mean of `control`: 100 × (m_t / m_c - 1).

    The interval is that of the log ratio by the delta method, for two independent samples:

        v_t = s_t² / (n_t m_t²),   v_c = s_c² / (n_c m_c²)
        ln(m_t / m_c) ± t(level, df) × √(v_t + v_c)
        df = (v_t + v_c)² / (v_t² / (n_t - 1) + v_c² / (n_c - 1))        (Welch-Satterthwaite)

    put back through the exponential, so the lower bound never falls below -100 % and the interval of the inverse ratio
    is the inverse interval. Scores are positive (AUPR, AUROC), so the logarithm is safe.

    Returns:
        Percent, with `n` the smaller of the two sample sizes. Bounds are NaN where either sample holds one value or
        `treated` is all zeros; the value is NaN too where `control` is all zeros (no ratio).

    Raises:
        DataError: an empty sample, or a value that is negative or not finite.
    """
    top, bottom = _sample(treated), _sample(control)
    for sample in (top, bottom):
        if (sample < 0).any():
            raise DataError(f"a percent increase of scores below zero: {sample.min()}", "it needs positive scores")
    n = min(top.size, bottom.size)
    if bottom.mean() == 0:
        return NO_INTERVAL._replace(n=n)
    ratio = float(top.mean() / bottom.mean())
    if n < 2 or ratio == 0:
        return ConfidenceInterval(100 * (ratio - 1), math.nan, math.nan, n)

    spreads = [float(sample.var(ddof=1)) / (sample.size * float(sample.mean()) ** 2) for sample in (top, bottom)]
    variance = sum(spreads)
    if variance == 0:
        factor = 1.0
    else:
        freedom = variance**2 / (spreads[0] ** 2 / (top.size - 1) + spreads[1] ** 2 / (bottom.size - 1))
        factor = float(np.exp(t_quantile(level, freedom) * math.sqrt(variance)))
    return ConfidenceInterval(100 * (ratio - 1), 100 * (ratio / factor - 1), 100 * (ratio * factor - 1), n)


def score_uncertainty(samples: NDArray[np.float64], level: float = 0.95) -> Uncertainty:
    """Compute the intervals of the mean over seeds of a score.

    Args:
        samples: (seeds, 1 + replicates); column 0 is the observed data. Replicates that are NaN are left out.
        level: of the intervals.

    Returns:
        `seed_ci` and `ci` are unknown for one seed, `bootstrap_ci` and `ci` without replicates. `p` is
        2 min(F(0), 1 - F(0)), and no smaller than 2 / (replicates + 1), the resolution of the replicates.
    """
    variance = _variance(samples)
    means = _Means(samples.mean(axis=0), np.sqrt(variance), len(samples) - 1, len(samples))
    return _uncertainty(means, level)


def difference_uncertainty(
    treated: NDArray[np.float64], control: NDArray[np.float64], level: float = 0.95
) -> Uncertainty:
    """Compute the intervals of the mean of `treated` less that of `control`, paired by replicate.

    Arguments and result as for `score_uncertainty`.
    """
    variances = _variance(treated), _variance(control)
    difference = treated.mean(axis=0) - control.mean(axis=0)
    seeds = [len(treated), len(control)]
    freedom = _welch([variances[0][0], variances[1][0]], seeds)
    return _uncertainty(_Means(difference, np.sqrt(sum(variances)), freedom, min(seeds)), level)


def relative_uncertainty(
    treated: NDArray[np.float64], control: NDArray[np.float64], level: float = 0.95
) -> Uncertainty:
    """Compute by how many percent the mean of `treated` exceeds that of `control`: 100 × (m_t / m_c - 1).

    The intervals are those of ln(m_t / m_c), put back through the exponential, as in `percent_increase`, whose interval
    equals `seed_ci`. Unknown where a mean is 0. There is no standard error: that of the logarithm is not in percent.
    """
    means = treated.mean(axis=0), control.mean(axis=0)
    seeds = [len(treated), len(control)]
    if not (means[0][0] > 0 and means[1][0] > 0):
        unknown = NO_INTERVAL._replace(n=min(seeds))
        return Uncertainty(unknown, unknown, unknown, math.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(means[0] / means[1])
        variances = _variance(treated) / means[0] ** 2, _variance(control) / means[1] ** 2
    known = np.isfinite(log_ratio)
    freedom = _welch([variances[0][0], variances[1][0]], seeds)
    error = np.sqrt(np.where(known, variances[0] + variances[1], np.nan))
    found = _uncertainty(_Means(np.where(known, log_ratio, np.nan), error, freedom, min(seeds)), level)
    seed_ci, bootstrap_ci, ci = map(_percent, (found.seed_ci, found.bootstrap_ci, found.ci))
    return Uncertainty(seed_ci, bootstrap_ci, ci, found.p, found.p_is_bound)


def smallest_detectable(ci: ConfidenceInterval, standard_error: float, power: float = 0.8) -> float:
    """Compute the smallest true difference that an experiment of this size would find with a given power.

    A difference is found where its interval excludes 0, so where it is observed above half the width of the interval.
    A true difference is observed above that with probability `power` if it exceeds it by z(power) standard errors; with
    many seeds and blocks this is the usual (1.96 + 0.84) standard errors. Half the width: 0.010, standard error 0.005,
    power 0.8: 0.010 + 0.84 × 0.005 = 0.0142.

    Args:
        ci: of the difference, from both sources.
        standard_error: of the difference, from both sources.
        power: above 0.5, below 1.

    Returns:
        In the units of the difference; NaN where the interval is unknown: no difference can be found then.
    """
    from scipy.special import ndtri

    return (ci.high - ci.low) / 2 + float(ndtri(power)) * standard_error


def t_quantile(level: float, freedom: float) -> float:
    """Compute half the width of Student's interval in standard errors: 2.776 for 0.95 and 4 degrees of freedom.

    Raises:
        DataError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise DataError(f"confidence level {level}", "give a level between 0 and 1, such as 0.95")
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


class _Means(NamedTuple):
    """A value and its standard error over seeds in each replicate, (1 + replicates,); column 0: the observed data.

    `freedom` is that of the error in the observed data; 0 for one seed. `seeds` is the number of seeds.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: float
    seeds: int


def _sample(values: Sequence[float]) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        raise DataError("an estimate from no values at all", "run at least one seed")
    if not np.isfinite(sample).all():
        raise DataError(
            f"an estimate from values that are not finite: {sample.tolist()}", "look at the run's metrics.json"
        )
    return sample


def _percent(log_interval: ConfidenceInterval) -> ConfidenceInterval:
    value, low, high, n = log_interval
    return ConfidenceInterval(100 * math.expm1(value), 100 * math.expm1(low), 100 * math.expm1(high), n)


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


def _uncertainty(means: _Means, level: float) -> Uncertainty:
    value, freedom = float(means.value[0]), means.freedom
    unknown = ConfidenceInterval(value, math.nan, math.nan, means.seeds)
    seed_ci, known = unknown, np.isfinite(means.value[1:])
    if freedom:
        half = t_quantile(level, freedom) * float(means.error[0])
        seed_ci = unknown._replace(low=value - half, high=value + half)
    replicates = _Means(means.value[1:][known], means.error[1:][known], freedom, means.seeds)
    if not replicates.value.size:
        return Uncertainty(seed_ci, unknown, unknown, math.nan)
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = (float(bound) for bound in np.quantile(replicates.value, tails))
    bootstrap_ci = unknown._replace(low=low, high=high)
    if not freedom:
        return Uncertainty(seed_ci, bootstrap_ci, unknown, math.nan)
    below, smallest = _cumulative(0.0, replicates), 2 / (replicates.value.size + 1)
    p = 2 * min(below, 1 - below)
    both = bootstrap_ci
    if replicates.error.any():
        low, high = (_quantile(tail, replicates) for tail in tails)
        both = unknown._replace(low=low, high=high)
    standard_error = math.hypot(float(means.error[0]), float(replicates.value.std()))
    return Uncertainty(seed_ci, bootstrap_ci, both, min(max(p, smallest), 1.0), p <= smallest, standard_error)


def _cumulative(x: float, replicates: _Means) -> float:
    """F(x) of the mixture; a replicate without error counts one half where it is x itself."""
    from scipy.special import stdtr

    certain, distance = replicates.error == 0, x - replicates.value
    below = (1 + np.sign(distance)) / 2
    below[~certain] = stdtr(replicates.freedom, distance[~certain] / replicates.error[~certain])
    return float(below.mean())


def _quantile(tail: float, replicates: _Means) -> float:
    """Where F reaches `tail`: between the smallest and the largest of the replicates' own quantiles.

    T is interpolated in a table, which is exact to 1e-6 and saves most of the time.
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
