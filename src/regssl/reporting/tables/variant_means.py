"""Means over seeds of what `variants.effects.correlation_table` computed, as columns of tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.reporting.format import value_with_interval
from regssl.variants.effects import ALL_SEEDS, COLUMNS, MEASURES, MIN_N

Column = tuple[tuple[str, str], list[str]]
"""Headings of two levels, and the cells below."""


@dataclass(frozen=True)
class Means:
    """Means over seeds, on the test split, of what is displayed.

    Attributes:
        rows: dataset, set of variants, model and method of each row of the table.
        cells: rows of `correlation_table`, by dataset, set, model, method and measure.
        against, treated: display names of the methods that the differences are to; empty where there are none.
        seeds: how many.
    """

    rows: list[tuple[str, str, str, str]]
    cells: dict[tuple[str, ...], dict[Hashable, Any]]
    against: str
    treated: str
    seeds: int

    def of(self, measure: str) -> list[dict[Hashable, Any]]:
        """List the cells of a measure, one per row."""
        return [self.cells[(*row, measure)] for row in self.rows]

    def leading_columns(self, names: DisplayNames, sets: Mapping[str, str]) -> list[Column]:
        """Make the columns that say what a row is of."""
        return [
            (("", "Dataset"), [names.datasets[dataset] for dataset, *_ in self.rows]),
            (("", "Variants"), [sets[variant_set] for _, variant_set, *_ in self.rows]),
            (("", "n"), [_count(cell["n"]) for cell in self.of(MEASURES[0])]),
            (("", "Model"), [names.models[model] for *_, model, _ in self.rows]),
            (("", "Method"), [names.methods[method] for *_, method in self.rows]),
        ]

    def measure_columns(self, measure: str, name: str) -> list[Column]:
        """Make the columns of a measure: its mean, and its differences to SL and to SSL where they are there."""
        cells = self.of(measure)
        columns = [((name, "Mean"), [bounded(cell, "value", "") for cell in cells])]
        for heading, column in (
            (f"Gain over {self.against}" if self.against else "", "delta_vs_sl"),
            (f"{self.treated} − method" if self.treated else "", "ssl_minus_method"),
        ):
            if heading:
                columns.append(((name, heading), [bounded(cell, column, f"{column}_", "+.3f") for cell in cells]))
        return columns

    def how_computed(self) -> str:
        """Say over what means and intervals are, what the differences are, and where there is no number."""
        gain = f"Gain: difference to {self.against}" if self.against else ""
        lead = f"{self.treated} − method: {self.treated} minus the method of the row" if self.treated else ""
        differences = "; ".join(filter(None, [gain, lead]))
        return (
            f"mean over {self.seeds} seed{'s' * (self.seeds > 1)}, with 95 % bootstrap intervals over variants, "
            "resampled as if independent. "
            + (f"{differences}; on the same samples. " if differences else "")
            + f"A dash: fewer than {MIN_N} variants, from which nothing is concluded, or all with the same score or "
            "direction."
        )


def select_means(effects: pd.DataFrame, names: DisplayNames, sets: Mapping[str, str]) -> Means:
    """Select what is displayed of `correlation_table`, in the order of the display names.

    Raises:
        DataError: a missing column, or no row to display.
    """
    means = across_seeds(effects, "test")
    means = means[means["method"].isin(list(names.methods))]
    cells: dict[tuple[str, ...], dict[Hashable, Any]] = {
        (row["dataset"], row["variant_set"], row["model"], row["method"], row["measure"]): row
        for row in means.to_dict("records")
    }
    rows = [
        row
        for row in product(names.datasets, sets, names.models, names.methods)
        if all((*row, measure) in cells for measure in MEASURES)
    ]
    against, treated = (_named(means[column], names) for column in ("baseline", "treated"))
    seeds = int(effects.loc[effects["seed"].astype(str) != ALL_SEEDS, "seed"].nunique())
    return Means(rows, cells, against, treated, seeds)


def across_seeds(effects: pd.DataFrame, split: str | None = None) -> pd.DataFrame:
    """Select the rows of `correlation_table` that are means over seeds, of one split or of all.

    Raises:
        DataError: a missing column, or there is none.
    """
    require_columns(effects, list(COLUMNS), "the table of variant effects")
    means = effects[(effects["seed"].astype(str) == ALL_SEEDS) & ((effects["split"] == split) | (split is None))]
    if means.empty:
        raise DataError("the table of variant effects has no row to display", f"split {split!r}, all seeds")
    return means


def bounded(cell: Mapping[Any, Any], name: str, prefix: str, spec: str = ".3f") -> str:
    """Format a number of `correlation_table` with its bounds, the columns `<prefix>low` and `<prefix>high`."""
    # no minus sign before what rounds to 0
    value, low, high = (round(float(cell[column]), 3) + 0.0 for column in (name, f"{prefix}low", f"{prefix}high"))
    return value_with_interval(value, low, high, spec)


def _named(ids: pd.Series, names: DisplayNames) -> str:
    """The display name of the one method that a column names, or nothing."""
    return ", ".join(names.methods.get(method, method) for method in ids.unique() if isinstance(method, str) and method)


def _count(n: int) -> str:
    return f"{n:,}" if n >= MIN_N else f"{n}: too few"
