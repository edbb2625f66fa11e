"""Steps that make the windows of a dataset: peaks, labels, pseudo-labelled homologs, and what controls train on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from regssl.cli.options import add_settings, by_genome, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, LABELLED, WRITTEN_WINDOWS, reads, writes
from regssl.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from regssl.sequences.genome import Genome


def _load_peaks(parser: Parser) -> None:
    from regssl.data.settings import PeakSettings

    parser.add_argument("genome", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument("out", type=writes(), help="BED to write: merged peaks")
    parser.add_argument("counts", type=writes(), help="TSV to write: number of peaks kept and lost by reason, per file")
    parser.add_argument("peaks", type=reads(), nargs="+", help="BED, narrowPeak (plain or gz) or bigBed files")
    parser.add_argument(
        "--few", type=writes(), help="BED to write: merged peaks that fewer than --min-support files have"
    )
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, for the counts")
    parser.add_argument(
        "--chain", type=reads(), help="chain file from the assembly of the peaks, or its index; not given: no lift"
    )
    add_settings(parser, PeakSettings)


def load_peaks(options: Options) -> None:
    """Read, resize, lift and merge a dataset's peaks."""
    from regssl.data.peaks import load_peaks, summarize_losses
    from regssl.data.settings import PeakSettings
    from regssl.io.tsv import write_tsv
    from regssl.liftover.chain_file import read_chains
    from regssl.sequences.genome import Genome

    settings = settings_from(options, PeakSettings)
    chains = read_chains(options.chain) if options.chain else None
    merged, counts = load_peaks(options.peaks, Genome(options.genome), settings, chains)
    counts.insert(0, "dataset", options.dataset)
    few = merged["files"] < settings.min_support
    peaks = merged.loc[~few, ["chrom", "start", "end"]]
    _write_bed(peaks, options.out)
    if options.few:
        _write_bed(merged.loc[few, ["chrom", "start", "end"]], options.few)
    write_tsv(counts, options.counts)
    covered = int((peaks["end"] - peaks["start"]).sum())
    print(f"{summarize_losses(counts)} Merged: {len(peaks):,}, covering {covered:,} bp")


def _write_bed(intervals: pd.DataFrame, path: str) -> None:
    from regssl.io.digests import digested_path

    with digested_path(path) as aside:
        intervals.to_csv(aside, sep="\t", header=False, index=False, quoting=csv.QUOTE_NONE)  # BED: names as they are


