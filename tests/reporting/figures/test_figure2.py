"""Figure 2 from made-up runs: its texts, the same bytes every time, and no global state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers.display import DATASETS, METHODS, MODELS, first
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames, increase_table
from regssl.reporting.figures.figure2 import figure2


def made_up_runs(names: DisplayNames, seeds: int, gain: float = 1.3) -> pd.DataFrame:
    """Invented scores, for drawing only: the first dataset gains most, as the paper's ATF3 does."""
    rng = np.random.default_rng(5)
    rows = []
    for d, dataset in enumerate(names.datasets):
        prevalence = 0.0005 * (d + 1)
        for m, model in enumerate(names.models):
            for k, method in enumerate(names.methods):
                for seed in range(seeds):
                    base = 0.02 + 0.06 * d + 0.02 * m
                    factor = (1 + (gain - 1) / (d + 1) ** 1.5 * k / (len(names.methods) - 1 or 1)) * rng.lognormal(
                        0, 0.06
                    )
                    aupr = min(base * factor, 0.98)
                    auroc = min(0.6 + 0.02 * d + 0.05 * k + rng.normal(0, 0.01), 0.99)
                    run = (dataset, model, method, seed, "test", 1_500_000, int(1_500_000 * prevalence), prevalence)
                    rows.append((*run, aupr, auroc))
    columns = ["dataset", "model", "method", "seed", "split", "windows", "positives", "prevalence", "aupr", "auroc"]
    return pd.DataFrame(rows, columns=columns)


def plot(folder: Path, names: DisplayNames, summary: pd.DataFrame) -> tuple[str, bytes]:
    svg, png = folder / "figure2.svg", folder / "figure2.png"
    figure2(increase_table(summary), summary, names, svg, png)
    return svg.read_text(), png.read_bytes()


@pytest.mark.parametrize(
    ("datasets", "models", "methods", "seeds", "gain"),
    [
        (1, 1, 2, 1, 1.3),
        (1, 1, 2, 3, 1.3),
        (5, 1, 2, 3, 1.3),
        (5, 1, 3, 3, 24.0),
        (11, 3, 3, 5, 24.0),
        (3, 2, 5, 2, 9.0),
    ],
)
def test_figure2_of_many_shapes(tmp_path, datasets, models, methods, seeds, gain):
    names = DisplayNames(first(DATASETS, datasets), first(MODELS, models), first(METHODS, methods))
    svg, png = plot(tmp_path, names, made_up_runs(names, seeds, gain))
    for name in (*names.datasets.values(), *names.methods.values()):
        assert f">{name}</text>" in svg, "text stays text"
    assert "$" not in svg, "no axis writes mathematics, which names must not be"
    assert ("DeepSEA" in svg) == (models > 1), "one model needs no heading"
    assert ("logarithmic beyond" in svg) == (gain > 2 and datasets > 1)
    assert ("one seed" in svg) == (seeds > 1)
    width, height = np.frombuffer(png[16:24], ">u4") / 300 * 25.4
    assert width == pytest.approx(180, abs=0.2) and height <= 240.5


def test_increases_of_one_size_keep_a_plain_axis_and_missing_runs_are_dashes(tmp_path):
    names = DisplayNames(first(DATASETS, 3), first(MODELS, 2), first(METHODS, 2))
    runs = made_up_runs(names, 3)
    runs = runs[(runs["dataset"] != "andr") | (runs["model"] != "deepsea")]
    svg, _ = plot(tmp_path, names, runs)
    assert "logarithmic" not in svg
    assert svg.count(">–</text>") == 3, "ANDR with DeepSEA, in each of three panels"


def test_without_a_treated_method_only_scores_are_plotted(tmp_path):
    names = DisplayNames(first(DATASETS, 2), first(MODELS, 1), first(METHODS, 1))
    svg, _ = plot(tmp_path, names, made_up_runs(names, 2))
    assert "Increase" not in svg and "AUPR, test windows" in svg


def test_intervals_beyond_the_axis_end_in_an_arrowhead_and_do_not_stretch_it(tmp_path):
    names = DisplayNames(first(DATASETS, 1), first(MODELS, 1), first(METHODS, 2))
    runs = made_up_runs(names, 2)
    runs["aupr"] = [0.10, 0.20, 0.25, 0.30]
    increase = increase_table(runs)
    assert increase["high"].iloc[0] > 1_000, "two seeds give a wide interval"
    svg, _ = plot(tmp_path, names, runs)
    assert "+1,000" not in svg and "+100" in svg


