"""Doses: the same method with fewer genomes, fewer human windows, or more wrong labels.

A dose is written behind the method, `ssl-nearest4`, and is so part of every path. Which genomes are the nearest is
measured on the lifted training bins (`divergence`), not asked of the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regssl.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

GROUPS = {"primates": "primates", "placentals": "other placentals", "marsupials": "marsupials"}
"""Groups of genomes, with their display names."""
_GROUP_OF_CLADE = {"primate": "primates", "marsupial": "marsupials", "monotreme": None}
"""Clades of the genomes table; any other is one of placentals."""


@dataclass(frozen=True)
class Dose:
    """How much a method is given; exactly one attribute is set.

    Attributes:
        nearest, farthest: homologs of so many genomes only, counted from the human one.
        group: homologs of the genomes of one of GROUPS only.
        human_percent: so many percent of the human training windows, positives and negatives each, with their homologs.
        turnover_percent: so many percent of each genome's pseudo-labels are permuted among themselves.
    """

    nearest: int | None = None
    farthest: int | None = None
    group: str | None = None
    human_percent: int | None = None
    turnover_percent: int | None = None

    @property
    def of_homologs(self) -> bool:
        """Whether only methods with homologs can have it."""
        return self.human_percent is None

    @property
    def of_genomes(self) -> bool:
        """Whether it chooses among genomes."""
        return any(part is not None for part in (self.nearest, self.farthest, self.group))

    @property
    def name(self) -> str:
        """Display name."""
        if self.group is not None:
            return GROUPS[self.group]
        if self.human_percent is not None:
            return f"{self.human_percent} % of the human windows"
        if self.turnover_percent is not None:
            return f"{self.turnover_percent} % of labels permuted"
        return f"{self.nearest} nearest" if self.nearest is not None else f"{self.farthest} farthest"

    def choose(self, divergence: pd.DataFrame) -> list[str]:
        """The genomes it takes, nearest first.

        Args:
            divergence: one row per genome: genome, clade, substitutions_per_site.

        Raises:
            DataError: there are none.
        """
        ordered = divergence.sort_values(["substitutions_per_site", "genome"])
        genomes = ordered["genome"].astype(str).tolist()
        if self.nearest is not None:
            return genomes[: self.nearest]
        if self.farthest is not None:
            return genomes[-self.farthest :]
        if self.group is None:
            return genomes
        chosen = [
            genome for genome, clade in zip(genomes, ordered["clade"], strict=True) if group_of(clade) == self.group
        ]
        if not chosen:
            raise DataError(f"no genome among {', '.join(genomes)} is one of {self.group}", "see the column `clade`")
        return chosen


def parse_dose(text: str) -> Dose | None:
    """The dose that a text means, such as `nearest4`, `primates`, `human25`, `turnover50`; None if it means none."""
    if text in GROUPS:
        return Dose(group=text)
    match = re.fullmatch(r"(nearest|farthest|human|turnover)([1-9]\d*)", text)
    if match is None:
        return None
    kind, number = match[1], int(match[2])
    if kind == "nearest":
        return Dose(nearest=number)
    if kind == "farthest":
        return Dose(farthest=number)
    if number > 99:
        return None
    return Dose(human_percent=number) if kind == "human" else Dose(turnover_percent=number)


def dose_kinds(methods: Iterable[str]) -> list[str]:
    """What the doses of `sl` and `ssl` among these methods vary, for which there is a figure each.

    Any of `genomes` (their number), `divergence` (which genomes), `human` (windows) and `turnover`.
    """
    parts = [method.partition("-") for method in methods]
    doses = [dose for name, _, text in parts if name in ("sl", "ssl") and (dose := parse_dose(text))]
    kinds = {
        "genomes": any(dose.nearest is not None or dose.farthest is not None for dose in doses),
        "divergence": any(dose.of_genomes for dose in doses),
        "human": any(dose.human_percent is not None for dose in doses),
        "turnover": any(dose.turnover_percent is not None for dose in doses),
    }
    return [kind for kind, present in kinds.items() if present]


def group_of(clade: str) -> str | None:
    """The group of a clade: `primates` of `primate`, `placentals` of `glire`, none of `monotreme`."""
    return _GROUP_OF_CLADE.get(clade, "placentals" if clade else None)


def dose_methods(
    nearest: Sequence[int],
    farthest: Sequence[int],
    groups: bool,
    human_percent: Sequence[int],
    turnover_percent: Sequence[int],
    clades: Mapping[str, str],
) -> list[str]:
    """The ids of methods with doses, for a set of genomes given as genome → clade.

    Doses that would take all genomes or none are left out: they are `ssl` and `sl`.
    """
    found = [group_of(clade) for clade in clades.values()]
    present = [group for group in GROUPS if group in found and set(found) != {group}]
    ids = [f"ssl-nearest{k}" for k in nearest if k < len(clades)]
    ids += [f"ssl-farthest{k}" for k in farthest if k < len(clades)]
    ids += [f"ssl-{group}" for group in present] if groups else []
    ids += [f"{method}-human{percent}" for percent in human_percent for method in ("sl", "ssl")]
    return ids + [f"ssl-turnover{percent}" for percent in turnover_percent]
