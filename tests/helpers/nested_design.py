"""A dataset with replicates in two training regions: runs of two seeds, and the intervals of its block bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from regssl.evaluation.comparison import DIFFERENCES_COLUMNS
from regssl.evaluation.design import DesignRow

DESIGN = [
    DesignRow("ctcf", "ctcf", "default"),
    DesignRow("redrawn", "ctcf", "default"),
    DesignRow("swapped", "ctcf", "swapped"),
    DesignRow("both", "ctcf", "swapped"),
]
SL = {"ctcf": [0.10, 0.12], "redrawn": [0.11, 0.11], "swapped": [0.08, 0.06], "both": [0.07, 0.09]}
SSL = {"ctcf": [0.15, 0.19], "redrawn": [0.15, 0.17], "swapped": [0.10, 0.12], "both": [0.13, 0.13]}
BLOCK_SD = 0.01


def summary(seeds: int = 2, **changed: object) -> pd.DataFrame:
    rows = [
        {"dataset": dataset, "model": "cnn", "method": method, "seed": seed, "split": "test", "windows": 1000,
         "positives": 20, "prevalence": 0.02, "aupr": aupr, "auroc": 0.5 + aupr}
        for method, scores in (("sl", SL), ("ssl", SSL))
        for dataset, auprs in scores.items()
        for seed, aupr in enumerate(auprs[:seeds])
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changed)


def differences() -> pd.DataFrame:
    """The dataset's own gain: test blocks give it BLOCK_SD, and its logarithm ten times that."""
    half = stats.norm.ppf(0.975)
    rows = []
    for metric, base in (("aupr", 0.0), ("auroc", 0.5)):
        gain = np.mean(SSL["ctcf"]) - np.mean(SL["ctcf"])
        log = math.log((base + np.mean(SSL["ctcf"])) / (base + np.mean(SL["ctcf"])))
        ends = {f"bootstrap_ci_{end}": gain + sign * half * BLOCK_SD for end, sign in (("low", -1), ("high", 1))}
        ends |= {
            f"relative_bootstrap_ci_{end}": 100 * math.expm1(log + sign * half * 10 * BLOCK_SD)
            for end, sign in (("low", -1), ("high", 1))
        }
        rows.append({"dataset": "ctcf", "model": "cnn", "method": "ssl", "baseline": "sl", "metric": metric, **ends})
    blank = {"str": "", "bool": False}
    others = {name: blank.get(kind, 0) for name, kind in DIFFERENCES_COLUMNS.items()}
    return pd.DataFrame([others | row for row in rows])
