"""What a set of windows lacks to be learned from or scored: positives, or negatives.

A dataset that lacks them takes nothing else down. Its runs pass through the workflow without weights and without a
score, each with the reason, and the tables say it (`without_score`). Training looks at its own windows and those of
validation alone; whether the test windows suffice is not asked before they are scored.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

PLACES = {"train": "training", "validation": "validation", "test": "test"}


def shortfall(labels: ArrayLike, split: str) -> str:
    """What the windows of a split lack; empty where they hold both kinds.

    `shortfall([0, 0], "train")` is `no positive window on the training chromosomes`.
    """
    positives, windows = int(np.count_nonzero(np.asarray(labels))), np.size(labels)
    kind = "positive" if not positives else "negative" if positives == windows else ""
    return f"no {kind} window on the {PLACES[split]} chromosomes" if kind else ""


def problems(table: pd.DataFrame) -> dict[str, str]:
    """Datasets with a reason in the column `problem`, and the first reason of each; none without the column."""
    if "problem" not in table:
        return {}
    told = table[table["problem"].notna() & (table["problem"] != "")]
    first = told.drop_duplicates("dataset")
    return dict(zip(first["dataset"].astype(str), first["problem"].astype(str), strict=True))


def without_score(reasons: Mapping[str, str], names: Mapping[str, str]) -> str:
    """A sentence for captions: which datasets have no score, and why; empty where all have one."""
    told = [f"{names[dataset]} ({reason})" for dataset, reason in reasons.items() if dataset in names]
    return f"Without a score: {'; '.join(told)}." if told else ""
