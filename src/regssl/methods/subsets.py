"""Subsets: the same method with fewer genomes, fewer human training windows, or more label errors.

A subset is written behind the method, `ssl-nearest4`. Methods with subsets make up an ablation study. Which genomes are
the nearest is measured on the lifted training bins (`data.divergence`), not given by the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regssl.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

GROUPS = {"primates": "primates", "placentals": "other placentals", "marsupials": "marsupials"}
"""Groups of genomes by evolutionary distance, with their display names."""
_GROUP_OF_CLADE = {"primate": "primates", "marsupial": "marsupials", "monotreme": None}
"""Clades of the genomes table; any other is one of placentals."""


KINDS = ("genomes", "divergence", "train_size", "permuted_labels")
"""What ablations vary."""


@dataclass(frozen=True)
class Subset:
    """The part of the training data that a method uses; one attribute is set, or `train_percent` and `fold`.

    Attributes:
        nearest, farthest: use the homologs of this number of genomes, counted from the human one.
        group: use the homologs of the genomes of one of GROUPS.
        train_percent: use this percentage of the human training windows of each label, and their homologs.
        permuted_label_percent: permute this percentage of the pseudo-labels of each genome.
        fold: leave out this fold of the human training windows, from 1, and what is near it (`data.folds`).
    """

    nearest: int | None = None
    farthest: int | None = None
    group: str | None = None
    train_percent: int | None = None
    permuted_label_percent: int | None = None
    fold: int | None = None

    @property
    def uses_homologs(self) -> bool:
        """Whether it applies only to methods that train on homologs."""
        return self.train_percent is None and self.fold is None

    @property
    def is_train_size(self) -> bool:
        """Whether it is a percentage of the human training windows, and nothing is left out of them."""
        return self.train_percent is not None and self.fold is None

    @property
    def selects_genomes(self) -> bool:
        """Whether it selects some of the genomes."""
        return any(part is not None for part in (self.nearest, self.farthest, self.group))

    @property
    def name(self) -> str:
        """Display name."""
        if self.fold is not None:
            return ", ".join([*([self._part] if self.train_percent else []), f"without fold {self.fold}"])
        return self._part

    @property
    def _part(self) -> str:
        if self.group is not None:
            return GROUPS[self.group]
        if self.train_percent is not None:
            return f"{self.train_percent} % of the human windows"
        if self.permuted_label_percent is not None:
            return f"{self.permuted_label_percent} % of labels permuted"
        return f"{self.nearest} nearest" if self.nearest is not None else f"{self.farthest} farthest"

    def count_genomes(self, clades: Mapping[str, str]) -> int:
        """Count the genomes that it selects of some, whose clades these are."""
        if self.group is not None:
            return sum(distance_group(clade) == self.group for clade in clades.values())
        return min(self.nearest or self.farthest or len(clades), len(clades))

    def select_genomes(self, divergence: pd.DataFrame) -> list[str]:
        """Select genomes, nearest first.

        Args:
            divergence: one row per genome: genome, clade, substitutions_per_site.

        Raises:
            DataError: no genome is selected.
        """
        ordered = divergence.sort_values(["substitutions_per_site", "genome"])
        genomes = ordered["genome"].astype(str).tolist()
        if self.nearest is not None:
            return genomes[: self.nearest]
        if self.farthest is not None:
            return genomes[-self.farthest :]
        if self.group is None:
            return genomes
        clades = zip(genomes, ordered["clade"], strict=True)
        selected = [genome for genome, clade in clades if distance_group(clade) == self.group]
        if not selected:
            raise DataError(f"no genome among {', '.join(genomes)} is one of {self.group}", "see the column `clade`")
        return selected


def parse_subset(text: str) -> Subset | None:
    """Parse a subset such as `nearest4`, `primates`, `train25`, `permuted50`, `fold2`, `train25-fold2`.

    Returns:
        None if the text is not one.
    """
    if text in GROUPS:
        return Subset(group=text)
    if match := re.fullmatch(r"(?:(train\d+)-)?fold([1-9]\d?)", text):
        whole = parse_subset(match[1]) if match[1] else Subset()
        return whole and replace(whole, fold=int(match[2]))
    match = re.fullmatch(r"(nearest|farthest|train|permuted)([1-9]\d*)", text)
    if match is None:
        return None
    kind, number = match[1], int(match[2])
    if kind == "nearest":
        return Subset(nearest=number)
    if kind == "farthest":
        return Subset(farthest=number)
    if number > 99:
        return None
    return Subset(train_percent=number) if kind == "train" else Subset(permuted_label_percent=number)


def distance_group(clade: str) -> str | None:
    """Return the group of a clade: `primates` of `primate`, `placentals` of `glire`, None of `monotreme`."""
    return _GROUP_OF_CLADE.get(clade, "placentals" if clade else None)
