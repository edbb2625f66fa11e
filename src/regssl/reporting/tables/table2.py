"""Table 2: AUPR per dataset, model and method."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames, estimates, failed_datasets, unscored
from regssl.reporting.format import MISSING, number, value_with_interval
from regssl.reporting.marks import footnotes, marks, model_notes
from regssl.reporting.tables.base import Table, grouped, records

MEANING = {"aupr": "area under the precision-recall curve (AUPR)", "auroc": "area under the ROC curve (AUROC)"}


def table2(
    summary: pd.DataFrame,
    names: DisplayNames,
    columns: Sequence[tuple[str, str]],
    metric: str = "aupr",
    split: str = "test",
) -> Table:
    """Make Table 2: the mean of `metric` over seeds with its 95 % interval, datasets down, (model, method) across.

    The prevalence is beside it; the best mean of a row is bold where there are two or more; a cell without a run is
    an en dash; `marks` tell of runs that collapsed or have not converged. Tidy: `estimates` of the cells displayed,
    with both metrics.

    Raises:
        DataError: as `estimates`, and for a run whose dataset has no display name.
    """
    every = estimates(summary, split)
    if unnamed := sorted(set(every["dataset"]) - set(names.datasets)):
        raise DataError(f"dataset {unnamed[0]} of the summary has no display name", "select it, or remove its runs")
    cells = {(row["dataset"], row["model"], row["method"]): row for row in records(every)}
    prevalence = summary[summary["split"] == split].groupby("dataset")["prevalence"].first()

    datasets = list(names.datasets)
    cells_by_column = [
        (("", "Dataset"), list(names.datasets.values())),
        (("", "Prevalence"), [number(prevalence.get(dataset, math.nan), ".2g") for dataset in datasets]),
    ]
    means = [[math.nan] * len(datasets)] * 2
    for model, method in columns:
        found = [cells.get((dataset, model, method)) for dataset in datasets]
        cells_by_column.append(
            ((names.models[model], names.methods[method]), [_interval(cell, metric) for cell in found])
        )
        means.append([math.nan if cell is None else float(cell[metric]) for cell in found])
    display = grouped(cells_by_column)
    mean = pd.DataFrame(list(zip(*means, strict=True)), columns=display.columns)
    contested = mean.notna().sum(axis=1) > 1
    bold = mean.eq(mean.max(axis=1), axis=0).mul(contested, axis=0)

    wanted = [pair in set(columns) for pair in zip(every["model"], every["method"], strict=True)]
    tidy = every[wanted].reset_index(drop=True)
    caption = _caption2(tidy, metric, split) + footnotes(tidy) + model_notes(names, tidy["model"])
    caption = f"{caption} {unscored(failed_datasets(summary), names.datasets)}".rstrip()
    return Table(tidy, display, caption, bold)


def _interval(cell: Mapping[str, Any] | None, metric: str) -> str:
    if cell is None:
        return MISSING
    mean, low, high = (float(cell[column]) for column in (metric, f"{metric}_low", f"{metric}_high"))
    return f"{value_with_interval(mean, low, high)} {marks(cell)}".rstrip()


def _caption2(cells: pd.DataFrame, metric: str, split: str) -> str:
    n = cells["n"]
    if n.empty:
        raise DataError(f"none of the columns of Table 2 has a run of split {split}", "name columns that were run")
    seeds = f"{n.min()}" if n.min() == n.max() else f"{n.min()} to {n.max()}"
    how = "one seed" if n.max() == 1 else f"mean over {seeds} seeds (95 % confidence interval, Student's t)"
    meaning = MEANING[metric][0].upper() + MEANING[metric][1:]
    return (
        f"Table 2. {meaning} on all {split} windows: {how}. Prevalence: fraction of positive windows, "
        f"the AUPR of a random ranking. Bold: best of the row; {MISSING}: not run."
    )
