"""Curves of ablations: AUPR against the number of genomes, their divergence, training size and permuted labels.

Each function gathers the runs of one kind of ablation into a tidy table, one row per point: dataset, model, series,
method, x, label (written at the point; may be empty), n (seeds), aupr, aupr_low, aupr_high, prevalence. A dataset and
model without an ablation of the kind has no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.tsv import require_columns
from regssl.methods import Method, resolve
from regssl.methods.subsets import Subset

COLUMNS = ["dataset", "model", "series", "method", "x", "label", "n", "aupr", "aupr_low", "aupr_high", "prevalence"]


DIVERGENCE_COLUMNS = {"genome": "str", "clade": "str", "substitutions_per_site": "float64"}
COUNTS_COLUMNS = {"dataset": "str", "split": "str", "positives": "int64"}
LABEL_ERROR_COLUMNS = {"dataset": "str", "genome": "str", "lost_fraction": "float64"}
"""Columns of the tables that curves need beside the scores, and their types."""
AnyTable = TypeVar("AnyTable", pd.DataFrame, Mapping[str, pd.DataFrame])


class AblationTables(NamedTuple):
    """Tables that the curves of ablations need beside the scores; None: not given.

    Attributes:
        divergence: by dataset, the tidy table of `divergence_table` on its training bins.
        counts: `human/counts.tsv` of the datasets.
        label_errors: tables of `label_errors.count_label_errors`.
    """

    divergence: Mapping[str, pd.DataFrame] | None = None
    counts: pd.DataFrame | None = None
    label_errors: pd.DataFrame | None = None


class CurvePoint(NamedTuple):
    """Where a method is on a curve: its series, x, and the label of the point."""

    series: str
    x: float
    label: str = ""


def ablation_curve(kind: str, scores: pd.DataFrame, tables: AblationTables) -> pd.DataFrame:
    """Tabulate the curve of one kind of ablation.

    Args:
        kind: one of `methods.subsets.KINDS`.
        scores: as `summary.estimates` returns.
        tables: those that the kind needs.

    Raises:
        DataError: a table that the kind needs is not given, or lacks a column.
    """
    if kind == "permuted_labels":
        return permuted_labels_curve(scores, tables.label_errors)
    if kind == "train_size":
        return train_size_curve(scores, _given(tables.counts, kind, "counts"))
    divergence = _given(tables.divergence, kind, "divergence")
    return genome_curve(scores, divergence) if kind == "genomes" else divergence_curve(scores, divergence)


def _given(table: AnyTable | None, kind: str, name: str) -> AnyTable:
    if table is None:
        raise DataError(f"the ablation '{kind}' needs a table of {name}", f"give --{name}")
    return table


def genome_curve(scores: pd.DataFrame, divergence: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tabulate AUPR against the number of genomes, in the series `nearest` and `farthest`.

    Both begin at 0, which is `sl`, and end at all genomes, which is `ssl`.

    Args:
        scores: as `summary.estimates` returns.
        divergence: by dataset, the tidy table of `divergence_table` on its training bins.
    """

    def points(dataset: str, method: Method) -> Iterator[CurvePoint]:
        """Place a method on the curve of a dataset, or not at all."""
        subset, genomes = method.subset, divergence[dataset]
        if method.id in ("sl", "ssl"):
            x = 0 if method.id == "sl" else len(genomes)
            yield from (CurvePoint("nearest", x), CurvePoint("farthest", x))
        elif subset and subset.nearest is not None:
            yield CurvePoint("nearest", len(subset.select_genomes(genomes)))
        elif subset and subset.farthest is not None:
            yield CurvePoint("farthest", len(subset.select_genomes(genomes)))

    return _curve(scores, points, lambda subset: subset.nearest is not None or subset.farthest is not None)


