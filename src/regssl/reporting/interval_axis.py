"""The horizontal axis of intervals that a page draws beside words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

WIDTH = 240
"""Of the drawing, in its own units."""
SPACE = 6
"""At either end, for half a marker."""
TICKS = 4
"""About so many."""


class IntervalAxis(NamedTuple):
    """An axis from `low` to `high`."""

    low: float
    high: float

    @classmethod
    def around(cls, intervals: Iterable[tuple[float, float, float]], margin: float) -> IntervalAxis:
        """Make an axis that holds 0, ± the margin, and every interval."""
        ends = [end for interval in intervals for end in interval if math.isfinite(end)]
        return cls(min([-margin, *ends]), max([margin, *ends]))

    def place(self, value: float) -> float:
        """Return the place of a value, 0 to WIDTH."""
        return round(SPACE + (WIDTH - 2 * SPACE) * (value - self.low) / (self.high - self.low), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """List round values on the axis: place and text. From -30 to 85: -25, 0, +25, +50, +75."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        values = [at * step for at in range(first, last + 1)]
        return [(self.place(value), f"{value:+g}".replace("-", "−") if value else "0") for value in values]
