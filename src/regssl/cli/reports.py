"""Commands that gather results: summary, tables, figures; and the checks of a configuration."""

from __future__ import annotations

import argparse
from pathlib import Path

from regssl.cli.options import add_command, from_json, names_from_json, read_tsv, write_tsv


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, lift_table)
    command.add_argument("train", help="human training windows, Parquet")
    command.add_argument("homologs", nargs="+", help="tables of `find-homologs`, named <genome>.parquet")
    command.add_argument("--peaks", required=True, help="what became of the peaks, TSV of `peaks`")
    command.add_argument("--dataset", required=True, help="id of the dataset")
    command.add_argument("--name", help="display name of the dataset; its id if not given")
    command.add_argument("--genomes", required=True, help="display names of the genomes by id, as JSON")
    command.add_argument("--out", required=True, help="path without suffix: .tsv and .html are written")

    command = add_command(commands, divergence_table)
    command.add_argument("divergence", nargs="+", help="tables of `divergence`")
    command.add_argument("--genomes", required=True, help="by id: name, clade, tree (substitutions per site), as JSON")
    command.add_argument("--out", required=True, help="path without suffix: .tsv and .html are written")

    command = add_command(commands, wrong_labels)
    command.add_argument("sites", help="functional sites of the embedded world, truth/sites.tsv.gz")
    command.add_argument("train", help="human training windows, Parquet")
    command.add_argument("homologs", nargs="+", help="pseudo-labelled homologs, <genome>.parquet of `copy-labels`")
    command.add_argument("--dataset", required=True, help="id of the dataset")
    command.add_argument("--name", help="display name of the dataset; its id if not given")
    command.add_argument("--genomes", default="{}", help="display names of the genomes by id, as JSON")
    command.add_argument("--out", required=True, help="path without suffix: .tsv and .html are written")

    command = add_command(commands, summarize)
    command.add_argument("out", help="TSV to write, one row per run")
    command.add_argument("metrics", nargs="+", help="metrics.json of the runs")

    for function, inputs in (
        (table1, ("lift", "counts", "peaks")),
        (table2, ("summary",)),
        (agreement, ("summary", "positives")),
    ):
        command = add_command(commands, function)
        for name in inputs:
            command.add_argument(f"--{name}", nargs="+", required=True, help=f"{name} tables, TSV")
        command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
        command.add_argument("--out", required=True, help="path without suffix: .tsv and .html are written")
    command.add_argument("--correlations", nargs="*", default=[], help="tables of `correlate-snps`, TSV")
    command.add_argument("--same-data", action="store_true", help="this benchmark works on the paper's data")

    command = add_command(commands, figure2)
    command.add_argument("--summary", nargs="+", required=True, help="summary tables, TSV")
    command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
    command.add_argument("--out", required=True, help="path without suffix: .svg, .png and .tsv are written")

    command = add_command(commands, lift_figure)
    command.add_argument("--lift", nargs="+", required=True, help="lift tables, TSV")
    command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
    command.add_argument("--out", required=True, help="path without suffix: .svg and .png are written")

    command = add_command(commands, dose_figure)
    command.add_argument(
        "kind", choices=["genomes", "divergence", "human", "turnover"], help="what AUPR is set against"
    )
    command.add_argument("--summary", nargs="+", required=True, help="summary tables, TSV")
    command.add_argument("--divergence", help="table of `divergence-table`; for genomes and divergence")
    command.add_argument("--counts", nargs="*", default=[], help="counts.tsv of `label`; for human")
    command.add_argument(
        "--wrong", nargs="*", default=[], help="tables of `wrong-labels`; for turnover, where there are any"
    )
    command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
    command.add_argument("--out", required=True, help="path without suffix: .svg, .png and .tsv are written")

    command = add_command(commands, check)
    command.add_argument("config", nargs="+", help="config files; later ones over earlier ones")
    command.add_argument("--data-dir", help="overrides the key data_dir")

    add_command(commands, schema)


def lift_table(options: argparse.Namespace) -> None:
    """Count what became of a dataset's training windows in each genome, by label and reason."""
    import pandas as pd

    from regssl.data.lift_status import count_fates
    from regssl.data.peaks import summarize_losses
    from regssl.io.parquet import load_table
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.table1 import fates

    train, genomes = load_table(options.train, ["label", "source"]), from_json(options.genomes)
    tables = []
    for path in options.homologs:
        genome = Path(path).stem
        homologs = load_table(path, ["fate"]).iloc[train["source"]]
        counts = count_fates(homologs, train["label"]).rename_axis("label").sort_index(ascending=False).reset_index()
        tables.append(counts.assign(dataset=options.dataset, genome=genome, name=genomes[genome]))
    table = pd.concat(tables, ignore_index=True)
    table["mapped"] = table["windows"] - table[["deleted", "partially_deleted", "split", "duplicated"]].sum(axis=1)
    first = ["dataset", "genome", "name", "label", "windows", "mapped"]
    table = table[first + [column for column in table if column not in first]]
    peaks = summarize_losses(pd.read_csv(options.peaks, sep="\t"))
    shown = fates(table, options.dataset, options.name or options.dataset, peaks)
    write_table(shown, f"{options.out}.tsv", f"{options.out}.html")


def divergence_table(options: argparse.Namespace) -> None:
    """Gather the divergence of all genomes, nearest first."""
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.divergence import divergence_table

    table = divergence_table(read_tsv(options.divergence), from_json(options.genomes))
    write_table(table, f"{options.out}.tsv", f"{options.out}.html")


