"""Ablations in tables and figures: each run is where its subset puts it, with the mean and interval of its seeds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.evaluation import ablations as curves
from regssl.evaluation.confidence import mean_interval
from regssl.evaluation.summary import DisplayNames, estimates
from regssl.methods import subset_kinds
from regssl.reporting.figures import ablations as figures

DIVERGENCE = pd.DataFrame(
    {
        "genome": ["chimp", "macaque", "dog", "mouse", "opossum"],
        "clade": ["primate", "primate", "laurasiathere", "glire", "marsupial"],
        "substitutions_per_site": [0.01, 0.07, 0.3, 0.5, math.inf],
    }
)
METHODS = [
    "sl", "ssl", "ssl_ns", "sl_oversampled", "ssl_shuffled", "ssl-nearest1", "ssl-nearest2", "ssl-farthest2",
    "ssl-farthest4", "ssl-primates", "ssl-placentals", "ssl-marsupials", "sl-train25", "ssl-train25", "ssl-permuted25",
]  # fmt: skip
COUNTS = pd.DataFrame(
    [("ctcf", "train", 2000, 122), ("ctcf", "test", 90, 9), ("rest", "train", 500, 36)],
    columns=["dataset", "split", "windows", "positives"],
)
WRONG = pd.DataFrame({"dataset": ["ctcf", "ctcf"], "genome": ["chimp", "all"], "lost_fraction": [0.01, 0.18]})
NAMES = DisplayNames({"rest": "REST", "ctcf": "CTCF"}, {"deepbind": "CNN-27K"}, {"sl": "SL", "ssl": "SSL"})


def runs(methods: dict[str, list[str]], seeds: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        (dataset, "deepbind", method, seed, "test", 1000, 20, 0.02, rng.uniform(0.05, 0.3), 0.7)
        for dataset, of_dataset in methods.items()
        for method in of_dataset
        for seed in range(seeds)
    ]
    columns = ["dataset", "model", "method", "seed", "split", "windows", "positives", "prevalence", "aupr", "auroc"]
    return pd.DataFrame(rows, columns=columns)


RUNS = runs({"ctcf": METHODS, "rest": ["sl", "ssl"]})
SCORES = estimates(RUNS)


def places(points: pd.DataFrame) -> dict[str, list[tuple[str, float]]]:
    assert set(points["dataset"]) == {"ctcf"}, "a dataset without ablations of the kind has no points"
    return {
        series: list(zip(here["method"], here["x"].round(6), strict=True))
        for series, here in points.groupby("series")
    }  # fmt: skip


def test_the_number_of_genomes_runs_from_none_to_all() -> None:
    assert places(curves.genome_curve(SCORES, DIVERGENCE)) == {
        "nearest": [("sl", 0), ("ssl-nearest1", 1), ("ssl-nearest2", 2), ("ssl", 5)],
        "farthest": [("sl", 0), ("ssl-farthest2", 2), ("ssl-farthest4", 4), ("ssl", 5)],
    }


def test_divergence_is_the_mean_of_the_genomes_that_were_used() -> None:
    finite = DIVERGENCE.replace(math.inf, 0.8)
    found = places(curves.divergence_curve(SCORES, finite))
    assert found.pop("sl")[0][0] == "sl"
    assert found == {
        "nearest": [("ssl-nearest1", 0.01), ("ssl-nearest2", 0.04)],
        "farthest": [("ssl-farthest4", 0.4175), ("ssl-farthest2", 0.65)],
        "primates": [("ssl-primates", 0.04)],
        "placentals": [("ssl-placentals", 0.4)],
        "marsupials": [("ssl-marsupials", 0.8)],
        "all": [("ssl", 0.336)],
    }


def test_a_saturated_genome_has_no_place_on_the_axis() -> None:
    points = curves.divergence_curve(SCORES, DIVERGENCE).set_index("method")["x"]
    assert points.isna().sum() == 5  # sl, all, marsupials, the farthest two and four
    assert points["ssl-placentals"] == 0.4


def test_the_learning_curve_counts_human_positives() -> None:
    assert places(curves.train_size_curve(SCORES, COUNTS)) == {
        "sl": [("sl-train25", 30), ("sl", 122)],
        "ssl": [("ssl-train25", 30), ("ssl", 122)],
    }


def test_permuted_labels_run_from_ssl_to_shuffled_and_evolution_has_a_column() -> None:
    points = curves.permuted_labels_curve(SCORES, WRONG)
    assert places(points)["ssl"] == [("ssl", 0), ("ssl-permuted25", 25), ("ssl_shuffled", 100)]
    assert (points["lost_percent"] == 18).all()
    assert curves.permuted_labels_curve(SCORES, None)["lost_percent"].isna().all()


def test_points_have_the_mean_and_interval_of_their_seeds() -> None:
    point = curves.genome_curve(SCORES, DIVERGENCE).set_index("method").loc["ssl-nearest2"]
    scores = RUNS.loc[(RUNS["dataset"] == "ctcf") & (RUNS["method"] == "ssl-nearest2"), "aupr"]
    mean, low, high, n = mean_interval(list(scores))
    expected = [mean, max(low, 0), min(high, 1), n, 0.02]
    assert point[["aupr", "aupr_low", "aupr_high", "n", "prevalence"]].tolist() == pytest.approx(expected)


def test_each_kind_of_ablation_has_its_figure() -> None:
    assert subset_kinds(METHODS) == ["genomes", "divergence", "train_size", "permuted_labels"]
    assert subset_kinds(["sl", "ssl-primates"]) == ["divergence"]
    assert subset_kinds(["sl", "ssl", "sl-train50"]) == ["train_size"]
    assert subset_kinds(["ssl_ns-nearest1", "sl", "ssl_shuffled"]) == [], "only ablations of sl and ssl have figures"


FIGURES = [
    (figures.plot_genome_curve, curves.genome_curve, DIVERGENCE, ["Genomes whose", "nearest genomes", ">5<"]),
    (figures.plot_divergence_curve, curves.divergence_curve, DIVERGENCE, ["Substitutions", "other placentals"]),
    (figures.plot_train_size_curve, curves.train_size_curve, COUNTS, ["Human training positives", ">122<"]),
    (
        figures.plot_permuted_labels_curve,
        curves.permuted_labels_curve,
        WRONG,
        ["permuted within", ">18 %<", "lost in evolution"],
    ),
]


@pytest.mark.parametrize(("draw", "make", "table", "texts"), FIGURES)
def test_figures_have_their_texts_and_never_change(tmp_path: Path, draw, make, table, texts) -> None:
    points = make(SCORES, table)
    written = []
    for number in range(2):
        svg, png = tmp_path / f"{number}.svg", tmp_path / f"{number}.png"
        draw(points, NAMES, svg, png)
        written.append((svg.read_bytes(), png.read_bytes()))
    assert written[0] == written[1]
    text = written[0][0].decode()
    assert all(part in text for part in ["CTCF", "AUPR", "prevalence", "95 % interval", *texts])
    assert "REST" not in text, "no panel for a dataset without ablations"


@pytest.mark.parametrize(("draw", "make", "table", "texts"), FIGURES)
def test_figures_of_one_seed_or_of_no_ablation(tmp_path: Path, draw, make, table, texts) -> None:
    svg, png = tmp_path / "x.svg", tmp_path / "x.png"
    draw(make(estimates(RUNS[RUNS["seed"] == 0]), table), NAMES, svg, png)
    assert "CTCF" in svg.read_text() and "95 %" not in svg.read_text()
    draw(make(SCORES[SCORES["dataset"] == "rest"], table), NAMES, svg, png)
    assert "No dataset with an ablation has a score." in svg.read_text()
