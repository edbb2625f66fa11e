"""Two sources of doubt in a score, seeds and test windows, apart and together.

Seeds: another seed gives another network. Five seeds tell of that what Student's t distribution says, no less: drawing
five numbers with replacement would make the interval a third too narrow. Blocks: other test windows give another score
(`block_bootstrap`). Both: in each replicate of the blocks stands Student's distribution of that replicate's own seeds,

    F(x) = mean over replicates r of T((x - m_r) / e_r),   m_r: mean over seeds, e_r: its standard error

and the interval is that of F. Where replicates agree it is Student's, where seeds agree the percentile interval of the
blocks, and between the variances add. Two methods are compared replicate by replicate, so on the same windows. Their
seeds are not paired, though a seed gives both the same first weights: what that has in common can only make the true
spread smaller, and pairs would leave half of the degrees of freedom (4 instead of 8 for five seeds).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regssl.statistics import t_quantile


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
