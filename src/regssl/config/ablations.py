"""Settings of ablations: which methods with less data are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field, PositiveInt

from regssl.errors import ConfigError
from regssl.methods import resolve
from regssl.settings import Distinct, Percent, Settings


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
    permuted_label_percent: Distinct[Percent] = Field(
        [],
        description="`ssl-permuted50` …: `ssl` with so many percent of each genome's pseudo-labels permuted; 100 "
        "is `ssl_shuffled`.",
    )
    datasets: Distinct[str] | None = Field(None, description="Only for these datasets; null: all.")


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
