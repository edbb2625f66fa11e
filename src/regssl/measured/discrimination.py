"""Which scores tell true copies from false ones: motifs, the teacher's confidence, each trained model."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.metrics import auroc
from regssl.measured.columns import ALL, COPY_SPLITS, DISCRIMINATION

RunKey = tuple[str, str, int]
"""Model, method and seed of a run."""
WINDOW: dict[str, Any] = {"chrom": "str", "start": "int64", "end": "int64"}
"""What tells windows apart, and the types to compare."""


def discrimination_table(
    identity: tuple[str, str],
    copies: pd.DataFrame,
    sites: pd.DataFrame,
    predictions: Mapping[RunKey, pd.DataFrame],
) -> pd.DataFrame:
    """Compute the AUROC of each score among copies of one label.

    Args:
        identity: ids of dataset and genome.
        copies: as `copies.measure_copies` returns.
        sites: as `sites.measure_sites` returns; all are positives.
        predictions: by run, tables of `predict` for them: chrom, start, end, logit.

    Returns:
        DISCRIMINATION: for motif scores first, then for each run. NaN where all copies are true or all false, and where
        a score is missing.

    Raises:
        DataError: a table of predictions is of other windows.
    """
    rows = []
    for (model, method, seed), score, table, values in _scores(copies, sites, predictions):
        for split, label in itertools.product(COPY_SPLITS, (1,) if table is sites else (1, 0)):
            chosen = (table["label"] == label).to_numpy() & rows_of_split(table, split)
            bound = table["bound"].to_numpy(bool)[chosen]
            true = int((bound == (label == 1)).sum())
            area = area_or_nan(bound, values[chosen])
            rows.append((*identity, model, method, seed, split, score, label, true, len(bound) - true, area))
    return pd.DataFrame(rows, columns=list(DISCRIMINATION)).astype({"seed": "Int64"})


def rows_of_split(copies: pd.DataFrame, split: str) -> np.ndarray:
    """Select copies of `all` windows, of `train`, or of `held_out` ones: bool (n,)."""
    train = (copies["split"] == "train").to_numpy()
    return np.ones(len(copies), bool) if split == ALL else train if split == "train" else ~train


def area_or_nan(bound: np.ndarray, scores: np.ndarray) -> float:
    """Return the AUROC; NaN where there is nothing to tell apart, or a score is missing."""
    if not 0 < bound.sum() < len(bound) or np.isnan(scores).any():
        return math.nan
    return auroc(bound, scores)


def check_same_windows(windows: pd.DataFrame, predictions: pd.DataFrame, run: RunKey) -> None:
    """Raise a DataError if a table of predictions is of other windows."""
    same = len(windows) == len(predictions) and all(
        np.array_equal(windows[name].astype(kind), predictions[name].astype(kind)) for name, kind in WINDOW.items()
    )
    if not same:
        raise DataError(f"predictions of {run[0]}/{run[1]}/seed{run[2]} are of other windows", "predict again")


def _scores(
    copies: pd.DataFrame, sites: pd.DataFrame, predictions: Mapping[RunKey, pd.DataFrame]
) -> Iterator[tuple[tuple[str, str, int | None], str, pd.DataFrame, np.ndarray]]:
    for prefix, table in (("", copies), ("site_", sites)):
        for score in ("motif", "human_motif"):
            yield ("", "", None), prefix + score, table, table[score].to_numpy(np.float64)
    for run, predicted in predictions.items():
        check_same_windows(copies, predicted, run)
        yield run, "probability", copies, predicted["logit"].to_numpy()
