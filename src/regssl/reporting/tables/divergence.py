"""The table of divergences: a row of rates per genome, of `regssl step estimate-divergence`, and all together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from regssl.data.divergence import RATES
from regssl.errors import DataError
from regssl.io.tsv import require_columns, require_unique
from regssl.reporting.format import number
from regssl.reporting.tables.base import Table, grouped

COLUMNS = {"genome": "str", **RATES}
"""Columns of the rates, and their types."""


def describe_genomes(
    rates: pd.DataFrame, names: Mapping[str, str], clades: Sequence[str], distances: Sequence[float | None]
) -> dict[str, dict[str, str | float | None]]:
    """Describe the genomes as `divergence_table` needs it.

    Args:
        rates: a row per genome.
        names: display names by id.
        clades, distances: clade, and substitutions per site by a tree, of each genome, in the order of `rates`.

    Raises:
        DataError: there are not as many rates as clades.
    """
    genomes = rates["genome"].astype(str)
    if len(genomes) != len(clades):
        raise DataError(f"{len(genomes)} rows of divergence, {len(clades)} clades", "one row per table")
    return {
        genome: {"name": names[genome], "clade": clade, "tree": tree}
        for genome, clade, tree in zip(genomes, clades, distances, strict=True)
    }


def divergence_table(rates: pd.DataFrame, genomes: Mapping[str, Mapping[str, str | float | None]]) -> Table:
    """Make the table of the divergence of all genomes, nearest first.

    Args:
        rates: a row per genome: genome and the attributes of `Divergence`.
        genomes: by id: name, clade, and tree (substitutions per site by the table of genomes, or None).

    Returns:
        Tidy columns: genome, name, clade, rank (1 is the nearest by substitutions_per_site; saturated genomes, then
        those without homologs, come last), the rates, tree_substitutions_per_site.
    """
    require_columns(rates, list(COLUMNS), "the table of divergence")
    require_unique(rates, ["genome"], "the table of divergence")
    tidy = rates.set_index("genome").loc[list(genomes)].reset_index()
    tidy.insert(1, "name", [str(row["name"]) for row in genomes.values()])
    tidy.insert(2, "clade", [str(row["clade"] or "") for row in genomes.values()])
    tidy.insert(3, "rank", 0)
    tidy["tree_substitutions_per_site"] = [
        math.nan if (row.get("tree")) is None else float(row["tree"] or 0) for row in genomes.values()
    ]
    tidy = tidy.sort_values(["substitutions_per_site", "genome"], ignore_index=True)  # NaN last
    tidy["rank"] = np.arange(1, len(tidy) + 1)

    def cells(column: str, form: str) -> list[str]:
        return [number(value, form) for value in tidy[column]]

    display = grouped(
        [
            (("", "Genome"), list(tidy["name"])),
            (("", "Clade"), list(tidy["clade"])),
            (("", "Rank"), cells("rank", "d")),
            (("", "Bases aligned"), cells("aligned_bases", ",d")),
            (("", "Bases that differ"), cells("differences", ".2%")),
            (("Substitutions per site", "measured"), cells("substitutions_per_site", ".3f")),
            (("Substitutions per site", "table of genomes"), cells("tree_substitutions_per_site", ".3f")),
            (("", "Transitions among them"), cells("transition_fraction", ".0%")),
            (("Insertions", "per kb"), [number(1000 * rate, ".2f") for rate in tidy["insertions_per_base"]]),
            (("Insertions", "mean bp"), cells("insertion_length", ".1f")),
            (("Deletions", "per kb"), [number(1000 * rate, ".2f") for rate in tidy["deletions_per_base"]]),
            (("Deletions", "mean bp"), cells("deletion_length", ".1f")),
        ]
    )
    caption = (
        "Divergence from the human genome, measured on the homologs of training bins, base by base along the chains "
        "that carry them. Substitutions per site: corrected for multiple hits by Kimura's two-parameter model; inf: "
        "saturated. What the human genome has and the other lacks is called a deletion. Homologs must align, so "
        "sequence that has diverged most is not in these numbers."
    )
    return Table(tidy, display, caption)
