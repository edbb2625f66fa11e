"""What the page "Is it the homologs?" concludes of methods that were run on fewer human windows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from regssl.evaluation.pairs import at_subset, train_subsets
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.significance import conclusions
from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.reporting.document import Block, Heading
from regssl.reporting.tables.comparison import conclusions_table, methods_table, sort_rows


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
    concluded: pd.DataFrame,
    methods: pd.DataFrame,
    adjusted: pd.DataFrame,
    names: DisplayNames,
    settings: ComparisonSettings,
    data: str,
) -> list[Block]:
    """Write, per percentage of the human windows, the tables of conclusions and of methods.

    Args:
        concluded: of `conclude_on_fewer`.
        methods, adjusted, names, settings: as there.
        data: path of the table of `concluded`.
    """
    blocks: list[Block] = []
    for subset in train_subsets(methods["method"].unique()):
        own, differences = at_subset(methods, subset), at_subset(adjusted, subset)
        here, shown = concluded[concluded["train_percent"] == subset.train_percent], names_of(own, names)
        tables = [table(here, own, differences, shown, settings) for table in (conclusions_table, methods_table)]
        blocks += [Heading(text=f"On {subset.name}"), *(table.model_copy(update={"data": data}) for table in tables)]
    return blocks
