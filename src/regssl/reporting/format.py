"""Numbers of comparisons as people read them in the cells of tables: signs, digits, intervals; a dash for none.

A cell comes from a row of the tables of `comparison`, `judgement` or `paired_tests`; an empty one has no number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from regssl.reporting.html import MISSING

DIGITS = {"aupr": 3, "aupr_over_prevalence": 1, "auroc": 3, "precision": 3}


def score(cell: Mapping[str, Any], metric: str) -> str:
    """A score of a method with its interval."""
    value = float(cell.get("value", math.nan))
    if math.isnan(value):
        return MISSING
    return f"{number(value, DIGITS[metric])} {bounds(cell, 'ci', DIGITS[metric])}".rstrip()


def signed(cell: Mapping[str, Any], name: str, doubt: str, digits: int) -> str:
    """A number with its sign, and the interval of a doubt if one is named."""
    value = float(cell.get(name, math.nan))
    if math.isnan(value):
        return MISSING
    text = number(value, digits, sign=True)
    return f"{text} {bounds(cell, doubt, digits)}".rstrip() if doubt else text


def mean_difference(row: Mapping[str, Any]) -> str:
    """A mean difference over datasets with its interval."""
    return f"{number(row['mean'], 3, sign=True)} {bounds(row, '', 3)}".rstrip()


def bounds(cell: Mapping[str, Any], doubt: str, digits: int) -> str:
    """The interval of a doubt in brackets; empty where it is not known."""
    low, high = (float(cell.get(f"{doubt}_{end}" if doubt else end, math.nan)) for end in ("low", "high"))
    return "" if math.isnan(low) else f"({number(low, digits)} to {number(high, digits)})"


def number(value: float, digits: int, sign: bool = False) -> str:
    """A number with so many digits behind the point."""
    if math.isnan(value):
        return MISSING
    return format(value, f"{'+' if sign else ''}.{digits}f").replace("-", "−")


def p_value(value: float) -> str:
    """A p with two digits, one where it is tiny."""
    if math.isnan(value):
        return MISSING
    return f"{value:.2g}" if value >= 0.0001 else f"{value:.0e}"


def spread(values: pd.Series, unit: str, digits: int) -> str:
    """The smallest and the largest of some numbers, with signs and a unit."""
    if values.empty:
        return MISSING
    low, high = (number(float(x), digits, sign=True) for x in (values.min(), values.max()))
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
