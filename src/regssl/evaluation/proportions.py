"""Confidence intervals of shares, and of the difference of two shares, from counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from regssl.evaluation.confidence import NO_INTERVAL, ConfidenceInterval, mean_interval


def wilson_interval(found: float, n: float, level: float = 0.95) -> ConfidenceInterval:
    """Compute Wilson's score interval of a share: 27 of 96 is 0.281, 0.201 to 0.378.

    Args:
        found, n: counts, or mean counts over seeds, which need not be whole.
        level: of confidence.

    Returns:
        The share and its bounds, `n` the number of all, rounded; NaN of none.
    """
    if not n > 0:
        return NO_INTERVAL
    z, share = NormalDist().inv_cdf((1 + level) / 2), found / n
    middle = (found + z**2 / 2) / (n + z**2)
    half = z * math.sqrt(n) / (n + z**2) * math.sqrt(share * (1 - share) + z**2 / (4 * n))
    low, high = max(middle - half, 0.0) if found else 0.0, min(middle + half, 1.0) if found < n else 1.0
    return ConfidenceInterval(share, low, high, round(n))


def difference_interval(one: ConfidenceInterval, other: ConfidenceInterval) -> ConfidenceInterval:
    """Compute the interval of the difference of two shares, of separate counts, each with its Wilson interval.

    Method 10 of Newcombe 1998, *Interval estimation for the difference between independent proportions* (Statistics in
    Medicine 17:873).
    """
    difference = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return ConfidenceInterval(difference, difference - below, difference + above, min(one.n, other.n))


def with_spread(interval: ConfidenceInterval, values: Sequence[float], level: float = 0.95) -> ConfidenceInterval:
    """Widen an interval over counts by the spread between seeds: half-widths are added in quadrature.

    Args:
        interval: of mean counts.
        values: the same quantity of each seed. Of one seed the spread is not known, and nothing is added; where one is
            NaN, the bounds are.
        level: of confidence, of Student's t over seeds.
    """
    if any(math.isnan(value) for value in values):
        return interval._replace(low=math.nan, high=math.nan)
    seeds = mean_interval(values, level)
    spread = 0.0 if seeds.n < 2 else seeds.high - seeds.value
    low, high = (
        math.copysign(math.hypot(end - interval.value, spread), end - interval.value) for end in interval.bounds
    )
    return interval._replace(low=interval.value + low, high=interval.value + high)
