"""Reports on runs: scores, comparisons, ablations, effects of variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regssl.cli.options import add_settings, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads
from regssl.cli.report_options import FIGURE, TABLE, add_names_and_out, add_tables, read_names, write_report

if TYPE_CHECKING:
    import pandas as pd

    from regssl.evaluation.summary import DisplayNames
    from regssl.io.tsv import Columns


def _runs(options: Options, names: DisplayNames) -> pd.DataFrame:
    """Read the summaries of runs, and select the methods with a display name, of which no run may be missing."""
    from regssl.evaluation.summary import COLUMNS, OPTIONAL_COLUMNS, select_methods
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_runs

    summary = read_tsv(options.summary, COLUMNS, OPTIONAL_COLUMNS)
    check_runs(summary, names)
    return select_methods(summary, names)


def _table2(parser: Parser) -> None:
    add_tables(parser, {"summary": "TSVs of `step summarize`"})
    add_names_and_out(parser)


def table2(options: Options) -> None:
    """Make Table 2: AUPR per dataset, model and method."""
    from regssl.reporting.tables.table2 import table2

    names = read_names(options).of_paper()
    summary = _runs(options, names)
    write_report(table2(summary, names, names.runs()), options.out)


def _figure2(parser: Parser) -> None:
    parser.add_argument("--summary", type=reads(), nargs="+", required=True, help="summary tables, TSV")
    add_names_and_out(parser, FIGURE)


def figure2(options: Options) -> None:
    """Make Figure 2: gain over supervised learning."""
    from regssl.evaluation.summary import increase_table
    from regssl.io.tsv import write_tsv
    from regssl.reporting.document import write_drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.figure2 import figure2

    names = read_names(options).of_paper()
    summary = _runs(options, names)
    increase = increase_table(summary)
    write_tsv(increase, f"{options.out}.tsv")
    figure2(increase, summary, names, f"{options.out}.svg", f"{options.out}.png")
    write_drawing(options.out, caption("figure2"))


def _figure3(parser: Parser) -> None:
    add_tables(
        parser, {"effects": "effects of `step correlate-variants`", "scores": "means of `step correlate-variants`"}
    )
    add_names_and_out(parser, FIGURE)


def figure3(options: Options) -> None:
    """Make Figure 3: predicted and observed effects."""
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.reporting.completeness import check_effects, check_scores
    from regssl.reporting.document import write_drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.figure3 import figure3
    from regssl.reporting.tables.variants import figure3_table
    from regssl.variants.effects import COLUMNS, SCORES_COLUMNS

    names, effects = read_names(options).of_paper(), read_tsv(options.effects, COLUMNS)
    scores = read_tsv(options.scores, SCORES_COLUMNS)
    check_effects(effects, names)
    check_scores(scores, effects)
    figure3(effects, scores, names, names.variant_sets, f"{options.out}.svg", f"{options.out}.png")
    write_tsv(figure3_table(effects, names), f"{options.out}.tsv")
    write_drawing(options.out, caption("figure3"))


def _comparison(parser: Parser) -> None:
    from regssl.evaluation.settings import ComparisonSettings

    add_tables(parser, {name: f"{name}.tsv of `step compare`" for name in ("methods", "differences", "exposure")})
    add_names_and_out(
        parser,
        [
            ".html",
            *FIGURE,
            "_answer.json",
            *(f"_{name}.tsv" for name in ("methods", "differences", "findings", "tests", "exposure")),
        ],
    )
    add_settings(parser, ComparisonSettings)


def comparison(options: Options) -> None:
    """Make the page that compares the methods.

    It holds scores, conclusions and tests.
    """
    from regssl.evaluation.comparison import ComparisonTables
    from regssl.evaluation.settings import ComparisonSettings
    from regssl.reporting.comparison_page import write_comparison_page
    from regssl.reporting.completeness import check_comparison

    tables, names = ComparisonTables.read(options.methods, options.differences, options.exposure), read_names(options)
    check_comparison(*tables, names)
    write_comparison_page(tables, names, settings_from(options, ComparisonSettings), options.out)


def _measured(parser: Parser) -> None:
    add_tables(
        parser,
        {
            "rates": "rates.tsv of `step count-true-copies`",
            "discrimination": "discrimination.tsv of `step score-measured`",
            "own": "own.tsv of `step score-measured`",
            "own-summary": "own_summary.tsv of `step score-measured`",
        },
    )
    parser.add_argument("--filtered", type=reads(), nargs="*", default=[], help="filter.tsv of `step filter-copies`")
    parser.add_argument("--differences", type=reads(), nargs="*", default=[], help="differences.tsv of `step compare`")
    add_names_and_out(parser, [*TABLE, ".svg", ".png"])


def measured(options: Options) -> None:
    """Make the page on the truth of copied labels."""
    from regssl.reporting.completeness import check_measured
    from regssl.reporting.measured_evidence import MeasuredTables
    from regssl.reporting.measured_page import write_measured_page

    names = read_names(options)
    fields = ("rates", "discrimination", "own", "own_summary", "filtered", "differences")
    tables = MeasuredTables.read({name: getattr(options, name) for name in fields})
    check_measured(tables, names)
    write_measured_page(tables, names, options.out)


def _paper_comparison(parser: Parser) -> None:
    add_tables(parser, {"summary": "TSVs of `step summarize`", "positives": "TSVs of `report table1`"})
    parser.add_argument("--correlations", type=reads(), nargs="*", default=[], help="TSVs of `step correlate-variants`")
    parser.add_argument("--components", type=reads(), nargs="*", default=[], help="table of `report gain-components`")
    parser.add_argument("--same-data", action="store_true", help="this benchmark works on the paper's data")
    add_names_and_out(parser)


def paper_comparison(options: Options) -> None:
    """Set the paper's numbers beside those found here."""
    from regssl.evaluation.gain_components import COMPONENTS_COLUMNS
    from regssl.evaluation.summary import select_methods
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_effects, require_rows
    from regssl.reporting.tables.paper_comparison import POSITIVES_COLUMNS, paper_comparison_table

    names = read_names(options).of_paper()
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
    components = read_tsv(options.components, COMPONENTS_COLUMNS) if options.components else None
    table = paper_comparison_table(summary, positives, correlations, names, options.same_data, components)
    write_report(table, options.out)


