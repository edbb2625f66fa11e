"""What is known of copied labels from measured ones, for the table, figure and page *Are the copied labels true?*."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.evaluation.auroc_interval import auroc_interval
from regssl.evaluation.comparison import DIFFERENCES_COLUMNS
from regssl.evaluation.proportions import difference_interval, wilson_interval, with_spread
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import read_tsv
from regssl.measured.columns import ALL, DISCRIMINATION, FILTER, METRICS, OWN, OWN_SUMMARY, RATES
from regssl.methods import resolve

Place = tuple[str, str]
"""Ids of a dataset and of a genome with measured labels."""
Row = Mapping[Any, Any]
TRUTH = ["dataset", "genome", "model", "method", "split", "score", "label"]
"""What identifies a row of `MeasuredTables.truth`."""
Score = tuple[str, str, str]
"""A score of copies: `probability`, `motif` or `human_motif`; ids of model and method, empty for motifs."""
MOTIF: Score = ("motif", "", "")
HELD_OUT, APART = "held_out", "apart"
GAINS = ["dataset", "genome", "model", "where", "share", "share_low", "share_high", "difference", "low", "high"]
MEAN_FILTER = [
    *("dataset", "genome", "model", "label", "copies", "kept", "true", "true_kept", "given_up", "true_given_up"),
    *(f"{share}{end}" for share in ("share_true", "share_true_kept", "share_true_given_up", "kept_less_given_up")
      for end in ("", "_low", "_high")),
]  # fmt: skip
TIDY = ["dataset", "genome", "quantity", "unit", "split", "min_match", "label", "stratum", "level", "score", "model",
        "method", "windows", "n", "value", "low", "high"]  # fmt: skip
"""Columns of the table for programs, a row per number."""


@dataclass(frozen=True)
class MeasuredTables:
    """Tables of `regssl step` commands on measured labels, all datasets and genomes one below the other."""

    rates: pd.DataFrame
    discrimination: pd.DataFrame
    own: pd.DataFrame
    own_summary: pd.DataFrame
    filtered: pd.DataFrame
    differences: pd.DataFrame

    @classmethod
    def read(cls, paths: Mapping[str, Sequence[str | Path]]) -> MeasuredTables:
        """Read the tables from TSV files.

        Args:
            paths: of each field, one or more; `filtered` and `differences` (of the comparison on human test windows)
                may have none.

        Raises:
            DataError: a file that cannot be read, or lacks a column.
        """
        types = {"rates": RATES, "discrimination": DISCRIMINATION, "own": OWN, "own_summary": OWN_SUMMARY,
                 "filtered": FILTER, "differences": DIFFERENCES_COLUMNS}  # fmt: skip
        return cls(**{
            name: read_tsv(paths[name], columns) if paths.get(name) else pd.DataFrame(columns=list(columns))
            for name, columns in types.items()
        })  # fmt: skip

    def places(self, names: DisplayNames) -> list[Place]:
        """List the datasets and genomes with measured labels, in the order of the names."""
        found = set(zip(self.rates["dataset"], self.rates["genome"], strict=True))
        return [place for place in product(names.datasets, names.genomes) if place in found]

    @cached_property
    def min_match(self) -> float:
        """Return the aligned fraction at which homologs are found; strata are of it. The least, if there are none."""
        strata = self.rates.loc[self.rates["stratum"] != ALL, "min_match"]
        return float((strata if len(strata) else self.rates["min_match"]).min())

    def shares(self, place: Place, label: int, unit: str = "windows", stratum: str = ALL) -> list[Row]:
        """List the rates of copies of one label, of all splits, in the order of the table."""
        rates = self.rates
        rows = rates[(rates["dataset"] == place[0]) & (rates["genome"] == place[1]) & (rates["unit"] == unit)
                     & (rates["split"] == ALL) & (rates["label"] == label) & (rates["stratum"] == stratum)]  # fmt: skip
        return list(rows.to_dict("records"))

    def share(self, place: Place, label: int, unit: str = "windows") -> Row:
        """Return the rate of copies of one label as the homologs are found; empty where there is none."""
        return next((row for row in self.shares(place, label, unit) if row["min_match"] == self.min_match), {})

    @cached_property
    def truth(self) -> pd.DataFrame:
        """Compute how well each score tells bound copies from others: mean AUROC over seeds, interval over copies.

        Returns:
            Columns TRUTH, bound, unbound, auroc, low, high.
        """
        rows = []
        for key, own in self.discrimination.groupby(TRUTH, sort=False):
            label = key[TRUTH.index("label")]
            bound, unbound = (
                int(own[name].iloc[0]) for name in (("true", "false") if label == 1 else ("false", "true"))
            )
            found = auroc_interval(float(own["auroc"].mean()), bound, unbound)
            rows.append((*key, bound, unbound, *found[:3]))
        return pd.DataFrame(rows, columns=[*TRUTH, "bound", "unbound", "auroc", "low", "high"])

    @cached_property
    def _truth_rows(self) -> dict[tuple[Any, ...], Row]:
        return {tuple(row[name] for name in TRUTH): row for row in self.truth.to_dict("records")}

    def truth_of(self, place: Place, score: Score, split: str = ALL, label: int = 1) -> Row:
        """Return the row of `truth` of a score; empty where there is none."""
        name, model, method = score
        return self._truth_rows.get((*place, model, method, split, name, label), {})

    def own_windows(self, windows: str = APART) -> pd.DataFrame:
        """Select the rows of `own_summary` of some of the species' own windows, with their number and prevalence."""
        sizes = self.own.drop_duplicates(["dataset", "genome", "windows"])
        sizes = sizes[["dataset", "genome", "windows", "n", "positives", "prevalence"]]
        rows = self.own_summary[self.own_summary["windows"] == windows]
        return rows.merge(sizes, on=["dataset", "genome", "windows"], how="left")

    def gains(self) -> pd.DataFrame:
        """Set what SSL gains over SL in AUPR beside the share of copied positives that are bound.

        Returns:
            Columns GAINS: `where` is `human` (the human test windows) or `own` (windows of the genome, apart from
            training), `share` is that of bound copied positives; NaN where a number is not known.
        """
        human = self.differences
        human = human[(human["method"] == "ssl") & (human["baseline"] == "sl") & (human["metric"] == "aupr")]
        human = human.rename(columns={"ci_low": "low", "ci_high": "high"})
        own = self.own_windows()
        own = own[(own["method"] == "ssl") & (own["metric"] == "aupr")].drop(columns=["low", "high"])
        own = own.rename(columns={"difference_low": "low", "difference_high": "high"})
        rows = []
        for dataset, genome in dict.fromkeys(zip(self.rates["dataset"], self.rates["genome"], strict=True)):
            row = self.share((dataset, genome), 1)
            share = [float(row.get(name, math.nan)) for name in ("share_bound", "low", "high")]
            for where, table in (("human", human), ("own", own[own["genome"] == genome])):
                for found in table[table["dataset"] == dataset].to_dict("records"):
                    gain = [float(found[name]) for name in ("difference", "low", "high")]
                    rows.append((dataset, genome, found["model"], where, *share, *gain))
        return pd.DataFrame(rows, columns=GAINS)

    def mean_filter(self) -> pd.DataFrame:
        """Average what the filter keeps over seeds, by dataset, genome, model and label.

        Returns:
            Columns MEAN_FILTER: mean counts; shares of mean counts with Wilson's limits, of all copies, of those kept
            and of those given up; and the difference of the last two, with limits over copies and seeds together: each
            seed has a teacher of its own, and so a filter.
        """
        rows = [
            (*key, *_filter_means(of_seeds))
            for key, of_seeds in self.filtered.groupby(["dataset", "genome", "model", "label"], sort=False)
        ]
        return pd.DataFrame(rows, columns=MEAN_FILTER)


