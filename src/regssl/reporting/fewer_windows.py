"""What the page "Is it the homologs?" concludes of methods that were run on fewer human windows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from regssl.evaluation.comparison import ComparisonTables
from regssl.evaluation.pairs import at_subset, train_subsets
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import conclusions
from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.reporting.document import Block, Heading, paragraphs
from regssl.reporting.tables.comparison import conclusions_table, exposure_table, methods_table, sort_rows

LEAD = (
    "Each seed leaves out human training windows of each label, and their homologs; the same ones for every method. "
    "SSL is held against methods on as many windows, and only they decide what is concluded here."
)


def conclude_on_fewer(
    methods: pd.DataFrame, adjusted: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings
) -> pd.DataFrame:
    """Conclude as `significance.conclusions` does, once per percentage of the human windows.

    Args:
        methods: of `comparison.methods_table`.
        adjusted: of `families.adjust_pvalues`.
        names: display names.
        settings: the settings of the comparison.

    Returns:
        The columns of `conclusions` after train_percent; no row where nothing was run on fewer windows.
    """
    parts = []
    for subset in train_subsets(methods["method"].unique()):
        own = names_of(at_subset(methods, subset), names)
        found = conclusions(at_subset(methods, subset), at_subset(adjusted, subset), own.methods, settings)
        parts.append(sort_rows(found, own).assign(train_percent=subset.train_percent))
    if not parts:
        return pd.DataFrame(columns=["train_percent", "dataset", "model", "conclusion"])
    table = pd.concat(parts, ignore_index=True)
    return table[["train_percent", *(column for column in table if column != "train_percent")]]


def names_of(methods: pd.DataFrame, names: DisplayNames) -> DisplayNames:
    """Return the names of what a table of methods without subsets has."""
    present = set(methods["method"])
    runs = {f"{model}/{method}": "" for model, method in zip(methods["model"], methods["method"], strict=True)}
    shown = {method: known.name for method, known in METHODS.items() if method in present}
    models = {model: name for model, name in names.models.items() if model in set(methods["model"])}
    return replace(names, methods=shown, models=models, model_methods=runs)


def fewer_windows(
    concluded: pd.DataFrame, tables: ComparisonTables, names: DisplayNames, settings: ComparisonSettings, out: str
) -> list[Block]:
    """Write a section per percentage of the human windows: conclusions, methods, and what these were trained on.

    Args:
        concluded: of `conclude_on_fewer`.
        tables: the tables of the page, differences with `p_holm`.
        names: display names.
        settings: the settings of the comparison.
        out: path of the page without suffix, beside which its tables are.
    """
    blocks: list[Block] = []
    for subset in train_subsets(tables.methods["method"].unique()):
        methods, differences, exposure = (at_subset(table, subset) for table in tables)
        here, shown = concluded[concluded["train_percent"] == subset.train_percent], names_of(methods, names)
        written = {
            "fewer_windows": conclusions_table(here, methods, differences, shown, settings),
            "methods": methods_table(here, methods, differences, shown, settings),
            "exposure": exposure_table(exposure, shown),
        }
        blocks += [
            Heading(text=f"On {subset.train_percent} % of the human training windows"),
            *paragraphs([LEAD]),
            *(table.model_copy(update={"data": f"{out}_{name}.tsv"}) for name, table in written.items()),
        ]
    return blocks
