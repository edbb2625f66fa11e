"""Numbers as readers get them."""

from __future__ import annotations

import math

import pytest

from regssl.reporting.format import MISSING, interval, number, p_value, percent, value_with_interval

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (0.12345, ".3f", "0.123"),
        (-0.5, "+.1f", "−0.5"),
        (0.5, "+.1f", "+0.5"),
        (12345, ",d", "12,345"),
        (99.7, ".2g", "100"),
        (-123.4, "+.2g", "−120"),
        (NAN, ".3f", MISSING),
    ],
)
def test_numbers(value: float, spec: str, text: str) -> None:
    assert number(value, spec) == text


def test_percents() -> None:
    assert percent(0.95) == "95 %" and percent(0.08571, ".2g") == "8.6 %"
    assert percent(1, ".2g") == "100 %"


def test_intervals_are_left_out_where_they_are_unknown() -> None:
    assert interval(-0.1, 0.2) == "(−0.100 to 0.200)" and interval(NAN, NAN) == ""
    assert value_with_interval(0.15, 0.1, 0.2) == "0.150 (0.100 to 0.200)"
    assert value_with_interval(0.15, NAN, NAN) == "0.150"
    assert value_with_interval(NAN, NAN, NAN) == MISSING
    assert value_with_interval(0.15, -0.1, 0.2, "+.2f", ".1f") == "+0.15 (−0.1 to 0.2)"


def test_p_values_have_two_digits_or_one() -> None:
    assert [p_value(p) for p in (0.0123, 0.00012, 0.000012, NAN)] == ["0.012", "0.00012", "1e-05", MISSING]


def test_a_p_value_that_may_be_smaller_says_so() -> None:
    found = [p_value(p, is_bound=True) for p in (0.0123, 0.0002, 0.00002, NAN)]
    assert found == ["≤ 0.012", "≤ 0.0002", "≤ 2e-05", MISSING]
