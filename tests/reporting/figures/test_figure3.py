"""Figure 3 plotted from made-up scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.figures.figure3 import figure3
from regssl.variants.effects import correlation_table, mean_scores

METHODS = {"sl": "SL", "ssl": "SSL", "ssl_ns": "SSL-NS", "sl_mutated": "SL, mutated"}
MODELS = {"deepbind": "CNN-27K", "deepsea": "DeepSEA"}
DATASETS = {"ctcf": "CTCF", "andr": "ANDR"}
SETS = {"ctcf_a": "ADASTRA", "ctcf_b": "Shi 2016", "andr_a": "ADASTRA (ANDR)"}


def made_up(names: DisplayNames, sets: dict[str, str], n: int, seeds: int) -> pd.DataFrame:
    """Invented scores, for drawing only."""
    rng = np.random.default_rng(5)
    parts = []
    for variant_set in sets:
        place = {"chrom": "chr8", "pos": np.arange(n), "ref": "A", "alt": "C", "balanced": False, "split": "test"}
        table = pd.DataFrame(
            {
                **place,
                "effect": rng.normal(-0.3, 1, n),
                "variant_set": variant_set,
                "dataset": variant_set.split("_")[0],
            }
        )
        for m, model in enumerate(names.models):
            for k, method in enumerate(names.methods):
                for seed in range(seeds):
                    score = table["effect"] * 0.4 * (k + m) + rng.normal(0, 1 + k, n)
                    parts.append(table.assign(model=model, method=method, seed=seed, score=score))
    return pd.concat(parts, ignore_index=True)


def plot(folder: Path, names: DisplayNames, sets: dict[str, str], scores: pd.DataFrame) -> tuple[str, bytes]:
    svg, png = folder / "figure3.svg", folder / "figure3.png"
    figure3(correlation_table(scores, n_bootstrap=50), mean_scores(scores), names, sets, svg, png)
    return svg.read_text(), png.read_bytes()


def first(mapping: dict[str, str], n: int) -> dict[str, str]:
    return dict(list(mapping.items())[:n])


def test_a_method_that_a_model_does_not_run_has_no_scatter(tmp_path: Path) -> None:
    names, sets = DisplayNames(DATASETS, MODELS, first(METHODS, 2)), first(SETS, 1)
    scores = made_up(names, sets, 30, 2)
    fewer = scores[(scores["model"] == "deepbind") | (scores["method"] == "sl")]
    assert plot(tmp_path, names, sets, scores)[0].count(">r = ") == 4
    assert plot(tmp_path, names, sets, fewer)[0].count(">r = ") == 3


@pytest.mark.parametrize(
    ("sets", "models", "methods", "n", "seeds"),
    [(1, 1, 2, 30, 1), (2, 1, 3, 250, 5), (3, 2, 4, 40, 2), (1, 1, 1, 9, 1)],
)
def test_figure3_of_many_shapes(tmp_path: Path, sets: int, models: int, methods: int, n: int, seeds: int) -> None:
    names = DisplayNames(DATASETS, first(MODELS, models), first(METHODS, methods))
    svg, png = plot(tmp_path, names, first(SETS, sets), made_up(names, first(SETS, sets), n, seeds))
    for name in names.methods.values():
        assert f">{name}</text>" in svg, "every method is in the legend"
    assert svg.count("r = ") == sets * models * min(methods, 3), "three scatters at most"
    assert svg.count(f", {n} variants</text>") == (sets * models if n >= 10 else 0)
    assert ("too few for a correlation" in svg and "r = –, ρ = –" in svg) == (n < 10)
    assert ("DeepSEA" in svg) == (models > 1) and ("one seed" in svg) == (seeds > 1)
    width, height = np.frombuffer(png[16:24], ">u4") / 300 * 25.4
    assert width <= 180.2 and height <= 240.5


def test_many_points_are_kept_as_an_image(tmp_path: Path) -> None:
    names = DisplayNames(DATASETS, first(MODELS, 1), first(METHODS, 2))
    few, _ = plot(tmp_path, names, first(SETS, 1), made_up(names, first(SETS, 1), 900, 1))
    many, _ = plot(tmp_path, names, first(SETS, 1), made_up(names, first(SETS, 1), 5_000, 1))
    assert "<image" not in few and "<image" in many and len(many) < 400_000


def test_the_same_scores_give_the_same_bytes_and_a_run_without_correlation_is_a_dash(tmp_path: Path) -> None:
    names = DisplayNames(DATASETS, first(MODELS, 1), first(METHODS, 2))
    scores = made_up(names, first(SETS, 1), 30, 2)
    scores.loc[scores["method"] == "ssl", "score"] = 0.5  # collapsed
    assert plot(tmp_path, names, SETS, scores) == (plotted := plot(tmp_path, names, SETS, scores))
    assert "r = –, ρ = –" in plotted[0]


def test_without_a_variant_on_the_test_chromosomes_there_is_no_figure(tmp_path: Path) -> None:
    names = DisplayNames(DATASETS, first(MODELS, 1), first(METHODS, 2))
    with pytest.raises(DataError, match="no variant of the test split to display"):
        plot(tmp_path, names, SETS, made_up(names, first(SETS, 1), 30, 1).assign(split="train"))
    assert not list(tmp_path.iterdir())
