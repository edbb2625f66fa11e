"""A summary of a few runs whose numbers can be checked by eye."""

from __future__ import annotations

import pandas as pd

from regssl.evaluation.summary import DisplayNames

NAMES = DisplayNames(
    {"atf3": "ATF3", "ctcf": "CTCF"}, {"deepbind": "CNN-27K", "dnabert2": "DNABERT-2"}, {"sl": "SL", "ssl": "SSL"}
)


def runs(*rows: tuple) -> pd.DataFrame:
    """Rows of dataset, model, method, seed, aupr; AUROC is one half plus half the AUPR."""
    windows = {"atf3": (10_000, 50), "ctcf": (10_000, 500)}
    return pd.DataFrame([
        {
            "dataset": dataset, "model": model, "method": method, "seed": seed, "split": split,
            "windows": windows[dataset][0], "positives": windows[dataset][1],
            "prevalence": windows[dataset][1] / windows[dataset][0], "aupr": aupr, "auroc": 0.5 + aupr / 2,
        }
        for dataset, model, method, seed, aupr in rows
        for split in ("validation", "test")
    ])  # fmt: skip


SUMMARY = runs(
    ("atf3", "deepbind", "sl", 0, 0.02), ("atf3", "deepbind", "sl", 1, 0.04),
    ("atf3", "deepbind", "ssl", 0, 0.10), ("atf3", "deepbind", "ssl", 1, 0.20),
    ("ctcf", "deepbind", "sl", 0, 0.50), ("ctcf", "deepbind", "sl", 1, 0.60),
    ("ctcf", "dnabert2", "sl", 0, 0.70),
)  # fmt: skip
