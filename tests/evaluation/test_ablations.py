"""Curves of ablations: each run is where its subset puts it, with the mean and interval of its seeds."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from helpers.curves import COUNTS, DIVERGENCE, DIVERGENCES, METHODS, RUNS, SCORES, WRONG
from regssl.evaluation import ablations as curves
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.summary import estimates
from regssl.methods import subset_kinds


def places(points: pd.DataFrame) -> dict[str, list[tuple[str, float]]]:
    assert set(points["dataset"]) == {"ctcf"}, "a dataset without ablations of the kind has no points"
    return {
        series: list(zip(here["method"], here["x"].round(6), strict=True))
        for series, here in points.groupby("series")
    }  # fmt: skip


def test_the_number_of_genomes_runs_from_none_to_all() -> None:
    assert places(curves.genome_curve(SCORES, DIVERGENCES)) == {
        "nearest": [("sl", 0), ("ssl-nearest1", 1), ("ssl-nearest2", 2), ("ssl", 5)],
        "farthest": [("sl", 0), ("ssl-farthest2", 2), ("ssl-farthest4", 4), ("ssl", 5)],
    }


def test_divergence_is_the_mean_of_the_genomes_that_were_used() -> None:
    finite = DIVERGENCE.replace(math.inf, 0.8)
    found = places(curves.divergence_curve(SCORES, {"ctcf": finite, "rest": DIVERGENCE}))
    assert found.pop("sl")[0][0] == "sl"
    assert found == {
        "nearest": [("ssl-nearest1", 0.01), ("ssl-nearest2", 0.04)],
        "farthest": [("ssl-farthest4", 0.4175), ("ssl-farthest2", 0.65)],
        "primates": [("ssl-primates", 0.04)],
        "placentals": [("ssl-placentals", 0.4)],
        "marsupials": [("ssl-marsupials", 0.8)],
        "all": [("ssl", 0.336)],
    }


def test_a_dataset_has_the_divergence_of_its_own_training_bins() -> None:
    nearer = DIVERGENCE.assign(substitutions_per_site=DIVERGENCE["substitutions_per_site"].replace(math.inf, 0.8) / 2)
    scores = pd.concat([SCORES, SCORES[SCORES["dataset"] == "ctcf"].assign(dataset="swapped")])
    points = curves.divergence_curve(scores, {**DIVERGENCES, "swapped": nearer})
    x = points[points["method"].isin(["ssl-nearest2", "ssl-marsupials"])].pivot(
        index="dataset", columns="method", values="x"
    )
    assert x.loc["ctcf", "ssl-nearest2"] == pytest.approx(0.04) and math.isnan(x.loc["ctcf", "ssl-marsupials"])
    assert x.loc["swapped"].to_dict() == pytest.approx({"ssl-marsupials": 0.4, "ssl-nearest2": 0.02})


def test_a_saturated_genome_has_no_place_on_the_axis() -> None:
    points = curves.divergence_curve(SCORES, DIVERGENCES).set_index("method")["x"]
    assert points.isna().sum() == 5  # sl, all, marsupials, the farthest two and four
    assert points["ssl-placentals"] == 0.4


def test_the_learning_curve_counts_human_positives() -> None:
    assert places(curves.train_size_curve(SCORES, COUNTS)) == {
        "sl": [("sl-train25", 30), ("sl", 122)],
        "ssl": [("ssl-train25", 30), ("ssl", 122)],
    }


def test_the_learning_curve_has_every_method_that_is_run_on_fewer_windows() -> None:
    runs = pd.concat([RUNS, *(
        RUNS[(RUNS["dataset"] == "ctcf") & (RUNS["method"] == "sl")].assign(method=method)
        for method in ("sl_noise-train25", "sl_oversampled-train25")
    )])  # fmt: skip
    found = places(curves.train_size_curve(estimates(runs), COUNTS))
    assert found["sl_oversampled"] == [("sl_oversampled-train25", 30), ("sl_oversampled", 122)]
    assert found["sl_noise"] == [("sl_noise-train25", 30)]
    assert set(found) == {"sl", "ssl", "sl_oversampled", "sl_noise"}, "SSL-NS was run on all windows alone"


def test_permuted_labels_run_from_ssl_to_shuffled_and_evolution_has_a_column() -> None:
    points = curves.permuted_labels_curve(SCORES, WRONG)
    assert places(points)["ssl"] == [("ssl", 0), ("ssl-permuted25", 25), ("ssl_shuffled", 100)]
    assert (points["lost_percent"] == 18).all()
    assert curves.permuted_labels_curve(SCORES, None)["lost_percent"].isna().all()


def test_points_have_the_mean_and_interval_of_their_seeds() -> None:
    point = curves.genome_curve(SCORES, DIVERGENCES).set_index("method").loc["ssl-nearest2"]
    scores = RUNS.loc[(RUNS["dataset"] == "ctcf") & (RUNS["method"] == "ssl-nearest2"), "aupr"]
    mean, low, high, n = mean_interval(list(scores))
    expected = [mean, max(low, 0), min(high, 1), n, 0.02]
    assert point[["aupr", "aupr_low", "aupr_high", "n", "prevalence"]].tolist() == pytest.approx(expected)


def test_each_kind_of_ablation_has_its_figure() -> None:
    assert subset_kinds(METHODS) == ["genomes", "divergence", "train_size", "permuted_labels"]
    assert subset_kinds(["sl", "ssl-primates"]) == ["divergence"]
    assert subset_kinds(["sl", "ssl", "sl-train50"]) == ["train_size"]
    assert subset_kinds(["ssl_ns-nearest1", "sl", "ssl_shuffled"]) == [], "only ablations of sl and ssl have figures"
