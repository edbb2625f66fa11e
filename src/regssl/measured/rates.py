"""How many copied labels are true, with Wilson's intervals, and by what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from regssl.data.settings import SPLITS
from regssl.evaluation.proportions import wilson_interval
from regssl.measured.columns import ALL, RATES
from regssl.measured.settings import MeasuredSettings

Level = tuple[str, str, np.ndarray]
"""Stratum, level, and the rows of it: bool (n,)."""


def rates_table(
    identity: tuple[str, str], tables: dict[str, pd.DataFrame], files: int, min_match: float, settings: MeasuredSettings
) -> pd.DataFrame:
    """Count the bound among copies of each label.

    Args:
        identity: ids of dataset and genome.
        tables: by unit (`windows`, `peaks`), as `copies.measure_copies` and `sites.measure_sites` return.
        files: number of peak files of the dataset.
        min_match: with which homologs were found.
        settings: other values of min_match, edges of strata.

    Returns:
        RATES, one row per unit, split, label, min_match and level. Strata are of all copies; a level without any is
        left out, and so is a min_match below that with which they were found. A higher one takes the copies of which
        so much is aligned.
    """
    rows = []
    at = sorted({min_match, *(value for value in settings.min_match if value > min_match)})
    for unit, table in tables.items():
        for split, label in itertools.product((ALL, *SPLITS), (1, 0)):
            if unit == "peaks" and label == 0:
                continue
            of_split = table if split == ALL else table[table["split"] == split]
            copies = of_split[of_split["label"] == label]
            aligned, bound = copies["aligned_fraction"].to_numpy(), copies["bound"].to_numpy(bool)
            known = (*identity, unit, split)
            for value in at:
                rows.append((*known, value, label, ALL, ALL, *_share(bound[_aligned_enough(aligned, value)])))
            for stratum, level, chosen in _strata(copies, files, settings):
                if chosen.any():
                    rows.append((*known, at[0], label, stratum, level, *_share(bound[chosen])))
    return pd.DataFrame(rows, columns=list(RATES))


def cell_line_levels(files: int) -> list[tuple[str, int, int]]:
    """Name groups of numbers of cell lines: at most half of all, more, all. Name, least and largest number.

    Of seven: `1 to 3`, `4 to 6`, `all 7`. Of one: none.
    """
    if files < 2:
        return []
    half = files // 2 if files > 2 else 1
    groups = [(1, half), (half + 1, files - 1)]
    named = [(str(low) if low == high else f"{low} to {high}", low, high) for low, high in groups if low <= high]
    return [*named, (f"all {files}", files, files)]


def edge_levels(values: np.ndarray, edges: Sequence[float]) -> Iterator[tuple[str, np.ndarray]]:
    """Divide values at edges, each of which belongs to what is above it; NaN is in no level.

    Yields:
        Name of each level, such as `below 5`, `5 to 10`, `10 and more`, and its rows, bool (n,).
    """
    between = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(edges)]
    level = np.searchsorted(np.asarray(edges, np.float64), values, side="right")
    for number, name in enumerate([f"below {edges[0]:g}", *between, f"{edges[-1]:g} and more"]):
        yield name, (level == number) & ~np.isnan(values)


def _strata(copies: pd.DataFrame, files: int, settings: MeasuredSettings) -> Iterator[Level]:
    number = np.maximum(copies["cell_lines"].to_numpy(), 1)  # of a window that no file alone covers enough
    if (copies["label"] == 1).any():
        for name, low, high in cell_line_levels(files):
            yield "cell_lines", name, (low <= number) & (number <= high)
    for stratum, edges in (("divergence", settings.divergence_edges), ("motif", settings.motif_edges)):
        for name, rows in edge_levels(copies[stratum].to_numpy(np.float64), edges):
            yield stratum, name, rows


def _aligned_enough(aligned: np.ndarray, min_match: float) -> np.ndarray:
    """Select as the lift-over does, whose min_match is a 32-bit float."""
    return np.asarray(aligned >= float(np.float32(min_match)), bool)


def _share(bound: np.ndarray) -> tuple[float, ...]:
    found = int(bound.sum())
    share = wilson_interval(found, len(bound))
    return len(bound), found, share.value, *share.bounds
