"""The table of what the filters of a dataset's networks have learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.interpretation.runs import best_and_median
from regssl.reporting.format import MISSING, number, p_value, percent
from regssl.reporting.tables.base import Table, grouped


def learned_table(runs: pd.DataFrame, names: DisplayNames, known: int, max_q: float) -> Table:
    """Make the table of one dataset: one row per model and method, over seeds.

    Args:
        runs: one row per run, `interpretation.columns.RUN_COLUMNS`.
        names: display names.
        known: number of known motifs.
        max_q: q-value of a match.

    Returns:
        Tidy: the runs, with `is_best` and `is_median` for those whose best filter is the best and the median of the
        seeds.
    """
    tidy = runs.assign(is_best=False, is_median=False)
    rows = []
    for (model, method), group in tidy.groupby(["model", "method"], sort=False):
        best, median = (group.iloc[at] for at in best_and_median(group))
        tidy.loc[best.name, "is_best"] = tidy.loc[median.name, "is_median"] = True
        rows.append(_row(names.models[str(model)], names.methods[str(method)], group, best, median))
    dataset = names.datasets[str(runs["dataset"].iloc[0])]
    return Table(tidy, grouped(list(zip(_HEADINGS, map(list, zip(*rows, strict=True)), strict=True))),
                 _caption(dataset, runs, known, max_q))  # fmt: skip


_HEADINGS: Sequence[tuple[str, str]] = (
    ("", "Network"),
    ("", "Method"),
    ("", "Networks"),
    ("Filters, median", "that fire"),
    ("Filters, median", "like a known motif"),
    ("Filters, median", "like the factor's own"),
    ("The factor's own, share", "best"),
    ("The factor's own, share", "median"),
    ("Most like it: q", "best"),
    ("Most like it: q", "median"),
    ("The median's", "matrix"),
    ("The median's", "fires in bound"),
    ("The median's", "in other windows"),
)


def _row(model: str, method: str, group: pd.DataFrame, best: pd.Series, median: pd.Series) -> list[str]:
    has_own = bool(group["own_share"].notna().any())
    own = [
        number(float(group["own"].median()), "g"),
        *(_share(float(group["own_share"].agg(f))) for f in ("max", "median")),
    ]
    return [
        model,
        method,
        str(len(group)),
        *(number(float(group[name].median()), "g") for name in ("active", "known")),
        *(own if has_own else [MISSING] * 3),
        *(p_value(float(run["shown_q"])) if has_own else MISSING for run in (best, median)),
        str(median["shown_id"]) or MISSING,
        *(_share(float(median[name])) for name in ("shown_positive", "shown_negative")),
    ]


def _share(value: float) -> str:
    return MISSING if np.isnan(value) else percent(value, ".2g")


def _caption(dataset: str, runs: pd.DataFrame, known: int, max_q: float) -> str:
    has_own = bool(runs["own_share"].notna().any())
    own = (
        "The factor's own are all matrices that have its name; of several the best is told. "
        if has_own
        else "None of them has the factor's name, so the filters shown are those through which most of the distance "
        "between bound and other windows comes. "
    )
    return (
        f"What the filters learned: {dataset}. A filter fires in a held-out window where it exceeds a share of its "
        "largest activation, half of it by default. Its motif is that of its best match in each of these windows, on "
        f"either strand. Motifs are compared with {known:,} known ones by Tomtom, and are like one at q ≤ {max_q:g}, "
        f"all comparisons of a network being one family. {own}The networks of a method differ in their seeds; of an "
        "even number the median is the worse of the two in the middle."
    )