def test_names_without_runs_are_left_out_and_runs_without_names_too(tmp_path):
    names = DisplayNames(first(DATASETS, 3), first(MODELS, 1), first(METHODS, 3))
    runs = made_up_runs(names, 2)
    svg, _ = plot(tmp_path, DisplayNames(DATASETS, MODELS, first(METHODS, 2)), runs)
    assert "ANDR" in svg and "CTCF" not in svg and "SSL-NS" not in svg
    with pytest.raises(DataError, match="no run to display"):
        plot(tmp_path, DisplayNames({"other": "Other"}, MODELS, METHODS), runs)


def test_the_same_runs_give_the_same_bytes_and_settings_are_left_alone(tmp_path):
    names = DisplayNames(first(DATASETS, 3), first(MODELS, 1), first(METHODS, 2))
    runs = made_up_runs(names, 3)
    before = dict(matplotlib.rcParams)
    first_time = plot(tmp_path, names, runs)
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 50}):
        assert plot(tmp_path, names, runs) == first_time, "the reader's own settings do not matter"
    assert dict(matplotlib.rcParams) == before
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["figure2.png", "figure2.svg"]


def test_methods_that_score_alike_have_an_increase_of_zero(tmp_path):
    names = DisplayNames(first(DATASETS, 1), first(MODELS, 1), first(METHODS, 2))
    svg, _ = plot(tmp_path, names, made_up_runs(names, 1).assign(aupr=0.1, auroc=0.5))
    assert "Increase of AUROC over SL" in svg


def test_one_model_too_is_named(tmp_path):
    """It may be one with random weights."""
    names = DisplayNames(first(DATASETS, 2), {"tiny": "Tiny (random initialisation)"}, first(METHODS, 2))
    summary = made_up_runs(names, 2)
    figure2(increase_table(summary), summary, names, tmp_path / "a.svg", tmp_path / "a.png")
    assert "Tiny (random initialisation)" in (tmp_path / "a.svg").read_text()


def test_collapsed_runs_are_marked(tmp_path):
    names = DisplayNames(first(DATASETS, 2), first(MODELS, 1), first(METHODS, 2))
    summary = made_up_runs(names, 3).assign(collapsed=False)
    summary.loc[(summary["dataset"] == "ets1") & (summary["method"] == "ssl") & (summary["seed"] < 2), "collapsed"] = (
        True
    )
    figure2(increase_table(summary), summary, names, tmp_path / "a.svg", tmp_path / "a.png")
    text = (tmp_path / "a.svg").read_text()
    assert text.count("†2") == 3, "beside both increases and the AUPR"
    assert "n: runs that collapsed" in text
    plain = summary.assign(collapsed=False)
    figure2(increase_table(plain), plain, names, tmp_path / "b.svg", tmp_path / "b.png")
    assert "†" not in (tmp_path / "b.svg").read_text()


def test_runs_that_have_not_converged_are_marked_and_notes_on_models_are_below(tmp_path):
    names = DisplayNames(first(DATASETS, 2), {"dnabert2": "DNABERT-2"}, first(METHODS, 2))
    names = replace(names, model_notes={"dnabert2": "it has read the test chromosomes", "other": "not displayed"})
    summary = made_up_runs(names, 3)
    summary["converged"] = (summary["dataset"] != "ets1") | (summary["method"] != "ssl")
    svg, _ = plot(tmp_path, names, summary)
    assert svg.count("‡3") == 3, "beside both increases and the AUPR"
    assert "n: runs not converged" in svg and "runs that collapsed" not in svg
    assert "DNABERT-2: it has read the test chromosomes." in svg and "not displayed" not in svg


def test_a_dataset_without_a_score_is_a_line_of_dashes_with_a_note(tmp_path):
    names = DisplayNames(first(DATASETS, 3), first(MODELS, 1), first(METHODS, 2))
    summary = made_up_runs(names, 2)
    lost = summary["dataset"] == "ets1"
    summary.loc[lost, ["aupr", "auroc"]] = np.nan
    summary.loc[lost, "failure"] = "no positive test window"
    svg, _ = plot(tmp_path, names, summary)
    assert "Without a score: ETS1 (no positive test window)." in svg
    assert svg.count(">–</text>") == 3 and ">ETS1</text>" in svg, "a dash in each panel"
