"""What can become of a human bin in another genome, and counting it."""

from __future__ import annotations

import numpy as np
import pandas as pd

FATES = (
    "kept",
    "deleted",
    "partially_deleted",
    "split",
    "duplicated",
    "grown",
    "off_end",
    "n_bases",
    "held_out",
    "same_place",
)
"""What can become of a bin: kept, or lost for exactly one reason, the first that applies.

deleted, partially_deleted, split, duplicated: UCSC liftOver's reasons, in the order of LiftStatus. grown: the homolog
is longer than `max_growth` bins. off_end: re-centred, it leaves its chromosome. n_bases: too many N. held_out: a
training bin whose homolog overlaps one of a held-out bin. same_place: another bin, earlier in genome order, has it.
"""

LOSSES = FATES[1:]


def count_fates(homologs: pd.DataFrame, groups: pd.Series | np.ndarray) -> pd.DataFrame:
    """How many bins met which fate, per group (split or label), one row per group.

    Returns:
        Index: the groups; columns: windows, then each fate.
    """
    counts = pd.crosstab(np.asarray(groups), homologs["fate"].to_numpy())
    counts = counts.reindex(columns=list(FATES), fill_value=0).rename_axis(columns=None)
    counts.insert(0, "windows", counts.sum(axis=1))
    return counts
