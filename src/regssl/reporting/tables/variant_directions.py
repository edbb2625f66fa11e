"""The table of directions of variant effects: which allele is preferred, and by how much the prediction is above it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from regssl.evaluation.proportions import wilson_interval
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.format import MISSING, number, value_with_interval
from regssl.reporting.tables.base import Table, grouped
from regssl.reporting.tables.variant_means import Means, across_seeds, bounded, select_means
from regssl.variants.effects import COLUMNS, CORRELATIONS, MIN_EACH, MIN_N, SIGN_AUROC
from regssl.variants.floor import IMBALANCE_AUROC

AUROC_NAMES = {SIGN_AUROC: "AUROC of the sign", IMBALANCE_AUROC: "AUROC of imbalance"}
CONCORDANCE = "Sign concordance"


def directions_table(effects: pd.DataFrame, names: DisplayNames, sets: Mapping[str, str]) -> Table:
    """Make the table of predicted directions, per set of variants, model and method.

    Means over seeds, on held-out chromosomes. Arguments and errors as for `variants.effects_table`.
    """
    means = select_means(effects, names, sets)
    concordance = means.of("sign_concordance")
    reference = [_share(cell["n_reference"], cell["n"]) for cell in concordance]
    zeros = [number(100 * cell["value"], ".0f") for cell in means.of("zero_fraction")]
    columns = means.leading_columns(names, sets)
    columns += [
        (("", "Prefer the reference, %"), reference),
        *means.measure_columns(SIGN_AUROC, AUROC_NAMES[SIGN_AUROC]),
    ]
    columns += [
        ((CONCORDANCE, "Mean"), [bounded(cell, "value", "") for cell in concordance]),
        ((CONCORDANCE, "Above always reference"),
         [bounded(cell, "value", "", "+.3f") for cell in means.of("concordance_above_reference")]),
        ((CONCORDANCE, "Scores of exactly 0, %"), zeros),
        ((CONCORDANCE, "Without them"), [bounded(cell, "value", "") for cell in means.of("concordance_without_zeros")]),
    ]  # fmt: skip
    floor = means.of(IMBALANCE_AUROC)
    if with_floor := any(cell["n_balanced"] for cell in floor):
        columns.append((("", "Balanced variants"), [f"{cell['n_balanced']:,}" for cell in floor]))
        columns += means.measure_columns(IMBALANCE_AUROC, AUROC_NAMES[IMBALANCE_AUROC])
    tidy = across_seeds(effects[~effects["measure"].isin(CORRELATIONS)], "test")
    return Table(tidy[list(COLUMNS)], grouped(columns), _caption(means, with_floor))


def _share(found: int, n: int) -> str:
    if n < MIN_N:
        return MISSING
    value, low, high = (100 * part for part in wilson_interval(found, n)[:3])
    return value_with_interval(value, low, high, ".0f")


def _caption(means: Means, with_floor: bool) -> str:
    return (
        "Which allele of a variant binds better, predicted and observed, for variants whose sequence is in no training "
        f"set: {means.how_computed()} Where most variants prefer the reference allele, who always says reference is "
        "right as often as that; so sign concordance, the fraction of variants whose sign is predicted, is told "
        "against it (above 0: better). AUROC of the sign: the chance that a variant that prefers the alternative "
        "allele has a higher score than one that prefers the reference; one half is chance, whatever most prefer; it "
        f"needs {MIN_EACH} of either. A "
        "score is exactly 0 where the change touches no best match of a network with max pooling; it counts one half, "
        "as a guess would, except in the column without them."
        + (
            " AUROC of imbalance: the chance that the score of a variant with imbalance is larger in size than that of "
            "a balanced one, of the same chromosomes and alleles; one half is chance."
            if with_floor
            else ""
        )
    )
