"""The metrics of one run, from the table of its predictions: what `metrics.json` holds beside the run's identity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regssl.errors import DataError
from regssl.evaluation.mcc import Threshold, mcc
from regssl.evaluation.metrics import evaluate, is_constant, missing_class
from regssl.io.parquet import load_table


def evaluate_file(predictions: str | Path, threshold: Threshold | None = None, split: str = "test") -> dict[str, Any]:
    """Evaluate a table of predictions.

    Args:
        predictions: Parquet table of `predict`: label, logit; its attribute `failure` is why a model could not be
            trained.
        threshold: the lowest logit that is called bound, chosen on validation windows; None: none was chosen.
        split: the split of the windows, for messages.

    Returns:
        The keys of `metrics.evaluate`; `mcc`, at a logit of 0; at the threshold, if there is one, `mcc_tuned`, and on
        the windows on which it was chosen `validation_mcc`; and `collapsed` (see `metrics.is_constant`). Where there is
        no score, because the model could not be trained or the windows are all of one class, both areas are None, there
        is no MCC, and `failure` is the reason.

    Raises:
        DataError: the table cannot be read, or scores are NaN.
    """
    table = load_table(predictions, ["label", "logit"])
    labels, logits = table["label"].to_numpy(), table["logit"].to_numpy()
    if failure := table.attrs.get("failure") or missing_class(labels, split):
        return {**_missing_evaluation(labels), "failure": failure}
    calls = {"mcc": mcc(labels, logits)}
    if threshold is not None:
        calls |= {"mcc_tuned": mcc(labels, logits, threshold.score), "validation_mcc": threshold.mcc}
    return {**evaluate(labels, logits), **calls, "collapsed": is_constant(logits)}


def recorded_threshold(record: Mapping[str, Any], path: str | Path) -> Threshold | None:
    """Return the threshold that a run's record holds, with its MCC on the validation windows.

    Args:
        record: of `training.runs.train`.
        path: its file, for messages.

    Returns:
        None where an older version trained the run, which chose none.

    Raises:
        DataError: it is no number.
    """
    if "threshold" not in record:
        return None
    found: list[Any] = [record.get(key) for key in ("threshold", "validation_mcc")]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found):
        raise DataError(f"{path}: keys 'threshold' and 'validation_mcc' hold {found}"[:300], "train the run again")
    score, chosen_by = map(float, found)
    return Threshold(score, chosen_by)


def _missing_evaluation(labels: ArrayLike) -> dict[str, float | int | None]:
    """The keys of `evaluate` where there is nothing to rank or no score: both areas are None."""
    positives, windows = int(np.count_nonzero(np.asarray(labels))), int(np.size(labels))
    return {"aupr": None, "auroc": None, "prevalence": positives / windows, "positives": positives, "windows": windows}
