"""Several windows of each variant, moved along the genome, over which its score is averaged.

A network with max pooling scores exactly 0 where the change touches none of its best matches; in a window that is moved
other matches may be the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from regssl.variants.dataset import VariantDataset


def wide_enough(width: int, shifts: Sequence[int]) -> int:
    """Return the width that holds a window of `width` bp and all that are moved by `shifts` bp to either side."""
    return width + 2 * max(shifts, default=0)


def cut_windows(variants: VariantDataset, width: int, shifts: Sequence[int]) -> VariantDataset:
    """Cut the windows of each variant out of a wide one: that in the middle, and those moved to either side.

    A window that does not hold its variant is left out. Every variant is in one, for the outermost reach to the ends.

    Args:
        variants: with windows as wide as `wide_enough` says.
        width: of the windows to cut, in bp.
        shifts: in bp.

    Returns:
        A row for each window, those of a variant one after the other; the counts are of variants, as before.
    """
    middle = (variants.codes.shape[1] - width) // 2
    starts = middle + np.array([0, *(sign * shift for shift in shifts for sign in (-1, 1))])
    offset = variants.table["offset"].to_numpy()[:, None] - starts  # (variants, windows)
    row, which = np.nonzero((offset >= 0) & (offset < width))
    codes = np.lib.stride_tricks.sliding_window_view(variants.codes, width, axis=1)[row, starts[which]]
    table = variants.table.iloc[row].assign(offset=offset[row, which]).reset_index(drop=True)
    return replace(variants, table=table, codes=codes)
