"""Two sources of doubt in a score, seeds and test windows, apart and together.

Seeds: another seed gives another network. Five seeds tell of that what Student's t distribution says, no less: drawing
five numbers with replacement would make the interval a third too narrow. Blocks: other test windows give another score
(`block_bootstrap`). Both: in each replicate of the blocks stands Student's distribution of that replicate's own seeds,

    F(x) = mean over replicates r of T((x - m_r) / e_r),   m_r: mean over seeds, e_r: its standard error, T with n - 1

and the interval is that of F. Where replicates agree it is Student's, where seeds agree the percentile interval of the
blocks, and between the variances add. Methods are compared seed by seed: a seed gives both the same first weights.
"""

from __future__ import annotations

import math
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
    """Mean over seeds and its standard error in each replicate, (1 + replicates,); column 0 is the data as they are."""

    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    seeds: int


def of_scores(samples: NDArray[np.float64], level: float = 0.95) -> Doubts:
    """The mean over seeds of a score or of a difference.

    Args:
        samples: (seeds, 1 + replicates); column 0 holds the data as they are. Replicates that are NaN are left out.
        level: of the intervals.

    Returns:
        Intervals of seeds and of both are unknown for one seed, those of blocks and of both without replicates. `p` is
        2 min(F(0), 1 - F(0)), and no smaller than 2 / (replicates + 1): replicates know no more.
    """
    return _doubts(_Centres(samples.mean(axis=0), _error(samples), len(samples)), level)


def of_gain(treated: NDArray[np.float64], control: NDArray[np.float64], level: float = 0.95) -> Doubts:
    """By how many percent the mean of `treated` exceeds that of `control`, seed by seed: 100 × (m_t / m_c - 1).

    The intervals are those of ln(m_t / m_c), put back through the exponential; its standard error over seeds is that of
    x_t / m_t - x_c / m_c (delta method). Arguments as in `of_scores`. Unknown where a mean is 0.
    """
    means = treated.mean(axis=0), control.mean(axis=0)
    if not (means[0][0] > 0 and means[1][0] > 0):
        return Doubts(math.nan, UNKNOWN, UNKNOWN, UNKNOWN, math.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio, relative = np.log(means[0] / means[1]), treated / means[0] - control / means[1]
    mean = np.where(np.isfinite(log_ratio), log_ratio, np.nan)
    found = _doubts(_Centres(mean, _error(relative), len(relative)), level)
    seeds, blocks, both = (_percent(interval) for interval in (found.seeds, found.blocks, found.both))
    return Doubts(100 * math.expm1(found.value), seeds, blocks, both, found.p)


def _percent(interval: Interval) -> Interval:
    return Interval(100 * math.expm1(interval.low), 100 * math.expm1(interval.high))


def _error(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of the mean over rows; 0 where they differ by rounding alone."""
    if len(samples) < 2:
        return np.zeros(samples.shape[1])
    error = samples.std(axis=0, ddof=1) / math.sqrt(len(samples))
    return np.where(error <= 1e-12 * np.abs(samples).max(axis=0), 0.0, error)


def _doubts(centres: _Centres, level: float) -> Doubts:
    value, observed_error = float(centres.mean[0]), float(centres.error[0])
    seeds, known = UNKNOWN, np.isfinite(centres.mean)
    if centres.seeds > 1:
        half = t_quantile(level, centres.seeds - 1) * observed_error
        seeds = Interval(value - half, value + half)
    replicates = _Centres(centres.mean[1:][known[1:]], centres.error[1:][known[1:]], centres.seeds)
    if not replicates.mean.size:
        return Doubts(value, seeds, UNKNOWN, UNKNOWN, math.nan)
    tails = (1 - level) / 2, (1 + level) / 2
    blocks = Interval(*(float(bound) for bound in np.quantile(replicates.mean, tails)))
    if centres.seeds < 2:
        return Doubts(value, seeds, blocks, UNKNOWN, math.nan)
    below = _cumulative(0.0, replicates)
    p = max(2 * min(below, 1 - below), 2 / (replicates.mean.size + 1))
    if not replicates.error.any():
        return Doubts(value, seeds, blocks, blocks, min(p, 1.0))
    both = Interval(*(_quantile(tail, replicates) for tail in tails))
    return Doubts(value, seeds, blocks, both, min(p, 1.0))


def _cumulative(x: float, replicates: _Centres) -> float:
    """F(x); a replicate without error counts one half where it is x itself."""
    from scipy.special import stdtr

    certain, distance = replicates.error == 0, x - replicates.mean
    share = (1 + np.sign(distance)) / 2
    share[~certain] = stdtr(replicates.seeds - 1, distance[~certain] / replicates.error[~certain])
    return float(share.mean())


def _quantile(tail: float, replicates: _Centres) -> float:
    """Where F reaches `tail`: between the smallest and the largest of the replicates' own quantiles."""
    from scipy.optimize import brentq

    own = replicates.mean + t_quantile(abs(2 * tail - 1), replicates.seeds - 1) * replicates.error * np.sign(tail - 0.5)
    low, high = float(own.min()), float(own.max())
    margin = 1e-9 * max(high - low, abs(low), abs(high), 1e-300)
    reach = brentq(lambda x: _cumulative(x, replicates) - tail, low - margin, high + margin, xtol=margin, rtol=1e-9)
    return float(reach)
