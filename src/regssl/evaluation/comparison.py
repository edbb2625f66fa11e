"""Compare all methods of one dataset on the same test windows: scores with confidence intervals, paired differences.

Tables are tidy; `seed_ci_low` … `ci_high` are the bounds of `confidence.Uncertainty`. Scores are `bootstrap.SCORES`,
and those of FURTHER_METRICS that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.evaluation.bootstrap import SCORES, assign_blocks, bootstrap_scores, sample_blocks
from regssl.evaluation.confidence import (
    Uncertainty,
    difference_uncertainty,
    relative_uncertainty,
    score_uncertainty,
    smallest_detectable,
)
from regssl.evaluation.mcc import bootstrap_mcc
from regssl.evaluation.pairs import pairs
from regssl.evaluation.run_metrics import recorded_threshold
from regssl.evaluation.settings import ComparisonSettings, FurtherMetric
from regssl.evaluation.summary import COUNTED
from regssl.io.json_object import read_json_object
from regssl.io.parquet import load_table
from regssl.io.tsv import read_tsv
from regssl.methods import resolve
from regssl.methods.settings import RunSettings

MIN_BLOCKS = 10
"""With positives in fewer blocks, samples of blocks hold so few different ones that their interval means nothing."""
RANGES = {
    "aupr": (0.0, 1.0), "aupr_over_prevalence": (0.0, np.inf), "auroc": (0.0, 1.0), "precision": (0.0, 1.0),
    "mcc": (-1.0, 1.0), "mcc_tuned": (-1.0, 1.0),
}  # fmt: skip
"""The smallest and the largest of each score."""
WINDOW = ["chrom", "start", "end", "label"]
DATASET_COLUMNS = {
    "dataset": "str", "model": "str", "windows": "int64", "positives": "int64", "prevalence": "float64",
    "blocks": "int64",
}  # fmt: skip
BOUNDS = [f"{name}_{end}" for name in ("seed_ci", "bootstrap_ci", "ci") for end in ("low", "high")]
RELATIVE = {"relative_difference_percent": "value"} | {f"relative_{name}": name for name in BOUNDS}
"""Columns of the relative difference, and what each holds."""
IDENTITY = ["dataset", "model", "method"]
METHODS_COLUMNS = {
    **DATASET_COLUMNS, "method": "str", "metric": "str", "seeds": "int64",
    **dict.fromkeys(COUNTED, "int64"), **dict.fromkeys(["value", *BOUNDS], "float64"), "failure": "str",
}  # fmt: skip
DIFFERENCES_COLUMNS = {
    **DATASET_COLUMNS, **dict.fromkeys(["method", "baseline", "metric"], "str"), "seeds": "int64",
    **dict.fromkeys(["difference", *BOUNDS, "p"], "float64"), "p_is_bound": "bool",
    **dict.fromkeys(["standard_error", "smallest_detectable", *RELATIVE], "float64"),
}  # fmt: skip
EXPOSURE_COLUMNS = {
    **dict.fromkeys([*IDENTITY, "phase"], "str"), "seeds": "int64", "steps": "float64", "positive_fraction": "float64",
}  # fmt: skip
"""Columns of the three tables, and their types."""
FILTER_COLUMNS = dict.fromkeys(
    [f"{label}_homologs{kept}" for label in ("positive", "negative") for kept in ("", "_kept")], "float64"
)
"""Further columns of the table of exposure: homologs found and kept, where a method filters them."""


@dataclass(frozen=True)
class RunFiles:
    """The files of one run: its predictions, metrics.json (dataset, model, method, seed, failure) and run.json."""

    predictions: str | Path
    metrics: str | Path
    record: str | Path


@dataclass(frozen=True)
class Run:
    """One run: its identity, its scores in every replicate, (scores, 1 + replicates), or why it has none."""

    model: str
    method: str
    seed: int
    scores: NDArray[np.float64] | None
    failure: str
    collapsed: bool
    converged: bool
    exposure: Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The runs of a dataset, all scored on the same windows.

    Attributes:
        dataset: its id.
        n_windows, n_positives: of the test chromosomes.
        n_blocks: how many blocks of these hold a positive.
        runs: in the order given.
        metrics: the scores of each run, in order.
        level: of the intervals.
    """

    dataset: str
    n_windows: int
    n_positives: int
    n_blocks: int
    runs: list[Run]
    metrics: Sequence[str]
    level: float


