"""A genome in a file: sizes, single stretches as text for people, windows in bulk as codes for training.

2bit files are read where they lie. A plain FASTA file answers `sizes` and `fetch` through pyfaidx; the first bulk
request packs it, as opening does with a compressed one, into a temporary 2bit file (a quarter of a byte per base) that
is unlinked at once and lives as long as the `Genome`. For repeated work make that file once, with `to_twobit`.
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, cast

import numpy as np
from numpy.typing import ArrayLike

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.sequences.fasta import GZIP_MAGIC, read_fasta, write_fasta
from regssl.sequences.twobit import (
    MAGIC,
    TwoBit,
    check_within,
    codes_of_words,
    empty_words,
    shortlist,
    strands,
    write_twobit,
)

__all__ = ["Genome", "to_twobit", "write_fasta"]

if TYPE_CHECKING:  # imported where used: a 2bit file is opened without either
    import pandas as pd
    import pyfaidx

Names = Union[Sequence[str], np.ndarray, "pd.Categorical", "pd.Series"]
"""Chromosome names, one a window."""

_AMBIGUOUS = str.maketrans({letter: "Nn"[letter.islower()] for letter in "RYSWKMBDHVXryswkmbdhvx"})
_OTHER_STRAND = str.maketrans("ACGTacgt", "TGCAtgca")


class Genome:
    """A 2bit or FASTA (plain, gzip, bgzip) file opened for reading; what it is, is told by content, not by name.

    Attributes:
        path: the file.
        sizes: bases of each sequence, by name, in file order.

    Raises:
        DataError: the file is absent, damaged, or neither 2bit nor FASTA (see `TwoBit`, `read_fasta`).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._fasta: pyfaidx.Fasta | None = None
        self._packed: TwoBit | None = None
        if _is_plain_fasta(self.path):
            self._fasta = _open_fasta(self.path)
            self._process = os.getpid()
        if self._fasta is not None:
            self.sizes = {name: record.rlen for name, record in self._fasta.faidx.index.items()}
        else:
            self.sizes = self._bulk().sizes

    def fetch(self, chrom: str, start: int, end: int, minus: bool = False) -> str:
        """Give bases [start, end) as text, for people; repeats stay in lower case, ambiguity codes become N.

        Args:
            chrom: name of the sequence.
            start: 0-based.
            end: not included.
            minus: give the reverse complement.

        Raises:
            DataError: the sequence is unknown, or the interval does not lie within it.
        """
        size = self._size(chrom, f"{chrom}:{start}-{end}")
        if not 0 <= start <= end <= size:
            raise DataError(f"{self.path}: {chrom}:{start}-{end} is not within 0-{size}", "0-based, half-open")
        if self._fasta is not None and self._process != os.getpid():
            # a forked process shares its parent's place in the file: open it anew
            self._fasta, self._process = _open_fasta(self.path), os.getpid()
        if self._fasta is None:
            text = self._bulk().text(chrom, start, end)
        else:
            text = self._fasta[chrom][start:end].translate(_AMBIGUOUS)
        return text[::-1].translate(_OTHER_STRAND) if minus else text

    def fetch_all(self, chrom: str) -> np.ndarray:
        """Decode a whole sequence: uint8 codes of shape (size,)."""
        self._size(chrom, chrom)
        return self._bulk().codes(chrom)

    def windows(self, chrom: Names, start: ArrayLike, width: int, minus: ArrayLike | None = None) -> np.ndarray:
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
        on_minus = strands(minus, len(starts))
        words = empty_words(len(starts), width)
        for name, rows in self._by_chromosome(chrom, starts, starts + width):
            self._bulk().fill(words, name, starts, width, on_minus, rows)
        return codes_of_words(words, width)

    def n_bases(self, chrom: Names, start: ArrayLike, end: ArrayLike) -> np.ndarray:
        """Count the bases that are not A, C, G or T in each interval, from the genome's blocks of N: no base is read.

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
            counts[rows] = self._bulk().n_bases(name, starts[rows], ends[rows])
        return counts

    def _by_chromosome(self, chrom: Names, starts: np.ndarray, ends: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """Group rows by sequence, each group in its first order; refuse what does not lie on this genome."""
        import pandas as pd

        names: Any = pd.Categorical(cast(Any, chrom))
        if not len(names) == len(starts) == len(ends):
            raise ValueError(f"{len(names)} chromosomes, {len(starts)} starts, {len(ends)} ends")
        order = np.argsort(names.codes, kind="stable")
        bounds = np.searchsorted(names.codes[order], np.arange(-1, len(names.categories) + 1))
        for code, low, high in zip(range(-1, len(names.categories)), bounds[:-1], bounds[1:], strict=True):
            if low < high:
                name, rows = names.categories[code] if code >= 0 else "", order[low:high]
                size = self._size(name, f"window {name}:{starts[rows[0]]}-{ends[rows[0]]} (row {rows[0]})")
                check_within(self.path, name, size, starts, ends, rows)
                yield name, rows

    def _size(self, chrom: str, where: str) -> int:
        if chrom not in self.sizes:
            raise DataError(
                f"{self.path}: {where}: the genome has no sequence {chrom!r}", f"it has {shortlist(self.sizes)}"
            )
        return self.sizes[chrom]

    def _bulk(self) -> TwoBit:
        if self._packed is None:
            if _is_twobit(self.path):
                self._packed = TwoBit(self.path)
            else:
                with tempfile.TemporaryDirectory(prefix="regssl-", ignore_cleanup_errors=True) as folder:
                    packed = Path(folder) / "genome.2bit"
                    write_twobit(packed, read_fasta(self.path))
                    self._packed = TwoBit(packed)  # its memory map outlives the name
        return self._packed


def to_twobit(source: str | Path, out: str | Path) -> dict[str, int]:
    """Make a 2bit file of a genome, whole or not at all, with one sequence in memory at a time.

    A FASTA file (plain, gzip, bgzip) is packed: the soft mask is kept, ambiguity codes become N (see `read_fasta`). A
    2bit file is checked and hard-linked, or copied where that is not possible.

    Returns:
        Size of each sequence by name, in file order.

    Raises:
        DataError: the source is absent, damaged, or neither 2bit nor FASTA.
    """
    source = Path(source)
    if not _is_twobit(source):
        return write_twobit(out, read_fasta(source))
    sizes = TwoBit(source).sizes
    with atomic_path(out) as aside:
        try:
            os.link(source.resolve(), aside)
        except OSError:
            shutil.copyfile(source, aside)
    return sizes


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise DataError(f"{path}: {os.strerror(error.errno or 0)}", "check the path") from error


def _is_twobit(path: Path) -> bool:
    return _head(path) in (struct.pack("<I", MAGIC), struct.pack(">I", MAGIC))


def _is_plain_fasta(path: Path) -> bool:
    return not _is_twobit(path) and not _head(path).startswith(GZIP_MAGIC)


def _open_fasta(path: Path) -> pyfaidx.Fasta | None:
    """Open a plain FASTA file with pyfaidx; None where its layout (uneven lines, a name in `.gz`) is beyond pyfaidx.

    An up-to-date `.fai` beside the file is used if it fits. None is ever written there: the folder may be read-only, or
    another process may be writing the same index. Damage that keeps pyfaidx from indexing is reported later, by
    `read_fasta`.
    """
    import pyfaidx

    index = Path(f"{path}.fai")
    with tempfile.TemporaryDirectory(prefix="regssl-") as folder:
        if not (index.exists() and index.stat().st_mtime >= path.stat().st_mtime and _fits(index, path)):
            index = Path(folder) / "genome.fai"
        try:
            return pyfaidx.Fasta(str(path), indexname=str(index), as_raw=True)
        except (pyfaidx.FastaIndexingError, pyfaidx.UnsupportedCompressionFormat, ImportError, ValueError):
            return None


def _fits(index: Path, path: Path) -> bool:
    """Whether an index says where the sequences of a FASTA file are: each from its header to the next or the end.

    Lines: name, bases, offset of the first, bases and bytes of a line.
    """
    try:
        rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines()]
        numbers = [[int(cell) for cell in row[1:]] for row in rows]
        with path.open("rb") as file:
            end = 0
            for (name, *_), (bases, first, of_line, with_end) in zip(rows, numbers, strict=True):
                file.seek(end)
                header = file.readline()
                if header[1:].split()[:1] != [name.encode()] or file.tell() != first or not 0 < of_line < with_end:
                    return False
                file.seek(first + (bases - 1) // of_line * with_end)
                last = file.readline()
                end = file.tell()
                if not header.startswith(b">") or len(last.rstrip(b"\r\n")) != (bases - 1) % of_line + 1:
                    return False
            return bool(rows) and not file.read(1)
    except (OSError, ValueError):
        return False
