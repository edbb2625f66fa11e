"""Steps that make the data of `config/encode_regions.yaml` from published files."""

from __future__ import annotations

from regssl.cli.options import one_each
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import reads, writes


def _assemble_genome(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="FASTA to write")
    parser.add_argument("sequences", type=reads(), nargs="+", help="FASTA files, one a region")
    parser.add_argument("--names", type=str, nargs="+", required=True, help="the region of each file, in order")


def assemble_genome(options: Options) -> None:
    """Put the regions of one species together.

    The sequences of a region are named REGION.1, REGION.2 … in the order of its file.
    """
    from regssl.regions.assembly import name_pieces
    from regssl.regions.sequences import write_sequences

    pieces = name_pieces(options.sequences, one_each("names", options.sequences, options.names))
    write_sequences(options.out, pieces)
    print(f"{len(pieces)} sequences, {sum(map(len, pieces.values())):,} bp")


def _assemble_human(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="FASTA to write")
    parser.add_argument(
        "places", type=writes(), help="TSV to write: where the regions lie, for `step prepare-variants`"
    )
    parser.add_argument("regions", type=reads(), help="table of regions: see docs/configuration/tables.md")
    parser.add_argument("sequences", type=reads(), nargs="+", help="FASTA files of one sequence each")
    parser.add_argument("--names", type=str, nargs="+", required=True, help="the region of each file, in order")
    parser.add_argument(
        "--contigs", type=reads(), nargs=3, metavar=("DNA", "SEQ_REGION", "ASSEMBLY"),
        help="tables of an Ensembl database, whose contigs are joined to further regions",
    )  # fmt: skip
    parser.add_argument("--genome-id", type=str, required=True, help="id of the human genome in the table of regions")


def assemble_human(options: Options) -> None:
    """Put the human regions together.

    Each must have the length that the table of regions says.
    """
    from regssl.io.atomic import write_text
    from regssl.regions.assembly import assemble_regions
    from regssl.regions.places import place_lines, read_places
    from regssl.regions.sequences import write_sequences

    places = read_places(options.regions, options.genome_id)
    names = one_each("names", options.sequences, options.names)
    sequences = assemble_regions(places, options.sequences, names, options.contigs or [])
    write_text(options.places, "".join(place_lines(places)))
    write_sequences(options.out, sequences)
    print(f"{len(sequences)} sequences, {sum(map(len, sequences.values())):,} bp")


def _move_peaks(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="narrowPeak to write")
    parser.add_argument("regions", type=reads(), help="table of regions: see docs/configuration/tables.md")
    parser.add_argument("peaks", type=reads(), nargs="+", help="narrowPeak files of the published assembly")
    parser.add_argument("--chain", type=reads(), help="chain file to the assembly of the regions, or its index")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the genome in the table of regions")


def move_peaks(options: Options) -> None:
    """Move peaks into regions.

    Both ends and the summit are moved; a peak is kept if all three land in one region.
    """
    from regssl.io.atomic import write_text
    from regssl.liftover.chain_file import read_chains
    from regssl.regions.peaks import move_peaks
    from regssl.regions.places import read_places

    chains = read_chains(options.chain) if options.chain else None
    lines = move_peaks(options.peaks, read_places(options.regions, options.genome_id), chains)
    write_text(options.out, "".join(lines))
    print(f"{len(lines):,} peaks in the regions")


def _move_measured_peaks(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="narrowPeak to write")
    parser.add_argument("measured", type=writes(), help="BED to write: where the regions were measured")
    parser.add_argument("regions", type=reads(), help="table of regions: see docs/configuration/tables.md")
    parser.add_argument("peaks", type=reads(), nargs="+", help="BED files of the published assembly")
    parser.add_argument("--label", type=str, required=True, help="of whom the peaks are, for column 4")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the genome in the table of regions")


def move_measured_peaks(options: Options) -> None:
    """Move another species' peaks into its regions.

    They move by a constant; the summit is the middle.
    """
    from regssl.io.atomic import write_text
    from regssl.regions.peaks import move_measured_peaks, region_intervals
    from regssl.regions.places import read_places

    places = read_places(options.regions, options.genome_id)
    lines = move_measured_peaks(options.peaks, places, options.label)
    write_text(options.measured, "".join(region_intervals(places)))
    write_text(options.out, "".join(lines))
    print(f"{len(lines):,} peaks in the regions")


def _add_contexts(parser: Parser) -> None:
    from regssl.regions.variant_files import FORMATS

    parser.add_argument("out", type=writes(), help="TSV to write, as `step prepare-variants` reads it")
    parser.add_argument("source", type=reads(), metavar="variants", help="table of variants as published")
    parser.add_argument("regions", type=reads(), help="table of regions: see docs/configuration/tables.md")
    parser.add_argument("genome", type=reads(), help="FASTA of the human regions, of `step assemble-human`")
    parser.add_argument("--format", choices=tuple(FORMATS), required=True, help="how the table is read")
    parser.add_argument("--chain", type=reads(), required=True, help="chain file to the assembly of the regions")
    parser.add_argument("--variants-chain", type=reads(), help="chain file from the assembly of the variants")
    parser.add_argument("--intervals", type=reads(), nargs="*", default=[], help="BED files of windows")
    parser.add_argument("--sequences", type=reads(), nargs="*", default=[], help="FASTA files of the same windows")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the human genome in the table of regions")


def add_contexts(options: Options) -> None:
    """Add sequence to published variants.

    It comes from the regions, else from published windows; the reference allele must be its base.
    """
    from regssl.io.atomic import write_text
    from regssl.liftover.chain_file import read_chains
    from regssl.regions.contexts import find_contexts, read_windows
    from regssl.regions.places import read_places
    from regssl.regions.sequences import read_sequences
    from regssl.regions.variant_files import FORMATS, read_variant_file, variant_lines

    places, chains = read_places(options.regions, options.genome_id), read_chains(options.chain)
    to_published = read_chains(options.variants_chain) if options.variants_chain else None
    variants = read_variant_file(options.source, options.format, to_published)
    windows = read_windows(options.intervals, one_each("sequences", options.intervals, options.sequences))
    genome = dict(read_sequences(options.genome))
    contexts = find_contexts(variants, places, genome, windows, chains)
    lines = variant_lines(variants, contexts, FORMATS[options.format])
    write_text(options.out, "".join(lines))
    print(f"{len(lines) - 1:,} of {len(variants.cells):,} variants with a sequence")


COMMANDS = [
    Command(assemble_genome, _assemble_genome),
    Command(assemble_human, _assemble_human),
    Command(move_peaks, _move_peaks),
    Command(move_measured_peaks, _move_measured_peaks),
    Command(add_contexts, _add_contexts),
]
