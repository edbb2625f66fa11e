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
from regssl.methods.ablations import Dose

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

    def places(dataset: str, method: str, dose: Dose | None) -> Iterator[Place]:
        if method in ("sl", "ssl"):
            x = 0 if method == "sl" else genomes
            yield from (("nearest", x, ""), ("farthest", x, ""))
        elif dose and dose.nearest is not None:
            yield "nearest", len(dose.choose(divergence)), ""
        elif dose and dose.farthest is not None:
            yield "farthest", len(dose.choose(divergence)), ""

    return _points(cells, places, lambda dose: dose.nearest is not None or dose.farthest is not None)


def divergence_points(cells: pd.DataFrame, divergence: pd.DataFrame) -> pd.DataFrame:
    """AUPR against the mean substitutions per site of the genomes that were used; x is NaN where one is saturated.

    The series are `nearest` and `farthest` (the label is the number of genomes), the groups of `doses.GROUPS`, `all`
    (`ssl`), and `sl`, which has no genome and so no x.
    """
    require_columns(divergence, ["genome", "clade", "substitutions_per_site"], "the table of divergence")
    distance = divergence.set_index("genome")["substitutions_per_site"]

    def mean(genomes: list[str]) -> float:
        x = float(distance[genomes].mean())
        return x if np.isfinite(x) else np.nan

    def places(dataset: str, method: str, dose: Dose | None) -> Iterator[Place]:
        if method == "sl":
            yield "sl", np.nan, ""
        elif method == "ssl":
            yield "all", mean(list(distance.index)), ""
        elif dose and dose.nearest is not None:
            yield "nearest", mean(dose.choose(divergence)), str(dose.nearest)
        elif dose and dose.farthest is not None:
            yield "farthest", mean(dose.choose(divergence)), str(dose.farthest)
        elif dose and dose.group is not None:
            yield dose.group, mean(dose.choose(divergence)), ""

    return _points(cells, places, lambda dose: dose.of_genomes)


def human_points(cells: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """The learning curve: AUPR against human training positives, in the series `sl` and `ssl`; labels are percents.

    Args:
        cells: as above.
        counts: `human/counts.tsv` of the datasets: dataset, split, windows, positives.
    """
    require_columns(counts, ["dataset", "split", "positives"], "the table of human windows")
    positives = counts[counts["split"] == "train"].set_index("dataset")["positives"]

    def places(dataset: str, method: str, dose: Dose | None) -> Iterator[Place]:
        if method in ("sl", "ssl") or (dose and dose.human_percent is not None):
            percent = 100 if dose is None or dose.human_percent is None else dose.human_percent
            yield method.partition("-")[0], max(1, round(positives[dataset] * percent / 100)), f"{percent} %"

    return _points(cells, places, lambda dose: dose.human_percent is not None)


def turnover_points(cells: pd.DataFrame, wrong: pd.DataFrame | None) -> pd.DataFrame:
    """AUPR against the percent of pseudo-labels that are permuted, in the series `ssl`: 0 is `ssl`, 100 `ssl_shuffled`.

    The series `sl` has no homologs and so no x. A further column, lost_percent, is what evolution has done already: of
    the homologs of human windows that hold a functional site, so many percent hold none. NaN where it is not known.

    Args:
        cells: as above.
        wrong: tables of `label_errors.count_label_errors`, on the simulated data; None elsewhere.
    """
    ends = {"ssl": 0, "ssl_shuffled": 100}

    def places(dataset: str, method: str, dose: Dose | None) -> Iterator[Place]:
        if method == "sl":
            yield "sl", np.nan, ""
        elif method in ends:
            yield "ssl", ends[method], ""
        elif dose and dose.turnover_percent is not None:
            yield "ssl", dose.turnover_percent, ""

    points = _points(cells, places, lambda dose: dose.turnover_percent is not None)
    lost = pd.Series(dtype=float)
    if wrong is not None:
        lost = wrong[wrong["genome"] == "all"].set_index("dataset")["lost_fraction"].astype(float)
    return points.assign(lost_percent=100 * points["dataset"].map(lost).astype(float))


def _points(
    cells: pd.DataFrame, places: Callable[[str, str, Dose | None], Iterator[Place]], is_of: Callable[[Dose], bool]
) -> pd.DataFrame:
    """The places of each cell, for datasets and models that have a dose of the kind; by series, then x."""
    rows = []
    for (_, _), of_model in cells.groupby(["dataset", "model"], sort=False):
        doses = {method: resolve(method).dose for method in of_model["method"]}
        if not any(
            dose and is_of(dose) and method.partition("-")[0] in ("sl", "ssl") for method, dose in doses.items()
        ):
            continue
        for cell in of_model.to_dict("records"):
            method = str(cell["method"])
            if method.partition("-")[0] in ("sl", "ssl", "ssl_shuffled"):
                found = places(str(cell["dataset"]), method, doses[method])
                rows += [{**cell, "series": series, "x": x, "label": label} for series, x, label in found]
    points = pd.DataFrame(rows, columns=POINT)
    order = {id: place for place, id in enumerate(dict.fromkeys(zip(points["dataset"], points["model"], strict=True)))}
    place = [order[id] for id in zip(points["dataset"], points["model"], strict=True)]
    return points.assign(_place=place).sort_values(["_place", "series", "x"], ignore_index=True).drop(columns="_place")
