"""Score the test windows by their similarity to the nearest training window.

A method that is good only where the test window resembles a training window has memorised, not learnt. All methods are
scored on the same strata: by the nearest window of any training set, human or homologs.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.metrics import evaluate
from regssl.leakage.columns import ALL, RUN, STRATA

NOT_COMPARED = "not compared"
METRICS = ("aupr", "auroc")
RunKey = tuple[str, str, str, int]
"""Dataset, model, method and seed of a run."""


def strata_table(
    similarity: pd.DataFrame, predictions: Mapping[RunKey, pd.DataFrame], edges: Sequence[float]
) -> pd.DataFrame:
    """Compute AUPR and AUROC of each stratum and method: means over seeds with Student's 95 % intervals.

    Args:
        similarity: of an `audit.AuditReport`; its test windows are used.
        predictions: by dataset, model, method and seed, tables of `predict`: chrom, start, end, label, logit.
        edges: of the strata, ascending, between 0 and 1.

    Returns:
        One row per dataset, model, method and stratum (and one of all windows), STRATA. `seeds` are those with a
        score; where a stratum lacks positives or negatives there is none, and areas are NaN.

    Raises:
        DataError: a table of predictions has other windows than the audit.
    """
    test = similarity[similarity["split"] == "test"].reset_index(drop=True)
    names = stratum_names(edges)
    stratum = np.array(names, object)[_codes(test["similarity"].to_numpy(), edges)]
    scores: dict[tuple[str, str, str], dict[str, list[dict[str, float]]]] = {}
    for (dataset, model, method, seed), table in predictions.items():
        _check_same(test, table, f"{dataset}/{model}/{method}/seed{seed}")
        of_method = scores.setdefault((dataset, model, method), {name: [] for name in (ALL, *names)})
        labels, logits = table["label"].to_numpy(), table["logit"].to_numpy()
        if np.isnan(logits).any():  # the dataset could not be trained
            continue
        for name in of_method:
            rows = np.ones(len(test), bool) if name == ALL else stratum == name
            if 0 < labels[rows].sum() < rows.sum():
                areas = evaluate(labels[rows], logits[rows])
                of_method[name].append({"aupr": areas["aupr"], "auroc": areas["auroc"]})
    rows_of = {name: test["label"].to_numpy()[stratum == name] for name in names} | {ALL: test["label"].to_numpy()}
    return pd.DataFrame(
        [
            dict(zip(RUN, run, strict=True)) | _row(name, rows_of[name], seeds)
            for run, by_name in scores.items()
            for name, seeds in by_name.items()
            if len(rows_of[name])
        ],
        columns=list(STRATA),
    )


def stratum_names(edges: Sequence[float]) -> list[str]:
    """Name the strata, in their order; the last is of windows that were not compared."""
    between = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(edges)]
    return [f"below {edges[0]:g}", *between, f"{edges[-1]:g} and more", NOT_COMPARED]


def _codes(similarity: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """The position of each window's stratum: an edge belongs to the stratum above it."""
    codes = np.searchsorted(np.asarray(edges), similarity, side="right")
    codes[np.isnan(similarity)] = len(edges) + 1
    return codes


def _row(name: str, labels: np.ndarray, seeds: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"stratum": name, "windows": len(labels), "positives": int(labels.sum()),
                           "prevalence": float(labels.mean()), "seeds": len(seeds)}  # fmt: skip
    for metric in METRICS:
        if seeds:
            interval = mean_interval([seed[metric] for seed in seeds])
            row[metric] = interval.value
            row[f"{metric}_low"], row[f"{metric}_high"] = np.clip(interval.bounds, 0, 1)
    return row


def _check_same(test: pd.DataFrame, table: pd.DataFrame, run: str) -> None:
    same = len(test) == len(table) and all(
        (test[name].to_numpy() == table[name].to_numpy()).all() for name in ("start", "end", "label")
    )
    if not same or (test["chrom"].astype(str).to_numpy() != table["chrom"].astype(str).to_numpy()).any():
        raise DataError(f"predictions of {run} are of other windows than the audit", "predict and audit again")
