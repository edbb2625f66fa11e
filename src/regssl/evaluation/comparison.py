"""All methods of one dataset on the same test windows: scores with two sources of doubt, and paired differences.

Tables are tidy; intervals are those of `doubts`: `seeds_low`, `seeds_high`, `blocks_low` … `both_high`. Scores are
`block_bootstrap.SCORES`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.evaluation.bootstrap import SCORES, draw_blocks, number_blocks, resampled_scores
from regssl.evaluation.confidence import Doubts, of_difference, of_gain, of_scores
from regssl.evaluation.settings import Statistics
from regssl.io.parquet import load_table
from regssl.methods import resolve

FEWEST_BLOCKS = 10
"""With positives in fewer blocks, samples of blocks hold so few different ones that their interval means nothing."""
HIGHEST = {"aupr": 1.0, "aupr_over_prevalence": np.inf, "auroc": 1.0, "precision": 1.0}
WINDOW = ["chrom", "start", "end", "label"]


@dataclass(frozen=True)
class Run:
    """One run: its identity, its scores in every replicate, (4, 1 + replicates), or why it has none."""

    model: str
    method: str
    seed: int
    scores: NDArray[np.float64] | None
    problem: str
    collapsed: bool
    exposure: Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The runs of a dataset, all scored on the same windows.

    Attributes:
        windows, positives: of the test chromosomes.
        blocks: how many blocks of these hold a positive.
        runs: in the order given.
        level: of the intervals.
    """

    dataset: str
    windows: int
    positives: int
    blocks: int
    runs: list[Run]
    level: float


def compare(predictions: Sequence[str | Path], settings: Statistics, threads: int = 1) -> Comparison:
    """Score all runs of a dataset on the same resampled blocks.

    Args:
        predictions: tables of `predict`; beside each lie the run's metrics.json and run.json.
        settings: blocks, replicates, recall, level.
        threads: runs read and scored at once.

    Raises:
        DataError: runs of several datasets, or scored on different windows.
    """
    windows = load_table(predictions[0], WINDOW)
    labels = windows["label"].to_numpy() > 0
    block = number_blocks(windows["chrom"], windows["start"], settings.block_bp)
    positive_blocks = len(np.unique(block[labels]))
    enough = positive_blocks >= FEWEST_BLOCKS
    weights = draw_blocks(int(block.max()) + 1, settings.replicates if enough else 0, settings.seed)

    def read(path: str | Path) -> tuple[str, Run]:
        table = load_table(path, [*WINDOW, "logit"])
        if len(table) != len(windows) or not table[WINDOW].equals(windows):
            raise DataError(f"{path}: scored on other windows than {predictions[0]}", "predict again")
        told, record = (json.loads(Path(path).with_name(name).read_text()) for name in ("metrics.json", "run.json"))
        problem, scores = told.get("problem") or "", None
        if not problem:
            scores = resampled_scores(labels, table["logit"].to_numpy(), block, weights, settings.recall)
        identity = (str(told["model"]), str(told["method"]), int(told["seed"]))
        collapsed = bool(told.get("collapsed"))
        return str(told["dataset"]), Run(*identity, scores, problem, collapsed, _shown(record))

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(read, predictions))
    datasets = list(dict.fromkeys(dataset for dataset, _ in found))
    if len(datasets) > 1:
        raise DataError(f"runs of datasets {datasets[0]} and {datasets[1]}", "compare one dataset at a time")
    runs = [run for _, run in found]
    return Comparison(datasets[0], len(labels), int(labels.sum()), positive_blocks, runs, settings.level)


def methods_table(comparison: Comparison) -> pd.DataFrame:
    """Every method's scores: dataset model method metric seeds value, intervals, and what they rest on.

    `blocks` counts the blocks with a positive; `problem` says why a method has no score; `collapsed` counts runs that
    gave all windows one score. Bounds are cut to what a score can be.
    """
    rows = []
    for model, method, runs in _cells(comparison):
        known = {**_known(comparison, model), "method": method, "collapsed": sum(run.collapsed for run in runs)}
        problem = _problem(runs)
        for place, metric in enumerate(SCORES):
            row = {**known, "metric": metric, "seeds": len(runs), "problem": problem}
            if not problem:
                found = of_scores(_stacked(runs, place), comparison.level)
                row |= {"value": found.value} | _bounds(found, cut=(0.0, HIGHEST[metric]))
            rows.append(row)
    return pd.DataFrame(rows, columns=[*KNOWN, "method", "metric", "seeds", "collapsed", "value", *BOUNDS, "problem"])


