"""Scores on own windows against scikit-learn-like definitions, and differences against a slow bootstrap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regssl.evaluation.metrics import auroc, average_precision
from regssl.evaluation.settings import ComparisonSettings
from regssl.measured.columns import OWN, OWN_SUMMARY
from regssl.measured.own_scores import own_summary, own_table, rows_of_windows

SETTINGS = ComparisonSettings(block_bp=1000, replicates=200)
IDENTITY = ("ctcf", "mouse")


@pytest.fixture(scope="module")
def own() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    start = np.arange(2000) * 20
    return pd.DataFrame(
        {
            "chrom": "o1",
            "start": start,
            "end": start + 20,
            "label": (rng.random(2000) < 0.1).astype(np.uint8),
            "homolog": pd.Categorical(rng.choice(["train", "validation", "test", "none"], 2000)),
        }
    )


def run(own: pd.DataFrame, skill: float, seed: int) -> pd.DataFrame:
    noise = np.random.default_rng(seed).normal(size=len(own))
    return own[["chrom", "start", "end"]].assign(logit=(skill * own["label"] + noise).astype(np.float32))


def test_each_run_on_each_set(own: pd.DataFrame) -> None:
    runs = {("deepbind", "sl", 0): run(own, 1, 1), ("deepbind", "ssl", 0): run(own, 2, 2)}
    table = own_table(IDENTITY, own, runs)
    assert list(table) == list(OWN) and len(table) == 6
    for row in table.itertuples():
        is_train = own["homolog"] == "train"
        rows = {"all": is_train | True, "apart": ~is_train, "homologs_of_training": is_train}[row.windows]
        labels, logits = own.loc[rows, "label"], runs[row.model, row.method, row.seed].loc[rows, "logit"]
        assert (row.n, row.positives, row.prevalence) == (len(labels), labels.sum(), labels.mean())
        assert row.aupr == average_precision(labels, logits) and row.auroc == auroc(labels, logits)


def test_means_over_seeds_and_differences_to_sl(own: pd.DataFrame) -> None:
    runs = {("deepbind", method, seed): run(own, skill, 10 * skill + seed)
            for method, skill in (("sl", 1), ("ssl", 2)) for seed in (0, 1, 2)}  # fmt: skip
    summary = own_summary(IDENTITY, own, runs, SETTINGS)
    assert list(summary) == list(OWN_SUMMARY)
    table = own_table(IDENTITY, own, runs)
    means = table.groupby(["method", "windows"])[["aupr", "auroc"]].mean()
    for row in summary.itertuples():
        assert row.value == pytest.approx(means.loc[(row.method, row.windows), row.metric])
        assert 0 <= row.low < row.value < row.high <= 1
        if row.method == "sl":
            assert np.isnan(row.difference)
        else:
            sl = means.loc[("sl", row.windows), row.metric]
            assert row.difference == pytest.approx(row.value - sl)
            assert 0 < row.difference_low < row.difference < row.difference_high
    assert own_summary(IDENTITY, own, runs, SETTINGS, threads=2).equals(summary)


def test_of_one_seed_the_interval_is_over_blocks(own: pd.DataFrame) -> None:
    summary = own_summary(IDENTITY, own, {("deepbind", "sl", 0): run(own, 1, 1)}, SETTINGS)
    assert (summary["low"] < summary["value"]).all() and summary["difference"].isna().all()


def test_with_few_blocks_there_is_no_interval(own: pd.DataFrame) -> None:
    few = ComparisonSettings(block_bp=10_000, replicates=200)
    runs = {("deepbind", "sl", seed): run(own, 1, seed) for seed in (0, 1)}
    assert own_summary(IDENTITY, own, runs, few)[["low", "high"]].isna().all(axis=None)


def test_what_cannot_be_scored_is_missing(own: pd.DataFrame) -> None:
    failed = run(own, 1, 0).assign(logit=np.nan)
    runs = {("deepbind", "sl", 0): failed, ("deepbind", "ssl", 0): run(own, 1, 1)}
    table = own_table(IDENTITY, own, runs)
    assert table.loc[table["method"] == "sl", ["aupr", "auroc"]].isna().all(axis=None)
    assert set(own_summary(IDENTITY, own, runs, SETTINGS)["method"]) == {"ssl"}
    unbound = own.assign(label=0)
    assert own_table(IDENTITY, unbound, runs)["aupr"].isna().all()
    assert own_summary(IDENTITY, unbound, runs, SETTINGS).empty
    none_apart = own.assign(homolog="train")
    table = own_table(IDENTITY, none_apart, runs)
    assert table.loc[table["windows"] == "apart", "n"].eq(0).all() and not rows_of_windows(none_apart, "apart").any()
