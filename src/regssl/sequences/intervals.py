"""Arrays of intervals: rows by chromosome, bases covered before a position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

ChromNames = Union["Sequence[str]", np.ndarray, "pd.Categorical", "pd.Series"]
"""Chromosome names, one an interval; a categorical is fastest."""


def rows_by_chromosome(chrom: ChromNames) -> dict[str, np.ndarray]:
    """Group rows by chromosome.

    Args:
        chrom: n names.

    Returns:
        For each chromosome that occurs its row numbers, int64, in their order. Rows without a name are left out.
    """
    import pandas as pd

    names: Any = pd.Categorical(cast(Any, chrom))
    order = np.argsort(names.codes, kind="stable")
    cuts = np.searchsorted(names.codes[order], np.arange(len(names.categories) + 1))
    named = zip(names.categories, cuts[:-1], cuts[1:], strict=True)
    return {str(name): order[low:high] for name, low, high in named if low < high}


def covered_before(blocks: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Count the bases of blocks before each position.

    Args:
        blocks: int64 (blocks, 2), 0-based half-open, sorted, not overlapping.
        positions: integers (n,).

    Returns:
        int64 (n,), covered bases in [0, position).
    """
    total = np.concatenate([[0], np.cumsum(blocks[:, 1] - blocks[:, 0])])
    ends = np.concatenate([[0], blocks[:, 1]])
    block = np.searchsorted(blocks[:, 0], positions, side="right")
    covered: np.ndarray = total[block] - np.maximum(ends[block] - positions, 0)
    return covered
