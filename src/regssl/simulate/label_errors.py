"""Label errors on simulated data, where the functional binding sites are known.

Human labels come from peaks and homologs inherit them; both can be wrong. A window *contains* a site if the site's
centre lies in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from regssl.io.tsv import require_columns

SITE_COLUMNS = dict.fromkeys(["dataset", "genome", "state", "chrom"], "str") | {"start": "int64", "end": "int64"}
"""Columns of the table of true sites, and their types."""


def contains_site(windows: pd.DataFrame, sites: pd.DataFrame, dataset: str) -> np.ndarray:
    """Test whether each window contains a functional site of the dataset.

    Args:
        windows: a table of windows, of any genomes.
        sites: `truth/sites.tsv.gz` of the simulation: dataset, genome, state, chrom, start, end.
        dataset: id of the simulated dataset.

    Returns:
        bool (windows,).
    """
    require_columns(sites, list(SITE_COLUMNS), "the table of true sites")
    functional = sites[(sites["dataset"] == dataset) & (sites["state"] == "functional")]
    centres = {place: np.sort((of_chrom["start"] + of_chrom["end"]).to_numpy() // 2)
               for place, of_chrom in functional.groupby(["genome", "chrom"])}  # fmt: skip
    contained = np.zeros(len(windows), bool)
    for place, rows in windows.groupby(["genome", "chrom"], observed=True).indices.items():
        if place in centres:
            of_chrom = windows.iloc[rows]
            first, stop = (np.searchsorted(centres[place], of_chrom[side]) for side in ("start", "end"))
            contained[rows] = stop > first
    return contained


def count_label_errors(
    train: pd.DataFrame, homologs: Mapping[str, pd.DataFrame], sites: pd.DataFrame, dataset: str
) -> pd.DataFrame:
    """Count the label errors among the training windows of a dataset.

    Args:
        train: human training windows.
        homologs: their pseudo-labelled homologs, by genome.
        sites: as in `contains_site`.
        dataset: id of the simulated dataset. Fractions of a dataset without simulated sites are NaN.

    Returns:
        One row for each set of windows: dataset, genome (`all` for all homologs together), windows (`human` or
        `homologs`), positives, wrong_positives (without a site), negatives, wrong_negatives (with one),
        wrong_positive_fraction, wrong_negative_fraction, wrong_fraction (of all), sites (windows whose human window
        contains a site), lost (those of them that contain none), lost_fraction.
    """
    known = bool((sites["dataset"] == dataset).any())
    in_human = pd.Series(contains_site(train, sites, dataset), index=train["source"])
    counts = [_count(train, in_human.to_numpy(), in_human)]
    counts += [_count(windows, contains_site(windows, sites, dataset), in_human) for windows in homologs.values()]
    table = pd.DataFrame([*counts, pd.DataFrame(counts[1:], columns=list(counts[0])).sum().astype(int).to_dict()])
    human = str(train["genome"].iloc[0])
    table.insert(0, "dataset", dataset)
    table.insert(1, "genome", [human, *homologs, "all"])
    table.insert(2, "windows", ["human", *["homologs"] * (len(homologs) + 1)])
    wrong = table["wrong_positives"] + table["wrong_negatives"]
    for column, part, whole in (
        ("wrong_positive_fraction", table["wrong_positives"], table["positives"]),
        ("wrong_negative_fraction", table["wrong_negatives"], table["negatives"]),
        ("wrong_fraction", wrong, table["positives"] + table["negatives"]),
        ("lost_fraction", table["lost"], table["sites"]),
    ):
        table[column] = (part / whole.where(whole > 0)).astype(float) if known else math.nan
    return table


def _count(windows: pd.DataFrame, contained: np.ndarray, in_human: pd.Series) -> dict[str, int]:
    positive = windows["label"].to_numpy() == 1
    before = in_human.loc[windows["source"]].to_numpy(bool)
    return {
        "positives": int(positive.sum()),
        "wrong_positives": int((positive & ~contained).sum()),
        "negatives": int((~positive).sum()),
        "wrong_negatives": int((~positive & contained).sum()),
        "sites": int(before.sum()),
        "lost": int((before & ~contained).sum()),
    }
