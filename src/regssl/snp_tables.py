"""The table of SNP effects, and of the SNPs behind it, for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from regssl.errors import DataError
from regssl.html import MISSING
from regssl.snp_effects import ALL_SEEDS, COLUMNS, FEWEST, MEASURES
from regssl.snp_sets import SEEN, UNUSED
from regssl.tables import Names, Table, require_columns
from regssl.variants import REASONS

SPLIT_ORDER = ("test", "train", "validation", UNUSED)
LEFT_OUT = {
    "not_significant": "not significant",
    "no_effect": "no effect given",
    "repeated": "measured again",
    **REASONS,
    SEEN: "sequence seen in training",
}


def effects_table(effects: pd.DataFrame, names: Names, sets: Mapping[str, str]) -> Table:
    """Correlation of score and allelic imbalance per SNP set, split, model and method: means over seeds.

    Args:
        effects: from `snp_effects.correlation_table`, of one or more datasets.
        names: display names.
        sets: display names of the sets of SNPs.

    Raises:
        DataError: a missing column, or nothing to show.
    """
    means = of_all_seeds(effects)
    means = means[means["n"] >= FEWEST]
    cell = ["dataset", "snps", "split", "model", "method"]
    bounds = ["value", "low", "high", "gain", "gain_low", "gain_high"]
    wide = means.pivot(index=[*cell, "n"], columns="measure", values=bounds)
    ranks = [list(names.datasets), list(sets), list(SPLIT_ORDER), list(names.models), list(names.methods)]
    order = sorted(wide.index, key=lambda key: [rank.index(part) for rank, part in zip(ranks, key, strict=False)])
    rows = []
    for key in order:
        dataset, snps, split, model, method, n = key
        row = {"Dataset": names.datasets[dataset], "SNPs": sets[snps], "Chromosomes": split, "n": f"{n:,}",
               "Model": names.models[model], "Method": names.methods[method]}  # fmt: skip
        for measure in MEASURES:
            row[measure.capitalize()] = _bounded(wide.loc[key], measure, "value", "")
        for measure in MEASURES:
            row[f"{measure.capitalize()}, gain"] = _bounded(wide.loc[key], measure, "gain", "gain_")
        rows.append(row)
    return Table(effects[COLUMNS], pd.DataFrame(rows), _caption(effects, names))


def counts_table(counts: Mapping[str, pd.DataFrame], datasets: Mapping[str, str], names: Names,
                 sets: Mapping[str, str]) -> Table:  # fmt: skip
    """How many SNPs of each set are scored, in which split, and why the others are not.

    Args:
        counts: of each set, `outcome` and `snps`, as `save_snp_set` writes them.
        datasets: the dataset of each set.
        names, sets: display names.
    """
    tidy = pd.concat(
        [table.assign(dataset=datasets[name], set=name) for name, table in counts.items()], ignore_index=True
    )[["dataset", "set", "outcome", "snps"]]
    wide = tidy.pivot(index="set", columns="outcome", values="snps").fillna(0).astype(int)
    columns = {"rows": "Rows", **LEFT_OUT, **{split: f"Scored, {split}" for split in SPLIT_ORDER}}
    told = [name for name in columns if name in wide and (name in ("rows", "test") or wide[name].any())]
    shown = pd.DataFrame({"Dataset": [names.datasets[datasets[s]] for s in counts], "SNPs": [sets[s] for s in counts]})
    for name in told:
        heading = columns[name][0].upper() + columns[name][1:]
        shown[heading] = [format(number, ",") for number in wide.loc[list(counts), name]]
    caption = (
        "SNPs of each set: rows of its table, those left out by the first reason that applies, and those scored, by "
        "the split of their place in the human genome. Only SNPs of the test split are in Figure 3."
    )
    return Table(tidy, shown, caption)


def of_all_seeds(effects: pd.DataFrame, split: str | None = None) -> pd.DataFrame:
    """The rows of `correlation_table` that are means over seeds, of one split or of all.

    Raises:
        DataError: a missing column, or there is none.
    """
    require_columns(effects, COLUMNS, "the table of SNP effects")
    means = effects[(effects["seed"].astype(str) == ALL_SEEDS) & ((effects["split"] == split) | (split is None))]
    if means.empty:
        raise DataError("the table of SNP effects has no row to show", f"split {split!r}, all seeds")
    return means


def paper_quantities(effects: pd.DataFrame) -> pd.DataFrame:
    """Pearson's correlation on the test split, and its difference to the baseline, as `agreement` calls them.

    Columns: dataset, model, method, baseline, quantity, value, low, high, remark (which set of SNPs).
    """
    means = of_all_seeds(effects[effects["measure"] == "pearson"], "test")
    means = means.assign(remark="SNPs: " + means["snps"])
    plain = means.assign(quantity="snp correlation", baseline="")
    gains = means[means["gain"].notna()].assign(quantity="snp correlation difference")
    gains = gains.drop(columns=["value", "low", "high"])
    gains = gains.rename(columns={"gain": "value", "gain_low": "low", "gain_high": "high"})
    columns = ["dataset", "model", "method", "baseline", "quantity", "value", "low", "high", "remark"]
    return pd.concat([plain[columns], gains[columns]], ignore_index=True)


def _bounded(row: pd.Series, measure: str, name: str, prefix: str) -> str:
    value, low, high = (float(row[(column, measure)]) for column in (name, f"{prefix}low", f"{prefix}high"))
    if math.isnan(value):
        return MISSING
    sign = "+" if name == "gain" else ""
    text = f"{value:{sign}.3f}" + ("" if math.isnan(low) else f" ({low:{sign}.3f} to {high:{sign}.3f})")
    return text.replace("-", "−")


def _caption(effects: pd.DataFrame, names: Names) -> str:
    seeds = effects.loc[effects["seed"].astype(str) != ALL_SEEDS, "seed"].nunique()
    baselines = [names.methods.get(name, name) for name in effects["baseline"].dropna().unique()] or [MISSING]
    return (
        f"Correlation of predicted and observed effects of SNPs on binding: mean over {seeds} seed{'s' * (seeds > 1)}, "
        "with 95 % bootstrap intervals over SNPs, resampled as if independent. "
        f"Gain: difference to {', '.join(baselines)} on the same samples. Test: SNPs whose sequence no model has seen; "
        f"those on the chromosomes of training and validation are shown apart, from {FEWEST} SNPs on."
    )
