"""Sequences of files, labelled or not, looked up in a genome: the table of where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.sequence_codes import EncodedText
from regssl.data.sequence_files import find_columns, read_sequence_file
from regssl.errors import DataError
from regssl.io.text import shorten
from regssl.sequences.encoding import N
from regssl.sequences.genome import Genome
from regssl.sequences.locate import SHORTEST, locate
from regssl.sequences.settings import LocateSettings

LOCATED = {"id": "str", "places": "int64", "chrom": "str", "start": "Int64", "end": "Int64", "strand": "str"}
"""Columns of the table, and their types: the number of places of a sequence, and one of them; 0-based, half-open."""


def read_unlabelled(path: str | Path, named: Mapping[str, str]) -> tuple[list[str], list[np.ndarray]]:
    """Read sequences of any length, from SHORTEST on, and their ids.

    Args:
        path: CSV, TSV or FASTA, as of `read_sequence_file`.
        named: names of columns by what they are; others are found by their usual names.

    Returns:
        n ids: the row numbers where there are none; n sequences as byte codes, each uint8 (bases,).

    Raises:
        DataError: as `read_sequence_file`; there is no column of sequences, a letter is no base, or a sequence is too
            short.
    """
    table = read_sequence_file(path)
    columns = find_columns(table, named)
    if "sequence" not in columns:
        hint = f"it has {shorten(', '.join(table.columns), 500)}: name it, --columns sequence=NAME"
        raise DataError(f"{path}: no column of sequences is found", hint)
    encoded = EncodedText.encode(table[columns["sequence"]].str.strip().tolist())
    if encoded.wrong is not None:
        row, letter = encoded.wrong
        hint = "sequences hold A, C, G, T, N and IUPAC ambiguity codes, and gaps (-)"
        raise DataError(f"{table.location(row)}: {letter!r} is not a base", hint)
    if len(short := np.flatnonzero(encoded.lengths < SHORTEST)):
        problem = f"{table.location(int(short[0]))}: a sequence of {encoded.lengths[short[0]]} bp"
        raise DataError(problem, f"{SHORTEST} bp are the least: a shorter one is anywhere in a genome by chance")
    ids = table[columns["id"]].tolist() if "id" in columns else [str(row + 1) for row in range(len(table))]
    return ids, np.split(encoded.codes, np.cumsum(encoded.lengths)[:-1])


def locate_sequences(
    ids: Sequence[str], sequences: Sequence[np.ndarray], genome: Genome, settings: LocateSettings, threads: int
) -> tuple[pd.DataFrame, str]:
    """Look sequences up in a genome.

    Args:
        ids: n ids.
        sequences: n sequences as byte codes, each uint8 (bases,).
        genome, settings, threads: as of `sequences.locate.locate`.

    Returns:
        Columns LOCATED, one row per place, and one for a sequence without a listed place, as of `locate`; and how many
        were found, in words.
    """
    found = locate(sequences, genome, settings, threads)
    listed = found["start"] >= 0
    text = {column: found[column].astype(object).where(listed, "") for column in ("chrom", "strand")}
    sides = {side: found[side].astype("Int64").mask(~listed) for side in ("start", "end")}
    of_rows = np.array(ids, object)[found["sequence"]]
    table = pd.DataFrame({"id": of_rows, "places": found["places"], **text, **sides})[list(LOCATED)]
    with_n = sum(bool((codes == N).any()) for codes in sequences)
    places = found.drop_duplicates("sequence")["places"]
    counts = {"one place": places == 1, "several": places > 1, "none": places == 0}
    words = ", ".join(f"{int(rows.sum()):,} in {where}" for where, rows in counts.items())
    return table, f"{len(ids):,} sequences: {words} ({with_n:,} with an N)"
