"""Reports: tables, figures and pages from the results of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from regssl.cli.options import add_settings, float_or_none, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads, writes

if TYPE_CHECKING:
    import pandas as pd

    from regssl.evaluation.summary import DisplayNames
    from regssl.io.tsv import Columns
    from regssl.reporting.tables.base import Table


TABLE, FIGURE = (".tsv", ".html"), (".svg", ".png", ".tsv")
"""Suffixes of what a report writes."""


def _names_and_out(parser: Parser, suffixes: Sequence[str] = TABLE) -> None:
    parser.add_argument("--names", type=reads(), required=True, help="display names, display_names.json")
    written = f"{', '.join(suffixes[:-1])} and {suffixes[-1]} are written"
    out = writes(*(f"{{path}}{suffix}" for suffix in suffixes))
    parser.add_argument("--out", type=out, required=True, help=f"path without suffix: {written}")


def _names(options: Options) -> DisplayNames:
    from regssl.evaluation.summary import DisplayNames

    return DisplayNames.read(options.names)


def _runs(options: Options, names: DisplayNames) -> pd.DataFrame:
    """Read the summaries of runs, and select the methods with a display name, of which no run may be missing."""
    from regssl.evaluation.summary import COLUMNS, OPTIONAL_COLUMNS, select_methods
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_runs

    summary = read_tsv(options.summary, COLUMNS, OPTIONAL_COLUMNS)
    check_runs(summary, names)
    return select_methods(summary, names)


def _write(table: Table, out: str) -> None:
    from regssl.reporting.tables.base import write_table

    write_table(table, f"{out}.tsv", f"{out}.html")


def _tables(parser: Parser, tables: dict[str, str]) -> None:
    for name, text in tables.items():
        parser.add_argument(f"--{name}", type=reads(), nargs="+", required=True, help=text)


def _table1(parser: Parser) -> None:
    _tables(
        parser,
        {
            "lift": "TSVs of `report lift-status`",
            "counts": "counts.tsv of `step label-windows`",
            "peaks": "TSVs of `step load-peaks`",
        },
    )
    _names_and_out(parser, [*TABLE, "_genomes.tsv", "_genomes.html"])


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
    names = _names(options)
    check_lift(lift, names)
    check_data(counts, peaks, names)
    _write(table1(lift, counts, peaks, names.datasets), options.out)
    genomes = table1_genomes(lift, names.datasets)
    _write(genomes, f"{options.out}_genomes")


def _table2(parser: Parser) -> None:
    _tables(parser, {"summary": "TSVs of `step summarize`"})
    _names_and_out(parser)


def table2(options: Options) -> None:
    """Make Table 2: AUPR per dataset, model and method."""
    from regssl.reporting.tables.table2 import table2

    names = _names(options).of_paper()
    columns = [(model, method) for model in names.models for method in names.methods]
    summary = _runs(options, names)
    _write(table2(summary, names, columns), options.out)


def _figure2(parser: Parser) -> None:
    parser.add_argument("--summary", type=reads(), nargs="+", required=True, help="summary tables, TSV")
    _names_and_out(parser, FIGURE)


def figure2(options: Options) -> None:
    """Make Figure 2: gain over supervised learning."""
    from regssl.evaluation.summary import increase_table
    from regssl.io.tsv import write_tsv
    from regssl.reporting.figures.figure2 import figure2

    names = _names(options).of_paper()
    summary = _runs(options, names)
    increase = increase_table(summary)
    write_tsv(increase, f"{options.out}.tsv")
    figure2(increase, summary, names, f"{options.out}.svg", f"{options.out}.png")


def _figure3(parser: Parser) -> None:
    _tables(parser, {"effects": "effects of `step correlate-variants`", "scores": "means of `step correlate-variants`"})
    _names_and_out(parser, FIGURE)


def figure3(options: Options) -> None:
    """Make Figure 3: predicted and observed effects."""
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.reporting.completeness import check_effects, check_scores
    from regssl.reporting.figures.figure3 import figure3
    from regssl.reporting.tables.variants import figure3_table
    from regssl.variants.effects import COLUMNS, SCORES_COLUMNS

    names, effects = _names(options).of_paper(), read_tsv(options.effects, COLUMNS)
    scores = read_tsv(options.scores, SCORES_COLUMNS)
    check_effects(effects, names)
    check_scores(scores, effects)
    figure3(effects, scores, names, names.variant_sets, f"{options.out}.svg", f"{options.out}.png")
    write_tsv(figure3_table(effects, names), f"{options.out}.tsv")


def _comparison(parser: Parser) -> None:
    from regssl.evaluation.settings import ComparisonSettings

    _tables(parser, {name: f"{name}.tsv of `step compare`" for name in ("methods", "differences", "exposure")})
    parser.add_argument("--ablations", type=reads(), nargs="*", default=[], help="figures of `report ablation`, SVG")
    parser.add_argument("--label-errors", type=reads(), nargs="*", default=[], help="pages of `report label-errors`")
    parser.add_argument("--leakage", type=reads(), nargs="*", default=[], help="pages of `report leakage`")
    _names_and_out(
        parser, [".html", *FIGURE, *(f"_{name}.tsv" for name in ("methods", "differences", "tests", "exposure"))]
    )
    add_settings(parser, ComparisonSettings)


def comparison(options: Options) -> None:
    """Make the page that compares the methods.

    It holds scores, conclusions and tests, and further sections if given.
    """
    from regssl.evaluation.settings import ComparisonSettings
    from regssl.reporting.comparison_page import ComparisonTables, write_comparison_page
    from regssl.reporting.completeness import check_comparison

    tables, names = ComparisonTables.read(options.methods, options.differences, options.exposure), _names(options)
    check_comparison(*tables, names)
    sections = {"ablations": options.ablations, "label_errors": options.label_errors, "leakage": options.leakage}
    write_comparison_page(tables, names, settings_from(options, ComparisonSettings), sections, options.out)


def _paper_comparison(parser: Parser) -> None:
    _tables(parser, {"summary": "TSVs of `step summarize`", "positives": "TSVs of `report table1`"})
    parser.add_argument("--correlations", type=reads(), nargs="*", default=[], help="TSVs of `step correlate-variants`")
    parser.add_argument("--same-data", action="store_true", help="this benchmark works on the paper's data")
    _names_and_out(parser)


def paper_comparison(options: Options) -> None:
    """Set the paper's numbers beside those found here."""
    from regssl.evaluation.summary import select_methods
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_effects, require_rows
    from regssl.reporting.tables.paper_comparison import POSITIVES_COLUMNS, paper_comparison_table

    names = _names(options).of_paper()
    correlations = None
    if options.correlations:
        from regssl.reporting.tables.variants import paper_quantities
        from regssl.variants import effects

        table_of_effects = read_tsv(options.correlations, effects.COLUMNS)
        check_effects(table_of_effects, names)
        correlations = paper_quantities(select_methods(table_of_effects, names))
    summary = _runs(options, names)
    positives = read_tsv(options.positives, POSITIVES_COLUMNS)
    require_rows(positives, ["dataset"], [(dataset,) for dataset in names.datasets], "the table of positives")
    table = paper_comparison_table(summary, positives, correlations, names, options.same_data)
    _write(table, options.out)


