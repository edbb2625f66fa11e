"""Commands that make data: the embedded world, genomes, bins, homologs, labelled sets."""

from __future__ import annotations

import argparse
from pathlib import Path

from regssl.cli.options import add_command, block_from_json


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, simulate)
    command.add_argument("out", help="folder to write")
    command.add_argument("--seed", type=int, default=1, help="seed of the world")
    command.add_argument("--size", choices=["default", "small"], default="default", help="small is for tests")
    command.add_argument(
        "--turnover", type=float, help="deaths per site and branch length; the world's own if not given"
    )

    command = add_command(commands, index_genome)
    command.add_argument("source", help="FASTA (plain, gz, bgzip) or 2bit")
    command.add_argument("out", help="2bit file to write")

    command = add_command(commands, bins)
    command.add_argument("genome", help="human genome, 2bit")
    command.add_argument("out", help="Parquet table to write")
    command.add_argument("--splits", required=True, help="config block `splits` as JSON")
    command.add_argument("--width", type=int, default=200, help="length of a bin in bp")
    command.add_argument("--blacklist", help="BED of regions to leave out")

    command = add_command(commands, lift)
    command.add_argument("input", help="BED3 to BED9, plain or gz")
    command.add_argument("chain", help="chain file, plain or gz, or its index")
    command.add_argument("output", help="BED of what was lifted")
    command.add_argument("unmapped", help="BED of what was not, with reasons")
    command.add_argument("--min-match", type=float, default=0.95, help="smallest share of bases that must align")
    command.add_argument("--multiple", action="store_true", help="allow several places for one interval")

    command = add_command(commands, index_chain)
    command.add_argument("chain", help="chain file, plain or gz")
    command.add_argument("out", help="index to write; `lift` and `find-homologs` take it in place of the chain file")

    command = add_command(commands, find_homologs)
    command.add_argument("bins", help="bins table")
    command.add_argument("chain", help="chain file from the human genome, or its index")
    command.add_argument("human", help="human genome, 2bit")
    command.add_argument("genome", help="the other genome, 2bit")
    command.add_argument("out", help="Parquet table to write, one row per bin")
    command.add_argument("counts", help="TSV to write: how many bins of each split met which fate")
    command.add_argument("--lift", default="{}", help="config block `lift` as JSON")

    command = add_command(commands, peaks)
    command.add_argument("genome", help="human genome, 2bit")
    command.add_argument("out", help="BED to write")
    command.add_argument("counts", help="TSV to write: what became of the peaks of each file")
    command.add_argument("peaks", nargs="+", help="BED, narrowPeak (plain or gz) or bigBed files")
    command.add_argument("--dataset", required=True, help="id of the dataset, for the counts")
    command.add_argument("--settings", default="{}", help="trimming and lifting as JSON: see PeakSettings")
    command.add_argument("--chain", help="chain file from the assembly of the peaks, or its index; not given: no lift")

    command = add_command(commands, label)
    command.add_argument("bins", help="bins table")
    command.add_argument("peaks", help="merged peaks")
    command.add_argument("genome", help="human genome, 2bit")
    command.add_argument("out", help="folder to write: {train,validation,test}.{parquet,npy,fa.gz}, counts.tsv")
    command.add_argument("--dataset", required=True, help="id of the dataset, part of the seed of the sample")
    command.add_argument("--genome-id", required=True, help="id of the human genome")
    command.add_argument("--min-overlap", type=int, default=100, help="bp of a bin that peaks must cover")
    command.add_argument("--sampling", default="{}", help="config block `sampling` as JSON")

    command = add_command(commands, copy_labels)
    command.add_argument("train", help="human training windows, Parquet")
    command.add_argument("homologs", help="table of `find-homologs`")
    command.add_argument("genome", help="the other genome, 2bit")
    command.add_argument("out", help="sequences to write, X.npy; X.parquet and X.fa.gz beside it")
    command.add_argument("--genome-id", required=True, help="id of the other genome")

    command = add_command(commands, divergence)
    command.add_argument("bins", help="bins table")
    command.add_argument("homologs", help="table of `find-homologs`")
    command.add_argument("chain", help="chain file from the human genome, or its index")
    command.add_argument("human", help="human genome, 2bit")
    command.add_argument("genome", help="the other genome, 2bit")
    command.add_argument("out", help="TSV to write: one row of rates")
    command.add_argument("--genome-id", required=True, help="id of the other genome")
    command.add_argument("--settings", default="{}", help="config block `divergence` as JSON")

    command = add_command(commands, mutate)
    command.add_argument("train", help="human training windows, Parquet")
    command.add_argument("homologs", help="their pseudo-labelled homologs, Parquet of `copy-labels`")
    command.add_argument("human", help="human genome, 2bit")
    command.add_argument("divergence", help="rates of the other genome, TSV of `divergence`")
    command.add_argument("out", help="sequences to write, X.npy; X.parquet and X.fa.gz beside it")
    command.add_argument("--dataset", required=True, help="id of the dataset, part of the seed")
    command.add_argument("--genome-id", required=True, help="id of the other genome, part of the seed")


