"""What a set of windows lacks to be learned from or scored: positives, or negatives.

A dataset that lacks them takes nothing else down. Its runs pass through the workflow without weights and without a
score, each with the reason, and the tables say it (`without_score`). Training looks at its own windows and those of
validation alone; whether the test windows suffice is not asked before they are scored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.confidence import mean_interval, percent_increase
from regssl.io.tsv import require_columns, require_unique

METRICS = {"aupr": "AUPR", "auroc": "AUROC"}
CELL = ["dataset", "model", "method"]


@dataclass(frozen=True)
class Names:
    """Display names by id; the order of each mapping is the order of rows, columns and colours."""

    datasets: Mapping[str, str]
    models: Mapping[str, str]
    methods: Mapping[str, str]
    paper_methods: Mapping[str, str] = field(default_factory=dict)
    genomes: Mapping[str, str] = field(default_factory=dict)
    variant_sets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> Names:
        """Read `display_names.json`, a JSON object with one mapping per field.

        Raises:
            DataError: no such file, or not display names.
        """
        try:
            return cls(**json.loads(Path(path).read_text(encoding="utf-8")))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError) as error:
            raise DataError(f"{path}: not display names: {error}", "delete it: the workflow writes it again") from None

    def of_paper(self) -> Names:
        """The same names, with the methods of the paper only."""
        return replace(self, methods=self.paper_methods)


def estimates(summary: pd.DataFrame, split: str = "test", level: float = 0.95) -> pd.DataFrame:
    """Mean and interval over seeds of each dataset, model and method, in the order of `summary`.

    Columns: dataset model method n aupr aupr_low aupr_high auroc auroc_low auroc_high prevalence collapsed. Bounds are
    NaN for one seed, and cut to 0 and 1, which Student's t does not know of. `collapsed` counts runs that gave all
    windows one score; they are in the means.

    Raises:
        DataError: a missing column, a run listed twice, or runs of one dataset scored on different windows.
    """
    runs = runs_of(summary, split)
    rows = []
    for cell, of_cell in runs.groupby(CELL, sort=False):
        row = dict(zip(CELL, cell, strict=True)) | {"n": len(of_cell)}
        for metric in METRICS:
            row[metric], *bounds, _ = mean_interval(list(of_cell[metric]), level)
            row[f"{metric}_low"], row[f"{metric}_high"] = np.clip(bounds, 0, 1)
        rows.append(row | {"prevalence": of_cell["prevalence"].iloc[0], "collapsed": int(of_cell["collapsed"].sum())})
    bounded = [column for metric in METRICS for column in (metric, f"{metric}_low", f"{metric}_high")]
    return pd.DataFrame(rows, columns=[*CELL, "n", *bounded, "prevalence", "collapsed"])


def increase_table(
    summary: pd.DataFrame, baseline: str = "sl", treated: Sequence[str] | None = None, split: str = "test"
) -> pd.DataFrame:
    """Percent increase of each metric of the `treated` methods (default: all others) over `baseline`, same model.

    Columns: dataset model method baseline metric percent low high n collapsed; rows only where both methods have runs.
    `collapsed` counts the collapsed runs of both. See `statistics.percent_increase` for the interval.
    """
    runs = runs_of(summary, split)
    methods = [method for method in runs["method"].unique() if method != baseline] if treated is None else treated
    rows = []
    for (dataset, model), of_cell in runs.groupby(["dataset", "model"], sort=False):
        by_method = dict(list(of_cell.groupby("method")))
        for method in methods:
            if baseline not in by_method or method not in by_method:
                continue
            collapsed = int(by_method[method]["collapsed"].sum() + by_method[baseline]["collapsed"].sum())
            for metric in METRICS:
                increase = percent_increase(list(by_method[method][metric]), list(by_method[baseline][metric]))
                rows.append((dataset, model, method, baseline, metric, *increase, collapsed))
    return pd.DataFrame(rows, columns=[*CELL, "baseline", "metric", "percent", "low", "high", "n", "collapsed"])


def of_methods(table: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The rows of a table of runs whose method has a name: others were run, but are not to be shown."""
    return table[table["method"].isin(list(names.methods))].reset_index(drop=True)


def runs_of(summary: pd.DataFrame, split: str) -> pd.DataFrame:
    """The runs scored on one split, checked; those without a score are left out.

    Raises:
        DataError: a missing column, no such split, a run listed twice, or runs of one dataset on different windows.
    """
    require_columns(
        summary, [*CELL, "seed", "split", "windows", "positives", "prevalence", *METRICS], "the summary of runs"
    )
    runs = summary[summary["split"] == split]
    if "problem" in runs:
        runs = runs[runs["problem"].isna()]
    if runs.empty:
        raise DataError(f"the summary has no run of split {split!r}", f"splits in it: {sorted(set(summary['split']))}")
    require_unique(runs, [*CELL, "seed"], "the summary of runs")
    sizes = runs.groupby("dataset")[["windows", "positives"]].nunique().max(axis=1)
    if (sizes > 1).any():
        raise DataError(
            f"runs of dataset {sizes.idxmax()} were scored on different {split} windows",
            "predict again: they cannot be compared",
        )
    said = runs["collapsed"].fillna(False).astype(bool) if "collapsed" in runs else False
    return runs.assign(collapsed=said)


def problems(table: pd.DataFrame) -> dict[str, str]:
    """Datasets with a reason in the column `problem`, and the first reason of each; none without the column."""
    if "problem" not in table:
        return {}
    told = table[table["problem"].notna() & (table["problem"] != "")]
    first = told.drop_duplicates("dataset")
    return dict(zip(first["dataset"].astype(str), first["problem"].astype(str), strict=True))


def without_score(reasons: Mapping[str, str], names: Mapping[str, str]) -> str:
    """A sentence for captions: which datasets have no score, and why; empty where all have one."""
    told = [f"{names[dataset]} ({reason})" for dataset, reason in reasons.items() if dataset in names]
    return f"Without a score: {'; '.join(told)}." if told else ""
