"""Balanced variants that match those with allelic imbalance: on the same chromosomes, with the same alleles."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd


def select_matched(changes: Sequence[Sequence[Any]], balanced: np.ndarray) -> np.ndarray:
    """Select all variants with imbalance, and of the balanced ones at most as many of each chromosome and change.

    Changes of one base to another differ in how often they occur, and in where: those of CpG are frequent, and more so
    in bound sites. Of more balanced variants than needed those are taken that are evenly spread along the chromosome.

    Args:
        changes: chromosome, position, reference base, alternative base: (n,) each.
        balanced: bool (n,).

    Returns:
        bool (n,).
    """
    table = pd.DataFrame(dict(zip(("chrom", "pos", "ref", "alt"), changes, strict=True)))
    selected = ~balanced
    key: list[Hashable] = ["chrom", "ref", "alt"]
    wanted = table[~balanced].groupby(key).size()
    for change, rows in table[balanced].sort_values("pos").groupby(key):
        n = min(int(wanted.get(change, 0)), len(rows))
        places = (np.arange(n) + 0.5) * len(rows) / max(n, 1)
        selected[rows.index[places.astype(int)]] = True
    return selected
