"""Format numbers for readers: digits, signs, intervals; an en dash where there is none.

Formats are Python's format specifications, such as `.3f` or `+.1f`. A negative number has a real minus sign (−).
"""

from __future__ import annotations

import math

MISSING = "–"


def number(value: float, spec: str = ".3f") -> str:
    """Format a number; NaN is `MISSING`. Large ones are written out: 100 by `.2g` is `100`, not `1e+02`."""
    if math.isnan(value):
        return MISSING
    text = format(value, spec)
    if "e+" in text:
        text = format(float(text), ("+" if spec.startswith("+") else "") + ".0f")
    return text.replace("-", "−")


def percent(fraction: float, spec: str = "g") -> str:
    """Format a fraction in percent: `percent(0.95)` is `95 %`."""
    return f"{number(100 * fraction, spec)} %"


def interval(low: float, high: float, spec: str = ".3f") -> str:
    """Format an interval in brackets, such as `(0.100 to 0.200)`; empty where it is unknown."""
    return "" if math.isnan(low) else f"({number(low, spec)} to {number(high, spec)})"


def value_with_interval(value: float, low: float, high: float, spec: str = ".3f", bounds_spec: str = "") -> str:
    """Format a value with its interval, such as `0.150 (0.100 to 0.200)`.

    Args:
        value: NaN is `MISSING`, without an interval.
        low, high: NaN where they are unknown.
        spec: format of the value.
        bounds_spec: format of the bounds, if another.
    """
    if math.isnan(value):
        return MISSING
    return f"{number(value, spec)} {interval(low, high, bounds_spec or spec)}".rstrip()


def p_value(value: float, is_bound: bool = False) -> str:
    """Format a p-value with two digits, one where it is below 0.0001; `≤ 0.0002` where the true one may be smaller."""
    if math.isnan(value):
        return MISSING
    return ("≤ " if is_bound else "") + (f"{value:.2g}" if value >= 0.0001 else f"{value:.0e}")
