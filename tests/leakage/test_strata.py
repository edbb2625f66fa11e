"""Scores by similarity."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from helpers.strata import EDGES, N, predictions, similarity
from regssl.errors import DataError
from regssl.evaluation.confidence import mean_interval
from regssl.leakage.columns import ALL
from regssl.leakage.strata import NOT_COMPARED, strata_table, stratum_names


def test_strata_are_scored_like_sets_of_their_own() -> None:
    runs, test = predictions(), similarity().query("split == 'test'").reset_index(drop=True)
    table = strata_table(similarity(), runs, EDGES)
    assert table["stratum"].tolist() == 2 * [ALL, "below 0.1", "0.1 to 0.3", "0.3 and more", NOT_COMPARED]
    rows = {
        ALL: np.ones(N, bool),
        "below 0.1": test["similarity"] < 0.1,
        "0.1 to 0.3": (test["similarity"] >= 0.1) & (test["similarity"] < 0.3),
        "0.3 and more": test["similarity"] >= 0.3,
        NOT_COMPARED: test["similarity"].isna(),
    }
    for row in table.to_dict("records"):
        own = np.asarray(rows[row["stratum"]])
        labels = test["label"].to_numpy()[own]
        assert (row["windows"], row["positives"]) == (own.sum(), labels.sum())
        assert row["prevalence"] == pytest.approx(labels.mean())
        if row["stratum"] == "0.3 and more":
            assert row["seeds"] == 0 and np.isnan(row["aupr"]) and np.isnan(row["auroc_low"])
            continue
        scores = [runs[("ctcf", "deepbind", row["method"], seed)]["logit"].to_numpy()[own] for seed in range(3)]
        for metric, witness in (("aupr", average_precision_score), ("auroc", roc_auc_score)):
            expected = mean_interval([witness(labels, score) for score in scores])
            assert row[metric] == pytest.approx(expected.value)
            assert row[f"{metric}_low"] == pytest.approx(np.clip(expected.low, 0, 1))
            assert row[f"{metric}_high"] == pytest.approx(np.clip(expected.high, 0, 1))
    assert table[table["stratum"] != ALL].groupby("method")["windows"].sum().tolist() == [N, N]


def test_runs_without_a_score_are_in_no_mean_and_strata_without_a_window_have_no_row() -> None:
    runs = predictions(("sl",), 2)
    runs[("ctcf", "deepbind", "sl", 1)]["logit"] = np.nan
    table = strata_table(similarity(), runs, [0.9]).set_index("stratum")
    assert table["seeds"].tolist() == [1, 1, 1] and np.isnan(table.loc[ALL, "aupr_low"])
    assert "0.9 and more" not in table.index
    for run in runs.values():
        run["logit"] = np.nan
    assert strata_table(similarity(), runs, EDGES)["aupr"].isna().all()


def test_predictions_of_other_windows_are_refused() -> None:
    runs = predictions(("sl",), 1)
    runs[("ctcf", "deepbind", "sl", 0)].loc[7, "start"] += 200
    with pytest.raises(DataError, match="predictions of ctcf/deepbind/sl/seed0 are of other windows than the audit"):
        strata_table(similarity(), runs, EDGES)


def test_strata_in_words() -> None:
    assert stratum_names([0.01, 0.05]) == ["below 0.01", "0.01 to 0.05", "0.05 and more", NOT_COMPARED]