def wrong_labels(options: argparse.Namespace) -> None:
    """Count the wrong labels among the training windows of a dataset of the embedded world."""
    import pandas as pd

    from regssl.io.parquet import load_table
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.label_errors import label_errors_table
    from regssl.simulate.label_errors import count_label_errors

    homologs = {Path(path).stem: load_table(path) for path in options.homologs}
    wrong = count_label_errors(
        load_table(options.train), homologs, pd.read_csv(options.sites, sep="\t"), options.dataset
    )
    table = label_errors_table(wrong, options.name or options.dataset, from_json(options.genomes))
    write_table(table, f"{options.out}.tsv", f"{options.out}.html")


def summarize(options: argparse.Namespace) -> None:
    """Gather the metrics of all runs into one tidy table; an error where not one of them has a score."""
    import json

    import pandas as pd

    from regssl.errors import DataError
    from regssl.evaluation.summary import problems

    rows = [json.loads(Path(path).read_text()) for path in options.metrics]
    table = pd.DataFrame(rows)
    if len(reasons := problems(table)) and table["problem"].notna().all():
        said = "; ".join(f"{dataset}: {reason}" for dataset, reason in reasons.items())
        raise DataError(
            f"{options.out}: no run has a score: {said}",
            "have the peak files peaks on these chromosomes? see `splits` and `bins` in config/README.md",
        )
    write_tsv(table, options.out)


def table1(options: argparse.Namespace) -> None:
    """Make Table 1: human and pseudo-labelled positives per dataset, and lift rates per genome."""
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.table1 import table1, table1_genomes

    lift, counts, peaks = (read_tsv(paths) for paths in (options.lift, options.counts, options.peaks))
    names = names_from_json(options.names)
    write_table(table1(lift, counts, peaks, names.datasets), f"{options.out}.tsv", f"{options.out}.html")
    genomes = table1_genomes(lift, names.datasets)
    write_table(genomes, f"{options.out}_genomes.tsv", f"{options.out}_genomes.html")


def table2(options: argparse.Namespace) -> None:
    """Make Table 2: test AUPR per dataset, model and method, mean and 95 % interval over seeds."""
    from regssl.evaluation.summary import of_methods
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.table2 import table2

    names = names_from_json(options.names)
    columns = [(model, method) for model in names.models for method in names.methods]
    summary = of_methods(read_tsv(options.summary), names)
    write_table(table2(summary, names, columns), f"{options.out}.tsv", f"{options.out}.html")


def agreement(options: argparse.Namespace) -> None:
    """Set every public number of the paper beside the one found here."""
    from regssl.evaluation.summary import of_methods
    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.paper_comparison import agreement

    names = names_from_json(options.names)
    correlations = None
    if options.correlations:
        from regssl.reporting.tables.variants import paper_quantities

        correlations = paper_quantities(of_methods(read_tsv(options.correlations), names))
    summary, positives = of_methods(read_tsv(options.summary), names), read_tsv(options.positives)
    table = agreement(summary, positives, correlations, names, options.same_data)
    write_table(table, f"{options.out}.tsv", f"{options.out}.html")


def figure2(options: argparse.Namespace) -> None:
    """Make Figure 2: percent increase over supervised learning, and absolute AUPR beside it."""
    from regssl.evaluation.summary import increase_table, of_methods
    from regssl.reporting.figures.figure2 import figure2

    names = names_from_json(options.names)
    summary = of_methods(read_tsv(options.summary), names)
    increase = increase_table(summary)
    write_tsv(increase, f"{options.out}.tsv")
    figure2(increase, summary, names, f"{options.out}.svg", f"{options.out}.png")


def lift_figure(options: argparse.Namespace) -> None:
    """Draw the share of human windows found in each genome."""
    from regssl.reporting.figures.lift import lift_figure

    names = names_from_json(options.names)
    lift_figure(read_tsv(options.lift), names.datasets, f"{options.out}.svg", f"{options.out}.png")


def dose_figure(options: argparse.Namespace) -> None:
    """Draw AUPR against the number of genomes, their divergence, human positives, or labels permuted."""
    import pandas as pd

    from regssl.evaluation import ablations as dose_tables
    from regssl.evaluation.summary import estimates
    from regssl.reporting.figures import ablations as dose_figures

    cells = estimates(read_tsv(options.summary))
    if options.kind in ("genomes", "divergence"):
        divergence = pd.read_csv(options.divergence, sep="\t")
        make, draw = {
            "genomes": (dose_tables.genome_points, dose_figures.genome_figure),
            "divergence": (dose_tables.divergence_points, dose_figures.divergence_figure),
        }[options.kind]
        points = make(cells, divergence)
    elif options.kind == "human":
        draw, points = dose_figures.learning_figure, dose_tables.human_points(cells, read_tsv(options.counts))
    else:
        wrong = read_tsv(options.wrong) if options.wrong else None
        draw, points = dose_figures.turnover_figure, dose_tables.turnover_points(cells, wrong)
    write_tsv(points, f"{options.out}.tsv")
    draw(points, names_from_json(options.names), f"{options.out}.svg", f"{options.out}.png")


def check(options: argparse.Namespace) -> None:
    """Check a configuration, its tables and every local file they name, without running anything."""
    from regssl.config.checks import check_files
    from regssl.config.load import load_config
    from regssl.config.project import Project

    overrides = {"data_dir": options.data_dir} if options.data_dir else {}
    config = load_config(options.config, overrides)
    project = Project(config)
    check_files(config, project)
    for line in project.pending:
        print(f"note: {line}")
    print(f"{len(project.datasets)} datasets, {len(project.genomes)} genomes beside {config.human}: no problem found")


def schema(options: argparse.Namespace) -> None:
    """Print the JSON schema of the configuration."""
    from regssl.config.load import json_schema

    print(json_schema(), end="")