def simulate(options: argparse.Namespace) -> None:
    """Make the embedded world: genomes, true chains, peaks, SNPs, by explicit evolution."""
    from dataclasses import replace

    from regssl.simulate import SimulationParameters, simulate

    world = (
        SimulationParameters.small(options.seed) if options.size == "small" else SimulationParameters(seed=options.seed)
    )
    if options.turnover is not None:
        world = replace(world, site_turnover=options.turnover)
    simulate(Path(options.out), world)


def index_genome(options: argparse.Namespace) -> None:
    """Turn a genome of any format into a 2bit file."""
    from regssl.sequences.genome import to_twobit

    sizes = to_twobit(options.source, options.out)
    print(f"{len(sizes)} sequences, {sum(sizes.values()):,} bp")


def bins(options: argparse.Namespace) -> None:
    """Cut the human genome into bins, each in a split; without N, clear of the blacklist."""
    from regssl.data.bins import make_bins
    from regssl.data.settings import Splits
    from regssl.io.bed import read_bed
    from regssl.io.parquet import save_table
    from regssl.sequences.genome import Genome

    genome = Genome(options.genome)
    blacklist = read_bed(options.blacklist) if options.blacklist else None
    table = make_bins(genome, block_from_json(options.splits, Splits), options.width, blacklist)
    save_table(table, options.out)
    print(table.groupby(["split", "chrom"], observed=True).size().to_string())


def lift(options: argparse.Namespace) -> None:
    """Lift intervals from one assembly to another, exactly as UCSC liftOver does."""
    from regssl.liftover.bed import lift_bed

    counts = lift_bed(
        options.input,
        options.chain,
        options.output,
        options.unmapped,
        min_match=options.min_match,
        multiple=options.multiple,
    )
    print(", ".join(f"{count:,} {reason}" for reason, count in counts.items()))


def index_chain(options: argparse.Namespace) -> None:
    """Turn a chain file into a memory-mapped index, which opens at once."""
    from regssl.liftover.chain_file import read_chains
    from regssl.liftover.index import save_index

    chains = read_chains(options.chain)
    save_index(chains, options.out, options.chain)
    print(f"{len(chains.minus):,} chains, {len(chains.block_start):,} blocks")


def find_homologs(options: argparse.Namespace) -> None:
    """Find the homolog of every bin in another genome, or say why there is none."""
    from regssl.data.homologs import find_homologs
    from regssl.data.lift_status import count_fates
    from regssl.data.settings import HomologSettings
    from regssl.io.atomic import atomic_path
    from regssl.io.parquet import load_table, save_table
    from regssl.liftover.chain_file import check_query, check_target, read_chains
    from regssl.sequences.genome import Genome

    chains = read_chains(options.chain)
    check_target(chains, Genome(options.human).sizes, options.chain)
    bins, genome = load_table(options.bins), Genome(options.genome)
    check_query(chains, genome.sizes, options.genome)
    homologs = find_homologs(bins, chains, genome, block_from_json(options.lift, HomologSettings))
    save_table(homologs, options.out)
    counts = count_fates(homologs, bins["split"]).rename_axis("split")
    with atomic_path(options.counts) as aside:
        counts.to_csv(aside, sep="\t")
    print(counts.T.to_string())


