"""Commands of the leakage audit: windows against windows, scores by similarity, the tables of both."""

from __future__ import annotations

import argparse
from pathlib import Path

from regssl.cli.options import add_command, block_from_json, from_json, names_from_json, one_each, read_tsv, write_tsv


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, audit)
    command.add_argument("out", help="folder to write: counts.tsv, examples.tsv, similarity.parquet")
    command.add_argument("--dataset", required=True, help="id of the dataset")
    command.add_argument("--human-id", required=True, help="id of the human genome")
    command.add_argument("--bins", required=True, help="bins table")
    for name, text in (("train", "training"), ("validation", "validation"), ("test", "test")):
        command.add_argument(f"--{name}", required=True, help=f"human {text} windows, X.npy")
    command.add_argument("--homologs", nargs="*", default=[], help="pseudo-labelled homologs, <genome>.npy")
    command.add_argument("--places", nargs="*", default=[], help="tables of `find-homologs`, one for each set")
    command.add_argument("--chains", nargs="*", default=[], help="chain files from the human genome, one for each set")
    command.add_argument("--mutated", nargs="*", default=[], help="mutated human windows, <genome>.npy")
    command.add_argument("--settings", default="{}", help="config block `audit` as JSON")

    command = add_command(commands, audit_strata)
    command.add_argument("out", help="TSV to write: scores by method and similarity")
    command.add_argument(
        "predictions", nargs="+", help="runs/<dataset>/<model>/<method>/seed<seed>/predictions.parquet"
    )
    command.add_argument("--similarity", required=True, help="similarity.parquet of `audit`")
    command.add_argument("--edges", type=float, nargs="+", required=True, help="edges of the strata, ascending")

    command = add_command(commands, audit_table)
    command.add_argument("--counts", nargs="+", required=True, help="counts.tsv of `audit`")
    command.add_argument("--examples", nargs="+", required=True, help="examples.tsv of `audit`")
    command.add_argument("--strata", nargs="+", required=True, help="TSVs of `audit-strata`")
    command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
    command.add_argument("--genomes", required=True, help="display names of the genomes by id, as JSON")
    command.add_argument("--out", required=True, help="path without suffix: .tsv, .html, _strata.tsv, _strata.html")


def audit(options: argparse.Namespace) -> None:
    """Look for training windows that lie on held-out bins or their homologs, or look like them.

    Stops with the worst example where one lies on a held-out bin or on a homolog of one, unless `fail` of the settings
    is false; what is merely alike never stops it.
    """
    from regssl.errors import DataError
    from regssl.io.parquet import load_table, save_table
    from regssl.leakage.audit import TrainingSet, audit, worst_leak
    from regssl.leakage.settings import Audit

    settings = block_from_json(options.settings, Audit)
    chains = one_each("chains", options.homologs, options.chains)
    places = one_each("places", options.homologs, options.places)
    sets = [TrainingSet("human", options.human_id, options.train)]
    for path, chain, place in zip(options.homologs, chains, places, strict=True):
        sets.append(TrainingSet("homologs", Path(path).stem, path, chain, place))
    sets += [TrainingSet("mutated", Path(path).stem, path) for path in options.mutated]
    held_out = {"validation": options.validation, "test": options.test}
    report = audit(options.dataset, load_table(options.bins), held_out, sets, settings)
    write_tsv(report.counts, f"{options.out}/counts.tsv")
    write_tsv(report.examples, f"{options.out}/examples.tsv")
    save_table(report.similarity, f"{options.out}/similarity.parquet")
    print(report.counts.to_string(index=False))
    if leak := worst_leak(report):
        print(leak)
        if settings.fail:
            raise DataError(leak, "`audit.fail: false` goes on; but scores on the held-out bins mean nothing then")


def audit_strata(options: argparse.Namespace) -> None:
    """Score the test windows by their similarity to the nearest training window, per method, as means over seeds."""
    from regssl.io.parquet import load_table
    from regssl.leakage.strata import strata_table

    runs = {}
    for path in options.predictions:
        *_, dataset, model, method, seed, _ = Path(path).parts
        runs[(dataset, model, method, seed)] = path
    similarity = load_table(options.similarity)
    table = strata_table(similarity, {run: load_table(path) for run, path in runs.items()}, options.edges)
    write_tsv(table, options.out)
    print(table.to_string(index=False))


def audit_table(options: argparse.Namespace) -> None:
    """Make the tables of the audit: who lies where, who looks alike; and scores by similarity."""
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.leakage import counts_table, strata_shown

    names = names_from_json(options.names)
    counts, examples = read_tsv(options.counts), read_tsv(options.examples)
    table = counts_table(counts, examples, names, from_json(options.genomes))
    write_table(table, f"{options.out}.tsv", f"{options.out}.html")
    strata = strata_shown(read_tsv(options.strata), names)
    write_table(strata, f"{options.out}_strata.tsv", f"{options.out}_strata.html")
