"""Tables on measured labels made by hand: CTCF in mouse has the numbers that are known, the others are invented."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evidence import evidence
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import write_tsv
from regssl.measured.columns import DISCRIMINATION, FILTER, OWN, OWN_SUMMARY, RATES
from regssl.methods import METHODS
from regssl.reporting.measured_evidence import MeasuredTables, Place

CTCF_MOUSE = ("ctcf", "mm10")
KNOWN = {
    ("windows", 1): [(27, 96), (25, 85), (15, 50)],
    ("windows", 0): [(68, 3230), (60, 2900), (21, 1200)],
    ("peaks", 1): [(27, 96), (25, 85), (15, 50)],
}
"""Bound and all copies at an aligned fraction of 0.1, 0.5 and 0.9."""
STRATA = {
    "cell_lines": [("1 to 3", 3, 47), ("4 to 6", 4, 18), ("all 7", 20, 31)],
    "divergence": [("below 0.1", 8, 16), ("0.1 to 0.2", 12, 40), ("0.2 to 0.3", 6, 30), ("0.3 and more", 1, 10)],
    "motif": [("below 2", 2, 62), ("10 and more", 25, 34)],
}
NAMES = DisplayNames(
    {"ctcf": "CTCF", "max": "MAX", "rest": "REST"}, {"deepbind": "CNN-27K"},
    {method: METHODS[method].name for method in ("sl", "ssl", "ssl_ns", "sl_mutated", "gc_logistic")},
    {}, {"hg38": "Human", "mm10": "Mouse", "canFam3": "Dog"},
)  # fmt: skip


def wilson(successes: int, n: int) -> tuple[float, float, float]:
    """Share and 95 % limits."""
    if not n:
        return math.nan, math.nan, math.nan
    z, p = 1.959964, successes / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return p, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def measured_tables(
    places: Sequence[Place] = (CTCF_MOUSE,), names: DisplayNames = NAMES, seeds: int = 3, factor: float = 1.0
) -> MeasuredTables:
    """Tables of some datasets and genomes; the copies of each but the first are `factor` times as often bound."""
    rates, truth, own, summary, kept = [], [], [], [], []
    rng = np.random.default_rng(7)
    for at, (dataset, genome) in enumerate(places):
        key, rise = (dataset, genome), factor if at else 1.0
        for (unit, label), numbers in KNOWN.items():
            for min_match, (bound, copies) in zip((0.1, 0.5, 0.9), numbers, strict=True):
                bound = min(int(bound * rise), copies)
                rates.append((*key, unit, "all", min_match, label, "all", "all", copies, bound, *wilson(bound, copies)))
            for stratum, levels in STRATA.items():
                for level, bound, copies in levels:
                    bound = min(int(bound * rise * (label or 0.05)), copies)
                    row = (*key, unit, "all", 0.1, label, stratum, level, copies, bound, *wilson(bound, copies))
                    rates.append(row)
        for label, split in ((1, "all"), (1, "held_out"), (0, "all"), (0, "held_out")):
            right, wrong = ((27, 69) if label else (3162, 68)) if split == "all" else ((6, 14) if label else (790, 17))
            sites = (("site_motif", 0.92), ("site_human_motif", 0.71)) if label else ()
            for score, auroc in (("motif", 0.92), ("human_motif", 0.71), *sites):
                truth.append((*key, "", "", pd.NA, split, score, label, right, wrong, auroc))
            for model in names.models:
                for place, method in enumerate(names.methods):
                    for seed in range(seeds):
                        auroc = min(0.62 + 0.05 * place + 0.02 * seed, 0.99) if method != "gc_logistic" else 0.55
                        truth.append((*key, model, method, seed, split, "probability", label, right, wrong, auroc))
        for model in names.models:
            for windows, n, positives in (("all", 5000, 88), ("apart", 4000, 64), ("homologs_of_training", 1000, 24)):
                for place, method in enumerate(names.methods):
                    aupr = 0.2 + 0.04 * place + float(rng.normal(0, 0.01))
                    for seed in range(seeds):
                        row = (n, positives, positives / n, aupr + 0.01 * seed, 0.6 + aupr)
                        own.append((*key, model, method, seed, windows, *row))
                    for metric, value in (("aupr", aupr), ("auroc", 0.6 + aupr)):
                        less = [value - 0.2, value - 0.23, value - 0.16] if method != "sl" else [math.nan] * 3
                        summary.append((*key, model, method, windows, metric, value, value - 0.03, value + 0.03, *less))
            for seed in range(seeds):
                for label, (copies, true, left) in {1: (76, 21, 20 + seed), 0: (2400, 2350, 1200)}.items():
                    right = min(left, int(true * 0.6))
                    row = (
                        *key,
                        model,
                        seed,
                        label,
                        copies,
                        left,
                        true,
                        right,
                        *wilson(true, copies),
                        *wilson(right, left),
                    )
                    kept.append(row)
    aupr = {dataset: {"sl": 0.1, "ssl": 0.1 + 0.02 * (at + 1)} for at, (dataset, _) in enumerate(places)}
    differences = pd.concat([evidence(aupr, model=model).differences for model in names.models], ignore_index=True)
    return MeasuredTables(
        pd.DataFrame(rates, columns=list(RATES)), pd.DataFrame(truth, columns=list(DISCRIMINATION)),
        pd.DataFrame(own, columns=list(OWN)), pd.DataFrame(summary, columns=list(OWN_SUMMARY)),
        pd.DataFrame(kept, columns=list(FILTER)), differences,
    )  # fmt: skip


def write_tables(tables: MeasuredTables, folder: Path) -> list[str]:
    """Write each table into a folder; returns the options with which the report reads them."""
    options = []
    for field in fields(tables):
        table = getattr(tables, field.name)
        if len(table):
            write_tsv(table, folder / f"{field.name}.tsv")
            options += [f"--{field.name.replace('_', '-')}", str(folder / f"{field.name}.tsv")]
    return options
