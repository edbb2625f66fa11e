"""A genome in a file: sizes of its sequences and windows of byte codes, whatever the format."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from regssl.errors import DataError
from regssl.io.atomic import atomic_path, check_outputs
from regssl.io.copying import copy_file
from regssl.io.digests import write_digest
from regssl.io.files import Input, open_input
from regssl.sequences.fasta import read_fasta, write_fasta
from regssl.sequences.intervals import ChromNames, rows_by_chromosome
from regssl.sequences.twobit import (
    MAGIC,
    TwoBit,
    check_bounds,
    decode_words,
    list_names,
    minus_flags,
    word_buffer,
    write_sequences,
    write_twobit,
)

__all__ = ["Genome", "to_twobit", "write_fasta"]


class Genome:
    """A 2bit or FASTA (plain, gzip, bgzip) file opened for reading; the format is detected by content, not by name.

    A 2bit file is read where it is. A FASTA file, which may be a pipe, is checked from front to back and packed into a
    temporary 2bit file without a name (a quarter of a byte per base, 2 s per 10^9 bases), which lives as long as the
    `Genome`: so windows, sizes and `to_twobit` are of one reading. For repeated work make a 2bit file, with
    `to_twobit`.

    Attributes:
        path: the file.
        sizes: bases of each sequence, by name, in file order.

    Raises:
        DataError: the file is absent, damaged, or neither 2bit nor FASTA (see `TwoBit`, `read_fasta`).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._source = _open(self.path)
        self.sizes = self._source.sizes

    def windows(self, chrom: ChromNames, start: ArrayLike, width: int, minus: ArrayLike | None = None) -> np.ndarray:
        """Extract windows of one width, anywhere, in any order; each chromosome is visited once.

        Args:
            chrom: n names (array, list, Series; fastest: Categorical).
            start: n integers, 0-based.
            width: bases in each window.
            minus: n booleans, windows to reverse-complement; none by default.

        Returns:
            uint8 codes of shape (n, width), row i for window i.

        Raises:
            DataError: naming the first window whose chromosome is unknown or that does not lie within it.
        """
        starts = np.asarray(start, np.int64)
        on_minus = minus_flags(minus, len(starts))
        words = word_buffer(len(starts), width)
        for name, rows in self._by_chromosome(chrom, starts, starts + width):
            self._source.read_into(words, name, starts, width, on_minus, rows)
        return decode_words(words, width)

    def text(self, chrom: str, start: int, end: int) -> str:
        """Return bases [start, end) of a sequence as text, soft-masked bases in lower case.

        Raises:
            DataError: the sequence is unknown, or the interval does not lie within it.
        """
        return self._source.text(chrom, start, end)

    def n_bases(self, chrom: ChromNames, start: ArrayLike, end: ArrayLike) -> np.ndarray:
        """Count the bases that are not A, C, G or T in each interval; no base of a 2bit file is read for it.

        Args:
            chrom: n names.
            start: n integers, 0-based.
            end: n integers, not included.

        Returns:
            int64 (n,).

        Raises:
            DataError: as `windows`.
        """
        starts, ends = np.asarray(start, np.int64), np.asarray(end, np.int64)
        counts = np.empty(len(starts), np.int64)
        for name, rows in self._by_chromosome(chrom, starts, ends):
            counts[rows] = self._source.n_bases(name, starts[rows], ends[rows])
        return counts

    def _by_chromosome(
        self, chrom: ChromNames, starts: np.ndarray, ends: np.ndarray
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Group rows by sequence, each group in its first order; refuse what does not lie on this genome."""
        if not len(chrom) == len(starts) == len(ends):
            raise ValueError(f"{len(chrom)} chromosomes, {len(starts)} starts, {len(ends)} ends")
        groups = rows_by_chromosome(chrom)
        if sum(map(len, groups.values())) < len(starts):
            named = np.zeros(len(starts), bool)
            named[np.concatenate([np.empty(0, int), *groups.values()])] = True
            groups = {"": np.flatnonzero(~named)} | groups
        for name, rows in groups.items():
            if name not in self.sizes:
                window = f"window {name}:{starts[rows[0]]}-{ends[rows[0]]} (row {rows[0]})"
                raise DataError(
                    f"{self.path}: {window}: the genome has no sequence {name!r}", f"it has {list_names(self.sizes)}"
                )
            check_bounds(self.path, name, self.sizes[name], starts, ends, rows)
            yield name, rows


def to_twobit(source: str | Path, out: str | Path) -> dict[str, int]:
    """Make a 2bit file of a genome, whole or not at all, and its digest, with one sequence in memory at a time.

    A FASTA file (plain, gzip, bgzip) is packed: the soft mask is kept, ambiguity codes become N (see `read_fasta`). A
    2bit file is checked and copied: the user's own file is never touched through it.

    Returns:
        Size of each sequence by name, in file order.

    Raises:
        DataError: the source is absent, damaged, or neither 2bit nor FASTA.
        ConfigError: `out` is the source.
    """
    check_outputs([out], [source])
    with open_input(source, accept=["2bit"]) as file:
        sizes = None if _is_twobit(file) else write_twobit(out, read_fasta(file))
    if sizes is None:
        sizes = TwoBit(source).sizes
        with atomic_path(out) as aside:
            copy_file(source, aside)
    write_digest(out)
    return sizes


def _open(path: Path) -> TwoBit:
    """Open a 2bit file, or pack a FASTA file into one that has no name: the memory map outlives it."""
    with open_input(path, accept=["2bit"]) as file:
        if _is_twobit(file):
            return TwoBit(path)
        try:
            with tempfile.TemporaryFile(prefix="regssl-") as packed:
                write_sequences(packed, read_fasta(file), path)
                packed.flush()
                return TwoBit(path, packed)
        except OSError as error:
            raise DataError(
                f"{path}: cannot be packed into a temporary file: {error.strerror or error}",
                "it needs half a byte for each base: set TMPDIR to a folder with space",
            ) from error


def _is_twobit(file: Input) -> bool:
    return file.peek()[:4] in (struct.pack("<I", MAGIC), struct.pack(">I", MAGIC))
