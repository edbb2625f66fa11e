"""Random mutation of human windows to another genome's divergence.

The control `sl_mutated` is trained on these windows in place of the homologs, row for row.
"""

from __future__ import annotations

import math
import zlib

import numpy as np
import pandas as pd

from regssl.data.divergence import Divergence
from regssl.data.windows import constant_column, window_table
from regssl.errors import DataError
from regssl.sequences.genome import Genome

FLANK = 1.0
"""Human sequence read on each side of a window to make up for deletions, in multiples of its width."""


def mutate_windows(train: pd.DataFrame, homologs: pd.DataFrame) -> pd.DataFrame:
    """Return the human window of every homolog, in the order of the homologs.

    Args:
        train: human training windows.
        homologs: their pseudo-labelled homologs in one genome.

    Returns:
        A table of windows (`windows.COLUMNS`), to be mutated by a `Mutator`.

    Raises:
        DataError: the source of a homolog is not a training window, or has another label.
        ValueError: a window is of another split.
    """
    if not (train["split"] == "train").all() or not (homologs["split"] == "train").all():
        raise ValueError("only training windows are mutated")
    sources = pd.Index(train["source"])
    place = sources.get_indexer(pd.Index(homologs["source"]))
    if (place < 0).any():
        source = homologs["source"].to_numpy()[place < 0][0]
        raise DataError(f"the homolog of bin {source} is of no training window", "make the pseudo-labels again")
    windows = train.iloc[place]
    if (wrong := windows["label"].to_numpy() != homologs["label"].to_numpy()).any():
        source = homologs["source"].to_numpy()[wrong][0]
        raise DataError(
            f"the homolog of bin {source} has another label than its window", "make the pseudo-labels again"
        )
    return window_table(windows.assign(strand=constant_column("+", len(windows))))


def mutate(
    codes: np.ndarray, middle: np.ndarray, width: int, rates: Divergence, rng: np.random.Generator
) -> np.ndarray:
    """Mutate human sequence at random to the divergence of a genome.

    A base differs with the probability `rates.differences`, the observed fraction of differences, which includes the
    effect of multiple hits. The fraction of transitions and the rates of insertions and deletions are as observed;
    lengths are geometric with the observed means.

    Args:
        codes: uint8 (n, at least width), human sequence with flanks, which replace deleted bases.
        middle: integer (n,), the middle base of each window (the first of its second half), which stays in the middle.
        width: length of a window in bp.
        rates: of the genome; events of unknown (NaN) rate do not occur.
        rng: random stream, used row by row: calls on consecutive parts give the same sequences as one call.

    Returns:
        uint8 (n, width).
    """
    from regssl.data import _mutation  # numba

    observed = (
        *(rates.differences, rates.transition_fraction, rates.insertions_per_base, rates.insertion_length),
        *(rates.deletions_per_base, rates.deletion_length),
    )
    known = _mutation.MutationRates(*(0.0 if math.isnan(value) else value for value in observed))
    return _mutation.mutate(np.ascontiguousarray(codes), np.asarray(middle, np.int64), width, known, rng)


class Mutator:
    """Extract human windows and mutate them to one genome's divergence, for `packed.write_encoded`.

    The random stream depends on the ids of dataset and genome, and on the windows of earlier calls.

    Args:
        human: the human genome.
        width: length of a window in bp.
        rates: divergence of the other genome.
        dataset, genome: ids of the dataset and the other genome.
    """

    def __init__(self, human: Genome, width: int, rates: Divergence, dataset: str, genome: str) -> None:
        self._human, self._width, self._rates = human, width, rates
        self._rng = np.random.default_rng([zlib.crc32(name.encode()) for name in ("mutate", dataset, genome)])

    def __call__(self, windows: pd.DataFrame) -> np.ndarray:
        """Return the mutated sequences of n human windows: uint8 (n, width). Flanks end where the chromosome does."""
        start = windows["start"].to_numpy()
        names = windows["chrom"].astype("category")
        sizes = np.array([self._human.sizes[name] for name in names.cat.categories], np.int64)
        flank = int(FLANK * self._width)
        reach = int(min([self._width + 2 * flank, *sizes[np.unique(names.cat.codes)]]))
        low = np.clip(start - flank, 0, sizes[names.cat.codes] - reach)
        codes = self._human.windows(names, low, reach)
        return mutate(codes, start - low + self._width // 2, self._width, self._rates, self._rng)
