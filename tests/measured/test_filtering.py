"""The filter of ssl_filtered on copies, against a loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regssl.evaluation.proportions import wilson_interval
from regssl.measured.columns import FILTER
from regssl.measured.filtering import filter_table, judge_copies
from regssl.methods.settings import CrossFitting, Filtering


def test_every_row_against_a_loop() -> None:
    rng = np.random.default_rng(0)
    n = 80
    copies = pd.DataFrame(
        {
            "chrom": "o1", "start": np.arange(n), "end": np.arange(n) + 10, "label": rng.integers(0, 2, n),
            "split": rng.choice(["train", "test"], n), "bound": rng.random(n) < 0.5, "source": rng.permutation(n) + 5,
        }
    )  # fmt: skip
    sources = [copies["source"].to_numpy(), copies["source"].to_numpy()[::2], copies["source"].to_numpy()[::4]]
    logits = {("deepbind", "sl", seed): rng.normal(size=n) for seed in (0, 7)}
    teachers = {run: copies[["chrom", "start", "end"]].assign(logit=values) for run, values in logits.items()}
    settings = Filtering(min_genome_fraction=0.6, min_label_probability=0.4)
    table = filter_table(("ctcf", "mouse"), copies, teachers, sources, 0.25, settings)
    assert list(table) == list(FILTER) and table["seed"].tolist() == [0, 0, 7, 7]
    for row in table.itertuples():
        counts = {"copies": 0, "kept": 0, "true": 0, "true_kept": 0}
        for copy, logit in zip(copies.itertuples(), logits["deepbind", "sl", row.seed], strict=True):
            if copy.split != "train" or copy.label != row.label:
                continue
            odds = np.exp(logit) / (0.25 / 0.75)  # at equal numbers of both labels
            probability = odds / (1 + odds)
            share = sum(copy.source in of_genome for of_genome in sources) / 3
            kept = share >= 0.6 and (probability if row.label else 1 - probability) >= 0.4
            true = copy.bound == bool(row.label)
            for name, value in (("copies", True), ("kept", kept), ("true", true), ("true_kept", kept and true)):
                counts[name] += value
        assert {name: getattr(row, name) for name in counts} == counts
        assert row.share_true_kept == pytest.approx(counts["true_kept"] / counts["kept"])
        assert (row.share_true_low, row.share_true_high) == wilson_interval(counts["true"], counts["copies"]).bounds


def test_each_copy_is_judged_by_the_teacher_of_its_fold() -> None:
    """Human windows in three blocks, and so folds; every teacher knows windows of the other two."""
    human = pd.DataFrame({"chrom": "c", "start": [0, 5, 100, 105, 200, 205], "label": [1, 1, 1, 0, 0, 0],
                          "source": [8, 3, 5, 9, 1, 2]}).assign(end=lambda table: table["start"] + 5)  # fmt: skip
    copies = pd.DataFrame({"chrom": "o", "start": [0, 10, 20, 30], "end": [9, 19, 29, 39], "source": [9, 2, 77, 3]})
    places = copies[["chrom", "start", "end"]]
    runs = {("d", f"sl-fold{fold}", seed): places.assign(logit=100.0 * seed + 10 * fold + np.arange(4))
            for seed in (1, 2) for fold in (1, 2, 3)}  # fmt: skip
    settings = CrossFitting(folds=3, block_length=100, margin=0)
    judged, fractions = judge_copies(copies, human, runs, settings)
    assert list(judged) == [("d", "sl", 1), ("d", "sl", 2)]
    logits = judged["d", "sl", 2]["logit"].tolist()  # folds 2, 3, none, 1
    assert logits[:2] + logits[3:] == [220, 231, 213]
    assert fractions[[0, 1, 3]].tolist() == [0.5, 0.75, 0.25]
    one = {("d", "sl", 0): places.assign(logit=0.0)}
    same, prior = judge_copies(copies, human, one, CrossFitting(folds=1))
    assert same == one and prior.tolist() == [0.5] * 4


def test_a_teacher_without_scores_keeps_none() -> None:
    copies = pd.DataFrame({"chrom": ["o"], "start": [0], "end": [9], "label": [1], "split": ["train"], "bound": [True],
                           "source": [3]})  # fmt: skip
    teacher = copies[["chrom", "start", "end"]].assign(logit=np.nan)
    table = filter_table(("ctcf", "mouse"), copies, {("d", "sl", 0): teacher}, [np.array([3])], 0.5, Filtering())
    assert table["kept"].tolist() == [0, 0] and table["share_true"].tolist()[0] == 1
    assert np.isnan(table["share_true_kept"]).all()
