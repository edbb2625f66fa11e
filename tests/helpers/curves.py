"""Runs of ablations made by hand, for the tests of their curves and figures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from regssl.evaluation.summary import DisplayNames, estimates

DIVERGENCE = pd.DataFrame(
    {
        "genome": ["chimp", "macaque", "dog", "mouse", "opossum"],
        "clade": ["primate", "primate", "laurasiathere", "glire", "marsupial"],
        "substitutions_per_site": [0.01, 0.07, 0.3, 0.5, math.inf],
    }
)
DIVERGENCES = {"ctcf": DIVERGENCE, "rest": DIVERGENCE}
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
