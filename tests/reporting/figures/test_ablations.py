"""Figures of ablations: their texts, one seed, no ablation, and the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.curves import COUNTS, DIVERGENCES, NAMES, RUNS, SCORES, WRONG
from regssl.evaluation import ablations as curves
from regssl.evaluation.summary import estimates
from regssl.reporting.figures import ablations as figures

FIGURES = [
    (figures.plot_genome_curve, curves.genome_curve, DIVERGENCES, ["Genomes whose", "nearest genomes", ">5<"]),
    (figures.plot_divergence_curve, curves.divergence_curve, DIVERGENCES, ["Substitutions", "other placentals"]),
    (figures.plot_train_size_curve, curves.train_size_curve, COUNTS, ["Human training positives", ">122<"]),
    (
        figures.plot_permuted_labels_curve,
        curves.permuted_labels_curve,
        WRONG,
        ["permuted within", ">18 %<", "lost in evolution"],
    ),
]


@pytest.mark.parametrize(("plot", "make", "table", "texts"), FIGURES)
def test_figures_have_their_texts_and_never_change(tmp_path: Path, plot, make, table, texts) -> None:
    points = make(SCORES, table)
    written = []
    for number in range(2):
        svg, png = tmp_path / f"{number}.svg", tmp_path / f"{number}.png"
        plot(points, NAMES, svg, png)
        written.append((svg.read_bytes(), png.read_bytes()))
    assert written[0] == written[1]
    text = written[0][0].decode()
    assert all(part in text for part in ["CTCF", "AUPR", "prevalence", "95 % interval", *texts])
    assert "REST" not in text, "no panel for a dataset without ablations"


@pytest.mark.parametrize(("plot", "make", "table", "texts"), FIGURES)
def test_figures_of_one_seed_or_of_no_ablation(tmp_path: Path, plot, make, table, texts) -> None:
    svg, png = tmp_path / "x.svg", tmp_path / "x.png"
    plot(make(estimates(RUNS[RUNS["seed"] == 0]), table), NAMES, svg, png)
    assert "CTCF" in svg.read_text() and "95 %" not in svg.read_text()
    plot(make(SCORES[SCORES["dataset"] == "rest"], table), NAMES, svg, png)
    assert "No dataset with an ablation has a score." in svg.read_text()


def test_every_method_on_fewer_windows_has_its_series(tmp_path: Path) -> None:
    of_sl = RUNS[(RUNS["dataset"] == "ctcf") & (RUNS["method"] == "sl-train25")]
    runs = pd.concat([RUNS, of_sl.assign(method="sl_augmented-train25")])
    svg = tmp_path / "x.svg"
    figures.plot_train_size_curve(curves.train_size_curve(estimates(runs), COUNTS), NAMES, svg, tmp_path / "x.png")
    assert all(f">{name}<" in svg.read_text() for name in ("SL", "SSL", "SL, augmented"))
