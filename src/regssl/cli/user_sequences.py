"""Commands that users type, about sequences: where they lie in a genome."""

from __future__ import annotations

from regssl.cli.options import add_settings, add_threads, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, reads, writes


def _locate(parser: Parser) -> None:
    from regssl.data.sequence_settings import SequenceSettings
    from regssl.sequences.settings import LocateSettings

    parser.add_argument("sequences", type=reads(), help="CSV, TSV or FASTA, plain or gz")
    parser.add_argument("genome", type=reads(*GENOME), help="2bit or FASTA")
    parser.add_argument(
        "--out",
        type=writes(),
        required=True,
        help="TSV to write, a row per place: id, number of places, chrom, start, end (0-based, half-open), strand",
    )
    add_threads(parser)
    add_settings(parser, SequenceSettings, exclude=["folds", "width"])
    add_settings(parser, LocateSettings)


def locate(options: Options) -> None:
    """Find where sequences lie in a genome.

    All bases must agree, on either strand; lower case does not matter. A sequence may be of any length from 20 bp on.
    One that is nowhere, or in more than 1,000 places, has one row without a place.

    Example:
        regssl locate mine.csv hg38.2bit --out located.tsv
    """
    from regssl.data.located import locate_sequences, read_unlabelled
    from regssl.data.sequence_settings import SequenceSettings
    from regssl.io.tsv import write_tsv
    from regssl.sequences.genome import Genome
    from regssl.sequences.settings import LocateSettings

    settings, named = (
        settings_from(options, LocateSettings),
        settings_from(options, SequenceSettings, exclude=["folds", "width"]),
    )
    ids, sequences = read_unlabelled(options.sequences, named.named)
    table, found = locate_sequences(ids, sequences, Genome(options.genome), settings, options.threads)
    write_tsv(table, options.out)
    print(f"{options.out}: {found}")


COMMANDS = [Command(locate, _locate)]
