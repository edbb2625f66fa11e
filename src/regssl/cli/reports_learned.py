"""The report on what the filters of a dataset's networks have learned."""

from __future__ import annotations

from regssl.cli.options import one_each
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads
from regssl.cli.report_options import TABLE, add_names_and_out, add_tables, read_names, write_report


def _learned(parser: Parser) -> None:
    add_tables(
        parser,
        {
            "filters": "filters.tsv of `explain motifs`, one table per run",
            "learned": "motifs.meme of the same runs",
        },
    )
    for name, kind in (("models", str), ("methods", str), ("seeds", int)):
        parser.add_argument(f"--{name}", type=kind, nargs="+", required=True, help="one per run")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset")
    parser.add_argument("--motifs", type=reads(), help="MEME file of known motifs, as for `explain motifs`")
    parser.add_argument("--max-q", type=float, default=0.01, help="q-value of a match")
    add_names_and_out(parser, [*TABLE, ".svg", ".png"])


def learned(options: Options) -> None:
    """Make the table and the logos of what networks learned.

    Of one dataset: how many filters are like the motif of the factor, and the one that is most like it.
    """
    import pandas as pd

    from regssl.interpretation.columns import COLUMNS, RUN_COLUMNS
    from regssl.interpretation.known import read_known
    from regssl.interpretation.motif_files import read_learned
    from regssl.interpretation.runs import describe_run
    from regssl.io.tsv import read_tsv
    from regssl.reporting.document import Drawing
    from regssl.reporting.figures.captions import caption
    from regssl.reporting.figures.learned import learned_figure
    from regssl.reporting.tables.learned import learned_table

    runs = zip(
        *(one_each(name, options.filters, getattr(options, name)) for name in ("models", "methods", "seeds")),
        strict=True,
    )
    rows, motifs = [], {}
    for run, filters, path in zip(
        runs, options.filters, one_each("learned", options.filters, options.learned), strict=True
    ):
        model, method, seed = run
        described = describe_run(read_tsv([filters], COLUMNS), options.max_q)
        rows.append({"dataset": options.dataset, "model": model, "method": method, "seed": seed, **described})
        motifs[model, method, seed] = read_learned(path)
    names, known = read_names(options), read_known(options.motifs)
    table = learned_table(pd.DataFrame(rows).astype(RUN_COLUMNS), names, len(known), options.max_q)
    svg = f"{options.out}.svg"
    learned_figure(table.tidy, motifs, known, names, options.max_q, (svg, f"{options.out}.png"))
    dataset = names.datasets[options.dataset]
    write_report(
        table,
        options.out,
        Drawing(svg=svg, caption=f"{dataset}: {caption('learned_figure')}", data=f"{options.out}.tsv"),
    )


COMMANDS = [Command(learned, _learned)]