def _filter_means(of_seeds: pd.DataFrame) -> Iterator[float]:
    """Yield the numbers of MEAN_FILTER for the teachers of one model and copies of one label."""
    counts = of_seeds[["copies", "kept", "true", "true_kept"]].to_numpy(np.float64)
    every = np.column_stack([counts, counts[:, 0] - counts[:, 1], counts[:, 2] - counts[:, 3]])
    copies, kept, true, true_kept, given_up, true_given_up = means = every.mean(axis=0).tolist()
    yield from means
    pairs = (true, copies), (true_kept, kept), (true_given_up, given_up)
    shares = [wilson_interval(*pair) for pair in pairs]
    with np.errstate(invalid="ignore"):
        of_each = every[:, 3] / every[:, 1] - every[:, 5] / every[:, 4]
    difference = with_spread(difference_interval(*shares[1:]), of_each.tolist())
    for found in (*shares, difference):
        yield from found[:3]


def where_name(names: DisplayNames, place: Place) -> str:
    """Name the genome of a place, and the cells that were measured if they have a name: `Mouse (CH12.LX)`."""
    genome = names.genomes[place[1]]
    cells = names.measured.get("/".join(place), genome)
    return genome if cells == genome else f"{genome} ({cells})"


def asking_methods(names: DisplayNames) -> list[str]:
    """Select the methods to show first: no control, no baseline, no subset."""
    found = {name: resolve(name) for name in names.methods}
    return [name for name, method in found.items() if method.kind not in ("control", "baseline") and not method.subset]


