"""Human windows mutated at random to another genome's divergence: what homologs would be if they were nothing but that.

The control `sl_mutated` trains on these in place of the homologs, row for row.
"""

from __future__ import annotations

import math
import zlib

import numpy as np
import pandas as pd

from regssl.data import _mutation
from regssl.data.divergence import Divergence
from regssl.data.windows import constant_column, window_table
from regssl.errors import DataError
from regssl.sequences.genome import Genome

FLANK = 1.0
"""Human sequence read on each side of a window for deletions to draw on, in widths."""


def mutate_windows(train: pd.DataFrame, homologs: pd.DataFrame) -> pd.DataFrame:
    """The human window of every homolog, in the order of the homologs, with the homolog's label.

    Args:
        train: human training windows.
        homologs: their pseudo-labelled homologs in one genome.

    Raises:
        DataError: a homolog whose source is no training window, or has another label.
    """
    if not (train["split"] == "train").all() or not (homologs["split"] == "train").all():
        raise ValueError("only training windows are mutated")
    sources = pd.Index(train["source"])
    place = sources.get_indexer(pd.Index(homologs["source"]))
    if (place < 0).any():
        source = homologs["source"].to_numpy()[place < 0][0]
        raise DataError(f"the homolog of bin {source} is of no training window", "were the labels copied again?")
    windows = train.iloc[place]
    if (wrong := windows["label"].to_numpy() != homologs["label"].to_numpy()).any():
        source = homologs["source"].to_numpy()[wrong][0]
        raise DataError(f"the homolog of bin {source} has another label than its window", "copy the labels again")
    return window_table(windows.assign(strand=constant_column("+", len(windows))))


def mutate(
    codes: np.ndarray, middle: np.ndarray, width: int, rates: Divergence, rng: np.random.Generator
) -> np.ndarray:
    """Mutate human sequence at random to the divergence of a genome.

    A base differs with the probability `rates.differences`, the share of differences that was observed: so the
    probability that a base was hit more than once, and hit back, is in it. Differences are transitions as often as
    observed; insertions and deletions come as often as observed, their lengths are geometric with the observed means.

    Args:
        codes: uint8 (n, at least width), human sequence with flanks, from which deletions make up for what they take.
        middle: integer (n,), the middle base of each window (the first of its second half): it stays in the middle.
        width: length of a window in bp.
        rates: of the genome; what is unknown (NaN) does not happen.
        rng: source of all random numbers: equal sources and rows give equal sequences, in parts or at once.

    Returns:
        uint8 (n, width).
    """
    observed = (
        *(rates.differences, rates.transition_fraction, rates.insertions_per_base, rates.insertion_length),
        *(rates.deletions_per_base, rates.deletion_length),
    )
    known = _mutation.MutationRates(*(0.0 if math.isnan(value) else value for value in observed))
    return _mutation.mutate(np.ascontiguousarray(codes), np.asarray(middle, np.int64), width, known, rng)


class Mutator:
    """Reads human windows and mutates them to one genome's divergence; call it on tables of windows, one after another.

    The random numbers depend on nothing but the ids of dataset and genome, and on the windows before.
    """

    def __init__(self, human: Genome, width: int, rates: Divergence, dataset: str, genome: str) -> None:
        self._human, self._width, self._rates = human, width, rates
        self._rng = np.random.default_rng([zlib.crc32(name.encode()) for name in ("mutate", dataset, genome)])

    def __call__(self, windows: pd.DataFrame) -> np.ndarray:
        """Mutated sequences of human windows: uint8 (n, width). A flank ends where the chromosome does."""
        start = windows["start"].to_numpy()
        names = windows["chrom"].astype("category")
        sizes = np.array([self._human.sizes[name] for name in names.cat.categories], np.int64)
        flank = int(FLANK * self._width)
        reach = int(min([self._width + 2 * flank, *sizes[np.unique(names.cat.codes)]]))
        low = np.clip(start - flank, 0, sizes[names.cat.codes] - reach)
        codes = self._human.windows(names, low, reach)
        return mutate(codes, start - low + self._width // 2, self._width, self._rates, self._rng)
