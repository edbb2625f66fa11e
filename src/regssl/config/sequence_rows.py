"""Rows of the datasets table that name sequences: which methods they can be trained by."""

from __future__ import annotations

from collections.abc import Sequence

from regssl.config.schema import Config
from regssl.config.tables import DatasetRow
from regssl.errors import ConfigError
from regssl.methods import resolve


def check_methods_of_sequences(row: DatasetRow, methods: Sequence[str], config: Config) -> None:
    """Check that a dataset of sequences without places has the windows and distances that its methods need.

    Raises:
        ConfigError: it has not; all datasets of a configuration are trained by the same methods.
    """
    for name in methods:
        method = resolve(name)
        by_distance = method.needs_distances(config.noisy_student) or (method.subset and method.subset.selects_genomes)
        if method.extra_windows in ("homologs", "mutated") and not row.homologs:
            problem, hint = "homologs", "name them in `homologs`, or fill `locate`"
        elif method.extra_windows == "mutated" or by_distance:
            problem, hint = "the divergence of genomes, which is estimated by lift-over", "fill `locate` instead"
        else:
            continue
        raise ConfigError(
            f"{config.datasets}, row '{row.dataset}': method '{name}' needs {problem}",
            f"{hint}; or leave that method to a configuration of other datasets",
        )
