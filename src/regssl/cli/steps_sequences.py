"""Steps that make the windows of a dataset of sequences: human ones, and homologs that are given as sequences too."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from regssl.cli.options import add_settings, add_threads, by_genome, one_each, settings_from
from regssl.cli.parser import Command, Options, Parser
from regssl.cli.paths import GENOME, LABELLED, WRITTEN_WINDOWS, reads, writes
from regssl.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from regssl.data.sequence_settings import SequenceFile
    from regssl.data.sequence_splits import SplitSequences

NOT_GIVEN = "none"
"""The word for a split or label that a file as a whole does not have."""


def add_sequence_files(parser: Parser) -> None:
    """Add what `sequence_files` reads, and the settings of reading them."""
    from regssl.data.sequence_settings import SequenceSettings

    parser.add_argument("sequences", type=reads(), nargs="+", help="CSV, TSV or FASTA, plain or gz")
    parser.add_argument(
        "--file-splits", type=str, nargs="*", default=[], help="the split that all of a file is in; or none"
    )
    parser.add_argument(
        "--file-labels", type=str, nargs="*", default=[], help="the label, 0 or 1, that all of a file has; or none"
    )
    add_settings(parser, SequenceSettings)


def sequence_files(options: Options) -> list[SequenceFile]:
    """Return the files of sequences that a command names."""
    from regssl.data.sequence_settings import SequenceFile

    files, absent = options.sequences, [NOT_GIVEN] * len(options.sequences)
    splits = one_each("file-splits", files, options.file_splits or absent)
    labels = one_each("file-labels", files, options.file_labels or absent)
    words = [("" if word == NOT_GIVEN else word for word in column) for column in (splits, labels)]
    return [SequenceFile(*each) for each in zip(files, *words, strict=True)]


def _rows_of_sources(codes: np.ndarray, windows: pd.DataFrame) -> np.ndarray:
    """Return the sequences of windows, from those of all human sequences in their order."""
    sequences: np.ndarray = codes[windows["source"]]
    return sequences


def _read_sequences(parser: Parser) -> None:
    from regssl.data.settings import Sampling, Splits

    add_sequence_files(parser)
    parser.add_argument(
        "--bins",
        type=writes(),
        required=True,
        help="Parquet table to write: one row per sequence, then places of held-out ones",
    )
    parser.add_argument(
        "--human",
        type=writes(*LABELLED),
        required=True,
        help="folder to write: {train,validation,test}.{parquet,npy,fa.gz}, counts.tsv",
    )
    parser.add_argument(
        "--negatives", type=writes(*WRITTEN_WINDOWS), required=True, help="X.npy to write: negatives that are not drawn"
    )
    parser.add_argument("--counts", type=writes(), required=True, help="TSV to write: what was read, and left out")
    parser.add_argument("--located", type=reads(), help="where the sequences lie in the human genome, TSV")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, part of the seed of the sample")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the human genome")
    parser.add_argument("--published", type=str, help="the published task that the test sequences must be those of")
    add_settings(parser, Splits, "{}-chroms")
    add_settings(parser, Sampling)


def read_sequences(options: Options) -> None:
    """Read a dataset's labelled sequences; split them."""
    import numpy as np
    import pandas as pd

    from regssl.data.bins import count_labels, find_undrawn_negatives, sample_windows
    from regssl.data.located import LOCATED
    from regssl.data.packed import write_encoded
    from regssl.data.sequence_settings import SequenceSettings
    from regssl.data.sequence_splits import split_sequences
    from regssl.data.sequences import read_sequences
    from regssl.data.settings import Sampling, Splits
    from regssl.io.parquet import save_table
    from regssl.io.tsv import read_tsv, write_tsv

    settings, sampling = settings_from(options, SequenceSettings), settings_from(options, Sampling)
    splits = settings_from(options, Splits, "{}-chroms")
    located = read_tsv([options.located], LOCATED) if options.located else None
    found = split_sequences(read_sequences(sequence_files(options), settings, options.genome_id), splits, located)
    if options.published:
        _check_published(found, options)
    bins, labels, width = found.table, found.labels, found.codes.shape[1]
    save_table(found.bins, options.bins)
    sets = sample_windows(bins, labels, sampling, options.genome_id, options.dataset)
    none = np.zeros(len(bins), bool)
    undrawn = find_undrawn_negatives(bins, labels, sets["train"], options.genome_id, none)
    paths = {split: Path(options.human) / f"{split}.npy" for split in sets} | {"": Path(options.negatives)}
    for split, windows in (*sets.items(), ("", undrawn)):
        write_encoded(windows, partial(_rows_of_sources, found.codes), width, paths[split])
    counts = count_labels(sets, options.dataset, pd.Series([], dtype="str"))
    write_tsv(counts, Path(options.human) / "counts.tsv")
    write_tsv(found.counts.assign(dataset=options.dataset)[["dataset", *found.counts.columns]], options.counts)
    print(found.counts.to_string(index=False))
    print(counts.to_string(index=False))


