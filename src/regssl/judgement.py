"""What the comparisons of all datasets say together: corrected p-values, verdicts, and tests over datasets.

The family of Holm's correction is what the page asks: SSL with each other method in full dose, in every dataset and
model; of each score apart. Doses and the comparisons of controls with SL are told without being in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regssl.block_bootstrap import SCORES
from regssl.config import Statistics
from regssl.methods import METHODS, resolve
from regssl.multiplicity import holm
from regssl.paired_tests import PairedTest, paired_test
from regssl.verdicts import Difference, Verdict, verdict

CELL = ["dataset", "model"]
NUMBERS = {
    **{"difference": "difference", "low": "both_low", "high": "both_high", "p": "p_holm"},
    **{"gain": "gain", "gain_low": "gain_both_low", "gain_high": "gain_both_high"},
}
"""The numbers of a verdicts.Difference, and the columns they stand in."""
FLOORS = tuple(id for id, method in METHODS.items() if method.kind == "floor")


def with_holm(differences: pd.DataFrame) -> pd.DataFrame:
    """`differences` with a column `p_holm`: NaN for what is not in the family."""
    in_family = (differences["method"] == "ssl") & ~differences["baseline"].map(_is_dose)
    adjusted = pd.Series(np.nan, index=differences.index)
    for metric in SCORES:
        of_metric = in_family & (differences["metric"] == metric)
        adjusted[of_metric] = holm(differences.loc[of_metric, "p"])
    return differences.assign(p_holm=adjusted)


def family_size(corrected: pd.DataFrame) -> int:
    """Comparisons of AUPR in the family."""
    return int(corrected.loc[corrected["metric"] == "aupr", "p_holm"].notna().sum())


def verdicts(
    methods: pd.DataFrame, corrected: pd.DataFrame, names: Mapping[str, str], statistics: Statistics
) -> pd.DataFrame:
    """One row per dataset and model: dataset model prevalence windows positives blocks seeds verdict text remark.

    Args:
        methods: of `comparison.methods_table`, all datasets.
        corrected: of `with_holm`.
        names: display names of methods.
        statistics: level and margin.
    """
    rows = []
    of_aupr = methods[methods["metric"] == "aupr"]
    for cell, runs in of_aupr.groupby(CELL, sort=False):
        ours = corrected[(corrected[CELL] == list(cell)).all(axis=1) & (corrected["metric"] == "aupr")]
        found = _judge(runs.set_index("method"), ours, names, statistics)
        first = runs.iloc[0]
        known = {name: first[name] for name in ("prevalence", "windows", "positives", "blocks")}
        told = {"verdict": found.kind, "text": found.text, "remark": found.remark}
        rows.append(dict(zip(CELL, cell, strict=True)) | known | {"seeds": int(runs["seeds"].max())} | told)
    return pd.DataFrame(rows)


def _judge(runs: pd.DataFrame, ours: pd.DataFrame, names: Mapping[str, str], statistics: Statistics) -> Verdict:
    reasons = [runs.loc[id, "problem"] for id in ("sl", "ssl") if id in runs.index]
    problem = next((str(reason) for reason in reasons if isinstance(reason, str) and reason), "")
    above_sl = ours[ours["baseline"] == "sl"].set_index("method")["both_low"] > 0
    differences = {}
    for _, row in ours[ours["method"] == "ssl"].iterrows():
        other = str(row["baseline"])
        if not _is_dose(other):
            numbers = {name: float(row[column]) for name, column in NUMBERS.items()}
            differences[other] = Difference(**numbers, gains=bool(above_sl.get(other, default=False)))
    return verdict(differences, names, FLOORS, statistics.equivalent_percent, 1 - statistics.level, problem)


def over_datasets(methods: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """SSL with each other method, the datasets being the pairs: model metric method baseline, `PairedTest`, p_holm.

    The p is corrected over the comparisons of one score, all models.
    """
    rows: list[dict[str, Any]] = []
    full = methods[~methods["method"].map(_is_dose)]
    for (model, metric), cells in full.groupby(["model", "metric"], sort=False):
        wide = cells.pivot(index="dataset", columns="method", values="value")
        for other in dict.fromkeys(cells["method"]):
            if other == "ssl" or "ssl" not in wide or not len(pair := wide[["ssl", other]].dropna()):
                continue
            found = paired_test(list(pair["ssl"]), list(pair[other]), level)
            rows.append({"model": model, "metric": metric, "method": "ssl", "baseline": other, **found._asdict()})
    table = pd.DataFrame(rows, columns=["model", "metric", "method", "baseline", *PairedTest._fields])
    for metric in SCORES:
        table.loc[table["metric"] == metric, "p_holm"] = holm(table.loc[table["metric"] == metric, "p"])
    return table


def _is_dose(method: str) -> bool:
    return resolve(method).dose is not None