def _published(parser: Parser) -> None:
    add_tables(
        parser,
        {"methods": "methods.tsv of `step compare`, with `mcc` and `mcc_tuned`", "summary": "TSVs of `step summarize`"},
    )
    parser.add_argument("--tasks", type=str, nargs="+", required=True, help="the published task of each table")
    add_names_and_out(parser, [*TABLE, ".svg", ".png"])


def published(options: Options) -> None:
    """Set published scores beside those of runs.

    A table and a figure of MCC.
    """
    from regssl.evaluation.comparison import METHODS_COLUMNS
    from regssl.evaluation.summary import COLUMNS, OPTIONAL_COLUMNS
    from regssl.io.tsv import read_tsv
    from regssl.reporting.document import Drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.published import published_figure
    from regssl.reporting.tables.published import published_table, runs_on_tasks

    names, methods = read_names(options), read_tsv(options.methods, METHODS_COLUMNS)
    datasets = list(methods["dataset"].unique())
    tasks = dict(zip(datasets, one_each("tasks", datasets, options.tasks), strict=True))
    runs = runs_on_tasks(methods, read_tsv(options.summary, COLUMNS, OPTIONAL_COLUMNS), tasks, names)
    svg = f"{options.out}.svg"
    published_figure(runs, names, svg, f"{options.out}.png")
    write_report(
        published_table(runs, methods, names), options.out, Drawing(svg=svg, caption=caption("published_figure"))
    )


def _ablation(parser: Parser) -> None:
    from regssl.methods.subsets import KINDS

    parser.add_argument("kind", choices=KINDS, help="variable on the axis")
    parser.add_argument("--summary", type=reads(), nargs="+", required=True, help="summary tables, TSV")
    parser.add_argument(
        "--divergence",
        type=reads(),
        nargs="*",
        default=[],
        help="tables of `report divergence`, one for each dataset; for genomes and divergence",
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
    add_names_and_out(parser, FIGURE)


def ablation(options: Options) -> None:
    """Plot AUPR against the variable of an ablation."""
    from regssl.evaluation import ablations, summary
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.reporting.completeness import check_runs
    from regssl.reporting.document import write_drawing
    from regssl.reporting.figures.ablations import plot_ablation
    from regssl.reporting.figures.captions import caption

    def read(paths: list[str], columns: Columns) -> pd.DataFrame | None:
        return read_tsv(paths, columns) if paths else None

    runs, names = read_tsv(options.summary, summary.COLUMNS, summary.OPTIONAL_COLUMNS), read_names(options)
    check_runs(runs, names)
    scores = summary.estimates(runs)
    divergence = one_each("divergence", list(names.datasets), options.divergence) if options.divergence else []
    tables = ablations.AblationTables(
        {
            dataset: read_tsv([path], ablations.DIVERGENCE_COLUMNS)
            for dataset, path in zip(names.datasets, divergence, strict=False)
        }
        or None,
        read(options.counts, ablations.COUNTS_COLUMNS),
        read(options.label_errors, ablations.LABEL_ERROR_COLUMNS),
    )
    curve = ablations.ablation_curve(options.kind, scores, tables)
    write_tsv(curve, f"{options.out}.tsv")
    plot_ablation(options.kind, curve, names, f"{options.out}.svg", f"{options.out}.png")
    write_drawing(options.out, caption(f"ablation_{options.kind}"))


def _variant_effects(parser: Parser) -> None:
    add_tables(parser, {"effects": "effects of `step correlate-variants`", "counts": "TSVs of `step prepare-variants`"})
    add_names_and_out(parser, [*TABLE, *(f"{part}{end}" for part in ("_directions", "_counts") for end in TABLE)])


def variant_effects(options: Options) -> None:
    """Make the tables of variant effects."""
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_effects, check_variant_counts
    from regssl.reporting.tables.variant_directions import directions_table
    from regssl.reporting.tables.variants import COUNTS_COLUMNS, effects_table, variant_counts_table
    from regssl.variants.effects import COLUMNS

    names = read_names(options)
    effects, counts = read_tsv(options.effects, COLUMNS), read_tsv(options.counts, COUNTS_COLUMNS)
    check_effects(effects, names)
    check_variant_counts(counts, names)
    write_report(effects_table(effects, names, names.variant_sets), options.out)
    write_report(directions_table(effects, names, names.variant_sets), f"{options.out}_directions")
    table = variant_counts_table(counts, names, names.variant_sets)
    write_report(table, f"{options.out}_counts")


COMMANDS = [
    Command(table2, _table2),
    Command(figure2, _figure2),
    Command(figure3, _figure3),
    Command(comparison, _comparison),
    Command(measured, _measured),
    Command(paper_comparison, _paper_comparison),
    Command(published, _published),
    Command(ablation, _ablation),
    Command(variant_effects, _variant_effects),
]