class ComparisonTables(NamedTuple):
    """The tables of methods, differences and exposure, all datasets one below the other."""

    methods: pd.DataFrame
    differences: pd.DataFrame
    exposure: pd.DataFrame

    @classmethod
    def read(
        cls, methods: Sequence[str | Path], differences: Sequence[str | Path], exposure: Sequence[str | Path]
    ) -> ComparisonTables:
        """Read the tables from TSV files, one of each per dataset.

        Raises:
            DataError: a file that cannot be read, or lacks a column.
        """
        return cls(
            read_tsv(methods, METHODS_COLUMNS),
            read_tsv(differences, DIFFERENCES_COLUMNS),
            read_tsv(exposure, EXPOSURE_COLUMNS, FILTER_COLUMNS),
        )


def compare(
    files: Sequence[RunFiles],
    settings: ComparisonSettings,
    threads: int = 1,
    further: Sequence[FurtherMetric] = (),
) -> Comparison:
    """Score all runs of a dataset on the same resampled blocks.

    Args:
        files: of each run.
        settings: blocks, replicates, recall, level.
        threads: runs read and scored at once.
        further: scores besides `bootstrap.SCORES`.

    Raises:
        DataError: runs of several datasets, or scored on different windows, or one without a threshold for `mcc_tuned`.
    """
    first = files[0].predictions
    windows = load_table(first, WINDOW)
    if windows.empty:
        raise DataError(f"{first}: no windows in it", "predict again")
    labels = windows["label"].to_numpy() > 0
    block = assign_blocks(windows["chrom"], windows["start"], settings.block_bp)
    n_blocks = len(np.unique(block[labels]))
    replicates = settings.replicates if n_blocks >= MIN_BLOCKS else 0
    weights = sample_blocks(int(block.max()) + 1, replicates, settings.seed)

    def read(run: RunFiles) -> tuple[str, Run]:
        """Read one run and score it on the resampled blocks; return its dataset too."""
        table = load_table(run.predictions, [*WINDOW, "logit"])
        if len(table) != len(windows) or not table[WINDOW].equals(windows):
            raise DataError(f"{run.predictions}: scored on other windows than {first}", "predict again")
        metrics, record = read_json_object(run.metrics, [*IDENTITY, "seed"]), read_json_object(run.record)
        try:
            exposure, seed = _exposure(record), int(metrics["seed"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DataError(f"{run.record}, or {run.metrics}: not of a run", "train and evaluate it again") from None
        failure, scores = metrics.get("failure") or "", None
        if not failure:
            logits = table["logit"].to_numpy()
            ranked = bootstrap_scores(labels, logits, block, weights, settings.recall_for_precision)
            thresholds = [_threshold(name, record, run.record) for name in further]
            called = [bootstrap_mcc(labels, logits, threshold, block, weights) for threshold in thresholds]
            scores = np.vstack([ranked, *called])
        flags = bool(metrics.get("collapsed")), bool(metrics.get("converged", True))
        identity = (str(metrics["model"]), str(metrics["method"]), seed)
        return str(metrics["dataset"]), Run(*identity, scores, failure, *flags, exposure)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(read, files))
    datasets = list(dict.fromkeys(dataset for dataset, _ in found))
    if len(datasets) > 1:
        raise DataError(f"runs of datasets {datasets[0]} and {datasets[1]}", "compare one dataset at a time")
    runs = [run for _, run in found]
    sizes = len(labels), int(labels.sum()), n_blocks
    return Comparison(datasets[0], *sizes, runs, [*SCORES, *further], settings.confidence_level)


def methods_table(comparison: Comparison) -> pd.DataFrame:
    """Tabulate every method's scores: dataset model method metric seeds value, intervals, and the sizes behind them.

    `blocks` counts the blocks with a positive; `failure` is why a method has no score; `collapsed` counts runs that
    gave all windows one score or that training made no better, `not_converged` those whose training was too short.
    Bounds are clipped to the range of a score.
    """
    rows = []
    for model, method, runs in _group_runs(comparison):
        counts = sum(run.collapsed for run in runs), sum(not run.converged for run in runs)
        known = {**_known(comparison, model), "method": method, **dict(zip(COUNTED, counts, strict=True))}
        failure = _failure(runs)
        for place, metric in enumerate(comparison.metrics):
            row = {**known, "metric": metric, "seeds": len(runs), "failure": failure}
            if not failure:
                found = score_uncertainty(_stacked(runs, place), comparison.level)
                row |= {"value": found.value} | _bounds(found, limits=RANGES[metric])
            rows.append(row)
    return pd.DataFrame(rows, columns=list(METHODS_COLUMNS))


def differences_table(comparison: Comparison) -> pd.DataFrame:
    """Tabulate paired differences: dataset model method baseline metric seeds difference p, intervals, and relative.

    Methods are compared as `pairs` lists them, on the same resampled windows. `relative_difference_percent` is the
    difference in percent of the baseline, its intervals are `relative_seed_ci_low` … `relative_ci_high`; `p` is that of
    the difference, two-sided, from `ci`, uncorrected, and at most that where `p_is_bound`. `smallest_detectable` is the
    difference that such an experiment would find in four of five cases. A pair of which one has no score has no row.
    """
    rows = []
    groups = {(model, method): runs for model, method, runs in _group_runs(comparison)}
    for model in dict.fromkeys(model for model, _ in groups):
        scored = [method for of, method in groups if of == model and not _failure(groups[of, method])]
        for method, baseline in pairs(scored):
            runs = groups[model, method], groups[model, baseline]
            known = {**_known(comparison, model), "method": method, "baseline": baseline}
            known["seeds"] = min(map(len, runs))
            for place, metric in enumerate(comparison.metrics):
                treated, control = (_stacked(of_method, place) for of_method in runs)
                found = difference_uncertainty(treated, control, comparison.level)
                relative = relative_uncertainty(treated, control, comparison.level)
                row = {**known, "metric": metric, "difference": found.value, **_bounds(found)}
                row |= {"p": found.p, "p_is_bound": found.p_is_bound, "standard_error": found.standard_error}
                row["smallest_detectable"] = smallest_detectable(found.ci, found.standard_error)
                percent = {"value": relative.value, **_bounds(relative)}
                rows.append(row | {column: percent[name] for column, name in RELATIVE.items()})
    return pd.DataFrame(rows, columns=list(DIFFERENCES_COLUMNS))


def exposure_table(comparison: Comparison) -> pd.DataFrame:
    """Tabulate what each method was trained on: dataset model method phase seeds steps positive_fraction, and filters.

    Steps of the optimizer, the expected fraction of positives and the homologs found and kept (FILTER_COLUMNS; NaN
    where they were not filtered) are means over seeds.
    """
    numbers, key = ["steps", "positive_fraction", *FILTER_COLUMNS], [*IDENTITY, "phase"]
    rows = [
        (comparison.dataset, run.model, run.method, phase, *(exposure.get(name, np.nan) for name in numbers))
        for run in comparison.runs
        for phase, exposure in run.exposure.items()
    ]
    table = pd.DataFrame(rows, columns=[*key, *numbers])
    means = table.groupby(key, sort=False)
    return means.agg(seeds=("steps", "size"), **{name: (name, "mean") for name in numbers}).reset_index()


def _known(comparison: Comparison, model: str) -> dict[str, Any]:
    n_windows, n_positives = comparison.n_windows, comparison.n_positives
    values = (comparison.dataset, model, n_windows, n_positives, n_positives / n_windows, comparison.n_blocks)
    return dict(zip(DATASET_COLUMNS, values, strict=True))


def _bounds(found: Uncertainty, limits: tuple[float, float] = (-np.inf, np.inf)) -> dict[str, float]:
    ends = [end for interval in (found.seed_ci, found.bootstrap_ci, found.ci) for end in interval.bounds]
    return {name: float(np.clip(end, *limits)) for name, end in zip(BOUNDS, ends, strict=True)}


def _group_runs(comparison: Comparison) -> Iterator[tuple[str, str, list[Run]]]:
    """Model, method and the runs of both, in the order of their first runs."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in comparison.runs:
        groups.setdefault((run.model, run.method), []).append(run)
    for (model, method), runs in groups.items():
        yield model, method, runs


def _failure(runs: Sequence[Run]) -> str:
    return next((run.failure for run in runs if run.scores is None), "")


def _exposure(record: Mapping[str, Any]) -> dict[str, Any]:
    """The exposure in a run's record, its phases in the order in which they were trained."""
    exposure = record.get("exposure") or {}
    phases = resolve(record["method"]).phases(RunSettings(**record["settings"])) if exposure else []
    return {phase.name: exposure[phase.name] for phase in phases if phase.name in exposure}


def _threshold(metric: FurtherMetric, record: Mapping[str, Any], path: str | Path) -> float:
    """The logit from which a window is called bound: 0, or the one that was best on validation windows."""
    if metric == "mcc":
        return 0.0
    threshold = recorded_threshold(record, path)
    if threshold is None:
        raise DataError(f"{path}: has no threshold for mcc_tuned", "an older version trained the run: train it again")
    return threshold.score


def _stacked(runs: Sequence[Run], place: int) -> NDArray[np.float64]:
    """One score of some runs in every replicate: (runs, 1 + replicates)."""
    return np.stack([run.scores[place] for run in runs if run.scores is not None])
