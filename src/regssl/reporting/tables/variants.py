"""The tables of correlations of variant effects, and of the variants behind them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.reporting.marks import model_notes
from regssl.reporting.tables.base import Table, grouped
from regssl.reporting.tables.variant_means import across_seeds, select_means
from regssl.variants.dataset import BALANCED, SEEN_IN_TRAINING, UNUSED_SPLIT
from regssl.variants.effects import COLUMNS, CORRELATIONS
from regssl.variants.scoring import REASONS

CORRELATION_NAMES = {"pearson": "Pearson", "spearman": "Spearman"}
SPLIT_ORDER = ("test", "train", "validation", UNUSED_SPLIT)
COUNTS_COLUMNS = {"dataset": "str", "variant_set": "str", "outcome": "str", "n_variants": "int64"}
EXCLUDED = {
    "not_significant": "not significant",
    "no_effect": "no effect given",
    "repeated": "measured again",
    "unmatched": "balanced, more than match",
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
    means = select_means(effects, names, sets)
    columns = means.leading_columns(names, sets) + [
        column for measure, name in CORRELATION_NAMES.items() for column in means.measure_columns(measure, name)
    ]
    caption = (
        "Predicted and observed effects of variants on binding, variants whose sequence is in no training set: "
        f"correlation, {means.how_computed()} Variants of the other splits are in the TSV."
        f"{model_notes(names, effects['model'])}"
    )
    return Table(effects[list(COLUMNS)], grouped(columns), caption)


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
    columns = {"rows": "Rows", **EXCLUDED, **{split: f"Scored, {split}" for split in (*SPLIT_ORDER, BALANCED)}}
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
        "by the split of their place in the human genome. Only variants of the test split are in Figure 3, and "
        "no balanced ones, which were tested and showed no imbalance."
    )
    return Table(tidy, display, caption)


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
    means = means[means["value"].notna()]
    means = means.assign(remark="Variants: " + means["variant_set"])
    plain = means.assign(quantity="variant correlation", baseline="")
    gains = means[means["delta_vs_sl"].notna()].assign(quantity="variant correlation difference")
    gains = gains.drop(columns=["value", "low", "high"])
    gains = gains.rename(columns={"delta_vs_sl": "value", "delta_vs_sl_low": "low", "delta_vs_sl_high": "high"})
    columns = ["dataset", "model", "method", "baseline", "quantity", "value", "low", "high", "remark"]
    return pd.concat([plain[columns], gains[columns]], ignore_index=True)
