"""Small networks on DNABERT-2's own tasks: the MCC of runs beside what is published of the same test sets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.published import published_scores, published_tasks
from regssl.evaluation.settings import FurtherMetric
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.methods import resolve
from regssl.reporting.completeness import require_rows
from regssl.reporting.format import MISSING, number, value_with_interval
from regssl.reporting.marks import footnotes, marks, model_notes
from regssl.reporting.tables.base import Table, records

TITLE = "Small networks on DNABERT-2's own tasks"
KINDS = {"mcc": ("test", "0"), "mcc_tuned": ("test", "validation"), "validation_mcc": ("validation", "validation")}
"""Of each metric: the sequences, and the logit from which they are called bound; 0, or the best on validation ones."""
LABELS = ["Model", "Method", "Sequences", "Threshold"]
MEAN = "mean"
"""The task of means over all tasks, in the tidy table."""
METRICS = get_args(FurtherMetric)
NUMBERS = ["value", "ci_low", "ci_high"]
COLUMNS = ["task", "dataset", "metric", "model", "method", "seeds", "collapsed", "not_converged", *NUMBERS]
"""Columns of `runs_on_tasks`."""


def runs_on_tasks(
    methods: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, str], names: DisplayNames
) -> pd.DataFrame:
    """Select the MCC of runs on published tasks, and add the mean over tasks of what has a score on all.

    What is not run on a task has no numbers there. Bounds of a mean are as far from it as independent tasks have it:
    √Σ distance² / n, on either side.

    Args:
        methods: of `comparison.methods_table`, all datasets.
        summary: one row per run, with `validation_mcc`; see `evaluation.summary`.
        tasks: the task of each dataset.
        names: what to display, in which order; a baseline, which no model changes, is that of the first model.

    Returns:
        Columns COLUMNS, by metric, model and method, then task; those of MEAN have no dataset.

    Raises:
        DataError: a run that has a row has none of MCC, or the summary has no MCC on validation windows.
    """
    key = ["dataset", "model", "method", "metric"]
    scored = list(methods[key[:3]].drop_duplicates().itertuples(index=False, name=None))
    require_rows(methods, key, [(*run, metric) for run in scored for metric in METRICS], "the table of methods")
    present = {run[1:] for run in scored}
    runs = [run for run in names.runs() if run in present and resolve(run[1]).subset is None]
    first = {method: model for model, method in reversed(runs)}
    shown = [(model, method) for model, method in runs if not _is_baseline(method) or first[method] == model]
    cells = [(dataset, *run, metric) for metric in METRICS for run in shown for dataset in tasks]
    own = methods.set_index(key).reindex(pd.MultiIndex.from_tuples(cells, names=key)).reset_index()
    own = pd.concat([own, _on_validation(own, summary)], ignore_index=True)
    own["task"] = own["dataset"].map(dict(tasks))
    counts = ["seeds", "collapsed", "not_converged"]
    own[counts] = own[counts].fillna(0).astype(int)
    rows: list[dict[str, Any]] = []
    for (metric, model, method), of_run in own.groupby(["metric", "model", "method"], sort=False):
        mean = {"task": MEAN, "dataset": "", "metric": metric, "model": model, "method": method}
        mean |= {"seeds": of_run["seeds"].max(), "collapsed": 0, "not_converged": 0}
        rows += [*records(of_run[COLUMNS]), mean | _mean(of_run)]
    return pd.DataFrame(rows, columns=COLUMNS)


def published_table(runs: pd.DataFrame, methods: pd.DataFrame, names: DisplayNames) -> Table:
    """Make the table: a row per published model and kind of run, a column per task, their mean last.

    Tidy: the rows of `runs`, and published (MCC), published_model and difference (ours less published). Bold: the best
    of each column on test sequences.

    Args:
        runs: of `runs_on_tasks`.
        methods: of `comparison.methods_table`: sizes of the test sets, for the caption.
        names: display names.
    """
    tasks = dict(zip(runs["dataset"], runs["task"], strict=True))
    tasks = {dataset: task for dataset, task in tasks.items() if dataset}
    public = published_means(list(tasks.values()))
    rows: list[list[str]] = []
    values: list[list[float]] = []
    for model, scores in public.items():
        rows.append([f"{model}, published", MISSING, "test", MISSING, *(number(score) for score in scores.values())])
        values.append(list(scores.values()))
    for key, of_run in runs.groupby(["metric", "model", "method"], sort=False):
        metric, model, method = map(str, key)
        trained = [names.models[model], names.methods[method]]
        label = [names.methods[method], MISSING] if _is_baseline(method) else trained
        rows.append([*label, *KINDS[metric], *map(_cell, records(of_run))])
        values.append(of_run["value"].tolist() if metric in METRICS else [math.nan] * len(of_run))
    headings = [names.datasets[dataset] for dataset in tasks]
    display = pd.DataFrame(rows, columns=[*LABELS, *headings, f"Mean of {len(tasks)}"])
    best = pd.DataFrame(values).pipe(lambda frame: frame.eq(frame.max(axis=0), axis=1))
    bold = pd.concat([pd.DataFrame(False, index=best.index, columns=LABELS), best], axis=1)
    tidy = pd.concat([
        runs.assign(published=runs["task"].map(scores), published_model=model) for model, scores in public.items()
    ])  # fmt: skip
    tidy.loc[~tidy["metric"].isin(METRICS), "published"] = math.nan  # published are test sequences
    tidy["difference"] = tidy["value"] - tidy["published"]
    caption = _caption(runs, methods, list(tasks.values())) + footnotes(runs) + model_notes(names, runs["model"])
    return Table(tidy.reset_index(drop=True), display, caption, bold)


def published_means(tasks: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the published MCC of tasks, then their mean as that of MEAN, by model; of models that have all of them.

    Raises:
        DataError: a task without a published score.
    """
    known = published_tasks()
    if unknown := [task for task in tasks if task not in known]:
        raise DataError(f"no published score of task '{unknown[0]}'", f"tasks: {', '.join(known)}")
    means = {}
    for model, own in published_scores().groupby("model", sort=False):
        scores = dict(zip(own["task"], own["mcc"], strict=True))
        if set(tasks) <= set(scores):
            of_tasks = {task: float(scores[task]) for task in tasks}
            means[str(model)] = {**of_tasks, MEAN: sum(of_tasks.values()) / len(tasks)}
    return means


