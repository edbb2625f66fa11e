"""The table of saturation mutagenesis: scores against measured effects on expression, element by element."""

from __future__ import annotations

import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.reporting.marks import model_notes
from regssl.reporting.tables.base import Table, grouped
from regssl.reporting.tables.variant_means import select_means
from regssl.reporting.tables.variants import CORRELATION_NAMES, COUNTS_COLUMNS
from regssl.variants.effects import COLUMNS
from regssl.variants.mpra import OUTCOMES
from regssl.variants.training_overlap import SEED_LENGTH


def mpra_table(effects: pd.DataFrame, counts: pd.DataFrame, names: DisplayNames) -> Table:
    """Make the table of one dataset: a row per element, model and method, means over seeds.

    Methods without a display name, and elements that were trained on, are in the tidy table only.

    Args:
        effects: from `variants.effects.correlation_table`, with the element as set of variants.
        counts: dataset, variant_set, outcome and n_variants, as `save_mpra_windows` writes them.
        names: display names.

    Raises:
        DataError: a missing column, or no row to display.
    """
    require_columns(counts, list(COUNTS_COLUMNS), "the table of counts")
    elements = {name: name for name in counts["variant_set"].unique()}
    means = select_means(effects, names, elements)
    columns = [
        (("", "Element") if heading == ("", "Variants") else heading, cells)
        for heading, cells in means.leading_columns(names, elements)
        if heading != ("", "Dataset")
    ]
    for measure, name in CORRELATION_NAMES.items():
        columns += means.measure_columns(measure, name)
    dataset = names.datasets[str(effects["dataset"].iloc[0])]
    caption = (
        f"Saturation mutagenesis and {dataset}. The predicted effect of each single-base change of an element on "
        "binding against its measured effect on the expression of a reporter gene (log2; Kircher et al. 2019): "
        f"correlation, {means.how_computed()} Neighbouring changes are not independent, so intervals are too narrow. "
        "Where the factor does not act on an element in the cells that were used, no correlation is to be expected; "
        f"where it represses, a negative one. {_describe(counts)}{model_notes(names, effects['model'])}"
    )
    return Table(effects[list(COLUMNS)], grouped(columns), caption.rstrip())


def _describe(counts: pd.DataFrame) -> str:
    """Tell how many changes there are, and how many are left out and why."""
    total = counts.groupby("outcome")["n_variants"].sum()
    left_out = [f"{total[name]:,} {words}" for name, words in OUTCOMES.items() if total.get(name)]
    seen = counts[(counts["outcome"] == "train") & (counts["n_variants"] > 0)]["variant_set"].tolist()
    words = f"Of {total['rows']:,} changes {total['test']:,} are here"
    words += f"; left out are {', '.join(left_out)}. " if left_out else ". "
    if seen:
        words += f"Not here: {', '.join(seen)}, of which {SEED_LENGTH} bases or more are in training windows. "
    return words
