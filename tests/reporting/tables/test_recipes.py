"""The table and the figure of a search for a recipe."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.recipes.gain import GAINS
from regssl.reporting.figures.recipes import gain_figure
from regssl.reporting.tables.recipes import recipe_table

NAMES = DisplayNames({"ctcf": "CTCF", "max": "MAX"}, {"deepbind": "CNN-27K", "recipe1": "1", "recipe2": "2"}, {})
RECIPES = {
    model: {
        "params": {"filters": 256, "filter_width": width, "hidden": 10, "both_strands": width == 16},
        "training": {"learning_rate": 0.001, "batch_size": 64, "patience": None},
    }
    for model, width in (("deepbind", 24), ("recipe1", 16), ("recipe2", 12))
}


def ranks(*rows: tuple[str, float]) -> pd.DataFrame:
    columns = ["model", "sl_rank", "ssl_rank", "sl_aupr", "ssl_aupr", "kept"]
    return pd.DataFrame([(model, rank, rank, 0.1, 0.2, rank == 1) for model, rank in rows], columns=columns)


def on_test(*models: str) -> pd.DataFrame:
    rows = [
        (model, dataset, method, seed, aupr + offset)
        for model in models
        for dataset, offset in (("ctcf", 0.0), ("max", 0.2))
        for method, aupr in (("sl", 0.1), ("ssl", 0.2))
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows, columns=["model", "dataset", "method", "seed", "aupr"])


def test_those_that_came_farthest_come_first() -> None:
    rounds = [ranks(("recipe1", 1), ("recipe2", 2), ("deepbind", 3)), ranks(("recipe2", 1), ("recipe1", 2))]
    table = recipe_table(RECIPES, rounds, on_test("deepbind", "recipe2"), NAMES)
    assert table.tidy["model"].tolist() == ["recipe2", "recipe1", "deepbind"]
    assert table.tidy["round"].tolist() == [2, 2, 1] and table.tidy["sl_rank"].tolist() == [1, 2, 3]
    shown = table.display
    assert [column for group, column in shown if group == "Settings"] == ["parameters", "filter width", "both strands"]
    assert shown["Settings", "both strands"].tolist() == ["no", "yes", "no"]
    assert shown["Test", "AUPR, SL"].tolist() == ["0.200", "–", "0.200"]
    assert shown["Test", "AUPR, SSL"].tolist() == ["0.300", "–", "0.300"]
    assert "3 recipes in 2 rounds" in table.caption and "for no other" in table.caption


def test_a_panel_per_dataset_and_a_colour_for_what_is_marked(tmp_path: Path) -> None:
    rows = [(dataset, model, 0.1 + 0.01 * at, 80 - 10 * at) for dataset in NAMES.datasets
            for at, model in enumerate(NAMES.models)]  # fmt: skip
    gains = pd.DataFrame(rows, columns=list(GAINS))
    gain_figure(gains, NAMES, {"deepbind": "CNN-27K"}, tmp_path / "gain.svg", tmp_path / "gain.png")
    text = (tmp_path / "gain.svg").read_text()
    for label in ("CTCF", "MAX", "CNN-27K", "other recipes"):
        assert f">{label}<" in text, label
    assert "Spearman" not in text, "of three recipes nothing can be said"
    assert (tmp_path / "gain.png").stat().st_size


def test_a_correlation_of_ten_recipes(tmp_path: Path) -> None:
    rows = [("ctcf", f"recipe{at}", 0.1 + 0.01 * at, 80 - 10 * at) for at in range(10)]
    gain_figure(pd.DataFrame(rows, columns=list(GAINS)), NAMES, {}, tmp_path / "gain.svg", tmp_path / "gain.png")
    assert ">Spearman −1.00, n 10<" in (tmp_path / "gain.svg").read_text()