def differences_table(comparison: Comparison) -> pd.DataFrame:
    """Paired differences: dataset model method baseline metric seeds difference gain p, and the intervals of both.

    Methods are compared as `pairs` says, on the same resampled windows. `gain` is percent of the baseline, its
    intervals are `gain_seeds_low` … `gain_both_high`; `p` is that of the difference, two-sided, of both doubts. A pair
    of which one has no score has no row.
    """
    rows = []
    cells = {(model, method): runs for model, method, runs in _cells(comparison)}
    for model in dict.fromkeys(model for model, _ in cells):
        scored = [method for of, method in cells if of == model and not _problem(cells[of, method])]
        for method, baseline in pairs(scored):
            runs = cells[model, method], cells[model, baseline]
            known = {**_known(comparison, model), "method": method, "baseline": baseline}
            known["seeds"] = min(map(len, runs))
            for place, metric in enumerate(SCORES):
                one, other = (_stacked(of_method, place) for of_method in runs)
                found, gain = of_difference(one, other, comparison.level), of_gain(one, other, comparison.level)
                row = {**known, "metric": metric, "difference": found.value, "p": found.p, **_bounds(found)}
                rows.append(row | {"gain": gain.value} | {f"gain_{name}": x for name, x in _bounds(gain).items()})
    gains = ["gain", *(f"gain_{name}" for name in BOUNDS)]
    columns = [*KNOWN, "method", "baseline", "metric", "seeds", "difference", *BOUNDS, "p", *gains]
    return pd.DataFrame(rows, columns=columns)


def exposure_table(comparison: Comparison) -> pd.DataFrame:
    """What each method was shown: dataset model method phase seeds steps positive_share, means over seeds."""
    rows = [
        (comparison.dataset, run.model, run.method, phase, shown["steps"], shown["positive_share"])
        for run in comparison.runs
        for phase, shown in run.exposure.items()
    ]
    key = ["dataset", "model", "method", "phase"]
    table = pd.DataFrame(rows, columns=[*key, "steps", "positive_share"])
    means = table.groupby(key, sort=False)
    return means.agg(
        seeds=("steps", "size"), steps=("steps", "mean"), positive_share=("positive_share", "mean")
    ).reset_index()


def pairs(methods: Sequence[str]) -> list[tuple[str, str]]:
    """Which methods are compared: (method, baseline).

    SSL with every other; the other trained methods with SL, to see whether they gain at all; and SSL with SL where both
    have the same part of the human windows.
    """
    of_ssl = [("ssl", other) for other in methods if other != "ssl"] if "ssl" in methods else []
    trained = [id for id in methods if resolve(id).kind != "baseline" and resolve(id).subset is None]
    of_sl = [(id, "sl") for id in trained if id not in ("sl", "ssl")] if "sl" in methods else []
    sl_of = {resolve(id).subset: id for id in methods if resolve(id).base == "sl" and resolve(id).subset}
    same_subset = [
        (id, sl_of[resolve(id).subset]) for id in methods if resolve(id).base == "ssl" and resolve(id).subset in sl_of
    ]
    return of_ssl + of_sl + same_subset


KNOWN = ["dataset", "model", "windows", "positives", "prevalence", "blocks"]
DOUBTS = ("seeds", "blocks", "both")
BOUNDS = [f"{doubt}_{end}" for doubt in DOUBTS for end in ("low", "high")]


def _known(comparison: Comparison, model: str) -> dict[str, Any]:
    prevalence = comparison.positives / comparison.windows
    values = (comparison.dataset, model, comparison.windows, comparison.positives, prevalence, comparison.blocks)
    return dict(zip(KNOWN, values, strict=True))


def _bounds(found: Doubts, cut: tuple[float, float] = (-np.inf, np.inf)) -> dict[str, float]:
    ends = [end for interval in (found.seeds, found.blocks, found.both) for end in interval]
    return {name: float(np.clip(end, *cut)) for name, end in zip(BOUNDS, ends, strict=True)}


def _cells(comparison: Comparison) -> Iterator[tuple[str, str, list[Run]]]:
    cells: dict[tuple[str, str], list[Run]] = {}
    for run in comparison.runs:
        cells.setdefault((run.model, run.method), []).append(run)
    for (model, method), runs in cells.items():
        yield model, method, runs


def _problem(runs: Sequence[Run]) -> str:
    return next((run.problem for run in runs if run.scores is None), "")


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """The exposure that a run's record tells, its phases in the order in which they were trained."""
    told = record.get("exposure") or {}
    phases = resolve(record["method"]).phases(record["settings"]) if told else []
    return {phase.name: told[phase.name] for phase in phases if phase.name in told}


def _stacked(runs: Sequence[Run], place: int) -> NDArray[np.float64]:
    """One score of some runs in every replicate: (runs, 1 + replicates)."""
    return np.stack([run.scores[place] for run in runs if run.scores is not None])
