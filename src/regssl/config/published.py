"""Datasets whose test sets are those of published tasks: the column `published` of their table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from regssl.config.schema import Config
from regssl.config.tables import DatasetRow
from regssl.config.validators import did_you_mean
from regssl.errors import ConfigError
from regssl.evaluation.published import published_tasks
from regssl.evaluation.settings import FurtherMetric


def tasks_of_datasets(datasets: Mapping[str, DatasetRow], config: Config) -> dict[str, str]:
    """Return the published task of each dataset that names one.

    Raises:
        ConfigError: a task without a published score, one that two rows name, or no MCC to set beside it.
    """
    tasks: dict[str, str] = {}
    for name, row in datasets.items():
        if not row.published:
            continue
        where = f"{config.datasets}, row '{name}', column published: '{row.published}'"
        known = published_tasks()
        if row.published not in known:
            raise ConfigError(
                f"{where} has no published score{did_you_mean(row.published, known)}", f"tasks: {', '.join(known)}"
            )
        if row.published in tasks.values():
            raise ConfigError(f"{where} is in another row too", "its scores are those of one test set")
        tasks[name] = row.published
    metrics = list(get_args(FurtherMetric))
    if tasks and not set(metrics) <= set(config.further_metrics):
        where = f"{config.datasets}, row '{next(iter(tasks))}', column published"
        raise ConfigError(
            f"{where}: its scores are MCC, which is not compared",
            f"set the key `further_metrics: [{', '.join(metrics)}]`, or leave the cell empty",
        )
    return tasks
