"""Reports on data: windows, lift-over, divergence, leakage, label errors."""

from __future__ import annotations

from regssl.cli.options import float_or_none, one_each
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads
from regssl.cli.report_options import FIGURE, TABLE, add_names_and_out, add_tables, read_names, write_report


def _table1(parser: Parser) -> None:
    add_tables(parser, {"counts": "counts.tsv of `step label-windows` or `step read-sequences`"})
    for name, text in (("lift", "TSVs of `report lift-status`"), ("peaks", "TSVs of `step load-peaks`")):
        parser.add_argument(
            f"--{name}", type=reads(), nargs="*", default=[], help=f"{text}, of datasets that have some"
        )
    add_names_and_out(parser, [*TABLE, *(f"_genomes{suffix}" for suffix in TABLE)])


def table1(options: Options) -> None:
    """Make Table 1: human and pseudo-labelled positives."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_data, check_lift
    from regssl.reporting.tables.table1 import (
        HUMAN_COLUMNS,
        HUMAN_OPTIONAL_COLUMNS,
        LIFT_COLUMNS,
        PEAK_COLUMNS,
        table1,
        table1_genomes,
    )

    lift, counts = read_tsv(options.lift, LIFT_COLUMNS), read_tsv(options.counts, HUMAN_COLUMNS, HUMAN_OPTIONAL_COLUMNS)
    peaks = read_tsv(options.peaks, PEAK_COLUMNS)
    names = read_names(options)
    check_lift(lift, names)
    check_data(counts, peaks, names)
    write_report(table1(lift, counts, peaks, names), options.out)
    genomes = table1_genomes(lift, names.with_homologs)
    write_report(genomes, f"{options.out}_genomes")


def _leakage(parser: Parser) -> None:
    add_tables(parser, {name: f"{name}.tsv of `step audit-leakage`" for name in ("counts", "examples")})
    add_tables(parser, {"strata": "TSVs of `step stratify`"})
    add_names_and_out(parser, [*TABLE, *(f"_strata{suffix}" for suffix in TABLE)])


def leakage(options: Options) -> None:
    """Make the tables of the leakage audit."""
    from regssl.io.tsv import read_tsv
    from regssl.leakage.columns import COUNTS, EXAMPLES, STRATA
    from regssl.reporting.completeness import check_audit, check_strata
    from regssl.reporting.tables.leakage import leakage_counts_table, strata_table

    names = read_names(options)
    counts, examples = read_tsv(options.counts, COUNTS), read_tsv(options.examples, EXAMPLES)
    strata = read_tsv(options.strata, STRATA)
    check_audit(counts, names)
    check_strata(strata, names)
    table = leakage_counts_table(counts, examples, names, names.genomes)
    write_report(table, options.out)
    write_report(strata_table(strata, names), f"{options.out}_strata")


def _divergence(parser: Parser) -> None:
    parser.add_argument("divergence", type=reads(), nargs="+", help="tables of `step estimate-divergence`")
    parser.add_argument("--clades", type=str, nargs="+", required=True, help="the clade of each genome; may be empty")
    parser.add_argument(
        "--tree-distances",
        nargs="+",
        type=float_or_none,
        required=True,
        help="substitutions per site by a tree of each genome, or none",
    )
    add_names_and_out(parser)


def divergence(options: Options) -> None:
    """Make the table of the genomes' divergence."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_genomes
    from regssl.reporting.tables.divergence import COLUMNS, describe_genomes, divergence_table

    clades = one_each("clades", options.divergence, options.clades)
    distances = one_each("tree-distances", options.divergence, options.tree_distances)
    rates, names = read_tsv(options.divergence, COLUMNS), read_names(options)
    check_genomes(rates, names, "the table of divergence")
    genomes = describe_genomes(rates, names.genomes, clades, distances)
    write_report(divergence_table(rates, genomes), options.out)


def _lift_figure(parser: Parser) -> None:
    parser.add_argument("--lift", type=reads(), nargs="+", required=True, help="lift tables, TSV")
    add_names_and_out(parser, FIGURE)


def lift_figure(options: Options) -> None:
    """Plot the fraction of windows found per genome."""
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.reporting.completeness import check_lift
    from regssl.reporting.document import write_drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.lift import lift_figure
    from regssl.reporting.tables.table1 import LIFT_COLUMNS, table1_genomes

    names, lift = read_names(options), read_tsv(options.lift, LIFT_COLUMNS)
    check_lift(lift, names)
    lift_figure(lift, names.with_homologs, f"{options.out}.svg", f"{options.out}.png")
    write_tsv(table1_genomes(lift, names.with_homologs).tidy, f"{options.out}.tsv", digits=6)
    write_drawing(options.out, caption("lift"))


def _lift_status(parser: Parser) -> None:
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument("homologs", type=reads(), nargs="+", help="tables of `step find-homologs`")
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of their genomes, in order")
    parser.add_argument(
        "--peaks", type=reads(), nargs="*", default=[], help="counts of peaks, TSV of `step load-peaks`, if it has some"
    )
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    add_names_and_out(parser)


def lift_status(options: Options) -> None:
    """Count the lift status of a dataset's windows."""
    from regssl.data.homologs import count_by_label
    from regssl.data.peaks import summarize_losses
    from regssl.io.parquet import load_table
    from regssl.io.tsv import read_tsv
    from regssl.reporting.tables.table1 import PEAK_COLUMNS, lift_status_table

    train, names = load_table(options.train, ["label", "source"]), read_names(options)
    ids = one_each("genome-ids", options.homologs, options.genome_ids)
    tables = {genome: load_table(path, ["lift_status"]) for genome, path in zip(ids, options.homologs, strict=True)}
    counts = count_by_label(train, tables)
    counts.insert(0, "dataset", options.dataset)
    counts.insert(2, "name", counts["genome"].map(names.genomes))
    peaks = summarize_losses(read_tsv(options.peaks, PEAK_COLUMNS)) if options.peaks else ""
    write_report(lift_status_table(counts, options.dataset, names.all_datasets[options.dataset], peaks), options.out)


def _label_errors(parser: Parser) -> None:
    parser.add_argument("sites", type=reads(), help="functional sites of the simulated data, truth/sites.tsv.gz")
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument(
        "homologs", type=reads(), nargs="+", help="pseudo-labelled homologs, tables of `step pseudo-label`"
    )
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of their genomes, in order")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    add_names_and_out(parser)


def label_errors(options: Options) -> None:
    """Count the label errors of a simulated dataset."""
    from regssl.io.parquet import load_table
    from regssl.io.tsv import read_tsv
    from regssl.reporting.tables.label_errors import label_errors_table
    from regssl.simulate.label_errors import SITE_COLUMNS, count_label_errors

    ids, names = one_each("genome-ids", options.homologs, options.genome_ids), read_names(options)
    homologs = {genome: load_table(path) for genome, path in zip(ids, options.homologs, strict=True)}
    sites = read_tsv([options.sites], SITE_COLUMNS)
    wrong = count_label_errors(load_table(options.train), homologs, sites, options.dataset)
    table = label_errors_table(wrong, names.all_datasets[options.dataset], names.genomes)
    write_report(table, options.out)


COMMANDS = [
    Command(table1, _table1),
    Command(leakage, _leakage),
    Command(divergence, _divergence),
    Command(lift_figure, _lift_figure),
    Command(lift_status, _lift_status),
    Command(label_errors, _label_errors),
]
