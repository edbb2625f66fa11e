"""Commands that tell what trained networks have learned: motifs of filters, and what each base of a sequence counts."""

from __future__ import annotations

from regssl.cli.options import add_architecture, add_settings, add_threads, one_each, settings_from, whole_number
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import EXPLAINED, FILTERS, GENOME, WINDOWS, reads, writes


def _motifs(parser: Parser) -> None:
    from regssl.interpretation.settings import FilterSettings

    parser.add_argument("models", type=reads(), nargs="+", help="model.safetensors of runs")
    parser.add_argument(
        "--windows", type=reads(*WINDOWS), required=True, help="held-out windows, X.npy, that trained none of them"
    )
    parser.add_argument(
        "--out",
        type=writes(*FILTERS),
        nargs="+",
        required=True,
        help="folder per model: filters.tsv, motifs.meme, filters.svg, filters.png",
    )
    parser.add_argument(
        "--motifs",
        type=reads(),
        help="MEME file of known motifs, besides the JASPAR matrices that come with the package",
    )
    parser.add_argument("--factor", type=str, default="", help="name of the factor, or id of one of its matrices")
    add_settings(parser, FilterSettings)
    add_architecture(parser)
    add_threads(parser)


def motifs(options: Options) -> None:
    r"""Draw the motifs that the filters of a network have learned.

    Of each filter: where it fires, its motif, its weight in the logit, and the known motif that it is most like.

    Example:
        regssl explain motifs runs/ssl/seed0/model.safetensors --windows human/test.npy --factor CTCF \
            --motifs H13CORE_meme_format.meme --out explained/ssl0
    """
    import torch

    from regssl.interpretation.known import own_matrices, read_known
    from regssl.interpretation.learned import explain_filters
    from regssl.interpretation.motif_files import write_meme
    from regssl.interpretation.runs import describe_run
    from regssl.interpretation.settings import FilterSettings
    from regssl.interpretation.tomtom import FEW_TARGETS
    from regssl.io.tsv import write_tsv
    from regssl.reporting.figures.filters import filters_figure

    settings, known = settings_from(options, FilterSettings), read_known(options.motifs)
    if len(known) < FEW_TARGETS:
        print(f"note: by {len(known)} known motifs p-values are rough: --motifs takes a database, such as HOCOMOCO's")
    has_own = bool(options.factor and own_matrices(options.factor, known, "--factor"))
    if options.factor and not has_own:
        print(f"note: --factor: no known motif is called '{options.factor}'")
    torch.set_num_threads(options.threads)
    for model, out in zip(options.models, one_each("out", options.models, options.out), strict=True):
        learned = explain_filters(
            model, options.windows, known, options.factor, settings, architecture=options.architecture
        )
        write_tsv(learned.table, f"{out}/filters.tsv", digits=6)
        write_meme(learned.motifs, learned.sites, f"{out}/motifs.meme")
        of_filters, of_known = ({motif.id: motif for motif in motifs} for motifs in (learned.motifs, known))
        filters_figure(learned.table, of_filters, of_known, settings.max_q, f"{out}/filters.svg", f"{out}/filters.png")
        run = describe_run(learned.table, settings.max_q)
        print(
            f"{out}: {run['active']} of {run['filters']} filters fire in {settings.min_windows} windows or more, "
            f"{run['known']} are like a known motif"
            + (f", {run['own']} like one of {options.factor}" if has_own else ""),
            flush=True,
        )


def _sequence(parser: Parser) -> None:
    parser.add_argument(
        "models", type=reads(), nargs="+", help="model.safetensors; of several, such as seeds, the mean"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sequences", type=reads(), help="FASTA, CSV or TSV of sequences, plain or gz")
    source.add_argument("--bed", type=reads(), help="regions of --genome")
    parser.add_argument("--genome", type=reads(*GENOME), help="2bit or FASTA, of the regions")
    parser.add_argument(
        "--out",
        type=writes(*EXPLAINED),
        required=True,
        help="folder: scores.tsv, contributions.bedGraph, and a picture of each of the first sequences",
    )
    parser.add_argument(
        "--pictures", type=whole_number(0), default=20, help="sequences to draw at most, of 5,000 bp at most"
    )
    add_architecture(parser)
    add_threads(parser)


def sequence(options: Options) -> None:
    r"""Tell what each base of a sequence counts for a network.

    Every base is changed to every other one (in-silico mutagenesis), and the gradient of the logit is computed. Written
    are pictures, with letters as high as their bases count, a table, and a track for genome browsers.

    Example:
        regssl explain sequence runs/ssl/seed*/model.safetensors --bed sites.bed --genome hg38.2bit \
            --out explained/sites
    """
    from regssl.errors import ConfigError
    from regssl.interpretation.sequences import (
        common_width,
        explain_sequences,
        read_regions,
        read_sequences,
        score_table,
        write_bedgraph,
    )
    from regssl.io.tsv import write_tsv
    from regssl.reporting.figures.contributions import MOST_BASES, contribution_figure, remove_pictures

    if bool(options.bed) != bool(options.genome):
        raise ConfigError("--genome: is given with --bed, whose regions it has", "--sequences needs none")
    width = common_width(options.models)
    places = read_regions(options.bed, options.genome, width) if options.bed else read_sequences(options.sequences)
    explained = explain_sequences(options.models, places, options.threads, options.architecture)
    scores = score_table(explained)
    write_tsv(scores, f"{options.out}/scores.tsv", digits=6)
    write_bedgraph(scores, f"{options.out}/contributions.bedGraph")
    of = "" if len(options.models) == 1 else f", mean of {len(options.models)} networks"
    drawn = {
        rank: one
        for rank, one in enumerate(explained[: options.pictures], start=1)
        if len(one.place.codes) <= MOST_BASES
    }
    for rank, one in drawn.items():
        title = f"{one.place.name}: logit {one.logit:.2f}{of}"
        contribution_figure(one, title, f"{options.out}/sequence{rank}.svg", f"{options.out}/sequence{rank}.png")
    remove_pictures(options.out, drawn)
    if long := min(len(explained), options.pictures) - len(drawn):
        print(f"note: no picture of {long:,} sequences longer than {MOST_BASES:,} bp")
    padded = sum(one.padded for one in explained)
    words = f", {padded:,} padded (shorter than the window of {width} bp: N around)" if padded else ""
    print(f"{options.out}: {len(places):,} sequences, {len(scores):,} bases{words}")


COMMANDS = [Command(motifs, _motifs), Command(sequence, _sequence)]
