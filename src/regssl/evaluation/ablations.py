"""What AUPR depends on: the number of genomes, their divergence, the human positives, the labels that are wrong.

Each function gathers the runs of one figure into a tidy table, one row per point: dataset, model, series, method, x,
label (written at the point; may be empty), n (seeds), aupr, aupr_low, aupr_high, prevalence. A dataset and model
without a dose of the kind has no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from regssl.io.tsv import require_columns
from regssl.methods import resolve
from regssl.methods.subsets import Subset

POINT = ["dataset", "model", "series", "method", "x", "label", "n", "aupr", "aupr_low", "aupr_high", "prevalence"]
Place = tuple[str, float, str]
"""Series, x and label of a point."""


def genome_points(cells: pd.DataFrame, divergence: pd.DataFrame) -> pd.DataFrame:
    """AUPR against the number of genomes, in the series `nearest` and `farthest`.

    Both begin at 0, which is `sl`, and end at all genomes, which is `ssl`.

    Args:
        cells: as `tables.estimates` returns.
        divergence: as `divergence_tables.divergence_table` has it.
    """
    genomes = len(divergence)

    def places(dataset: str, method: str, subset: Subset | None) -> Iterator[Place]:
        if method in ("sl", "ssl"):
            x = 0 if method == "sl" else genomes
            yield from (("nearest", x, ""), ("farthest", x, ""))
        elif subset and subset.nearest is not None:
            yield "nearest", len(subset.select_genomes(divergence)), ""
        elif subset and subset.farthest is not None:
            yield "farthest", len(subset.select_genomes(divergence)), ""

    return _points(cells, places, lambda subset: subset.nearest is not None or subset.farthest is not None)


def divergence_points(cells: pd.DataFrame, divergence: pd.DataFrame) -> pd.DataFrame:
    """AUPR against the mean substitutions per site of the genomes that were used; x is NaN where one is saturated.

    The series are `nearest` and `farthest` (the label is the number of genomes), the groups of `subsets.GROUPS`, `all`
    (`ssl`), and `sl`, which has no genome and so no x.
    """
    require_columns(divergence, ["genome", "clade", "substitutions_per_site"], "the table of divergence")
    distance = divergence.set_index("genome")["substitutions_per_site"]

    def mean(genomes: list[str]) -> float:
        x = float(distance[genomes].mean())
        return x if np.isfinite(x) else np.nan

    def places(dataset: str, method: str, subset: Subset | None) -> Iterator[Place]:
        if method == "sl":
            yield "sl", np.nan, ""
        elif method == "ssl":
            yield "all", mean(list(distance.index)), ""
        elif subset and subset.nearest is not None:
            yield "nearest", mean(subset.select_genomes(divergence)), str(subset.nearest)
        elif subset and subset.farthest is not None:
            yield "farthest", mean(subset.select_genomes(divergence)), str(subset.farthest)
        elif subset and subset.group is not None:
            yield subset.group, mean(subset.select_genomes(divergence)), ""

    return _points(cells, places, lambda subset: subset.selects_genomes)


def human_points(cells: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """The learning curve: AUPR against human training positives, in the series `sl` and `ssl`; labels are percents.

    Args:
        cells: as above.
        counts: `human/counts.tsv` of the datasets: dataset, split, windows, positives.
    """
    require_columns(counts, ["dataset", "split", "positives"], "the table of human windows")
    positives = counts[counts["split"] == "train"].set_index("dataset")["positives"]

    def places(dataset: str, method: str, subset: Subset | None) -> Iterator[Place]:
        if method in ("sl", "ssl") or (subset and subset.train_percent is not None):
            percent = 100 if subset is None or subset.train_percent is None else subset.train_percent
            yield resolve(method).base, max(1, round(positives[dataset] * percent / 100)), f"{percent} %"

    return _points(cells, places, lambda subset: subset.train_percent is not None)


def turnover_points(cells: pd.DataFrame, wrong: pd.DataFrame | None) -> pd.DataFrame:
    """AUPR against the percent of pseudo-labels that are permuted, in the series `ssl`: 0 is `ssl`, 100 `ssl_shuffled`.

    The series `sl` has no homologs and so no x. A further column, lost_percent, is what evolution has done already: of
    the homologs of human windows that hold a functional site, so many percent hold none. NaN where it is not known.

    Args:
        cells: as above.
        wrong: tables of `label_errors.count_label_errors`, on the simulated data; None elsewhere.
    """
    ends = {"ssl": 0, "ssl_shuffled": 100}

    def places(dataset: str, method: str, subset: Subset | None) -> Iterator[Place]:
        if method == "sl":
            yield "sl", np.nan, ""
        elif method in ends:
            yield "ssl", ends[method], ""
        elif subset and subset.permuted_label_percent is not None:
            yield "ssl", subset.permuted_label_percent, ""

    points = _points(cells, places, lambda subset: subset.permuted_label_percent is not None)
    lost = pd.Series(dtype=float)
    if wrong is not None:
        lost = wrong[wrong["genome"] == "all"].set_index("dataset")["lost_fraction"].astype(float)
    return points.assign(lost_percent=100 * points["dataset"].map(lost).astype(float))


def _points(
    cells: pd.DataFrame, places: Callable[[str, str, Subset | None], Iterator[Place]], is_of: Callable[[Subset], bool]
) -> pd.DataFrame:
    """The places of each cell, for datasets and models that have a dose of the kind; by series, then x."""
    rows = []
    for (_, _), of_model in cells.groupby(["dataset", "model"], sort=False):
        subsets = {method: resolve(method).subset for method in of_model["method"]}
        if not any(
            subset and is_of(subset) and resolve(method).base in ("sl", "ssl") for method, subset in subsets.items()
        ):
            continue
        for cell in of_model.to_dict("records"):
            method = str(cell["method"])
            if resolve(method).base in ("sl", "ssl", "ssl_shuffled"):
                found = places(str(cell["dataset"]), method, subsets[method])
                rows += [{**cell, "series": series, "x": x, "label": label} for series, x, label in found]
    points = pd.DataFrame(rows, columns=POINT)
    order = {id: place for place, id in enumerate(dict.fromkeys(zip(points["dataset"], points["model"], strict=True)))}
    place = [order[id] for id in zip(points["dataset"], points["model"], strict=True)]
    return points.assign(_place=place).sort_values(["_place", "series", "x"], ignore_index=True).drop(columns="_place")
