"""The exact signed-rank test against SciPy and against all signs written out; effect sizes."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regssl.errors import DataError
from regssl.evaluation.significance import paired_test


def test_five_datasets_all_better():
    control = [0.10, 0.20, 0.30, 0.40, 0.50]
    found = paired_test([0.11, 0.22, 0.33, 0.44, 0.55], control)
    assert found.p == 2 / 2**5 and found.rank_biserial == 1.0
    assert (found.pairs, found.n_better, found.n_worse) == (5, 5, 0)
    assert found.mean == pytest.approx(0.03)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 4, 0.03, math.sqrt(0.00025 / 5)))


def test_equal_methods_have_no_p():
    found = paired_test([0.1, 0.2], [0.1, 0.2])
    assert math.isnan(found.p) and math.isnan(found.rank_biserial) and math.isnan(found.hedges_g)
    assert found.mean == 0 and found.n_better == found.n_worse == 0


@given(st.lists(st.integers(1, 10**6).map(lambda x: x / 1e6), min_size=2, max_size=12, unique=True), st.integers(0, 99))
@settings(deadline=None, derandomize=True)
def test_equal_to_scipys_exact_test_where_nothing_ties(sizes, seed):
    signs = np.random.default_rng(seed).choice([-1, 1], len(sizes))
    difference = np.array(sizes) * signs
    found = paired_test(list(difference), [0.0] * len(sizes))
    witness = stats.wilcoxon(difference, method="exact")
    assert found.p == pytest.approx(witness.pvalue)
    positive = difference > 0
    ranks = stats.rankdata(np.abs(difference))
    assert found.rank_biserial == pytest.approx((ranks[positive].sum() - ranks[~positive].sum()) / ranks.sum())


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
@settings(deadline=None, derandomize=True)
def test_ties_and_zeros_by_all_signs(values):
    kept = [value for value in values if value]
    found = paired_test([float(value) for value in values], [0.0] * len(values))
    if not kept:
        assert math.isnan(found.p)
        return
    ranks = stats.rankdata(np.abs(kept))
    observed = abs((ranks * np.sign(kept)).sum())
    sums = [abs((ranks * signs).sum()) for signs in product([-1, 1], repeat=len(kept))]
    assert found.p == pytest.approx(np.mean(np.array(sums) >= observed - 1e-9))


def test_rounding_makes_no_rank():
    """0.3 - 0.2 and 0.2 - 0.1 differ in the last bit; they are one tie."""
    found = paired_test([0.3, 0.2, 0.1], [0.2, 0.1, 0.3])
    assert found.rank_biserial == pytest.approx((1.5 + 1.5 - 3) / 6)


def test_hedges_correction():
    """J(5) of six pairs is 0.8408, as tabulated; the usual approximation is 1 - 3 / (4 × 5 - 1)."""
    difference = [0.01, 0.02, 0.03, 0.04, 0.05, 0.03]
    found = paired_test(difference, [0.0] * 6)
    plain = np.mean(difference) / np.std(difference, ddof=1)
    assert found.hedges_g / plain == pytest.approx(0.8408, abs=2e-4)
    assert found.hedges_g / plain == pytest.approx(1 - 3 / 19, abs=2e-3)
    assert math.isnan(paired_test([0.2], [0.1]).hedges_g) and math.isnan(paired_test([0.2], [0.1]).low)


def test_pairs_are_needed():
    with pytest.raises(DataError, match="in pairs"):
        paired_test([0.1], [0.1, 0.2])
    with pytest.raises(DataError, match="not finite"):
        paired_test([math.nan], [0.1])
