"""Summarize runs: means over seeds, increases over a baseline method, and the datasets without a score.

A summary has one row per run: dataset model method seed split windows positives prevalence aupr auroc collapsed
(whether all windows got the same score, or training made it no better; without the column, no run did) converged
(whether its training was long enough, see `training.convergence`; without the column, that of all runs was) failure
(why a run has no score; without the column, all runs have one) mcc mcc_tuned validation_mcc (see `run_metrics`; without
the columns, no run has one). A run without a score is in no mean; `unscored` names its dataset in captions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.confidence import mean_interval, percent_increase
from regssl.io.json_object import read_json_object
from regssl.io.text import check_name, shorten
from regssl.io.tsv import require_columns, require_unique

METRICS = {"aupr": "AUPR", "auroc": "AUROC"}
GROUP_KEYS = ["dataset", "model", "method"]
COLUMNS = {
    **dict.fromkeys(GROUP_KEYS, "str"), "seed": "int64", "split": "str", "windows": "int64", "positives": "int64",
    "prevalence": "float64", **dict.fromkeys(METRICS, "float64"),
}  # fmt: skip
"""Columns of a summary, and their types."""
MCCS = ("mcc", "mcc_tuned", "validation_mcc")
"""At a logit of 0; at the threshold that is best on validation windows; on these windows."""
OPTIONAL_COLUMNS = {"collapsed": "bool", "converged": "bool", "failure": "str", **dict.fromkeys(MCCS, "float64")}
"""Columns that may be missing."""
COUNTED = ("collapsed", "not_converged")
"""Columns of means that count runs among them."""


class _NamesOfFile(dict[str, str]):
    """Display names by id, of one kind in a file, for the message about an id without one."""

    def __init__(
        self, names: Mapping[str, str] | Iterable[tuple[str, str]], kind: str = "id", path: str | Path = "display names"
    ) -> None:
        super().__init__(names)
        self._kind, self._path = kind, path

    def __missing__(self, key: str) -> str:
        kind = self._kind.replace("_", " ").removesuffix("s")
        raise DataError(f"{self._path}: {kind} {key!r} has no display name", f"names: {', '.join(self) or 'none'}")


@dataclass(frozen=True)
class DisplayNames:
    """Display names by id; the order of each mapping is the order of rows, columns and colours.

    The ids of `measured`, what was measured in other genomes, are `<dataset>/<genome>`. `replicates` of datasets are
    not displayed among these. `model_notes` are no names: what must be said where numbers of a model stand. The ids of
    `model_methods`, what is run by models that do not run every method, are `<model>/<method>`. `without_peaks` are
    the datasets of sequences, `without_homologs` those that have none; both have none where they are not given.
    """

    datasets: Mapping[str, str]
    models: Mapping[str, str]
    methods: Mapping[str, str]
    paper_methods: Mapping[str, str] = field(default_factory=dict)
    genomes: Mapping[str, str] = field(default_factory=dict)
    variant_sets: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, str] = field(default_factory=dict)
    replicates: Mapping[str, str] = field(default_factory=dict)
    model_notes: Mapping[str, str] = field(default_factory=dict)
    model_methods: Mapping[str, str] = field(default_factory=dict)
    without_peaks: Mapping[str, str] = field(default_factory=dict)
    without_homologs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> DisplayNames:
        """Read `display_names.json`, a JSON object with one mapping per field.

        An id that a mapping lacks is then a DataError that names the file, where a KeyError would be raised otherwise.

        Raises:
            DataError: no such file, not display names, or a name that cannot be shown.
        """
        values = read_json_object(path)
        known = {name.name: name.default_factory is MISSING for name in fields(cls)}
        remedy = "delete it: the workflow writes it again"
        if missing := [kind for kind, required in known.items() if required and kind not in values]:
            raise DataError(f"{path}: not display names: has no key {missing[0]!r}", remedy)
        for kind, names in values.items():
            if kind not in known:
                raise DataError(f"{path}: not display names: unknown key {kind!r}", remedy)
            if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
                raise DataError(f"{path}: not display names: {kind!r} does not map ids to texts", remedy)
            for key, name in names.items():
                try:
                    check_name(name)
                except ValueError as error:
                    raise DataError(f"{path}: {kind}: the name of {shorten(key)}, '{shorten(name)}', {error}") from None
        return cls(**{kind: _NamesOfFile(names, kind, path) for kind, names in values.items()})

    @property
    def all_datasets(self) -> dict[str, str]:
        """Names of datasets and of their replicates."""
        return {**self.datasets, **self.replicates}

    @property
    def of_peaks(self) -> dict[str, str]:
        """Names of the datasets of peaks."""
        return {dataset: name for dataset, name in self.datasets.items() if dataset not in self.without_peaks}

    @property
    def with_homologs(self) -> dict[str, str]:
        """Names of the datasets that have homologs."""
        return {dataset: name for dataset, name in self.datasets.items() if dataset not in self.without_homologs}

    def methods_of(self, model: str) -> list[str]:
        """List the methods that a model runs, in the order of display."""
        runs_fewer = any(key.startswith(f"{model}/") for key in self.model_methods)
        return [method for method in self.methods if not runs_fewer or f"{model}/{method}" in self.model_methods]

    def runs(self) -> list[tuple[str, str]]:
        """List model and method of every kind of run, in the order of display."""
        return [(model, method) for model in self.models for method in self.methods_of(model)]

    def of_paper(self) -> DisplayNames:
        """Return the same names, with the methods of the paper only."""
        return replace(self, methods=self.paper_methods)


def summarize(metrics: Sequence[str | Path]) -> pd.DataFrame:
    """Gather the metrics.json of runs into one summary, one row per run.

    Raises:
        DataError: a file is not the metrics of a run, or no run has a score.
    """
    table = pd.DataFrame([_read_metrics(path) for path in metrics])
    if table["failure"].astype(bool).all():
        failures = failed_datasets(table)
        reasons = "; ".join(f"{dataset}: {reason}" for dataset, reason in failures.items())
        raise DataError(
            f"no run has a score: {reasons}",
            "have the peak files peaks on these chromosomes? see `splits` and `bins` in docs/configuration/keys.md",
        )
    return table


def _read_metrics(path: str | Path) -> dict[str, Any]:
    """Read the metrics.json of a run, as a row of a summary."""
    values = read_json_object(path, COLUMNS)
    for column, kind in COLUMNS.items():
        types = {"str": (str,), "int64": (int,), "float64": (int, float, type(None))}[kind]
        number = kind != "str" and values[column] is not None
        most = 1 if kind == "float64" else 2**63 - 1
        if (
            not isinstance(values[column], types)
            or isinstance(values[column], bool)
            or (number and not 0 <= values[column] <= most)  # nor NaN
        ):
            raise DataError(f"{path}: key {column!r} holds {str(values[column])[:50]!r}", "evaluate the run again")
    known = {column: values[column] for column in COLUMNS}
    flags = {"collapsed": bool(values.get("collapsed")), "converged": bool(values.get("converged", True))}
    calls = {name: values[name] for name in MCCS if name in values}
    for name, value in calls.items():
        if not isinstance(value, int | float) or not -1 <= value <= 1:
            raise DataError(f"{path}: key {name!r} holds {str(value)[:50]!r}", "evaluate the run again")
    return known | flags | {"failure": str(values.get("failure") or "")} | calls


def estimates(summary: pd.DataFrame, split: str = "test", level: float = 0.95) -> pd.DataFrame:
    """Compute mean and interval over seeds of each dataset, model and method, in the order of `summary`.

    Returns:
        Columns dataset model method n aupr aupr_low aupr_high auroc auroc_low auroc_high prevalence collapsed
        not_converged. Bounds are NaN for one seed, and clipped to 0 and 1, which Student's t does not respect. The last
        two count runs that collapsed, and runs that have not converged; they are in the means.

    Raises:
        DataError: a missing column, a run listed twice, or runs of one dataset scored on different windows.
    """
    runs = select_runs(summary, split)
    rows = []
    for group, of_group in runs.groupby(GROUP_KEYS, sort=False):
        row = dict(zip(GROUP_KEYS, group, strict=True)) | {"n": len(of_group)}
        for metric in METRICS:
            interval = mean_interval(list(of_group[metric]), level)
            row[metric] = interval.value
            row[f"{metric}_low"], row[f"{metric}_high"] = np.clip(interval.bounds, 0, 1)
        rows.append(row | {"prevalence": of_group["prevalence"].iloc[0]} | _count_marked(of_group))
    bounded = [column for metric in METRICS for column in (metric, f"{metric}_low", f"{metric}_high")]
    return pd.DataFrame(rows, columns=[*GROUP_KEYS, "n", *bounded, "prevalence", *COUNTED])


def _count_marked(runs: pd.DataFrame) -> dict[str, int]:
    """Count the runs that collapsed, and those that have not converged."""
    return dict(zip(COUNTED, (int(runs["collapsed"].sum()), int((~runs["converged"]).sum())), strict=True))


def increase_table(
    summary: pd.DataFrame, baseline: str = "sl", treated: Sequence[str] | None = None, split: str = "test"
) -> pd.DataFrame:
    """Compute the percent increase of each metric of the `treated` methods over `baseline`, same model.

    Args:
        summary: one row per run.
        baseline: id of the method that is compared with.
        treated: ids of methods; None: all others.
        split: which rows of `summary`.

    Returns:
        Columns dataset model method baseline metric percent low high n collapsed not_converged; rows only where both
        methods have runs. The last two count such runs of both. The interval is that of `confidence.percent_increase`.
    """
    runs = select_runs(summary, split)
    methods = [method for method in runs["method"].unique() if method != baseline] if treated is None else treated
    rows = []
    for (dataset, model), of_model in runs.groupby(["dataset", "model"], sort=False):
        by_method = dict(list(of_model.groupby("method")))
        for method in methods:
            if baseline not in by_method or method not in by_method:
                continue
            marked = _count_marked(pd.concat([by_method[method], by_method[baseline]]))
            for metric in METRICS:
                increase = percent_increase(list(by_method[method][metric]), list(by_method[baseline][metric]))
                rows.append((dataset, model, method, baseline, metric, *increase, *marked.values()))
    return pd.DataFrame(rows, columns=[*GROUP_KEYS, "baseline", "metric", "percent", "low", "high", "n", *COUNTED])


def select_methods(table: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    """Select the rows of a table of runs whose method has a display name; others are not displayed."""
    return table[table["method"].isin(list(names.methods))].reset_index(drop=True)


def select_runs(summary: pd.DataFrame, split: str) -> pd.DataFrame:
    """Select and check the runs with a score on one split.

    Raises:
        DataError: a missing column, no such split, a run listed twice, or runs of one dataset on different windows.
    """
    require_columns(summary, list(COLUMNS), "the summary of runs")
    runs = summary[summary["split"] == split]
    if "failure" in runs:
        runs = runs[runs["failure"].astype(object).fillna("") == ""]
    if runs.empty:
        raise DataError(f"the summary has no run of split {split!r}", f"splits in it: {sorted(set(summary['split']))}")
    require_unique(runs, [*GROUP_KEYS, "seed"], "the summary of runs")
    sizes = runs.groupby("dataset")[["windows", "positives"]].nunique().max(axis=1)
    if (sizes > 1).any():
        raise DataError(
            f"runs of dataset {sizes.idxmax()} were scored on different {split} windows",
            "predict again: they cannot be compared",
        )
    known = {"collapsed": False, "converged": True}
    flags = {name: runs[name].fillna(value).astype(bool) if name in runs else value for name, value in known.items()}
    return runs.assign(**flags)


def present_names(names: Mapping[str, str], ids: Iterable[str]) -> dict[str, str]:
    """Select the display names of ids that occur, in the order of the names."""
    occurring = set(ids)
    return {key: name for key, name in names.items() if key in occurring}


def failed_datasets(table: pd.DataFrame) -> dict[str, str]:
    """Return datasets with a reason in the column `failure`, and the first reason of each; none without the column."""
    if "failure" not in table:
        return {}
    failed = table[table["failure"].astype(object).fillna("") != ""].drop_duplicates("dataset")
    return dict(zip(failed["dataset"].astype(str), failed["failure"].astype(str), strict=True))


def unscored(failures: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Write a sentence for captions: which datasets have no score, and why; empty where all have one.

    Args:
        failures: reasons by dataset, from `failed_datasets`.
        names: display names of datasets; those without one are left out.
    """
    listed = [f"{names[dataset]} ({reason})" for dataset, reason in failures.items() if dataset in names]
    return f"Without a score: {'; '.join(listed)}." if listed else ""
