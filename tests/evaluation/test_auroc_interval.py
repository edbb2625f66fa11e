"""The interval of an AUROC, against its definition on a grid and Hanley and McNeil's in large samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from regssl.evaluation.auroc_interval import auroc_interval


def hanley_mcneil(auroc: np.ndarray | float, cases: float, controls: float, product: float) -> np.ndarray:
    """Standard error with exponential scores, 1982."""
    q1, q2 = auroc / (2 - auroc), 2 * auroc**2 / (1 + auroc)
    variance = auroc * (1 - auroc) + (cases - 1) * (q1 - auroc**2) + (controls - 1) * (q2 - auroc**2)
    return np.sqrt(np.maximum(variance, 0) / product)


@pytest.mark.parametrize(("auroc", "cases", "controls"), [(0.92, 27, 69), (0.5, 4, 9), (1.0, 5, 5), (0.0, 3, 8)])
def test_the_bounds_are_z_standard_errors_away(auroc: float, cases: int, controls: int) -> None:
    grid = np.linspace(0.00005, 0.99995, 10_000)
    mean = (cases + controls) / 2
    inside = grid[np.abs(auroc - grid) <= 1.959964 * hanley_mcneil(grid, mean, mean, cases * controls)]
    found = auroc_interval(auroc, cases, controls)
    assert found.bounds == pytest.approx((min(inside[0], auroc), max(inside[-1], auroc)), abs=2e-4)
    assert found.n == cases + controls and found.value == auroc


def test_large_samples_have_the_usual_interval() -> None:
    error = float(hanley_mcneil(0.8, 20_000, 20_000, 4e8))
    found = auroc_interval(0.8, 20_000, 20_000)
    assert found.bounds == pytest.approx((0.8 - 1.96 * error, 0.8 + 1.96 * error), abs=1e-4)


def test_nothing_to_compare_has_no_interval() -> None:
    for arguments in ((math.nan, 3, 3), (0.5, 0, 3), (0.5, 3, 0)):
        assert math.isnan(auroc_interval(*arguments).low)
