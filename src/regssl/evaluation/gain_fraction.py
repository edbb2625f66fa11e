"""What fraction of SSL's gain over SL another method makes, with Fieller's interval."""

from __future__ import annotations

import math
from typing import NamedTuple


class Estimate(NamedTuple):
    """A difference of two methods and its standard error, from seeds and test windows together."""

    value: float
    standard_error: float


def fraction_of_gain(part: Estimate, gain: Estimate, rest: Estimate, half_width: float) -> tuple[float, float] | None:
    """Compute the interval of X's fraction of the gain, (X - SL) / (SSL - SL), by Fieller (1954).

    It holds every fraction f with which X - SL - f × (SSL - SL) cannot be told from 0. The covariance of X - SL and SSL
    - SL, which share SL and the test windows, follows from the three standard errors. Numbers are assumed normal.

    Args:
        part: X - SL.
        gain: SSL - SL.
        rest: SSL - X.
        half_width: of the interval of SSL - SL: so many of its standard errors are asked for.

    Returns:
        The bounds, 1 being the whole gain; None where the gain itself cannot be told from 0, so that any fraction
        might be, or where a number is not known.
    """
    quantile = half_width / gain.standard_error if gain.standard_error > 0 else math.nan
    covariance = (part.standard_error**2 + gain.standard_error**2 - rest.standard_error**2) / 2
    # f is inside where squared · f² - 2 · linear · f + constant ≤ 0
    squared = gain.value**2 - (quantile * gain.standard_error) ** 2
    linear = part.value * gain.value - quantile**2 * covariance
    constant = part.value**2 - (quantile * part.standard_error) ** 2
    discriminant = linear**2 - squared * constant
    if not (squared > 0 and discriminant >= 0):
        return None
    low, high = ((linear + sign * math.sqrt(discriminant)) / squared for sign in (-1, 1))
    return low, high
