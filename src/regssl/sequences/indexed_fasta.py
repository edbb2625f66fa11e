"""Random access to a plain FASTA file through its index (`.fai`), with pyfaidx: nothing is converted or loaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regssl.errors import DataError
from regssl.sequences.encoding import N, encode, reverse_complement

if TYPE_CHECKING:
    import pyfaidx

_LETTERS = b"ACGTNRYSWKMBDHVXacgtnryswkmbdhvx"


class IndexedFasta:
    """A FASTA file opened through pyfaidx; IUPAC ambiguity codes and X are read as N.

    An up-to-date `.fai` beside the file is used if it fits the file. Otherwise a temporary one is made (6 s per 10^9
    bases): none is written beside the file, because the folder may be read-only and other processes may write the same.

    Attributes:
        path: the file.
        sizes: bases of each sequence, by name, in file order.
    """

    def __init__(self, path: Path, fasta: pyfaidx.Fasta) -> None:
        self.path, self._fasta, self._process = path, fasta, os.getpid()
        self.sizes: dict[str, int] = {name: record.rlen for name, record in fasta.faidx.index.items()}

    @classmethod
    def open(cls, path: Path) -> IndexedFasta | None:
        """Open a file, or return None where pyfaidx cannot read it.

        That is where lines of one sequence differ in length, a sequence or name is missing or repeated, or the name of
        a plain file ends with `.gz`. `regssl.sequences.fasta.read_fasta` reads such a file, or reports what is wrong.
        """
        fasta = _open(path)
        opened = None if fasta is None else cls(path, fasta)
        return opened if opened and all(opened.sizes.values()) else None

    def read_into(
        self, words: np.ndarray, name: str, starts: np.ndarray, width: int, minus: np.ndarray, rows: np.ndarray
    ) -> None:
        """Read windows, as `TwoBit.read_into`.

        Raises:
            DataError: a window holds a character that is no base, or the file has changed.
        """
        codes = words.view(np.uint8)
        for row in rows.tolist():
            start = int(starts[row])
            window = self._codes(name, start, start + width)
            codes[row, :width] = reverse_complement(window) if minus[row] else window

    def n_bases(self, name: str, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Count the N in each interval [start, end): int64 (n,). Reads every base, unlike `TwoBit.n_bases`."""
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([np.count_nonzero(self._codes(name, *place) == N) for place in places], np.int64)

    def _codes(self, name: str, start: int, end: int) -> np.ndarray:
        if self._process != os.getpid():  # a forked process shares its parent's position in the file: open it again
            fasta = _open(self.path)
            if fasta is None:
                raise self._changed()
            self._fasta, self._process = fasta, os.getpid()
        try:
            raw = self._fasta.faidx.fetch(name, start + 1, end).encode("ascii") if end > start else b""
        except (OSError, ValueError) as error:
            raise self._changed() from error
        if len(raw) != end - start:
            raise self._changed()
        if wrong := raw.translate(None, _LETTERS):
            raise DataError(
                f"{self.path}: {wrong[:1].decode()!r} in {name}:{start}-{end} is not a base",
                "sequence lines hold A, C, G, T, N and IUPAC ambiguity codes only",
            )
        return encode(raw)

    def _changed(self) -> DataError:
        return DataError(f"{self.path}: its index does not fit", "is the file whole? delete its .fai and run again")


def _open(path: Path) -> pyfaidx.Fasta | None:
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
    """Check that an index describes a FASTA file: each sequence reaches from its header to the next one or the end.

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
