"""The tables of variant effects, and of the variants behind them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.reporting.format import value_with_interval
from regssl.reporting.tables.base import Table, grouped
from regssl.variants.dataset import SEEN_IN_TRAINING, UNUSED_SPLIT
from regssl.variants.effects import ALL_SEEDS, COLUMNS, CORRELATIONS, MEASURES, MIN_N
from regssl.variants.scoring import REASONS

MEASURE_NAMES = {"pearson": "Pearson", "spearman": "Spearman", "sign_concordance": "Sign concordance"}
SPLIT_ORDER = ("test", "train", "validation", UNUSED_SPLIT)
COUNTS_COLUMNS = {"dataset": "str", "variant_set": "str", "outcome": "str", "n_variants": "int64"}
EXCLUDED = {
    "not_significant": "not significant",
    "no_effect": "no effect given",
    "repeated": "measured again",
    **REASONS,
    SEEN_IN_TRAINING: "sequence in training",
}


def effects_table(effects: pd.DataFrame, names: DisplayNames, sets: Mapping[str, str]) -> Table:
    """Make the table of correlations of scores with allelic imbalance, per set of variants, model and method.

    Means over seeds, on held-out chromosomes.

    Other splits, and methods without a display name, are in the tidy table only.

    Args:
        effects: from `variants.effects.correlation_table`, of one or more datasets.
        names: display names.
        sets: display names of the sets of variants.

    Raises:
        DataError: a missing column, or no row to display.
    """
    means = across_seeds(effects, "test")
    means = means[(means["n"] >= MIN_N) & means["method"].isin(list(names.methods))]
    cells = {
        (row["dataset"], row["variant_set"], row["model"], row["method"], row["measure"]): row
        for row in means.to_dict("records")
    }
    rows = [
        row
        for row in product(names.datasets, sets, names.models, names.methods)
        if all((*row, measure) in cells for measure in MEASURES)
    ]
    columns = [
        (("", "Dataset"), [names.datasets[dataset] for dataset, *_ in rows]),
        (("", "Variants"), [sets[variant_set] for _, variant_set, *_ in rows]),
        (("", "n"), [f"{cells[(*row, MEASURES[0])]['n']:,}" for row in rows]),
        (("", "Model"), [names.models[model] for *_, model, _ in rows]),
        (("", "Method"), [names.methods[method] for *_, method in rows]),
    ]
    against, treated = (_named(means[column], names) for column in ("baseline", "treated"))
    for measure in MEASURES:
        of_rows = [cells[(*row, measure)] for row in rows]
        name = MEASURE_NAMES[measure]
        columns.append(((name, "Mean"), [_bounded(row, "value", "") for row in of_rows]))
        if against:
            columns.append(
                ((name, f"Gain over {against}"), [_bounded(row, "delta_vs_sl", "delta_vs_sl_") for row in of_rows])
            )
        if treated:
            columns.append(
                (
                    (name, f"{treated} − method"),
                    [_bounded(row, "ssl_minus_method", "ssl_minus_method_") for row in of_rows],
                )
            )
    return Table(effects[list(COLUMNS)], grouped(columns), _caption(against, treated, _seeds(effects)))


def variant_counts_table(counts: pd.DataFrame, names: DisplayNames, sets: Mapping[str, str]) -> Table:
    """Make the table of variants of each set: how many are scored, in which split, and why others are not.

    Args:
        counts: dataset, variant_set, outcome and n_variants of all sets, as `save_variant_dataset` writes them.
        names, sets: display names.

    Raises:
        DataError: a missing column.
    """
    require_columns(counts, list(COUNTS_COLUMNS), "the table of variant counts")
    tidy = counts[list(COUNTS_COLUMNS)]
    dataset_of = dict(zip(tidy["variant_set"], tidy["dataset"], strict=True))
    wide = tidy.pivot(index="variant_set", columns="outcome", values="n_variants").fillna(0).astype(int)
    columns = {"rows": "Rows", **EXCLUDED, **{split: f"Scored, {split}" for split in SPLIT_ORDER}}
    present = [name for name in columns if name in wide and (name in ("rows", "test") or wide[name].any())]
    display = pd.DataFrame(
        {
            "Dataset": [names.datasets[dataset] for dataset in dataset_of.values()],
            "Variants": [sets[s] for s in dataset_of],
        }
    )
    for name in present:
        heading = columns[name][0].upper() + columns[name][1:]
        display[heading] = [format(count, ",") for count in wide.loc[list(dataset_of), name]]
    caption = (
        "Variants of each set: rows of its table, those left out by the first reason that applies, and those scored, "
        "by the split of their place in the human genome. Only variants of the test split are in Figure 3."
    )
    return Table(tidy, display, caption)


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


def figure3_table(effects: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    """Return the rows of `correlation_table` behind Figure 3: correlations on the test split, means over seeds.

    Raises:
        DataError: as `across_seeds`.
    """
    selected = effects["method"].isin(list(names.methods)) & effects["measure"].isin(CORRELATIONS)
    return across_seeds(effects[selected], "test")


def paper_quantities(effects: pd.DataFrame) -> pd.DataFrame:
    """Return Pearson's correlation on the test split and its difference to the baseline, in the paper's quantities.

    Columns: dataset, model, method, baseline, quantity, value, low, high, remark (which set of variants).
    """
    means = across_seeds(effects[effects["measure"] == "pearson"], "test")
    means = means.assign(remark="Variants: " + means["variant_set"])
    plain = means.assign(quantity="variant correlation", baseline="")
    gains = means[means["delta_vs_sl"].notna()].assign(quantity="variant correlation difference")
    gains = gains.drop(columns=["value", "low", "high"])
    gains = gains.rename(columns={"delta_vs_sl": "value", "delta_vs_sl_low": "low", "delta_vs_sl_high": "high"})
    columns = ["dataset", "model", "method", "baseline", "quantity", "value", "low", "high", "remark"]
    return pd.concat([plain[columns], gains[columns]], ignore_index=True)


def _seeds(effects: pd.DataFrame) -> int:
    return int(effects.loc[effects["seed"].astype(str) != ALL_SEEDS, "seed"].nunique())


def _named(ids: pd.Series, names: DisplayNames) -> str:
    """The display name of the one method that a column names, or nothing."""
    return ", ".join(names.methods.get(method, method) for method in ids.unique() if isinstance(method, str) and method)


def _bounded(row: Mapping[Any, Any], name: str, prefix: str) -> str:
    # no minus sign before what rounds to 0
    value, low, high = (round(float(row[column]), 3) + 0.0 for column in (name, f"{prefix}low", f"{prefix}high"))
    return value_with_interval(value, low, high, ".3f" if name == "value" else "+.3f")


def _caption(against: str, treated: str, seeds: int) -> str:
    gain = f"Gain: difference to {against}" if against else ""
    lead = f"{treated} − method: by how much {treated} is better than the method of the row" if treated else ""
    differences = "; ".join(filter(None, [gain, lead]))
    return (
        "Predicted and observed effects of variants on binding, variants whose sequence is in no training set: mean "
        f"over {seeds} seed{'s' * (seeds > 1)}, with 95 % bootstrap intervals over variants, resampled as if "
        "independent. Sign concordance: fraction of variants whose sign is predicted; half is chance, and what a "
        "predicted effect of 0 counts. "
        + (f"{differences}; on the same samples. " if differences else "")
        + f"Sets with fewer than {MIN_N} such variants are left out; variants of the other splits are in the TSV."
    )
