"""The search for a recipe, as a user runs it, in small."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.checkout import SMALL, Checkout

SEARCH = {
    **SMALL,
    "snps": None,
    "methods": ["sl", "ssl"],
    "select_genomes": ["simDog"],
    "recipes": {
        "draws": 2,
        "parameters": 2000,
        "params": {"filter_width": [8, 12], "hidden": [0, 4], "both_strands": [True]},
        "training": {"learning_rate": [0.001, 0.01]},
        "rounds": [
            {"datasets": ["ctcf"], "seeds": [0], "keep": 2},
            {"datasets": ["ctcf", "rest"], "seeds": [0, 1], "keep": 1},
        ],
    },
}


@pytest.mark.slow
def test_rounds_go_on_with_what_is_kept_and_the_test_set_is_read_for_one(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.configure(SEARCH)
    ran = checkout.jobs()
    results = tmp_path / "results/demo"
    first, second = (pd.read_csv(results / f"recipes/round{number}.tsv", sep="\t") for number in (1, 2))
    assert len(first) == 3 and first["kept"].sum() == 2 and second["kept"].sum() == 1
    assert set(second["model"]) == set(first.loc[first["kept"], "model"])
    trained = {str(path.parent.relative_to(results / "runs")) for path in results.glob("runs/*/*/*/*/run.json")}
    assert len(trained) == 3 * 2 + 2 * 2 * 3, "the runs of the first round are not trained again"
    left = second.loc[second["kept"], "model"].item()
    tested = {path.parent.parent.parent.name for path in results.glob("runs/*/*/*/*/predictions.parquet")}
    assert tested == {"deepbind", left}
    assert len(pd.read_csv(results / "recipes.tsv", sep="\t")) == 3
    both = pd.read_csv(results / "recipes/tested_scores.tsv", sep="\t")
    assert set(both["model"]) == tested and set(both["dataset"]) == {"ctcf", "rest"}
    assert (results / "recipes_gain.svg").exists() and ran["rank_recipes"] == ran["audit_leakage"] == 2
    assert not checkout.jobs(run=False)