def _leakage(parser: Parser) -> None:
    _tables(parser, {name: f"{name}.tsv of `step audit-leakage`" for name in ("counts", "examples")})
    _tables(parser, {"strata": "TSVs of `step stratify`"})
    _names_and_out(parser, [*TABLE, "_strata.tsv", "_strata.html"])


def leakage(options: Options) -> None:
    """Make the tables of the leakage audit."""
    from regssl.io.tsv import read_tsv
    from regssl.leakage.columns import COUNTS, EXAMPLES, STRATA
    from regssl.reporting.completeness import check_audit, check_strata
    from regssl.reporting.tables.leakage import leakage_counts_table, strata_table

    names = _names(options)
    counts, examples = read_tsv(options.counts, COUNTS), read_tsv(options.examples, EXAMPLES)
    strata = read_tsv(options.strata, STRATA)
    check_audit(counts, names)
    check_strata(strata, names)
    table = leakage_counts_table(counts, examples, names, names.genomes)
    _write(table, options.out)
    _write(strata_table(strata, names), f"{options.out}_strata")


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
    _names_and_out(parser)


def divergence(options: Options) -> None:
    """Make the table of the genomes' divergence."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_genomes
    from regssl.reporting.tables.divergence import COLUMNS, describe_genomes, divergence_table

    clades = one_each("clades", options.divergence, options.clades)
    distances = one_each("tree-distances", options.divergence, options.tree_distances)
    rates, names = read_tsv(options.divergence, COLUMNS), _names(options)
    check_genomes(rates, names, "the table of divergence")
    genomes = describe_genomes(rates, names.genomes, clades, distances)
    _write(divergence_table(rates, genomes), options.out)


def _ablation(parser: Parser) -> None:
    from regssl.methods.subsets import KINDS

    parser.add_argument("kind", choices=KINDS, help="variable on the axis")
    parser.add_argument("--summary", type=reads(), nargs="+", required=True, help="summary tables, TSV")
    parser.add_argument(
        "--divergence",
        type=reads(),
        nargs="*",
        default=[],
        help="table of `report divergence`; for genomes and divergence",
    )
    parser.add_argument(
        "--counts", type=reads(), nargs="*", default=[], help="counts.tsv of `step label-windows`; for train_size"
    )
    parser.add_argument(
        "--label-errors",
        type=reads(),
        nargs="*",
        default=[],
        help="tables of `report label-errors`; for permuted_labels, if any",
    )
    _names_and_out(parser, FIGURE)


def ablation(options: Options) -> None:
    """Plot AUPR against the variable of an ablation."""
    from regssl.evaluation import ablations, summary
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.reporting.completeness import check_runs
    from regssl.reporting.figures.ablations import plot_ablation

    def read(paths: list[str], columns: Columns) -> pd.DataFrame | None:
        return read_tsv(paths, columns) if paths else None

    runs, names = read_tsv(options.summary, summary.COLUMNS, summary.OPTIONAL_COLUMNS), _names(options)
    check_runs(runs, names)
    scores = summary.estimates(runs)
    tables = ablations.AblationTables(
        read(options.divergence, ablations.DIVERGENCE_COLUMNS),
        read(options.counts, ablations.COUNTS_COLUMNS),
        read(options.label_errors, ablations.LABEL_ERROR_COLUMNS),
    )
    curve = ablations.ablation_curve(options.kind, scores, tables)
    write_tsv(curve, f"{options.out}.tsv")
    plot_ablation(options.kind, curve, names, f"{options.out}.svg", f"{options.out}.png")


def _lift_figure(parser: Parser) -> None:
    parser.add_argument("--lift", type=reads(), nargs="+", required=True, help="lift tables, TSV")
    _names_and_out(parser, [".svg", ".png"])


def lift_figure(options: Options) -> None:
    """Plot the fraction of windows found per genome."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_lift
    from regssl.reporting.figures.lift import lift_figure
    from regssl.reporting.tables.table1 import LIFT_COLUMNS

    names, lift = _names(options), read_tsv(options.lift, LIFT_COLUMNS)
    check_lift(lift, names)
    lift_figure(lift, names.datasets, f"{options.out}.svg", f"{options.out}.png")


