"""Homologs that come as sequences, each with the id of its human sequence and its species, without chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regssl.data.homologs import STATUSES
from regssl.data.sequence_codes import DIGESTS, EncodedText
from regssl.data.sequence_files import find_columns, read_sequence_file
from regssl.data.sequence_settings import SequenceFile, SequenceSettings
from regssl.data.settings import HomologSettings
from regssl.data.windows import categorical, constant_column, window_width
from regssl.errors import DataError
from regssl.io.text import shorten
from regssl.liftover.status import LiftStatus
from regssl.sequences.encoding import N

COUNTS = {"dataset": "str", "genome": "str", "what": "str", "sequences": "int64"}
"""Columns of the table of what was read and passed over, and their types."""
_NEEDED = ("sequence", "id", "species")


@dataclass(frozen=True)
class GivenHomologs:
    """Homologs of the sequences of a dataset, at most one of each in each genome.

    Attributes:
        statuses: by genome, one row per sequence, as `homologs.find_homologs` returns: a homolog is kept, or lost for
            the first reason that applies; `deleted`: none is given. Its place is a chromosome of its own, the id of
            its human sequence.
        codes: by genome, uint8 (sequences, width); N where none is given.
        counts: columns of COUNTS without the dataset: rows of species that are no genome, of ids that no used sequence
            has, and further ones of one sequence and genome, of which the first is taken.
    """

    statuses: Mapping[str, pd.DataFrame]
    codes: Mapping[str, np.ndarray]
    counts: pd.DataFrame


def read_homologs(files: Sequence[SequenceFile], settings: SequenceSettings, human: str) -> pd.DataFrame:
    """Read the rows of other species: id (of the human sequence), species, sequence, and `where`, file and line.

    Args:
        files: at least one; that all of a file is in a split or has a label means nothing here.
        settings: names of columns; those of labels, splits and places need not be there.
        human: id of the human genome, whose rows are passed over.

    Raises:
        DataError: as `read_sequence_file`; no column of sequences, ids or species; no row of another species.
    """
    parts = []
    for file in files:
        table = read_sequence_file(file.place)
        columns = find_columns(table, {role: name for role, name in settings.named.items() if role in _NEEDED})
        for role in _NEEDED:
            if role not in columns:
                hint = f"it has {shorten(', '.join(table.columns), 500)}: name it in `sequence_columns`"
                raise DataError(f"{file.place}: no column of {role} is found", hint)
        rows = pd.DataFrame({role: table[columns[role]].str.strip() for role in _NEEDED})
        rows["where"] = [table.location(row) for row in range(len(rows))]
        parts.append(rows[rows["species"] != human])
    found = pd.concat(parts, ignore_index=True)
    if found.empty:
        raise DataError(f"{files[0].place}: no row is of another species than '{human}'", "is it the file of homologs?")
    return found


def judge_homologs(
    rows: pd.DataFrame,
    genomes: Sequence[str],
    sequences: pd.DataFrame,
    settings: HomologSettings,
) -> GivenHomologs:
    """Give each homolog a status, and crop or pad it about its centre to the width of the human sequences.

    The leakage rule by sequence: a homolog of a training sequence is discarded if it is, on either strand, a held-out
    human sequence or a homolog of one.

    Args:
        rows: as `read_homologs` returns.
        genomes: ids of the species to use.
        sequences: human sequences in the place of bins, as of `sequence_splits.split_sequences`.
        settings: thresholds of length and N.

    Raises:
        DataError: no row is of a species to use, or of a known human sequence; a letter is no base.
    """
    wanted, known = rows["species"].isin(list(genomes)), rows["id"].isin(sequences["id"])
    if not wanted.any():
        species = shorten(", ".join(rows["species"].unique()), 200)
        raise DataError(f"{rows['where'].iloc[0]}: none of the species is in the genomes table: {species}")
    if not known.any():
        where, first = rows["where"].iloc[0], shorten(rows["id"].iloc[0])
        problem = f"{where}: id '{first}' is that of no human sequence, and so are all others"
        raise DataError(problem, f"such as '{sequences['id'].iloc[0]}': see `sequence_columns`")
    repeated = wanted & known & rows.duplicated(["id", "species"])
    used = rows[wanted & known & ~repeated].reset_index(drop=True)
    encoded = EncodedText.encode(list(used["sequence"]))
    if encoded.wrong is not None:
        row, letter = encoded.wrong
        raise DataError(f"{used['where'].iloc[row]}: {letter!r} is not a base", "A, C, G, T, N, IUPAC codes, gaps (-)")
    width, bin_of = window_width(sequences), pd.Index(sequences["id"]).get_indexer(used["id"])
    codes = encoded.to_width(width)
    kept = STATUSES.index(LiftStatus.KEPT)
    status = np.full(len(used), kept)
    losses = {
        LiftStatus.DELETED: encoded.lengths == 0,
        LiftStatus.TOO_LONG: encoded.lengths > settings.max_length_ratio * width,
        LiftStatus.N_CONTENT: (codes == N).sum(axis=1) > settings.max_n_fraction * width,
        LiftStatus.LEAKAGE: _leaks(pd.DataFrame(encoded.digests(codes)), bin_of, sequences),
    }
    for reason, lost in losses.items():
        status[lost & (status == kept)] = STATUSES.index(reason)
    of_genome = {genome: np.flatnonzero(used["species"] == genome) for genome in genomes}
    counts = [
        *[("", "other_species", int((~wanted).sum()))],
        *[(genome, "id_not_used", n) for genome, n in _count(rows[wanted & ~known], genomes)],
        *[(genome, "repeated", n) for genome, n in _count(rows[repeated], genomes)],
        *[(genome, "used", len(own)) for genome, own in of_genome.items()],
    ]
    return GivenHomologs(
        {genome: _statuses(sequences, bin_of[own], status[own]) for genome, own in of_genome.items()},
        {genome: _in_rows(codes[own], bin_of[own], len(sequences)) for genome, own in of_genome.items()},
        pd.DataFrame(counts, columns=list(COUNTS)[1:]),
    )


def _leaks(digests: pd.DataFrame, bin_of: np.ndarray, sequences: pd.DataFrame) -> np.ndarray:
    """Select homologs of training sequences that are, on either strand, held-out sequences or homologs of such.

    Args:
        digests: of each homolog, columns DIGESTS.
        bin_of: the row of its human sequence in `sequences`.
        sequences: human sequences.
    """
    trains = (sequences["split"] == "train").to_numpy()
    of_training = trains[bin_of]
    tables = sequences.loc[~trains, list(DIGESTS)], digests[~of_training]
    held_out = {digest for table in tables for digest in table.to_numpy().ravel()}
    return np.asarray(of_training & digests.isin(held_out).to_numpy().any(axis=1))


def _statuses(sequences: pd.DataFrame, bin_of: np.ndarray, status: np.ndarray) -> pd.DataFrame:
    of_bin = np.full(len(sequences), STATUSES.index(LiftStatus.DELETED), np.int8)
    of_bin[bin_of] = status
    start = np.full(len(sequences), -1, np.int64)
    start[bin_of] = 0
    return pd.DataFrame({
        "lift_status": categorical(of_bin, tuple(map(str, STATUSES))), "chrom": pd.Categorical(sequences["id"]),
        "start": start, "strand": constant_column("+", len(sequences)),
    })  # fmt: skip


def _in_rows(codes: np.ndarray, bin_of: np.ndarray, n: int) -> np.ndarray:
    of_bin = np.full((n, codes.shape[1]), N, np.uint8)
    of_bin[bin_of] = codes
    return of_bin


def _count(rows: pd.DataFrame, genomes: Sequence[str]) -> list[tuple[str, int]]:
    return [(genome, n) for genome in genomes if (n := int((rows["species"] == genome).sum()))]
