"""Steps that make data: genomes, bins, homologs, divergence, sets of variants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from regssl.cli.options import add_settings, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, WINDOWS, reads, writes

if TYPE_CHECKING:
    import numpy as np


def _make_bins(parser: Parser) -> None:
    from regssl.data.settings import Splits

    parser.add_argument("genome", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument("out", type=writes(), help="Parquet table to write")
    parser.add_argument("--width", type=int, default=200, help="length of a bin in bp")
    parser.add_argument("--blacklist", type=reads(), help="BED of regions to leave out")
    add_settings(parser, Splits, "{}-chroms")


def make_bins(options: Options) -> None:
    """Cut the human genome into bins, each in a split.

    Bins with N and bins that overlap the blacklist are left out.
    """
    from regssl.data.bins import make_bins, read_blacklist
    from regssl.data.settings import Splits
    from regssl.io.parquet import save_table
    from regssl.sequences.genome import Genome

    splits, genome = settings_from(options, Splits, "{}-chroms"), Genome(options.genome)
    blacklist = read_blacklist(options.blacklist, genome.sizes) if options.blacklist else None
    table = make_bins(genome, splits, options.width, blacklist)
    save_table(table, options.out)
    print(table.groupby(["split", "chrom"], observed=True).size().to_string())


def _index_genome(parser: Parser) -> None:
    parser.add_argument("source", type=reads(*GENOME), help="FASTA (plain, gz, bgzip) or 2bit")
    parser.add_argument("out", type=writes(), help="2bit file to write")


def index_genome(options: Options) -> None:
    """Convert a genome to 2bit."""
    from regssl.sequences.genome import to_twobit

    sizes = to_twobit(options.source, options.out)
    print(f"{len(sizes)} sequences, {sum(sizes.values()):,} bp")


def _find_homologs(parser: Parser) -> None:
    from regssl.data.settings import HomologSettings

    parser.add_argument("bins", type=reads(), help="bins table")
    parser.add_argument("chain", type=reads(), help="chain file from the human genome, or its index")
    parser.add_argument("human", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument("genome", type=reads(*GENOME), help="the other genome, 2bit")
    parser.add_argument("out", type=writes(), help="Parquet table to write, one row per bin")
    parser.add_argument("counts", type=writes(), help="TSV to write: number of bins by split and lift status")
    add_settings(parser, HomologSettings)


def find_homologs(options: Options) -> None:
    """Find the homolog of every bin in another genome.

    Bins without a homolog get the reason.
    """
    from regssl.data.homologs import count_lift_status, find_homologs
    from regssl.data.settings import HomologSettings
    from regssl.io.parquet import load_table, save_table
    from regssl.io.tsv import write_tsv
    from regssl.liftover.chain_file import check_genomes, read_chains
    from regssl.sequences.genome import Genome

    settings, chains = settings_from(options, HomologSettings), read_chains(options.chain)
    bins, genome = load_table(options.bins), Genome(options.genome)
    check_genomes(chains, options.chain, Genome(options.human), genome)
    homologs = find_homologs(bins, chains, genome, settings)
    save_table(homologs, options.out)
    counts = count_lift_status(homologs, bins["split"]).rename_axis("bins_of")
    write_tsv(counts.reset_index(), options.counts)
    print(counts.T.to_string())


def _estimate_divergence(parser: Parser) -> None:
    from regssl.data.settings import DivergenceSettings

    parser.add_argument("table", type=reads(), metavar="bins", help="bins table")
    parser.add_argument("homologs", type=reads(), help="table of `step find-homologs`")
    parser.add_argument("chain", type=reads(), help="chain file from the human genome, or its index")
    parser.add_argument("human", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument("genome", type=reads(*GENOME), help="the other genome, 2bit")
    parser.add_argument("out", type=writes(), help="TSV to write: one row of rates")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the other genome")
    add_settings(parser, DivergenceSettings)


def estimate_divergence(options: Options) -> None:
    """Estimate a genome's divergence from the human one.

    The homologs of training bins are compared with them, base by base.
    """
    from dataclasses import asdict

    import pandas as pd

    from regssl.data.divergence import estimate_divergence
    from regssl.data.settings import DivergenceSettings
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.liftover.chain_file import check_genomes, read_chains
    from regssl.sequences.genome import Genome

    settings = settings_from(options, DivergenceSettings)
    bins, homologs, chains = load_table(options.table), load_table(options.homologs), read_chains(options.chain)
    human, genome = Genome(options.human), Genome(options.genome)
    check_genomes(chains, options.chain, human, genome)
    rates = estimate_divergence(bins, homologs, chains, human, genome, settings)
    table = pd.DataFrame([{"genome": options.genome_id, **asdict(rates)}])
    write_tsv(table, options.out)
    print(table.T.to_string(header=False))


def _prepare_variants(parser: Parser) -> None:
    from regssl.data.settings import Splits
    from regssl.variants.formats import FORMAT_NAMES

    parser.add_argument("source", type=reads(*GENOME), help="table of variants: plain, gz or zip")
    parser.add_argument("genome", type=reads(*GENOME), help="human genome, 2bit or FASTA")
    parser.add_argument(
        "out",
        type=writes(*WINDOWS, "{stem}.tsv"),
        help="windows to write, X.npy; X.parquet (variants) and X.tsv (counts) beside it",
    )
    parser.add_argument("--format", required=True, choices=FORMAT_NAMES, help="how the table is read")
    parser.add_argument(
        "--member", type=str, action="append", default=[], help="name of the file in a zip archive; again: another one"
    )
    parser.add_argument("--factor", type=str, default="", help="take only rows of this factor")
    parser.add_argument(
        "--element", type=str, action="append", default=[], help="take only changes of this element (mpra); again: more"
    )
    parser.add_argument(
        "--effect", type=str, default="", help="key of INFO (vcf) or column (table) that holds the effect"
    )
    parser.add_argument("--max-fdr", type=float, default=0.1, help="rows with no FDR below it are left out (adastra)")
    parser.add_argument(
        "--balanced", type=str, default="", help="key of INFO (vcf) or column (table) that is 1 for balanced variants"
    )
    parser.add_argument("--balanced-fdr", type=float, help="rows whose FDR is at least this are balanced (adastra)")
    parser.add_argument("--width", type=int, default=200, help="length of a window in bp")
    parser.add_argument(
        "--shifts", type=int, nargs="*", default=[], help="further windows, moved by so many bp to either side"
    )
    parser.add_argument("--dataset", type=str, default="", help="id of the dataset, a column of the counts")
    parser.add_argument("--variant-set", type=str, default="", help="id of the set of variants, a column of the counts")
    parser.add_argument(
        "--regions", type=reads(), help="table of the human chromosomes' positions on the assembly of the variants"
    )
    parser.add_argument(
        "--training",
        type=reads(*WINDOWS),
        nargs="*",
        default=[],
        help="training windows, X.npy: variants whose window overlaps are left out",
    )
    add_settings(parser, Splits, "{}-chroms")


def prepare_variants(options: Options) -> None:
    """Read variants with effects, extract their windows.

    Alleles are checked against the genome; variants that cannot be scored are counted by reason.
    """
    from regssl.data.settings import Splits
    from regssl.sequences.genome import Genome
    from regssl.variants.dataset import make_variant_dataset, read_regions, save_variant_dataset
    from regssl.variants.readers import VariantFormat, read_variants
    from regssl.variants.shifts import cut_windows, wide_enough

    filters = options.max_fdr, options.balanced, options.balanced_fdr
    spec = VariantFormat(options.format, options.member, options.factor, options.effect, *filters, options.element)
    splits = settings_from(options, Splits, "{}-chroms")
    variants = make_variant_dataset(
        read_variants(options.source, spec),
        Genome(options.genome),
        splits,
        wide_enough(options.width, options.shifts),
        read_regions(options.regions) if options.regions else None,
        _sets(options.training),
    )
    variants = cut_windows(variants, options.width, options.shifts)
    save_variant_dataset(variants, Path(options.out), dataset=options.dataset, variant_set=options.variant_set)
    print("\n".join(f"{count:9,} {outcome}" for outcome, count in variants.counts.items()))


def _prepare_mpra(parser: Parser) -> None:
    from regssl.variants.settings import MpraSettings

    parser.add_argument("source", type=reads(), help="table of saturation mutagenesis, plain or gz")
    parser.add_argument(
        "out",
        type=writes(*WINDOWS, "{stem}.tsv"),
        help="windows to write, X.npy; X.parquet (changes) and X.tsv (counts) beside it",
    )
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, a column of the counts")
    parser.add_argument(
        "--training",
        type=reads(*WINDOWS),
        nargs="+",
        required=True,
        help="windows trained on or validated with, X.npy: those written are as wide; elements in them are told apart",
    )
    add_settings(parser, MpraSettings, exclude=["table"])


def prepare_mpra(options: Options) -> None:
    """Read saturation mutagenesis, extract its windows.

    The table has the sequences of its elements; no genome is needed.
    """
    from regssl.data.packed import load_codes
    from regssl.variants.mpra import make_mpra_windows, read_mpra, save_mpra_windows
    from regssl.variants.settings import MpraSettings

    settings = settings_from(options, MpraSettings, exclude=["table"], table=str(options.source))
    mpra = read_mpra(options.source, settings.elements, settings.min_barcodes)
    width = load_codes(options.training[0]).shape[1]
    windows = make_mpra_windows(mpra, width, _sets(options.training))
    save_mpra_windows(windows, Path(options.out), options.dataset)
    print(windows.counts.pivot(index="variant_set", columns="outcome", values="n_variants").to_string())


def _sets(paths: list[str]) -> Iterator[np.ndarray]:
    from regssl.data.packed import load_codes

    for path in paths:
        yield load_codes(path)


COMMANDS = [
    Command(make_bins, _make_bins),
    Command(index_genome, _index_genome),
    Command(find_homologs, _find_homologs),
    Command(estimate_divergence, _estimate_divergence),
    Command(prepare_variants, _prepare_variants),
    Command(prepare_mpra, _prepare_mpra),
]
