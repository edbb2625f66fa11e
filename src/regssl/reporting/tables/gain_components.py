"""The tables of what SSL's gain depends on: each replicate's gain, and its variance by source."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from regssl.evaluation.gain_components import KEY, SOURCES
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.format import MISSING, number, percent, value_with_interval
from regssl.reporting.tables.base import Table, grouped, records

SOURCE_NAMES = {"region": "training regions", "draws": "drawn negatives", "seeds": "seeds", "blocks": "test blocks"}
METRIC = "aupr"
"""What is displayed; the tidy tables have the other metrics too."""


def replicates_gain_table(replicates: pd.DataFrame, names: DisplayNames) -> Table:
    """Make the table of SSL's gain in each dataset and its replicates.

    Args:
        replicates: of `gain_components.replicates_table`.
        names: display names.
    """
    rows = records(replicates[replicates["metric"] == METRIC])
    display = grouped(
        [
            (("", "Dataset"), [names.all_datasets[row["replicate"]] for row in rows]),
            (("", "Splits"), [row["splits"] for row in rows]),
            *_model_column(rows, names),
            *(
                (("AUPR", names.methods.get(method, method)), [number(row[method]) for row in rows])
                for method in ("sl", "ssl")
            ),
            (("SSL − SL", "AUPR"), [number(row["difference"], "+.3f") for row in rows]),
            (("SSL − SL", "%"), [number(row["percent"], "+.0f") for row in rows]),
        ]
    )
    caption = (
        "SSL's gain in each dataset and in its replicates, which train on other regions (splits) or with other "
        "negatives, and are tested on the same windows: mean AUPR over seeds."
    )
    return Table(replicates, display, caption)


def components_gain_table(components: pd.DataFrame, names: DisplayNames, level: float) -> Table:
    """Make the table of the variance of each dataset's gain by source.

    Args:
        components: of `gain_components.components_table`.
        names: display names.
        level: of the intervals.
    """
    shown = components[components["metric"] == METRIC]
    of_scale = {scale: shown[shown["scale"] == scale].set_index(KEY) for scale in ("difference", "relative")}
    keys = list(of_scale["relative"].index)
    absolute, relative = ([dict(of_scale[scale].xs(key)) for key in keys] for scale in of_scale)
    rows = [dict(zip(KEY, key, strict=True)) for key in keys]
    display = grouped(
        [
            (("", "Dataset"), [names.datasets[row["dataset"]] for row in rows]),
            *_model_column(rows, names),
            (("Rows", "all"), [f"{cell['rows']}" for cell in relative]),
            (("Rows", "regions"), [f"{cell['regions']}" for cell in relative]),
            (("SSL − SL", "AUPR"), [_with_interval(cell, "+.3f", ".3f") for cell in absolute]),
            (("SSL − SL", "%"), [_with_interval(cell, "+.0f", ".0f") for cell in relative]),
            *(
                (("Standard deviation, %", name), [number(100 * cell[f"sd_{source}"], ".0f") for cell in relative])
                for source, name in SOURCE_NAMES.items()
            ),
            (("", "Training regions and negatives, of the variance"), [_share(cell) for cell in relative]),
            (("", "Degrees of freedom"), [number(cell["freedom"], ".1f") for cell in relative]),
        ]
    )
    caption = (
        "How far SSL's gain would move with other training regions and negatives. Rows: the dataset and its "
        "replicates, of which those count once that trained on the same windows because their region has no more "
        f"negatives; and their training regions. In brackets the {percent(level)} interval of all sources together: "
        "training regions, drawn negatives, seeds, test blocks. Standard deviation: "
        f"of ln(SSL / SL), in percent. {MISSING}: cannot be told, for want of a second region, of two rows in one, of "
        "seeds or of test blocks; where no region has two rows, negatives count as regions. Components of variance "
        f"by the method of moments, negatives nested in regions. {_words(components)}"
    ).rstrip()
    return Table(components, display, caption)


def _words(components: pd.DataFrame) -> str:
    """Say how the sources compare, over all datasets and models."""
    relative = components[(components["metric"] == METRIC) & (components["scale"] == "relative")]
    means = {source: float((relative[f"sd_{source}"] ** 2).mean()) for source in SOURCES}
    known = {source: math.sqrt(variance) for source, variance in means.items() if not math.isnan(variance)}
    if not known:
        return ""
    listed = ", ".join(f"{SOURCE_NAMES[source]} {percent(deviation, '.0f')}" for source, deviation in known.items())
    return f"Over the whole table (root mean square): {listed}."


def _share(cell: Mapping[str, float]) -> str:
    variances = {source: cell[f"sd_{source}"] ** 2 for source in SOURCES}
    total = np.nansum(list(variances.values()))
    training = [variances[source] for source in ("region", "draws") if not math.isnan(variances[source])]
    return percent(sum(training) / total, ".0f") if training and total else MISSING


def _with_interval(cell: Mapping[str, float], spec: str, bounds_spec: str) -> str:
    return value_with_interval(cell["value"], cell["low"], cell["high"], spec, bounds_spec)


def _model_column(rows: list[dict[str, str]], names: DisplayNames) -> list[tuple[tuple[str, str], list[str]]]:
    several = len({row["model"] for row in rows}) > 1
    return [(("", "Model"), [names.models[row["model"]] for row in rows])] if several else []
