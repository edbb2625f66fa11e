"""Replicates of datasets: rows that vary the training region or the negatives of another row, to show what these do."""

from __future__ import annotations

from collections.abc import Mapping

from regssl.config.schema import Config
from regssl.config.tables import DatasetRow
from regssl.data.settings import Splits
from regssl.errors import ConfigError

METHODS = ("sl", "ssl")
"""What replicates are trained by: the gain of the second over the first is what varies."""
SAME = ("peaks", "assembly", "peak_width", "peak_centre", "min_support", "negatives_per_positive")
"""Columns in which a replicate agrees with its dataset, whose splits and seed it varies."""


def separate_replicates(
    rows: Mapping[str, DatasetRow], splits: Mapping[str, Splits], config: Config
) -> tuple[dict[str, DatasetRow], dict[str, DatasetRow]]:
    """Return the datasets and their replicates, by id.

    Args:
        rows: selected rows of the datasets table.
        splits: by id, at least those of these rows.
        config: the configuration, for the methods and for messages.

    Raises:
        ConfigError: a replicate's dataset is not selected, is a replicate itself, or has other peaks or test
            chromosomes; a model does not run the methods of replicates.
    """
    datasets = {name: row for name, row in rows.items() if not row.replicate_of}
    replicates = {name: row for name, row in rows.items() if row.replicate_of}
    for name, row in replicates.items():
        where = f"{config.datasets}, row '{name}', column replicate_of: '{row.replicate_of}'"
        if (dataset := datasets.get(row.replicate_of)) is None:
            of_replicate = row.replicate_of in replicates
            problem = "is a replicate itself" if of_replicate else "is not a selected row with peaks"
            raise ConfigError(f"{where} {problem}", "name the dataset that it varies")
        if different := [column for column in SAME if getattr(row, column) != getattr(dataset, column)]:
            raise ConfigError(f"{where} has other values in {', '.join(different)}", "only splits and seed may differ")
        if set(splits[row.splits].test) != set(splits[dataset.splits].test):
            raise ConfigError(f"{where} is tested on other chromosomes", "a replicate has the same test chromosomes")
    for model in config.run_models if replicates else []:
        if missing := [method for method in METHODS if method not in config.methods_of(model)]:
            key = f"models.{model}.methods" if missing[0] in config.methods else "methods"
            raise ConfigError(
                f"key `{key}`: without '{missing[0]}', which the replicates in {config.datasets} are for",
                f"add it, or leave them out with `select_datasets`: {', '.join(replicates)}",
            )
    return datasets, replicates
