"""Reports on SSL's gain: how far it depends on the training region, the negatives, the seeds and the test blocks."""

from __future__ import annotations

from regssl.cli.options import one_each
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.report_options import TABLE, add_names_and_out, add_tables, read_names, write_report


def _gain_components(parser: Parser) -> None:
    add_tables(
        parser,
        {
            "summary": "TSVs of `step summarize`, of datasets and replicates, one each",
            "differences": "differences.tsv of `step compare`, of the datasets",
        },
    )
    for name, text in {
        "replicates": "id of the dataset or replicate that each summary is of",
        "datasets": "id of the dataset that it varies, or its own",
        "splits": "id of its splits",
    }.items():
        parser.add_argument(f"--{name}", type=str, nargs="+", required=True, help=text)
    parser.add_argument("--confidence-level", type=float, default=0.95, help="of all intervals, also the differences'")
    add_names_and_out(parser, [*TABLE, *(f"_replicates{suffix}" for suffix in TABLE)])


def gain_components(options: Options) -> None:
    """Make the tables of what SSL's gain depends on.

    Datasets are set beside their replicates, which have other training regions or negatives.
    """
    from regssl.evaluation.comparison import DIFFERENCES_COLUMNS
    from regssl.evaluation.design import DesignRow
    from regssl.evaluation.gain_components import components_table, replicates_table
    from regssl.evaluation.summary import COLUMNS, OPTIONAL_COLUMNS
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_design
    from regssl.reporting.tables.gain_components import components_gain_table, replicates_gain_table

    names, level = read_names(options), options.confidence_level
    columns = [one_each(name, options.summary, getattr(options, name)) for name in ("replicates", "datasets", "splits")]
    design = [DesignRow(*row) for row in zip(*columns, strict=True)]
    summary = read_tsv(options.summary, COLUMNS, OPTIONAL_COLUMNS)
    differences = read_tsv(options.differences, DIFFERENCES_COLUMNS)
    check_design(summary, differences, design, names)
    components = components_table(summary, differences, design, level)
    write_report(components_gain_table(components, names, level), options.out)
    write_report(replicates_gain_table(replicates_table(summary, design), names), f"{options.out}_replicates")


COMMANDS = [Command(gain_components, _gain_components)]
