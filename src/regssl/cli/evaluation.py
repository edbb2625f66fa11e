"""Commands that compare methods: a dataset's runs, and the page "Is it the homologs?"."""

from __future__ import annotations

import argparse

from regssl.cli.options import add_command, block_from_json, names_from_json, read_tsv, write_tsv


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, compare)
    command.add_argument("out", help="folder to write: methods.tsv, differences.tsv, exposure.tsv")
    command.add_argument(
        "predictions", nargs="+", help="tables of `predict` of one dataset; metrics.json and run.json lie beside each"
    )
    command.add_argument("--statistics", default="{}", help="the config block `statistics` as JSON")
    command.add_argument("--threads", type=int, default=1, help="runs worked on at once")

    command = add_command(commands, homolog_page)
    for name in ("methods", "differences", "exposure"):
        command.add_argument(f"--{name}", nargs="+", required=True, help=f"{name}.tsv of `compare`, one per dataset")
    command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
    command.add_argument("--statistics", default="{}", help="the config block `statistics` as JSON")
    command.add_argument("--doses", nargs="*", default=[], help="figures of doses and divergence, SVG")
    command.add_argument("--wrong-labels", nargs="*", default=[], help="pages of one table: wrong pseudo-labels")
    command.add_argument("--audit", nargs="*", default=[], help="pages of one table: the leakage audit")
    command.add_argument(
        "--out", required=True, help="path without suffix: .html, .svg, .png, .tsv, _….tsv are written"
    )


def compare(options: argparse.Namespace) -> None:
    """Compare the methods of one dataset: scores and paired differences, with the doubts of seeds and test windows."""
    from regssl.evaluation.comparison import compare, differences_table, exposure_table, methods_table
    from regssl.evaluation.settings import Statistics

    found = compare(options.predictions, block_from_json(options.statistics, Statistics), options.threads)
    for name, table in (("methods", methods_table), ("differences", differences_table), ("exposure", exposure_table)):
        write_tsv(table(found), f"{options.out}/{name}.tsv")
    print(f"{found.dataset}: {len(found.runs)} runs, {found.windows:,} windows, {found.blocks} blocks with a positive")


def homolog_page(options: argparse.Namespace) -> None:
    """Make the page "Is it the homologs?": scores of every method, verdicts, tests, and further parts if given."""
    from regssl.evaluation.settings import Statistics
    from regssl.reporting.comparison_page import Evidence, write_homolog_page

    evidence = Evidence(*(read_tsv(paths) for paths in (options.methods, options.differences, options.exposure)))
    parts = {"doses": options.doses, "wrong_labels": options.wrong_labels, "audit": options.audit}
    statistics = block_from_json(options.statistics, Statistics)
    write_homolog_page(evidence, names_from_json(options.names), statistics, parts, options.out)
