"""The table of label errors of simulated data."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from regssl.reporting.format import number
from regssl.reporting.tables.base import Table, grouped


def label_errors_table(wrong: pd.DataFrame, name: str, genomes: Mapping[str, str]) -> Table:
    """Make the table of label errors of one dataset, the human windows first, all homologs last.

    Args:
        wrong: as `count_label_errors` returns.
        name: display name of the dataset.
        genomes: display names by id; a genome without one has its id.
    """

    def percent(column: str) -> list[str]:
        return [number(100 * fraction, ".1f") for fraction in wrong[column]]

    def counts(column: str) -> list[str]:
        return [f"{count:,}" for count in wrong[column]]

    display = grouped(
        [
            (
                ("", "Training windows of"),
                [{"all": "All homologs"}.get(genome, genomes.get(genome, genome)) for genome in wrong["genome"]],
            ),
            (("Positives", "n"), counts("positives")),
            (("Positives", "wrong, %"), percent("wrong_positive_fraction")),
            (("Negatives", "n"), counts("negatives")),
            (("Negatives", "wrong, %"), percent("wrong_negative_fraction")),
            (("All", "wrong, %"), percent("wrong_fraction")),
            (("Human window holds a site", "n"), counts("sites")),
            (("Human window holds a site", "this one does not, %"), percent("lost_fraction")),
        ]
    )
    caption = (
        f"{name}: label errors of the training windows, known because the data are simulated. A positive is wrong if "
        "the centre of no functional site lies in its window, a negative if one does. Human labels are wrong where a "
        "peak lies over the border of two windows, where it is spurious or missing; homologs inherit that, and sites "
        "are lost and gained in evolution on top of it (last columns)."
    )
    return Table(wrong, display, caption)
