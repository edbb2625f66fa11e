"""Settings of ablations: which methods with less data are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt

from regssl.config.validators import did_you_mean
from regssl.errors import ConfigError
from regssl.methods import METHODS, Subset, resolve
from regssl.methods.subsets import GROUPS, parse_subset
from regssl.settings import Distinct, Percent, Settings, without_repeats


def check_train_methods(ids: list[str]) -> list[str]:
    """Check that methods can be run on a part of the human windows, and are named without it.

    Raises:
        ValueError: one cannot, or is not.
    """
    for method in ids:
        if method not in METHODS:
            raise ValueError(f"unknown method '{method}'{did_you_mean(method, METHODS)}; name no subset")
        try:
            resolve(f"{method}-train50")
        except ConfigError:
            raise ValueError(f"'{method}' cannot be run on fewer human windows; leave it out") from None
    return ids


class AblationSettings(Settings):
    """Methods with fewer genomes, fewer human windows, or more label errors: see `ablations` in the manual."""

    nearest_genomes: Distinct[PositiveInt] = Field(
        [1, 2, 4, 8],
        description="`ssl-nearest4` …: `ssl` with homologs of so many nearest genomes, by their measured divergence.",
    )
    farthest_genomes: Distinct[PositiveInt] = Field(
        [1, 2, 4, 8], description="`ssl-farthest2` …: of so many farthest genomes."
    )
    genome_groups: bool = Field(
        True, description="`ssl-primates`, `ssl-placentals` (the others), `ssl-marsupials`: by the column `clade`."
    )
    train_percent: Distinct[Percent] = Field(
        [25, 50],
        description="`sl-train25`, `ssl-train25` …: so many percent of the human training windows, of each label, "
        "with their homologs.",
    )
    train_methods: Annotated[
        list[str], Field(min_length=1), AfterValidator(without_repeats), AfterValidator(check_train_methods)
    ] = Field(
        ["sl", "ssl"],
        description="The methods that are run with each `train_percent`. With controls among them, such as "
        "`sl_augmented`, the comparison concludes on fewer human windows too.",
    )
    permuted_label_percent: Distinct[Percent] = Field(
        [],
        description="`ssl-permuted50` …: `ssl` with so many percent of each genome's pseudo-labels permuted; 100 "
        "is `ssl_shuffled`.",
    )
    datasets: Distinct[str] | None = Field(None, description="Only for these datasets; null: all.")


def ablation_methods(settings: AblationSettings, clades: Mapping[str, str]) -> list[str]:
    """List the method ids of an ablation study.

    Subsets of all genomes or of none are left out: they are `ssl` and `sl`.

    Args:
        settings: the subsets to use.
        clades: genome → clade.
    """
    of_genomes = [f"nearest{k}" for k in settings.nearest_genomes] + [f"farthest{k}" for k in settings.farthest_genomes]
    of_genomes += GROUPS if settings.genome_groups else ()
    subsets = {text: parse_subset(text) or Subset() for text in of_genomes}
    ids = [f"ssl-{text}" for text, subset in subsets.items() if 0 < subset.count_genomes(clades) < len(clades)]
    ids += [f"{method}-train{percent}" for percent in settings.train_percent for method in settings.train_methods]
    return ids + [f"ssl-permuted{percent}" for percent in settings.permuted_label_percent]


def check_subsets(methods: Sequence[str], clades: Mapping[str, str], table: str) -> None:
    """Check that methods which are listed for a part of the genomes have a part of them.

    Args:
        methods: ids of the key `methods`; of the key `ablations` such methods are left out.
        clades: of the genomes by id.
        table: of the genomes, for messages.

    Raises:
        ConfigError: one has all, and would be the method without a subset once more, or none.
    """
    for name in methods:
        method = resolve(name)
        if method.subset is None or not method.subset.selects_genomes:
            continue
        if (count := method.subset.count_genomes(clades)) == len(clades):
            problem = f"of {count} genomes these are all: it is '{method.base}'"
            hint = "leave it out" + (", or name a smaller number" if method.subset.group is None else "")
        elif count == 0:
            problem, hint = f"no genome is one of {method.subset.name}", f"see the column `clade` of {table}"
        else:
            continue
        raise ConfigError(f"key `methods`: '{name}': {problem}", hint)