def _on_validation(own: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of `mcc_tuned` with the MCC on the validation windows, of which no interval is known, in its place."""
    require_columns(summary, ["validation_mcc"], "the summary of runs")
    means = summary.groupby(["dataset", "model", "method"])["validation_mcc"].mean()
    tuned = own[own["metric"] == "mcc_tuned"]
    value = means.reindex(pd.MultiIndex.from_frame(tuned[means.index.names])).to_numpy()
    return tuned.assign(metric="validation_mcc", value=value, ci_low=math.nan, ci_high=math.nan)


def _mean(of_tasks: pd.DataFrame) -> dict[str, float]:
    value, low, high = (of_tasks[name].to_numpy(float) for name in NUMBERS)
    mean, below, above = value.mean(), math.hypot(*(value - low)), math.hypot(*(high - value))
    return dict(zip(NUMBERS, (mean, mean - below / len(value), mean + above / len(value)), strict=True))


def _is_baseline(method: str) -> bool:
    return resolve(method).kind == "baseline"


def _cell(row: Mapping[str, Any]) -> str:
    value, low, high = (float(row[name]) for name in NUMBERS)
    return f"{value_with_interval(value, low, high)} {marks(row)}".rstrip()


def _caption(runs: pd.DataFrame, methods: pd.DataFrame, tasks: Sequence[str]) -> str:
    public, sizes = published_scores(), methods["windows"]
    sources = dict.fromkeys(public.loc[public["task"].isin(list(tasks)), "source"])
    seeds = runs.loc[runs["seeds"] > 0, "seeds"]
    windows = f"{sizes.min():,}" if sizes.min() == sizes.max() else f"{sizes.min():,} to {sizes.max():,}"
    how = "one seed" if seeds.max() == 1 else f"mean over {_range(seeds)} seeds"
    return (
        f"{TITLE}. Matthews' correlation coefficient (MCC) on the test sets, {windows} sequences each: {how}, with the "
        "interval of seeds and test sequences together. Published: "
        f"{'; '.join(sources)}, without intervals. Threshold: the logit from which a sequence is called bound, 0 as "
        "in the published scores, or the one that is best on validation sequences; below, the MCC on these themselves. "
        "Mean: its interval takes the tasks as independent. Bold: best of the column on test sequences."
    )


def _range(values: pd.Series) -> str:
    return f"{values.min()}" if values.min() == values.max() else f"{values.min()} to {values.max()}"