def _check_published(found: SplitSequences, options: Options) -> None:
    try:
        found.check_published(options.published)
    except DataError as error:
        raise DataError(f"{', '.join(options.sequences)}: {error.problem}", error.hint) from None


def _locate_sequences(parser: Parser) -> None:
    from regssl.sequences.settings import LocateSettings

    add_sequence_files(parser)
    parser.add_argument("--genome", type=reads(*GENOME), required=True, help="human genome, 2bit")
    parser.add_argument("--out", type=writes(), required=True, help="TSV to write: one row per place of a sequence")
    parser.add_argument("--genome-id", type=str, required=True, help="id of the human genome")
    add_threads(parser)
    add_settings(parser, LocateSettings)


def locate_sequences(options: Options) -> None:
    """Look a dataset's sequences up in the human genome."""
    from regssl.data.located import locate_sequences
    from regssl.data.sequence_settings import SequenceSettings
    from regssl.data.sequences import read_sequences
    from regssl.io.tsv import write_tsv
    from regssl.sequences.genome import Genome
    from regssl.sequences.settings import LocateSettings

    read = read_sequences(sequence_files(options), settings_from(options, SequenceSettings), options.genome_id)
    genome, settings = Genome(options.genome), settings_from(options, LocateSettings)
    table, found = locate_sequences(list(read.table["id"]), list(read.codes), genome, settings, options.threads)
    if not (table["places"] == 1).any():
        raise DataError(f"{options.genome}: {found}", "is it the genome that they are from, and of that assembly?")
    write_tsv(table, options.out)
    print(found)


def _read_homologs(parser: Parser) -> None:
    from regssl.data.settings import HomologSettings

    add_sequence_files(parser)
    parser.add_argument("--bins", type=reads(), required=True, help="table of `step read-sequences`, one row each")
    parser.add_argument("--train", type=reads(), required=True, help="human training windows, Parquet")
    parser.add_argument(
        "--human-id", type=str, required=True, help="id of the human genome, whose rows are passed over"
    )
    parser.add_argument("--genome-ids", type=str, nargs="+", required=True, help="ids of the species to use")
    parser.add_argument("--tables", type=writes(), nargs="+", required=True, help="Parquet to write, one per species")
    parser.add_argument(
        "--out", type=writes(*WRITTEN_WINDOWS), nargs="+", required=True, help="X.npy to write, one per species"
    )
    parser.add_argument("--counts", type=writes(), required=True, help="TSV to write: rows passed over, per species")
    parser.add_argument("--dataset", type=str, required=True, help="id of the dataset, for the counts")
    add_settings(parser, HomologSettings, exclude=["min_match"])


def read_homologs(options: Options) -> None:
    """Label homologs that are given as sequences."""
    from regssl.data.given_homologs import judge_homologs, read_homologs
    from regssl.data.packed import write_encoded
    from regssl.data.pseudo_labels import pseudo_label
    from regssl.data.sequence_settings import SequenceSettings
    from regssl.data.settings import HomologSettings
    from regssl.data.windows import window_width
    from regssl.io.parquet import load_table, save_table
    from regssl.io.tsv import write_tsv

    rows = read_homologs(sequence_files(options), settings_from(options, SequenceSettings), options.human_id)
    filters = settings_from(options, HomologSettings, exclude=["min_match"])
    found = judge_homologs(rows, options.genome_ids, load_table(options.bins), filters)
    train, n_windows = load_table(options.train), 0
    width = window_width(train)
    for genome, table, out in by_genome(options, "tables", "out"):
        save_table(found.statuses[genome], table)
        windows = pseudo_label(train, found.statuses[genome], genome, width)
        write_encoded(windows, partial(_rows_of_sources, found.codes[genome]), width, Path(out))
        n_windows += len(windows)
    write_tsv(found.counts.assign(dataset=options.dataset)[["dataset", *found.counts.columns]], options.counts)
    print(f"{n_windows:,} homologs of {len(train):,} sequences in {len(options.genome_ids)} genomes")


COMMANDS = [
    Command(locate_sequences, _locate_sequences),
    Command(read_sequences, _read_sequences),
    Command(read_homologs, _read_homologs),
]
