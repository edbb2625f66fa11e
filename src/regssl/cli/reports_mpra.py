"""The report on saturation mutagenesis of one dataset."""

from __future__ import annotations

from regssl.cli.parser import Command, Options, Parser
from regssl.cli.report_options import add_names_and_out, add_tables, read_names, write_report


def _mpra(parser: Parser) -> None:
    add_tables(parser, {"effects": "effects of `step correlate-variants`", "counts": "TSV of `step prepare-mpra`"})
    add_names_and_out(parser)


def mpra(options: Options) -> None:
    """Make the table of saturation mutagenesis of a dataset.

    Correlations of scores with measured effects on expression, per element, model and method.
    """
    from regssl.io.tsv import read_tsv
    from regssl.reporting.completeness import check_mpra
    from regssl.reporting.tables.mpra import mpra_table
    from regssl.reporting.tables.variants import COUNTS_COLUMNS
    from regssl.variants.effects import COLUMNS

    effects, counts = read_tsv(options.effects, COLUMNS), read_tsv(options.counts, COUNTS_COLUMNS)
    names = read_names(options)
    check_mpra(effects, counts, names)
    write_report(mpra_table(effects, counts, names), options.out)


COMMANDS = [Command(mpra, _mpra)]
