"""Similarity and predictions of test windows, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regssl.leakage.strata import RunKey

EDGES = [0.1, 0.3]
N = 400


def similarity() -> pd.DataFrame:
    """Validation windows come first; the first 20 test windows were not compared, and no near one is positive."""
    rng = np.random.default_rng(1)
    value = np.concatenate([np.full(20, np.nan), [0.1, 0.3, 0.0999], rng.choice([0.0, 0.05, 0.2, 0.8], N - 23)])
    label = (rng.random(N) < 0.2) & ~(value >= 0.3)
    start = 200 * np.arange(N)
    test = pd.DataFrame({"split": "test", "chrom": "chr3", "start": start, "end": start + 200,
                         "label": label.astype(np.uint8), "similarity": value})  # fmt: skip
    return pd.concat([test.head(30).assign(split="validation", chrom="chr2"), test], ignore_index=True)


def predictions(methods: tuple[str, ...] = ("sl", "ssl"), seeds: int = 3) -> dict[RunKey, pd.DataFrame]:
    test = similarity().query("split == 'test'").reset_index(drop=True).drop(columns=["split", "similarity"])
    test["chrom"] = test["chrom"].astype("category")
    rng = np.random.default_rng(2)
    return {
        ("ctcf", "deepbind", method, seed): test.assign(logit=test["label"] + rng.normal(size=N))
        for method in methods
        for seed in range(seeds)
    }
