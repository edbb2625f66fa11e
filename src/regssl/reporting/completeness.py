"""What the tables behind a report must hold: a row for all that the display names name, or an error that names it.

A table that was cut between two rows is a table. So each report compares its tables with the display names, and rows
that belong together with one another: the runs of one model have the same seeds, whatever the method.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from regssl.data.settings import SPLITS
from regssl.errors import DataError
from regssl.evaluation.bootstrap import SCORES
from regssl.evaluation.design import DesignRow
from regssl.evaluation.gain_components import BASELINE, METHOD
from regssl.evaluation.pairs import pairs
from regssl.evaluation.summary import GROUP_KEYS, METRICS, DisplayNames, failed_datasets
from regssl.leakage.columns import ALL, LEAKS, RUN
from regssl.methods import resolve
from regssl.variants.effects import MEASURES

if TYPE_CHECKING:
    from regssl.reporting.measured_evidence import MeasuredTables

HELD_OUT = ("validation", "test")


def require_rows(table: pd.DataFrame, key: Sequence[str], expected: Iterable[tuple[Hashable, ...]], what: str) -> None:
    """Raise a DataError that names the first row that is expected and missing, and says how many others are.

    Args:
        table: columns `key` at least.
        key: the columns that identify a row.
        expected: their values.
        what: the table, for the message.
    """
    present = set(zip(*(table[column].tolist() for column in key), strict=True))
    if missing := [row for row in dict.fromkeys(expected) if row not in present]:
        row = ", ".join(f"{column} {value}" for column, value in zip(key, missing[0], strict=True))
        others = f", nor {len(missing) - 1:,} others that belong there" if len(missing) > 1 else ""
        raise DataError(f"{what} has no row of {row}{others}", "is it whole, and of these display names? make it again")


def check_runs(summary: pd.DataFrame, names: DisplayNames, what: str = "the summary of runs") -> None:
    """Check that there is a run of every dataset, model, method of it, and seed on the test chromosomes.

    Methods without a display name (ablations) need not be there, but if they are, with all seeds.
    """
    test = summary[summary["split"] == "test"]
    seeds = test.groupby("model")["seed"].unique().to_dict()
    runs = [(dataset, *run) for dataset, run in product(names.datasets, names.runs())]
    groups = [*runs, *_distinct(test, GROUP_KEYS)]
    require_rows(
        test, [*GROUP_KEYS, "seed"], [(*group, seed) for group in groups for seed in seeds.get(group[1], [0])], what
    )


def check_lift(lift: pd.DataFrame, names: DisplayNames, what: str = "the lift-over table") -> None:
    """Check that every dataset that has homologs has every genome, and its genomes the same labels."""
    labels = lift.groupby("dataset")["label"].unique().to_dict()
    expected = [(dataset, genome, label) for dataset in names.with_homologs for genome in _others(names)
                for label in labels.get(dataset, [1])]  # fmt: skip
    require_rows(lift, ["dataset", "genome", "label"], expected, what)


def check_data(counts: pd.DataFrame, peaks: pd.DataFrame, names: DisplayNames) -> None:
    """Check that the tables of human windows have every dataset and split, and those of peaks every one of peaks."""
    require_rows(counts, ["dataset", "split"], product(names.datasets, SPLITS), "the table of human windows")
    require_rows(peaks, ["dataset"], [(dataset,) for dataset in names.of_peaks], "the table of peaks")


def check_genomes(table: pd.DataFrame, names: DisplayNames, what: str) -> None:
    """Check that a table has a row of every genome but the human one."""
    require_rows(table, ["genome"], [(genome,) for genome in _others(names)], what)


def check_audit(counts: pd.DataFrame, names: DisplayNames) -> None:
    """Check that an audit has counted the leaks of every dataset, held-out split, training set and genome.

    Training sets of the methods with a display name must be there, and others, if they are, with all genomes.

    Raises:
        DataError: a row, or a count of leaks that applies to it, is missing: nothing says that the set is clean.
    """
    what, key = "the audit's counts", ["dataset", "split", "set", "genome"]
    kinds = {resolve(method).extra_windows for method in names.methods} | set(counts["set"])
    sets = [(str(kind), genome) for kind in sorted(filter(None, kinds | {"human"}))
            for genome in (list(names.genomes)[:1] if kind in ("human", "negatives") else _others(names))]  # fmt: skip
    require_rows(counts, key, [(*row, *one) for row in product(names.datasets, HELD_OUT) for one in sets], what)
    for leak in LEAKS:
        applies = counts["set"] == "homologs" if leak == "homolog" else counts["set"].notna()
        if len(lacking := counts[applies & counts[leak].isna()]):
            row = ", ".join(f"{column} {lacking.iloc[0][column]}" for column in key)
            raise DataError(f"{what}: {row}: column {leak} is empty", "audit again: nothing says that the set is clean")


def check_strata(strata: pd.DataFrame, names: DisplayNames) -> None:
    """Check that every dataset, model and method has a score of all windows, and the same strata of a dataset.

    Methods with a subset of the data are not scored by similarity.
    """
    of_dataset = strata.groupby("dataset")["stratum"].unique().to_dict()
    expected = [(dataset, *run, stratum) for dataset, run in product(names.datasets, _full_runs(names))
                for stratum in {ALL: None, **dict.fromkeys(of_dataset.get(dataset, []))}]  # fmt: skip
    require_rows(strata, [*RUN, "stratum"], expected, "the scores by similarity")


def check_comparison(
    methods: pd.DataFrame, differences: pd.DataFrame, exposure: pd.DataFrame, names: DisplayNames
) -> None:
    """Check that all methods are scored, those with a score compared, and their training described."""
    key = [*GROUP_KEYS, "metric"]
    scores = [(dataset, *run, metric) for dataset, run, metric in product(names.datasets, _full_runs(names), SCORES)]
    require_rows(methods, key, scores, "the table of methods")
    phases = exposure.groupby("method")["phase"].unique().to_dict()
    compared: list[tuple[Any, ...]] = []
    trained: list[tuple[Any, ...]] = []
    for dataset, model in product(names.datasets, names.models):
        own = methods[(methods["dataset"] == dataset) & (methods["model"] == model) & (methods["failure"] == "")]
        scored = [method for method in own["method"].unique() if (model, method) in _full_runs(names)]
        compared += [(dataset, model, *pair, metric) for pair in pairs(scored) for metric in SCORES]
        trained += [(dataset, model, method, phase) for method in scored if resolve(method).kind != "baseline"
                    for phase in phases.get(method, ["train"])]  # fmt: skip
    require_rows(differences, [*GROUP_KEYS, "baseline", "metric"], compared, "the table of differences")
    require_rows(exposure, [*GROUP_KEYS, "phase"], trained, "the table of exposure")


def check_design(
    summary: pd.DataFrame, differences: pd.DataFrame, design: Sequence[DesignRow], names: DisplayNames
) -> None:
    """Check that SL and SSL of every dataset and replicate have all seeds, and that the datasets' are compared."""
    seeds = summary.groupby("model")["seed"].unique().to_dict()
    runs = [(row.replicate, model, method, seed) for row in design for model in names.models
            for method in (METHOD, BASELINE) for seed in seeds.get(model, [0])]  # fmt: skip
    require_rows(summary, [*GROUP_KEYS, "seed"], runs, "the summary of runs")
    failed = failed_datasets(summary)
    compared = [(dataset, model, METHOD, BASELINE, metric)
                for dataset in dict.fromkeys(row.dataset for row in design) if dataset not in failed
                for model in names.models for metric in METRICS]  # fmt: skip
    require_rows(differences, [*GROUP_KEYS, "baseline", "metric"], compared, "the table of differences")


