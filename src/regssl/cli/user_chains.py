"""Commands that users type, about chains: lift, index a chain file, make one by aligning."""

from __future__ import annotations

from regssl.cli.options import add_settings, add_threads, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, reads, writes


def _lift(parser: Parser) -> None:
    parser.add_argument("input", type=reads(), help="BED3 to BED9 or narrowPeak, plain or gz")
    parser.add_argument("chain", type=reads(), help="chain file, plain or gz, or its index of `index-chain`")
    parser.add_argument("output", type=writes(), help="BED of what was lifted")
    parser.add_argument("unmapped", type=writes(), help="BED of what was not, with the reasons")
    parser.add_argument("--min-match", type=float, default=0.95, help="minimum fraction of bases that must align")
    parser.add_argument("--multiple", action="store_true", help="allow several target intervals for one")
    parser.add_argument(
        "--tab", action="store_true", help="split all lines at tabs; not given: those with at least two tabs"
    )
    parser.add_argument(
        "--bed-plus",
        type=int,
        default=0,
        metavar="N",
        help="only the first N columns (3 to 9) are BED, keep the others",
    )


def lift(options: Options) -> None:
    """Lift a BED file as UCSC liftOver does.

    The output is the same, byte for byte: of -tab for lines with tabs, and of -bedPlus=N with --bed-plus N. thickStart,
    thickEnd and narrowPeak's summit move along. Files with blocks (BED12) are refused.

    Example:
        regssl lift peaks.bed hg38ToMm10.over.chain.gz lifted.bed unmapped.bed --min-match 0.1
    """
    from regssl.liftover.bed import lift_bed

    counts = lift_bed(
        options.input,
        options.chain,
        options.output,
        options.unmapped,
        min_match=options.min_match,
        multiple=options.multiple,
        tab=options.tab,
        bed_plus=options.bed_plus,
    )
    print(f"{options.output}: {counts.pop('mapped'):,} mapped")
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    print(f"{options.unmapped}: {sum(counts.values()):,} not mapped: {reasons}")


def _index_chain(parser: Parser) -> None:
    parser.add_argument("chain", type=reads(), help="chain file, plain or gz")
    parser.add_argument("out", type=writes(), help="index to write; every command takes it in place of the chain file")


def index_chain(options: Options) -> None:
    """Index a chain file, so that it opens sooner.

    Example:
        regssl index-chain hg38ToMm10.over.chain.gz hg38ToMm10.chain.idx
    """
    from regssl.io.digests import check_digest
    from regssl.liftover.chain_file import read_chains
    from regssl.liftover.index import save_index

    check_digest(options.chain)
    chains = read_chains(options.chain)
    save_index(chains, options.out)
    print(f"{options.out}: {len(chains.minus):,} chains, {len(chains.block_start):,} blocks")


def _align(parser: Parser) -> None:
    from regssl.alignment.settings import AlignmentSettings

    parser.add_argument("human", type=reads(*GENOME), help="genome to lift from, 2bit or FASTA")
    parser.add_argument("genome", type=reads(*GENOME), help="the other genome")
    parser.add_argument("out", type=writes(), help="chain file to write; compressed if it ends with .gz")
    add_threads(parser, "lastz processes at once: one for each strand")
    add_settings(parser, AlignmentSettings)


def align(options: Options) -> None:
    """Align two small genomes, and write their chains.

    Each base of the first genome is in one chain at most. The same files and options give the same bytes.

    Example:
        regssl align human.2bit other.2bit humanToOther.over.chain.gz --threads 2
    """
    from regssl.alignment.align import align_genomes
    from regssl.alignment.settings import AlignmentSettings
    from regssl.sequences.genome import Genome

    settings = settings_from(options, AlignmentSettings)
    counts = align_genomes(Genome(options.human), Genome(options.genome), options.out, settings, options.threads)
    covered = f"{counts.covered:,} of {counts.aligned:,} bp ({counts.covered / counts.aligned:.1%})"
    print(f"{options.out}: {counts.chains:,} chains, covering {covered}")


COMMANDS = [Command(lift, _lift), Command(index_chain, _index_chain), Command(align, _align)]
