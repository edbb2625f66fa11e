"""The metrics of a run, from its table of predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import matthews_corrcoef

from regssl.errors import DataError
from regssl.evaluation.mcc import Threshold
from regssl.evaluation.metrics import evaluate
from regssl.evaluation.run_metrics import evaluate_file, recorded_threshold
from regssl.io.parquet import save_table


def test_a_file_of_predictions(tmp_path: Path) -> None:
    table = pd.DataFrame({"label": [1, 0, 1], "logit": np.float32([0.9, 0.8, 0.7])})
    save_table(table, tmp_path / "p.parquet")
    expected = {**evaluate(table["label"], table["logit"]), "mcc": 0.0, "collapsed": False}
    assert evaluate_file(tmp_path / "p.parquet") == expected, "all are called at 0"
    tuned = pytest.approx(matthews_corrcoef([1, 0, 1], [1, 0, 0]))
    found = evaluate_file(tmp_path / "p.parquet", Threshold(0.85, 0.9))
    assert found == expected | {"mcc_tuned": tuned, "validation_mcc": 0.9}
    save_table(table.assign(label=0), tmp_path / "p.parquet")
    found = evaluate_file(tmp_path / "p.parquet")
    assert (found["aupr"], found["windows"]) == (None, 3)
    assert found["failure"] == "no positive test window" and not {"collapsed", "mcc"} & set(found)
    failed = table.assign(logit=np.nan)
    failed.attrs["failure"] = "no motif of this factor is known"
    save_table(failed, tmp_path / "p.parquet")
    assert evaluate_file(tmp_path / "p.parquet")["failure"] == "no motif of this factor is known"


def test_the_threshold_of_a_record() -> None:
    assert recorded_threshold({"threshold": -1, "validation_mcc": 0.5}, "run.json") == (-1, 0.5)
    assert recorded_threshold({}, "run.json") is None
    with pytest.raises(DataError, match=r"run\.json: keys 'threshold' and 'validation_mcc' hold \['high', None\]"):
        recorded_threshold({"threshold": "high"}, "run.json")
