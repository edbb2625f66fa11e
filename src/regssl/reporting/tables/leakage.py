"""The tables of the leakage audit for readers: overlaps, similar windows, and scores by similarity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import require_columns
from regssl.leakage.columns import ALL, LEAKS, REPEAT_CLASSES, SETS, STRATA
from regssl.reporting.format import MISSING, number, percent, value_with_interval
from regssl.reporting.tables.base import Table, grouped

SPLITS = {"validation": "Validation", "test": "Test"}
SET_NAMES = {"human": "Human", "homologs": "Homologs", "mutated": "Mutated copies", "negatives": "Negatives not drawn"}
REPEAT_CLASS_NAMES = {"unique": "Unique", "repeat": "Repeat", "low_complexity": "Low complexity"}


def leakage_counts_table(
    counts: pd.DataFrame, examples: pd.DataFrame, names: DisplayNames, genomes: Mapping[str, str]
) -> Table:
    """Make a row per dataset and kind of training set, over all its genomes; the tidy table has every genome and split.

    Args:
        counts, examples: of `audit.AuditReport`, of one or more datasets.
        names: display names.
        genomes: display names of the genomes.

    Raises:
        DataError: a missing column.
    """
    require_columns(counts, ["dataset", "split", "set", "genome", "windows", *LEAKS, "similar"], "the audit's counts")
    rows = [
        (dataset, kind, counts[(counts["dataset"] == dataset) & (counts["set"] == kind)])
        for dataset in names.datasets
        for kind in SETS
    ]
    rows = [row for row in rows if len(row[2])]
    columns = [
        (("", "Dataset"), [names.datasets[dataset] for dataset, _, _ in rows]),
        (("", "Training windows"), [_set_name(kind, of_set) for _, kind, of_set in rows]),
        (("", "Number"), [f"{_once(of_set)['windows'].sum():,}" for _, _, of_set in rows]),
        (("", "Aligned to their own bin"), [_reciprocal(of_set) for _, _, of_set in rows]),
        (("Held-out bins", "with homologs"), [_sum(of_set, "held_out_with_homolog") for _, _, of_set in rows]),
        (("Leaks", "Back-lift held out"), [_sum(of_set, "back_lift") for _, _, of_set in rows]),
        (("Leaks", "On a held-out homolog"), [_sum(of_set, "homolog") for _, _, of_set in rows]),
    ]
    for split, name in SPLITS.items():
        for repeat_class in REPEAT_CLASSES:
            cells = [_sum(of_set[of_set["split"] == split], f"similar_{repeat_class}") for _, _, of_set in rows]
            columns.append(((f"Similar to a {name.lower()} window", REPEAT_CLASS_NAMES[repeat_class]), cells))
    nearest = [_nearest(examples, dataset, kind, genomes) for dataset, kind, _ in rows]
    columns += [
        (("", "Nearest unique pair"), nearest),
        (("", "Conclusion"), [_conclusion(of_set) for _, _, of_set in rows]),
    ]
    return Table(counts, grouped(columns), _caption(counts))


def strata_table(strata: pd.DataFrame, names: DisplayNames) -> Table:
    """Make the table of AUPR by similarity: datasets, models and strata down, methods across.

    Raises:
        DataError: a missing column.
    """
    require_columns(strata, list(STRATA), "the scores by similarity")
    cells = {(row["dataset"], row["model"], row["stratum"], row["method"]): row for row in strata.to_dict("records")}
    methods = [method for method in names.methods if method in set(strata["method"])]
    order = list(dict.fromkeys(strata["stratum"]))
    order = [ALL, *[name for name in order if name != ALL]]
    rows = [
        (dataset, model, stratum)
        for dataset in names.datasets
        for model in names.models
        for stratum in order
        if any((dataset, model, stratum, method) in cells for method in methods)
    ]
    some = [next(cells[(*row, method)] for method in methods if (*row, method) in cells) for row in rows]
    columns = [
        (("", "Dataset"), [names.datasets[dataset] for dataset, _, _ in rows]),
        (("", "Model"), [names.models[model] for _, model, _ in rows]),
        (("", "Similarity"), [stratum for _, _, stratum in rows]),
        (("Test windows", "Number"), [f"{cell['windows']:,}" for cell in some]),
        (("Test windows", "Positive"), [f"{cell['positives']:,}" for cell in some]),
        (("Test windows", "Prevalence"), [number(float(cell["prevalence"]), ".2g") for cell in some]),
    ]
    for method in methods:
        columns.append((("AUPR", names.methods[method]), [_area(cells.get((*row, method))) for row in rows]))
    caption = (
        "AUPR of test windows by their similarity to the nearest training window, human or homolog: the fraction of "
        "their k-mers that this one window has, on either strand. Mean over seeds (95 % confidence interval, Student's "
        "t). Strata differ in prevalence, which is the AUPR of a random ranking: compare methods within a row, not "
        f"rows. {MISSING}: not run, or the stratum has no positive or no negative window. Not compared: windows with "
        "too few k-mers that could be looked up (microsatellites, frequent repeats)."
    )
    return Table(strata, grouped(columns), caption)


def _once(of_set: pd.DataFrame) -> pd.DataFrame:
    """One row per genome: what does not depend on the split."""
    return of_set.drop_duplicates("genome")


def _set_name(kind: str, of_set: pd.DataFrame) -> str:
    genomes = of_set["genome"].nunique()
    if kind in ("human", "negatives"):
        return SET_NAMES[kind]
    return f"{SET_NAMES[kind]}, {genomes} genome{'s' * (genomes > 1)}"


def _reciprocal(of_set: pd.DataFrame) -> str:
    once = _once(of_set)
    reciprocal, windows = once["reciprocal"], once["windows"].sum()
    if reciprocal.isna().all() or not windows:
        return MISSING
    return f"{math.floor(1000 * reciprocal.sum() / windows) / 10:.1f} %"  # 100 % are all of them


def _sum(of_set: pd.DataFrame, column: str) -> str:
    values = of_set[column]
    return MISSING if values.isna().all() else f"{int(values.sum()):,}"


def _nearest(examples: pd.DataFrame, dataset: str, kind: str, genomes: Mapping[str, str]) -> str:
    """The most similar pair whose held-out window is neither a repeat nor simple."""
    if examples.empty:
        return MISSING
    own = examples[
        (examples["dataset"] == dataset) & (examples["set"] == kind) & (examples["repeat_class"] == "unique")
    ]
    if own.empty:
        return MISSING
    row = own.iloc[int(own["similarity"].to_numpy(np.float64).argmax())]
    return (
        f"{row['similarity']:.2f}: {genomes.get(row['genome'], row['genome'])} {row['chrom']}:{row['start']:,} "
        f"and {row['held_out_chrom']}:{row['held_out_start']:,} ({row['split']})"
    )


def _conclusion(of_set: pd.DataFrame) -> str:
    return "LEAKS" if of_set[list(LEAKS)].fillna(0).to_numpy().any() else "clean"


def _area(cell: Mapping[Any, Any] | None) -> str:
    return MISSING if cell is None else value_with_interval(cell["aupr"], cell["aupr_low"], cell["aupr_high"])


def _caption(counts: pd.DataFrame) -> str:
    leaks = bool(counts[list(LEAKS)].fillna(0).to_numpy().any())
    frequent, kmers = counts["frequent_kmers"].max(), counts["kmers"].max()
    missed = int((counts["held_out"] - counts["compared"]).max())
    first = counts.iloc[0]
    sampled, least = first["kmer_sampling_fraction"], first["min_similarity"]
    sample = "" if sampled == 1 else f" (a sample of {percent(sampled)})"
    conclusion = "There are leaks" if leaks else "No training window lies on a held-out bin or on a homolog of one"
    return (
        f"Leakage audit. {conclusion}. Leaks: training windows with a base that is aligned to a held-out bin, by "
        "swapped chains, or which share a base with whatever the chains align to one: must be 0. Held-out bins with "
        f"homologs: those that could leak, over all genomes. Similar: training windows with {percent(least)} "
        f"or more of the {first['k']}-mers{sample} of one held-out window; no leak by itself, because repeats and "
        "low-complexity sequence are similar anywhere, which is why they are counted apart. "
        f"Not looked up: {frequent:,} of {kmers:,} k-mers, which are in too many held-out windows; "
        f"{missed:,} held-out windows had too few others to be compared."
    )
