"""The axis of intervals: everything is on it, and its ticks are round."""

from __future__ import annotations

import pytest

from regssl.reporting.interval_axis import SPACE, WIDTH, IntervalAxis


def test_it_holds_all_intervals_zero_and_the_margin() -> None:
    assert IntervalAxis.around([(50, 20, 80), (-4, -30, 22)], 10) == (-30, 80)
    assert IntervalAxis.around([], 10) == (-10, 10)
    assert IntervalAxis.around([(2, float("nan"), 3)], 10) == (-10, 10)


def test_places_run_from_one_end_to_the_other() -> None:
    axis = IntervalAxis(-10, 30)
    assert [axis.place(value) for value in (-10, 10, 30)] == [SPACE, WIDTH / 2, WIDTH - SPACE]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [(-10, 10, ["−10", "−5", "0", "+5", "+10"]), (-30, 80, ["0", "+50"]), (-10, 1000, ["0", "+500", "+1000"]),
     (-0.3, 0.5, ["−0.2", "0", "+0.2", "+0.4"])],
)  # fmt: skip
def test_ticks_are_round(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in IntervalAxis(low, high).ticks()] == texts