def _add_labels(parser: Parser) -> None:
    """Add what `_read_labels` reads."""
    from regssl.data.settings import Bins

    parser.add_argument("bins", type=reads(), help="bins table")
    parser.add_argument("peaks", type=reads(), help="merged peaks")
    parser.add_argument("genome", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument(
        "--few", type=reads(), help="merged peaks that too few files have: bins with a base of them are ambiguous"
    )
    parser.add_argument("--genome-id", type=str, required=True, help="id of the human genome")
    add_settings(parser, Bins, exclude=["width"])


def _label_windows(parser: Parser) -> None:
    from regssl.data.settings import Sampling

    _add_labels(parser)
    parser.add_argument(
        "out", type=writes(*LABELLED), help="folder to write: {train,validation,test}.{parquet,npy,fa.gz}, counts.tsv"
    )
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, part of the seed of the sample")
    add_settings(parser, Sampling)


def label_windows(options: Options) -> None:
    """Label a dataset's windows, sample, extract them."""
    from regssl.data.bins import count_labels, sample_windows
    from regssl.data.packed import write_windows
    from regssl.data.settings import Sampling
    from regssl.data.windows import window_width
    from regssl.io.parquet import load_table
    from regssl.io.tsv import write_tsv
    from regssl.sequences.genome import Genome

    sampling = settings_from(options, Sampling)
    bins, genome = load_table(options.bins), Genome(options.genome)
    labels, ambiguous = _read_labels(options, bins, genome)
    sets = sample_windows(bins, labels, sampling, options.genome_id, options.dataset, ambiguous)
    for split, windows in sets.items():
        write_windows(windows, genome, window_width(bins), Path(options.out) / f"{split}.npy")
    counts = count_labels(sets, options.dataset, bins["split"][ambiguous])
    write_tsv(counts, Path(options.out) / "counts.tsv")
    print(counts.to_string(index=False))


def _read_labels(options: Options, bins: pd.DataFrame, genome: Genome) -> tuple[np.ndarray, np.ndarray]:
    """Label bins by the merged peaks; also tell which are ambiguous and are to be left out."""
    import numpy as np
    import pandas as pd

    from regssl.data.bins import find_ambiguous, label_bins
    from regssl.data.settings import Bins
    from regssl.data.windows import window_width
    from regssl.io.bed import read_bed
    from regssl.io.digests import check_digest
    from regssl.sequences.belonging import check_on_genome

    settings = settings_from(options, Bins, exclude=["width"], width=window_width(bins))
    tables = []
    for path in filter(None, [options.peaks, options.few]):
        check_digest(path)
        tables.append(read_bed(path, genome.sizes))
    check_on_genome(options.peaks, tables[0]["chrom"], genome.sizes, "merged peaks", "the human genome")
    labels = label_bins(bins, tables[0], settings.min_overlap)
    if settings.ambiguous == "negative":
        return labels, np.zeros(len(bins), bool)
    return labels, find_ambiguous(bins, labels, pd.concat(tables, ignore_index=True))


def _extract_negatives(parser: Parser) -> None:
    _add_labels(parser)
    parser.add_argument("train", type=reads(), help="training windows of `step label-windows`, Parquet")
    parser.add_argument(
        "out", type=writes(*WRITTEN_WINDOWS), help="sequences to write, X.npy; X.parquet and X.fa.gz beside it"
    )


def extract_negatives(options: Options) -> None:
    """Extract the training negatives that were not drawn."""
    from regssl.data.bins import find_undrawn_negatives
    from regssl.data.packed import write_windows
    from regssl.data.windows import window_width
    from regssl.io.parquet import load_table
    from regssl.sequences.genome import Genome

    bins, genome = load_table(options.bins), Genome(options.genome)
    labels, ambiguous = _read_labels(options, bins, genome)
    windows = find_undrawn_negatives(bins, labels, load_table(options.train), options.genome_id, ambiguous)
    write_windows(windows, genome, window_width(bins), Path(options.out))
    print(f"{len(windows):,} negatives of the training chromosomes that were not drawn")


def _add_sets(parser: Parser) -> None:
    parser.add_argument(
        "--out", type=writes(*WRITTEN_WINDOWS), nargs="+", required=True,
        help="sequences to write, one X.npy per genome; X.parquet and X.fa.gz beside it",
    )  # fmt: skip


def _load_training(path: str) -> pd.DataFrame:
    """Read human training windows.

    Raises:
        DataError: as `_load`, or a window is of another split.
    """
    from regssl.data.windows import COLUMNS

    table = _load(path, "step label-windows", COLUMNS)
    if not (other := table.loc[table["split"] != "train", "split"]).empty:
        raise DataError(f"{path}: row {other.index[0]} is of {other.iloc[0]}", "give train.parquet")
    return table


def _load(path: str, command: str, columns: Sequence[str], genome: str | None = None) -> pd.DataFrame:
    """Read a table that a command has made, of one genome if that is named.

    Raises:
        DataError: it is damaged, another command's, or another genome's.
    """
    from regssl.io.parquet import load_table

    table, hint = load_table(path), f"give the table of `{command}`" + (f" of {genome}" if genome else "")
    if missing := [column for column in columns if column not in table]:
        raise DataError(f"{path}: it has no column {missing[0]}", hint)
    if genome and not (other := table.loc[table["genome"] != genome, "genome"]).empty:
        raise DataError(f"{path}: row {other.index[0]} is of {other.iloc[0]}", hint)
    return table


def _pseudo_label(parser: Parser) -> None:
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of the other genomes")
    parser.add_argument(
        "--homologs", type=reads(), nargs="+", required=True, help="tables of `step find-homologs`, one per genome"
    )
    parser.add_argument(
        "--genomes", type=reads(*GENOME), nargs="+", required=True, help="their sequences, one 2bit per genome"
    )
    _add_sets(parser)


def pseudo_label(options: Options) -> None:
    """Label homologs as their human windows; extract them."""
    from regssl.data.packed import write_windows
    from regssl.data.pseudo_labels import pseudo_label
    from regssl.data.windows import window_width
    from regssl.sequences.genome import Genome

    train = _load_training(options.train)
    width, last = window_width(train), train["source"].max()
    for genome, homologs, sequences, out in by_genome(options, "homologs", "genomes", "out"):
        found = _load(homologs, "step find-homologs", ["chrom", "start", "strand", "lift_status"])
        if len(found) <= last:
            raise DataError(
                f"{homologs}: {len(found):,} bins, and {options.train} has bin {last:,}", "make both of the same bins"
            )
        windows = pseudo_label(train, found, genome, width)
        write_windows(windows, Genome(sequences), width, Path(out))
        positives = int(windows["label"].sum())
        print(f"{genome}: {len(windows):,} homologs of {len(train):,} windows, {positives:,} positive")


def _mutate(parser: Parser) -> None:
    parser.add_argument("train", type=reads(), help="human training windows, Parquet")
    parser.add_argument("human", type=reads(*GENOME), help="human genome, 2bit")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, part of the seed")
    parser.add_argument(
        "--genome-ids", type=str, nargs="+", required=True, help="ids of the other genomes, each part of its seed"
    )
    parser.add_argument(
        "--homologs", type=reads(), nargs="+", required=True,
        help="pseudo-labelled homologs, Parquet of `step pseudo-label`, one per genome",
    )  # fmt: skip
    parser.add_argument(
        "--divergence", type=reads(), nargs="+", required=True,
        help="rates, TSV of `step estimate-divergence`, one per genome",
    )  # fmt: skip
    _add_sets(parser)


def mutate(options: Options) -> None:
    """Mutate human windows to the divergence of homologs."""
    from regssl.data.divergence import read_divergence
    from regssl.data.mutation import Mutator, mutate_windows
    from regssl.data.packed import write_encoded
    from regssl.data.windows import COLUMNS, window_width
    from regssl.sequences.genome import Genome

    train, human = _load_training(options.train), Genome(options.human)
    width = window_width(train)
    for genome, homologs, divergence, out in by_genome(options, "homologs", "divergence", "out"):
        windows = mutate_windows(train, _load(homologs, "step pseudo-label", COLUMNS, genome))
        mutator = Mutator(human, width, read_divergence(divergence, genome), options.dataset, genome)
        write_encoded(windows, mutator, width, Path(out))
        positives = int(windows["label"].sum())
        print(f"{genome}: {len(windows):,} human windows mutated, {positives:,} positive")


def _count_windows(parser: Parser) -> None:
    parser.add_argument("out", type=writes(), help="TSV to write: windows and positives, one row per genome")
    parser.add_argument("windows", type=reads(), nargs="+", help="training windows, Parquet, one table per genome")
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of these genomes")


def count_windows(options: Options) -> None:
    """Count a dataset's training windows, per genome.

    The human windows and the homologs together are what `training.min_passes` counts passes over, for every method.
    """
    from regssl.data.training_windows import count_training_windows
    from regssl.io.tsv import write_tsv

    ids = one_each("genome-ids", options.windows, options.genome_ids)
    counts = count_training_windows(dict(zip(ids, options.windows, strict=True)))
    write_tsv(counts, options.out)
    print(f"{counts['windows'].sum():,} windows of {len(counts)} genomes, {counts['positives'].sum():,} positive")


COMMANDS = [
    Command(load_peaks, _load_peaks),
    Command(label_windows, _label_windows),
    Command(extract_negatives, _extract_negatives),
    Command(pseudo_label, _pseudo_label),
    Command(mutate, _mutate),
    Command(count_windows, _count_windows),
]
