"""The report on a search for a recipe."""

from __future__ import annotations

from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads
from regssl.cli.report_options import TABLE, add_names_and_out, add_tables, read_names, write_report


def _recipes(parser: Parser) -> None:
    parser.add_argument("--recipes", type=reads(), required=True, help="recipes.json: settings of the recipes, by id")
    add_tables(
        parser,
        {
            "ranks": "ranks of `step rank-recipes`, one table per round, in order",
            "scores": "scores of `step rank-recipes`: a table per round, and of what is tested",
            "test": "TSV of `step summarize`: the runs for which the test set was read",
        },
    )
    add_names_and_out(parser, [*TABLE, "_gain.svg", "_gain.png", "_gain.tsv"])


def recipes(options: Options) -> None:
    """Make the table of recipes.

    Also the figure of the gain of SSL against the strength of the baseline.
    """
    from regssl.evaluation.summary import COLUMNS, OPTIONAL_COLUMNS
    from regssl.io.json_object import read_json_object
    from regssl.io.tsv import read_tsv, write_tsv
    from regssl.recipes.gain import gain_table
    from regssl.recipes.ranking import RANKS, SCORES
    from regssl.reporting.document import Drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.recipes import gain_figure
    from regssl.reporting.tables.recipes import recipe_table

    names, known = read_names(options), read_json_object(options.recipes)
    rounds = [read_tsv([path], RANKS) for path in options.ranks]
    test = read_tsv(options.test, COLUMNS, OPTIONAL_COLUMNS)
    gains = gain_table(read_tsv(options.scores, SCORES))
    write_tsv(gains, f"{options.out}_gain.tsv", digits=6)
    left = rounds[-1]["model"].iloc[0]
    marked = {model: names.models[model] for model in dict.fromkeys([*test["model"], left])}
    svg = f"{options.out}_gain.svg"
    gain_figure(gains, names, marked, svg, f"{options.out}_gain.png")
    figure = Drawing(svg=svg, caption=caption("recipes_gain"), data=f"{options.out}_gain.tsv")
    write_report(recipe_table(known, rounds, test, names), options.out, figure)


COMMANDS = [Command(recipes, _recipes)]