def peaks(options: argparse.Namespace) -> None:
    """Pool peak files: trim, lift from another assembly, keep what lies on the genome, merge what overlaps."""
    from regssl.data.peaks import load_peaks, summarize_losses
    from regssl.data.settings import PeakSettings
    from regssl.io.atomic import atomic_path
    from regssl.liftover.chain_file import read_chains
    from regssl.sequences.genome import Genome

    settings = block_from_json(options.settings, PeakSettings)
    chains = read_chains(options.chain) if options.chain else None
    merged, counts = load_peaks(options.peaks, Genome(options.genome).sizes, settings, chains)
    counts.insert(0, "dataset", options.dataset)
    for table, path, header in ((merged, options.out, False), (counts, options.counts, True)):
        with atomic_path(path) as aside:
            table.to_csv(aside, sep="\t", header=header, index=False)
    covered = int((merged["end"] - merged["start"]).sum())
    print(f"{summarize_losses(counts)} Merged: {len(merged):,}, covering {covered:,} bp")


def label(options: argparse.Namespace) -> None:
    """Label the bins of one dataset, draw the negatives, extract the sequences of each split."""
    from regssl.data.bins import label_bins, sample_windows
    from regssl.data.packed import write_windows
    from regssl.data.settings import Sampling
    from regssl.data.windows import missing_class
    from regssl.io.atomic import write_text
    from regssl.io.bed import read_bed
    from regssl.io.parquet import load_table
    from regssl.sequences.genome import Genome

    bins, genome = load_table(options.bins), Genome(options.genome)
    labels = label_bins(bins, read_bed(options.peaks), options.min_overlap)
    sets = sample_windows(bins, labels, block_from_json(options.sampling, Sampling), options.genome_id, options.dataset)
    width = int(bins["end"].iloc[0] - bins["start"].iloc[0])
    counts = ["dataset\tsplit\twindows\tpositives\tproblem"]
    for split, windows in sets.items():
        write_windows(windows, genome, width, Path(options.out) / f"{split}.npy")
        problem = missing_class(windows["label"], split)
        counts.append(f"{options.dataset}\t{split}\t{len(windows)}\t{windows['label'].sum()}\t{problem}")
    write_text(Path(options.out) / "counts.tsv", "\n".join(counts) + "\n")
    print("\n".join(counts))


def copy_labels(options: argparse.Namespace) -> None:
    """Give the homologs of training windows the labels of their human windows; extract their sequences."""
    from regssl.data.packed import write_windows
    from regssl.data.pseudo_labels import pseudo_label
    from regssl.io.parquet import load_table
    from regssl.sequences.genome import Genome

    train = load_table(options.train)
    width = int(train["end"].iloc[0] - train["start"].iloc[0])
    windows = pseudo_label(train, load_table(options.homologs), options.genome_id, width)
    write_windows(windows, Genome(options.genome), width, Path(options.out))
    print(f"{len(windows):,} homologs of {len(train):,} windows, {int(windows['label'].sum()):,} positive")


def divergence(options: argparse.Namespace) -> None:
    """Measure how far a genome has diverged, on the homologs of human training bins."""
    from dataclasses import asdict

    import pandas as pd

    from regssl.cli.options import write_tsv
    from regssl.data.divergence import estimate_divergence
    from regssl.data.settings import DivergenceSettings
    from regssl.io.parquet import load_table
    from regssl.liftover.chain_file import read_chains
    from regssl.sequences.genome import Genome

    settings = block_from_json(options.settings, DivergenceSettings)
    bins, homologs, chains = load_table(options.bins), load_table(options.homologs), read_chains(options.chain)
    rates = estimate_divergence(bins, homologs, chains, Genome(options.human), Genome(options.genome), settings)
    table = pd.DataFrame([{"genome": options.genome_id, **asdict(rates)}])
    write_tsv(table, options.out)
    print(table.T.to_string(header=False))


def mutate(options: argparse.Namespace) -> None:
    """Mutate the human windows of a genome's homologs at random, to that genome's divergence."""
    from regssl.data.mutation import Mutator, mutate_windows
    from regssl.data.packed import write_encoded
    from regssl.io.parquet import load_table
    from regssl.reporting.tables.divergence import read_divergence
    from regssl.sequences.genome import Genome

    train = load_table(options.train)
    width = int(train["end"].iloc[0] - train["start"].iloc[0])
    windows = mutate_windows(train, load_table(options.homologs))
    rates = read_divergence(options.divergence, options.genome_id)
    mutator = Mutator(Genome(options.human), width, rates, options.dataset, options.genome_id)
    write_encoded(windows, mutator, width, Path(options.out))
    print(f"{len(windows):,} human windows mutated, {int(windows['label'].sum()):,} positive")