def check_measured(tables: MeasuredTables, names: DisplayNames) -> None:
    """Check that all that was measured is judged: rates, and the same scores of all runs of a model.

    Raises:
        DataError: a row is missing.
    """
    places = [tuple(key.split("/")) for key in names.measured]
    key, rates = ["dataset", "genome"], [(*place, "windows", ALL, label) for place in places for label in (1, 0)]
    require_rows(tables.rates, [*key, "unit", "stratum", "label"], rates, "the table of true copies")
    for table, what in (
        (tables.discrimination, "the table of scores of copies"),
        (tables.own, "the table of own windows"),
    ):
        seeds = table[table["seed"].notna()].groupby("model")["seed"].unique().to_dict()
        runs = [(*place, model, method, seed) for place in places
                for model, method in _full_runs(names) for seed in seeds.get(model, [0])]  # fmt: skip
        require_rows(table, [*key, "model", "method", "seed"], runs, what)


def check_effects(effects: pd.DataFrame, names: DisplayNames) -> None:
    """Check that every set of variants is there, with the same splits, measures and seeds of a model's methods."""
    what = "the table of variant effects"
    require_rows(effects, ["variant_set"], [(one,) for one in names.variant_sets], what)
    seeds = effects.groupby("model")["seed"].unique().to_dict()
    expected = [(*group, model, method, seed, measure)
                for group in _distinct(effects, ["dataset", "variant_set", "split"])
                for model, method in names.runs()
                for seed in seeds.get(model, ["all"]) for measure in MEASURES]  # fmt: skip
    require_rows(effects, ["dataset", "variant_set", "split", "model", "method", "seed", "measure"], expected, what)