def divergence_curve(scores: pd.DataFrame, divergence: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tabulate AUPR against the mean substitutions per site of the genomes used; x is NaN where one is saturated.

    The series are `nearest` and `farthest` (the label is the number of genomes), the groups of `subsets.GROUPS`, `all`
    (`ssl`), and `sl`, which has no genome and so no x. Arguments as for `genome_curve`.
    """
    for table in divergence.values():
        require_columns(table, list(DIVERGENCE_COLUMNS), "the table of divergence")

    def points(dataset: str, method: Method) -> Iterator[CurvePoint]:
        """Place a method on the curve of a dataset, or not at all."""
        subset, genomes = method.subset, divergence[dataset]
        distance = genomes.set_index("genome")["substitutions_per_site"]

        def mean(selected: list[str]) -> float:
            x = float(distance[selected].mean())
            return x if np.isfinite(x) else np.nan

        if method.id == "sl":
            yield CurvePoint("sl", np.nan)
        elif method.id == "ssl":
            yield CurvePoint("all", mean(list(distance.index)))
        elif subset and subset.nearest is not None:
            yield CurvePoint("nearest", mean(subset.select_genomes(genomes)), str(subset.nearest))
        elif subset and subset.farthest is not None:
            yield CurvePoint("farthest", mean(subset.select_genomes(genomes)), str(subset.farthest))
        elif subset and subset.group is not None:
            yield CurvePoint(subset.group, mean(subset.select_genomes(genomes)))

    return _curve(scores, points, lambda subset: subset.selects_genomes)


def train_size_curve(scores: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the learning curve: AUPR against human training positives, a series per method.

    Labels are percents of the training windows.

    Args:
        scores: as `summary.estimates` returns.
        counts: `human/counts.tsv` of the datasets: dataset, split, windows, positives.
    """
    require_columns(counts, list(COUNTS_COLUMNS), "the table of human windows")
    positives = counts[counts["split"] == "train"].set_index("dataset")["positives"]
    bases = {method.base for method in map(resolve, scores["method"].unique()) if _is_train_size(method)}

    def points(dataset: str, method: Method) -> Iterator[CurvePoint]:
        """Place a method on the curve of a dataset, or not at all."""
        if method.subset is None or _is_train_size(method):
            percent = (method.subset and method.subset.train_percent) or 100
            yield CurvePoint(method.base, max(1, round(positives[dataset] * percent / 100)), f"{percent} %")

    return _curve(scores, points, lambda subset: subset.is_train_size, bases)


def _is_train_size(method: Method) -> bool:
    return method.subset is not None and method.subset.is_train_size


def permuted_labels_curve(scores: pd.DataFrame, label_errors: pd.DataFrame | None) -> pd.DataFrame:
    """Tabulate AUPR against the percent of pseudo-labels that are permuted, in the series `ssl`.

    0 is `ssl`, 100 `ssl_shuffled`. The series `sl` has no homologs and so no x. A further column, lost_percent, is what
    evolution has done already: of the homologs of human windows that contain a functional site, so many percent contain
    none. NaN where it is not known.

    Args:
        scores: as `summary.estimates` returns.
        label_errors: tables of `label_errors.count_label_errors`, of simulated data; None elsewhere.
    """
    ends = {"ssl": 0, "ssl_shuffled": 100}

    def points(_: str, method: Method) -> Iterator[CurvePoint]:
        """Place a method on the curve of a dataset, or not at all."""
        subset = method.subset
        if method.id == "sl":
            yield CurvePoint("sl", np.nan)
        elif method.id in ends:
            yield CurvePoint("ssl", ends[method.id])
        elif subset and subset.permuted_label_percent is not None:
            yield CurvePoint("ssl", subset.permuted_label_percent)

    curve = _curve(scores, points, lambda subset: subset.permuted_label_percent is not None)
    lost = pd.Series(dtype=float)
    if label_errors is not None:
        require_columns(label_errors, list(LABEL_ERROR_COLUMNS), "the table of label errors")
        of_all = label_errors[label_errors["genome"] == "all"]
        lost = of_all.set_index("dataset")["lost_fraction"].astype(float)
    return curve.assign(lost_percent=100 * curve["dataset"].map(lost).astype(float))


def _curve(
    scores: pd.DataFrame,
    points: Callable[[str, Method], Iterator[CurvePoint]],
    is_of_kind: Callable[[Subset], bool],
    bases: Collection[str] = ("sl", "ssl", "ssl_shuffled"),
) -> pd.DataFrame:
    """The points of some methods and their subsets, for datasets and models with one of the kind; by series, then x."""
    rows = []
    for (dataset, _), of_model in scores.groupby(["dataset", "model"], sort=False):
        methods = [resolve(str(name)) for name in of_model["method"]]
        if not any(is_of_kind(method.subset) for method in methods if method.subset and method.base in bases):
            continue
        for group, method in zip(of_model.to_dict("records"), methods, strict=True):
            if method.base in bases:
                rows += [{**group, **point._asdict()} for point in points(str(dataset), method)]
    curve = pd.DataFrame(rows, columns=COLUMNS)
    order = {pair: at for at, pair in enumerate(dict.fromkeys(zip(curve["dataset"], curve["model"], strict=True)))}
    place = [order[pair] for pair in zip(curve["dataset"], curve["model"], strict=True)]
    return curve.assign(_place=place).sort_values(["_place", "series", "x"], ignore_index=True).drop(columns="_place")
