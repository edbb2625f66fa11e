"""Many comparisons at once: Holm's correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's adjusted p-values, (n,): below 0.05 where the family's chance of any false finding is below 0.05.

    The k-th smallest of n is multiplied by n - k + 1, is no smaller than those before it, and at most 1. NaN stays NaN
    and counts as no comparison: 0.01, 0.04, 0.03 becomes 0.03, 0.06, 0.06. After Holm 1979.
    """
    values = np.asarray(p, np.float64)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return adjusted