def check_scores(scores: pd.DataFrame, effects: pd.DataFrame) -> None:
    """Check that there are as many scores as the effects were compared with."""
    key = ["dataset", "variant_set", "split", "model", "method"]
    found = scores.groupby(key).size().to_dict()
    scored = effects[key].assign(n=effects["n"] + effects["n_balanced"])
    for row in scored.drop_duplicates().itertuples(index=False, name=None):
        if (n := found.get(row[:-1], 0)) != row[-1]:
            place = ", ".join(f"{column} {value}" for column, value in zip(key, row[:-1], strict=True))
            raise DataError(f"the scores of variants: {place}: {n:,} rows, {row[-1]:,} were compared", "make it again")


def check_variant_counts(counts: pd.DataFrame, names: DisplayNames) -> None:
    """Check that every set of variants has counts, which add up to its rows."""
    what = "the table of variant counts"
    require_rows(counts, ["variant_set", "outcome"], product(names.variant_sets, ["rows"]), what)
    for variant_set, own in counts.groupby("variant_set", sort=False):
        rows = own.loc[own["outcome"] == "rows", "n_variants"].sum()
        if (total := own["n_variants"].sum() - rows) != rows:
            raise DataError(f"{what}: {variant_set}: the outcomes of {total:,} of {rows:,} rows", "make it again")


def check_mpra(effects: pd.DataFrame, counts: pd.DataFrame, names: DisplayNames) -> None:
    """Check that every element with changes to be held against is there, with every run of one dataset."""
    what = "the table of saturation mutagenesis"
    tested = counts[(counts["outcome"] == "test") & (counts["n_variants"] > 0)]["variant_set"]
    seeds = effects.groupby("model")["seed"].unique().to_dict()
    expected = [(element, "test", model, method, seed, measure) for element in tested for model, method in names.runs()
                for seed in seeds.get(model, ["all"]) for measure in MEASURES]  # fmt: skip
    require_rows(effects, ["variant_set", "split", "model", "method", "seed", "measure"], expected, what)


def _full_runs(names: DisplayNames) -> list[tuple[str, str]]:
    """Model and method of every kind of run without a subset of the data."""
    return [(model, method) for model, method in names.runs() if resolve(method).subset is None]


def _others(names: DisplayNames) -> list[str]:
    """The genomes but the human one, which is the first."""
    return list(names.genomes)[1:]


def _distinct(table: pd.DataFrame, key: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(table[list(key)].drop_duplicates().itertuples(index=False, name=None))