def _lift_status(parser: Parser) -> None:
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument("homologs", type=reads(), nargs="+", help="tables of `step find-homologs`")
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of their genomes, in order")
    parser.add_argument("--peaks", type=reads(), required=True, help="counts of peaks, TSV of `step load-peaks`")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    _names_and_out(parser)


def lift_status(options: Options) -> None:
    """Count the lift status of a dataset's windows."""
    from regssl.data.homologs import count_by_label
    from regssl.data.peaks import summarize_losses
    from regssl.io.parquet import load_table
    from regssl.io.tsv import read_tsv
    from regssl.reporting.tables.table1 import PEAK_COLUMNS, lift_status_table

    train, names = load_table(options.train, ["label", "source"]), _names(options)
    ids = one_each("genome-ids", options.homologs, options.genome_ids)
    tables = {genome: load_table(path, ["lift_status"]) for genome, path in zip(ids, options.homologs, strict=True)}
    counts = count_by_label(train, tables)
    counts.insert(0, "dataset", options.dataset)
    counts.insert(2, "name", counts["genome"].map(names.genomes))
    peaks = summarize_losses(read_tsv([options.peaks], PEAK_COLUMNS))
    _write(lift_status_table(counts, options.dataset, names.datasets[options.dataset], peaks), options.out)


def _variant_effects(parser: Parser) -> None:
    _tables(parser, {"effects": "effects of `step correlate-variants`", "counts": "TSVs of `step prepare-variants`"})
    _names_and_out(parser, [*TABLE, "_counts.tsv", "_counts.html"])


def variant_effects(options: Options) -> None:
    """Make the tables of variant effects."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_effects, check_variant_counts
    from regssl.reporting.tables.variants import COUNTS_COLUMNS, effects_table, variant_counts_table
    from regssl.variants.effects import COLUMNS

    names = _names(options)
    effects, counts = read_tsv(options.effects, COLUMNS), read_tsv(options.counts, COUNTS_COLUMNS)
    check_effects(effects, names)
    check_variant_counts(counts, names)
    _write(effects_table(effects, names, names.variant_sets), options.out)
    table = variant_counts_table(counts, names, names.variant_sets)
    _write(table, f"{options.out}_counts")


def _label_errors(parser: Parser) -> None:
    parser.add_argument("sites", type=reads(), help="functional sites of the simulated data, truth/sites.tsv.gz")
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument(
        "homologs", type=reads(), nargs="+", help="pseudo-labelled homologs, tables of `step pseudo-label`"
    )
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of their genomes, in order")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    _names_and_out(parser)


def label_errors(options: Options) -> None:
    """Count the label errors of a simulated dataset."""
    from regssl.io.parquet import load_table
    from regssl.io.tsv import read_tsv
    from regssl.reporting.tables.label_errors import label_errors_table
    from regssl.simulate.label_errors import SITE_COLUMNS, count_label_errors

    ids, names = one_each("genome-ids", options.homologs, options.genome_ids), _names(options)
    homologs = {genome: load_table(path) for genome, path in zip(ids, options.homologs, strict=True)}
    sites = read_tsv([options.sites], SITE_COLUMNS)
    wrong = count_label_errors(load_table(options.train), homologs, sites, options.dataset)
    table = label_errors_table(wrong, names.datasets[options.dataset], names.genomes)
    _write(table, options.out)


COMMANDS = [
    Command(table1, _table1),
    Command(table2, _table2),
    Command(figure2, _figure2),
    Command(figure3, _figure3),
    Command(comparison, _comparison),
    Command(paper_comparison, _paper_comparison),
    Command(leakage, _leakage),
    Command(divergence, _divergence),
    Command(ablation, _ablation),
    Command(lift_figure, _lift_figure),
    Command(lift_status, _lift_status),
    Command(variant_effects, _variant_effects),
    Command(label_errors, _label_errors),
]
