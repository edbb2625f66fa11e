"""Invented scores of variants."""

from __future__ import annotations

import numpy as np
import pandas as pd


def made_up_scores(n: int = 40, seeds: int = 2, methods: tuple[str, ...] = ("sl", "ssl")) -> pd.DataFrame:
    """Invented scores: later methods follow the effects more closely."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"chrom": "chr8", "pos": np.arange(n), "ref": "A", "alt": "C", "effect": rng.normal(size=n)})
    table["balanced"] = False
    table["split"] = np.where(table["pos"] % 4 == 0, "train", "test")
    return pd.concat(
        [
            table.assign(
                dataset="ctcf",
                variant_set="ctcf_a",
                model="deepbind",
                method=method,
                seed=seed,
                score=table["effect"] * number + rng.normal(size=n),
            )
            for number, method in enumerate(methods)
            for seed in range(seeds)
        ],
        ignore_index=True,
    )


def only(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    for column, value in values.items():
        table = table[table[column] == value]
    return table
