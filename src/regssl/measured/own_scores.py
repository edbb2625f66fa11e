"""How well each run predicts the species' own windows, with their own labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regssl.evaluation.bootstrap import SCORES, assign_blocks, bootstrap_scores, sample_blocks
from regssl.evaluation.comparison import MIN_BLOCKS
from regssl.evaluation.confidence import Uncertainty, difference_uncertainty, score_uncertainty
from regssl.evaluation.metrics import evaluate
from regssl.evaluation.settings import ComparisonSettings
from regssl.measured.columns import ALL, METRICS, OWN, OWN_SUMMARY, OWN_WINDOWS
from regssl.measured.discrimination import RunKey, check_same_windows

BASELINE = "sl"
"""The method with which the others are compared."""


def rows_of_windows(own: pd.DataFrame, which: str) -> NDArray[np.bool_]:
    """Select own windows: `all`, those `apart` from training windows, or `homologs_of_training`: bool (n,)."""
    homologous = (own["homolog"] == "train").to_numpy()
    if which == ALL:
        return np.ones(len(own), bool)
    return homologous if which == "homologs_of_training" else ~homologous


def own_table(identity: tuple[str, str], own: pd.DataFrame, predictions: Mapping[RunKey, pd.DataFrame]) -> pd.DataFrame:
    """Score each run on the own windows.

    Args:
        identity: ids of dataset and genome.
        own: as `own_windows.make_own_windows` returns.
        predictions: by run, tables of `predict` for them.

    Returns:
        OWN; areas are NaN where windows are all of one label, or a run has no scores.

    Raises:
        DataError: a table of predictions is of other windows.
    """
    rows, labels = [], own["label"].to_numpy()
    for run, table in predictions.items():
        check_same_windows(own, table, run)
        logits = table["logit"].to_numpy()
        for which in OWN_WINDOWS:
            chosen = rows_of_windows(own, which)
            n, positives = int(chosen.sum()), int(labels[chosen].sum())
            areas = (math.nan, math.nan)
            if _can_be_scored(labels[chosen], logits):
                found = evaluate(labels[chosen], logits[chosen])
                areas = found["aupr"], found["auroc"]
            rows.append((*identity, *run, which, n, positives, positives / n if n else math.nan, *areas))
    return pd.DataFrame(rows, columns=list(OWN)).astype({"seed": "Int64"})


def own_summary(
    identity: tuple[str, str],
    own: pd.DataFrame,
    predictions: Mapping[RunKey, pd.DataFrame],
    settings: ComparisonSettings,
    threads: int = 1,
) -> pd.DataFrame:
    """Average each method over seeds, and compare it with `sl`, on the same resampled blocks.

    Args:
        identity, own, predictions: as in `own_table`.
        settings: blocks, replicates, level.
        threads: runs scored at once.

    Returns:
        OWN_SUMMARY. Intervals are over seeds and blocks; of one seed, over blocks; NaN where positives lie in fewer
        than MIN_BLOCKS blocks. Methods without a score have no row.
    """
    labels, rows = own["label"].to_numpy(), []
    for which in OWN_WINDOWS:
        chosen = rows_of_windows(own, which)
        if not 0 < labels[chosen].sum() < chosen.sum():
            continue
        block = assign_blocks(own.loc[chosen, "chrom"], own.loc[chosen, "start"], settings.block_bp)
        n_blocks = len(np.unique(block[labels[chosen] == 1]))
        replicates = settings.replicates if n_blocks >= MIN_BLOCKS else 0
        weights = sample_blocks(int(block.max()) + 1, replicates, settings.seed)

        with ThreadPoolExecutor(threads) as pool:
            logits = (table["logit"].to_numpy()[chosen] for table in predictions.values())
            of_runs = pool.map(partial(_replicates, labels[chosen], block, weights), logits)
            samples = dict(zip(predictions, of_runs, strict=True))
        rows += [(*identity, *row) for row in _compared(samples, which, settings.confidence_level)]
    return pd.DataFrame(rows, columns=list(OWN_SUMMARY))


def _replicates(
    labels: NDArray[np.uint8],
    block: NDArray[np.int32],
    weights: NDArray[np.unsignedinteger],
    logits: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """Score one run on resampled blocks, as `bootstrap_scores`; None where it has no scores."""
    return bootstrap_scores(labels, logits, block, weights) if _can_be_scored(labels, logits) else None


def _compared(
    samples: Mapping[RunKey, NDArray[np.float64] | None], which: str, level: float
) -> Iterator[tuple[object, ...]]:
    groups: dict[tuple[str, str], list[NDArray[np.float64] | None]] = {}
    for (model, method, _), of_run in samples.items():
        groups.setdefault((model, method), []).append(of_run)
    scored = {
        key: np.stack([run for run in runs if run is not None])
        for key, runs in groups.items()
        if all(run is not None for run in runs)
    }
    for (model, method), of_method in scored.items():
        for metric in METRICS:
            place, known = SCORES.index(metric), (model, method, which, metric)
            found = score_uncertainty(of_method[:, place], level)
            bounds = np.clip(_bounds(found), 0, 1)
            baseline = scored.get((model, BASELINE))
            if baseline is None or method == BASELINE:
                yield (*known, found.value, *bounds, math.nan, math.nan, math.nan)
            else:
                difference = difference_uncertainty(of_method[:, place], baseline[:, place], level)
                yield (*known, found.value, *bounds, difference.value, *_bounds(difference))


def _bounds(found: Uncertainty) -> tuple[float, float]:
    """Return those of both sources; with one seed, of which nothing is known, those of the blocks."""
    return found.ci.bounds if found.ci.n > 1 else found.bootstrap_ci.bounds


def _can_be_scored(labels: np.ndarray, logits: np.ndarray) -> bool:
    return 0 < labels.sum() < len(labels) and not np.isnan(logits).any()
