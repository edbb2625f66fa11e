"""The metrics of one run, from the table of its predictions: what `metrics.json` holds beside the run's identity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regssl.errors import DataError
from regssl.evaluation.mcc import mcc
from regssl.evaluation.metrics import evaluate, is_constant, missing_class
from regssl.io.parquet import load_table


def evaluate_file(predictions: str | Path, threshold: float | None = None, split: str = "test") -> dict[str, Any]:
    """Evaluate a table of predictions.

    Args:
        predictions: Parquet table of `predict`: label, logit; its attribute `failure` is why a model could not be
            trained.
        threshold: the lowest logit that is called bound, chosen on validation windows; None: none was chosen.
        split: the split of the windows, for messages.

    Returns:
        The keys of `metrics.evaluate`; `mcc`, at a logit of 0, and `mcc_tuned`, at the threshold if there is one; and
        `collapsed` (see `metrics.is_constant`). Where there is no score, because the model could not be trained or the
        windows are all of one class, both areas are None, there is no MCC, and `failure` is the reason.

    Raises:
        DataError: the table cannot be read, or scores are NaN.
    """
    table = load_table(predictions, ["label", "logit"])
    labels, logits = table["label"].to_numpy(), table["logit"].to_numpy()
    if failure := table.attrs.get("failure") or missing_class(labels, split):
        return {**_missing_evaluation(labels), "failure": failure}
    calls = {"mcc": mcc(labels, logits)}
    if threshold is not None:
        calls["mcc_tuned"] = mcc(labels, logits, threshold)
    return {**evaluate(labels, logits), **calls, "collapsed": is_constant(logits)}


def recorded_threshold(record: Mapping[str, Any], path: str | Path) -> float | None:
    """Return the threshold that a run's record holds; None: an older version, which chose none.

    Args:
        record: of `training.runs.train`.
        path: its file, for messages.

    Raises:
        DataError: it is no number.
    """
    found = record.get("threshold")
    if found is None:
        return None
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise DataError(f"{path}: key 'threshold' holds {str(found)[:50]!r}", "train the run again")
    return float(found)


def _missing_evaluation(labels: ArrayLike) -> dict[str, float | int | None]:
    """The keys of `evaluate` where there is nothing to rank or no score: both areas are None."""
    positives, windows = int(np.count_nonzero(np.asarray(labels))), int(np.size(labels))
    return {"aupr": None, "auroc": None, "prevalence": positives / windows, "positives": positives, "windows": windows}
