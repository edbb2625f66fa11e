"""What is known of copied labels from measured ones, for the table, figure and page *Are the copied labels true?*."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from regssl.evaluation.auroc_interval import auroc_interval
from regssl.evaluation.comparison import DIFFERENCES_COLUMNS
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
Z = 1.959963984540054
"""Of a two-sided interval of 95 %."""
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
        """Average what the filter keeps over seeds, by dataset, genome, model and label; shares are of mean counts.

        Besides the columns of FILTER: `given_up` and `true_given_up`, of copies that are not kept, and their share.
        """
        key = ["dataset", "genome", "model", "label"]
        means = self.filtered.drop(columns="seed").groupby(key, sort=False).mean().reset_index()
        means["given_up"], means["true_given_up"] = means["copies"] - means["kept"], means["true"] - means["true_kept"]
        for part, n in (("", "copies"), ("_kept", "kept"), ("_given_up", "given_up")):
            found = wilson_limits(means[f"true{part}"], means[n])
            for end, values in zip(("", "_low", "_high"), found, strict=True):
                means[f"share_true{part}{end}"] = values
        return means


def wilson_limits(found: pd.Series, n: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Compute shares of mean counts, which need not be whole, with Wilson's 95 % limits; NaN of none."""
    n = n.where(n > 0)
    share, middle = found / n, (found + Z**2 / 2) / (n + Z**2)
    half = Z * np.sqrt(n) / (n + Z**2) * np.sqrt(share * (1 - share) + Z**2 / (4 * n))
    return share, (middle - half).clip(lower=0), (middle + half).clip(upper=1)


def newcombe_difference(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float]:
    """Compute the limits of the difference of two shares, of separate copies, each given with its Wilson limits.

    Method 10 of Newcombe 1998, *Interval estimation for the difference between independent proportions* (Statistics in
    Medicine 17:873).
    """
    (share, low, high), (less, less_low, less_high) = one, other
    difference = share - less
    below, above = math.hypot(share - low, less_high - less), math.hypot(high - share, less - less_low)
    return difference - below, difference + above


def permutation_p(x: ArrayLike, y: ArrayLike) -> float:
    """Compute the two-sided p of Spearman's rank correlation over all orders; of more than 7 pairs, over 9,999 of them.

    Student's approximation gives 0 where few pairs are in the same order; 5 in one order by chance are 2 of 120.
    """
    from scipy.stats import rankdata

    first, second = (ranks - ranks.mean() for ranks in map(rankdata, (x, y)))
    if few := len(first) <= 7:
        orders = np.array(list(permutations(range(len(first)))))
    else:
        orders = np.random.default_rng(0).permuted(np.tile(np.arange(len(first)), (9999, 1)), axis=1)
    as_far = int((np.abs(second[orders] @ first) >= abs(second @ first) - 1e-9).sum())
    return as_far / len(orders) if few else (as_far + 1) / (len(orders) + 1)


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
    `share_true_kept`, `share_true_given_up` and `share_kept` under the filter of `ssl_filtered`; `ssl_gain_human` and
    `ssl_gain_own`, the AUPR of SSL less that of SL.
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
    for quantity, n in (("share_true", "copies"), ("share_true_kept", "kept"), ("share_true_given_up", "given_up")):
        bounds = {"low": filtered[f"{quantity}_low"], "high": filtered[f"{quantity}_high"]}
        parts.append(filtered.assign(quantity=quantity, n=filtered[n], value=filtered[quantity], **bounds))
    return parts
