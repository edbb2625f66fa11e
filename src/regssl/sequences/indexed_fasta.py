"""Random access to a plain FASTA file through its index (`.fai`): nothing is converted or loaded."""

from __future__ import annotations

import os
import tempfile
import warnings
import weakref
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from regssl.errors import DataError
from regssl.sequences.encoding import N, encode, reverse_complement
from regssl.sequences.twobit import is_valid_name

_LETTERS = b"ACGTNRYSWKMBDHVXacgtnryswkmbdhvx"
_LONG_LINE = 1 << 16
_BLOCK_BYTES = 1 << 20
_PYFAIDX_ERRORS = (ImportError, OSError, RuntimeError, ValueError)
"""What pyfaidx raises, besides errors of its own, where it cannot index a file."""


class _Record(NamedTuple):
    """A row of an index: number of bases, offset of the first, bases of a line, the characters that end a line."""

    bases: int
    first: int
    per_line: int
    newline: bytes

    def offset(self, base: int) -> int:
        return self.first + base // self.per_line * (self.per_line + len(self.newline)) + base % self.per_line


class IndexedFasta:
    """A FASTA file read where it is; IUPAC ambiguity codes and X are read as N.

    An up-to-date `.fai` beside the file is used if it fits the file. Otherwise pyfaidx makes a temporary one (6 s per
    10^9 bases): none is written beside the file, because the folder may be read-only and other processes may write the
    same. Line ends are checked again wherever bases are read.

    Attributes:
        path: the file.
        sizes: bases of each sequence, by name, in file order.
    """

    def __init__(self, path: Path, records: dict[str, _Record]) -> None:
        self.path, self._records, self._file = path, records, os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self.sizes: dict[str, int] = {name: record.bases for name, record in records.items()}

    @classmethod
    def open(cls, path: Path) -> IndexedFasta | None:
        """Open a file, or return None where no index fits it.

        That is where lines of one sequence differ in length, blank lines lie before or between them, line ends are of
        two kinds, a sequence or name is missing or repeated, a 2bit file cannot hold a name, or the name of a plain
        file ends with `.gz`. `regssl.sequences.fasta.read_fasta` reads such a file, or reports what is wrong.
        """
        records = _records_beside(path) or _own_records(path)
        return cls(path, records) if records else None

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
        if end <= start:
            return encode(b"")
        record = self._records[name]
        per_line, (first, stop) = record.per_line, (start, end)
        if per_line < _LONG_LINE:  # whole lines, each of which must end where the index has its end
            first, stop = start // per_line * per_line, min(-(-end // per_line) * per_line, record.bases)
        offset = record.offset(first)
        # pread leaves alone the position in the file, which forked processes share
        lines = os.pread(self._file, record.offset(stop - 1) + 1 - offset, offset).split(record.newline)
        text = b"".join(lines)
        uneven = per_line < _LONG_LINE and any(len(line) != per_line for line in lines[:-1])
        raw = text[start - first : end - first]
        wrong = raw.translate(None, _LETTERS)
        if uneven or len(text) != stop - first or wrong[:1] in (b"\n", b"\r"):
            raise DataError(
                f"{self.path}: its index does not fit {name}:{start}-{end}",
                "has the file changed? delete its .fai, if there is one, and run again",
            )
        if wrong:
            raise DataError(
                f"{self.path}: {wrong[:1].decode('ascii', 'replace')!r} in {name}:{start}-{end} is not a base",
                "sequence lines hold A, C, G, T, N and IUPAC ambiguity codes only",
            )
        return encode(raw)


def _records_beside(path: Path) -> dict[str, _Record] | None:
    """Read the `.fai` beside a file; None where it is absent, older than the file, or does not fit it."""
    index = Path(f"{path}.fai")
    try:
        return _read_index(index, path) if index.stat().st_mtime >= path.stat().st_mtime else None
    except OSError:
        return None


def _own_records(path: Path) -> dict[str, _Record] | None:
    """Index a file; None where that is not possible."""
    import pyfaidx

    if not _line_ends_are_alike(path):
        return None
    with tempfile.TemporaryDirectory(prefix="regssl-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # pyfaidx leaves the file open where it fails
        index = Path(folder) / "genome.fai"
        try:
            pyfaidx.Faidx(str(path), indexname=str(index)).close()
        except (*_PYFAIDX_ERRORS, pyfaidx.FastaIndexingError, pyfaidx.UnsupportedCompressionFormat):
            return None
        return _read_index(index, path)


def _line_ends_are_alike(path: Path) -> bool:
    """Check that the lines of a file all end with LF, or all with CR LF, and that there is no CR elsewhere."""
    lf, cr, cr_lf = 0, 0, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            if block.endswith(b"\r"):
                block += file.read(1)
            if found := block.count(b"\r"):
                cr, cr_lf = cr + found, cr_lf + block.count(b"\r\n")
            lf += block.count(b"\n")
    return not cr or cr == cr_lf == lf


def _read_index(index: Path, path: Path) -> dict[str, _Record] | None:
    """Read an index (name, bases, offset of the first, bases and bytes of a line); None where it does not fit.

    It fits if its sequences follow one another from the beginning to the end of the file, each with its name, a first
    line of the length in the index, and a last line that ends where the index has the last base.
    """
    records: dict[str, _Record] = {}
    try:
        rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines()]
        with path.open("rb") as file:
            header = file.readline()
            for name, *numbers in rows:
                bases, first, per_line, line_bytes = map(int, numbers)
                if name in records or not header.startswith(b">") or file.tell() != first or not 0 < per_line <= bases:
                    return None
                if header[1:].decode("utf-8", "replace").split()[:1] != [name] or not is_valid_name(name):
                    return None
                length, newline = _read_line(file)
                if length != per_line or line_bytes != per_line + len(newline):
                    return None
                records[name] = record = _Record(bases, first, per_line, newline or b"\n")
                last = (bases - 1) // per_line * per_line
                file.seek(record.offset(last) - 1)
                if last and file.read(1) != b"\n":
                    return None
                file.seek(record.offset(last))
                length, last_newline = _read_line(file)
                if length != bases - last or last_newline not in (newline, b""):
                    return None
                header = file.readline()
                while header and not header.strip(b"\r\n"):
                    header = file.readline()
            return records if records and not header else None
    except (OSError, ValueError):
        return None


def _read_line(file: IO[bytes]) -> tuple[int, bytes]:
    """Read a line, however long; return its length without its end, and its end."""
    length, tail = 0, b""
    while piece := file.readline(_BLOCK_BYTES):
        length += len(piece)
        tail = (tail + piece)[-2:]
        if piece.endswith(b"\n"):
            break
    newline = b"\r\n" if tail == b"\r\n" else b"\n" if tail.endswith(b"\n") else b""
    return length - len(newline), newline