def tidy_table(tables: MeasuredTables) -> pd.DataFrame:
    """Put every number into one table for programs, a row each: what it is of, `n`, `value` and its interval.

    Quantities: `share_bound` of copies or sites; `auroc_bound`, of a score, bound above unbound; on the species' own
    windows `own_aupr`, `own_auroc`, their prevalence and their differences to `sl`; `share_true` of training copies,
    `share_true_kept`, `share_true_given_up`, their difference `kept_less_given_up`, and `share_kept` under the filter
    of `ssl_filtered`; `ssl_gain_human` and `ssl_gain_own`, the AUPR of SSL less that of SL.
    """
    truth, gains = tables.truth, tables.gains()
    parts = [
        tables.rates.assign(quantity="share_bound", n=tables.rates["copies"], value=tables.rates["share_bound"]),
        truth.assign(quantity="auroc_bound", n=truth["bound"] + truth["unbound"], value=truth["auroc"]),
    ]
    for windows in dict.fromkeys(tables.own_summary["windows"]):
        own = tables.own_windows(windows)
        sizes = own.drop_duplicates(["dataset", "genome"])[["dataset", "genome", "windows", "n", "prevalence"]]
        parts.append(sizes.assign(quantity="own_prevalence", value=sizes["prevalence"]))
        for metric in METRICS:
            rows = own[own["metric"] == metric]
            less = rows[["dataset", "genome", "model", "method", "windows", "n"]].assign(
                quantity=f"own_{metric}_difference", value=rows["difference"], low=rows["difference_low"],
                high=rows["difference_high"],
            )  # fmt: skip
            parts += [rows.assign(quantity=f"own_{metric}"), less[less["value"].notna()]]
    parts += list(_filter_parts(tables.mean_filter()))
    parts.append(gains.assign(quantity="ssl_gain_" + gains["where"], value=gains["difference"], method="ssl"))
    tidy = pd.concat([part.reindex(columns=TIDY).astype(object) for part in parts if len(part)], ignore_index=True)
    text = ["unit", "split", "stratum", "level", "score", "model", "method", "windows"]
    numbers = {"label": "Int64"} | dict.fromkeys(["min_match", "n", "value", "low", "high"], "float64")
    return tidy.fillna(dict.fromkeys(text, "")).astype(numbers)


def _filter_parts(filtered: pd.DataFrame) -> list[pd.DataFrame]:
    if filtered.empty:
        return []
    parts = [filtered.assign(quantity="share_kept", n=filtered["copies"], value=filtered["kept"] / filtered["copies"])]
    numbers = {"share_true": "copies", "share_true_kept": "kept", "share_true_given_up": "given_up"}
    for quantity, n in {**numbers, "kept_less_given_up": "copies"}.items():
        bounds = {"low": filtered[f"{quantity}_low"], "high": filtered[f"{quantity}_high"]}
        parts.append(filtered.assign(quantity=quantity, n=filtered[n], value=filtered[quantity], **bounds))
    return parts
