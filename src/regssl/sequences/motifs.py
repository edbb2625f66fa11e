"""Binding motifs: position frequency matrices read from MEME files, their log-odds, and sites sampled from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from regssl.errors import DataError
from regssl.io.files import read_lines
from regssl.io.text import shorten
from regssl.sequences.encoding import COMPLEMENT

PSEUDOCOUNT = 0.01
"""Weight of the uniform background mixed into every column, so that no base has frequency zero."""


@dataclass(frozen=True, eq=False)
class Motif:
    """A position frequency matrix.

    Attributes:
        id: matrix id with version, such as MA0139.2.
        name: factor, such as CTCF.
        frequencies: float64 [width, 4], columns A C G T, each row sums to one.
    """

    id: str
    name: str
    frequencies: np.ndarray

    @property
    def width(self) -> int:
        """Number of positions."""
        return len(self.frequencies)

    @cached_property
    def log_odds(self) -> np.ndarray:
        """Bits over a uniform background: float64 [width, 5]; the fifth column (N) counts as the worst base there."""
        smoothed = (self.frequencies + PSEUDOCOUNT / 4) / (1 + PSEUDOCOUNT)
        bits = np.log2(smoothed / 0.25)
        return np.column_stack([bits, bits.min(axis=1)])

    @cached_property
    def reverse_log_odds(self) -> np.ndarray:
        """Log-odds of the reverse complement, [width, 5]: scores the minus strand in plus-strand coordinates."""
        return self.log_odds[::-1, COMPLEMENT]

    def score(self, sites: np.ndarray) -> np.ndarray:
        """Log-odds of sites given in motif direction: uint8 [..., width] → float64 [...]."""
        scores: np.ndarray = self.log_odds[np.arange(self.width), sites].sum(axis=-1)
        return scores

    def scan(self, codes: np.ndarray) -> np.ndarray:
        """Log-odds of every placement on both strands.

        Args:
            codes: uint8 [..., length], length at least the motif's width.

        Returns:
            float64 [..., 2, length - width + 1]; entry (0, i) is the plus-strand site that starts at i, entry
            (1, i) the minus-strand site over the same bases.
        """
        self._check_length(codes)
        placements = codes.shape[-1] - self.width + 1
        scores = np.zeros((*codes.shape[:-1], 2, placements))
        for position in range(self.width):
            column = codes[..., position : position + placements]
            scores[..., 0, :] += self.log_odds[position, column]
            scores[..., 1, :] += self.reverse_log_odds[position, column]
        return scores

    def max_score(self, codes: np.ndarray) -> np.ndarray:
        """Best log-odds over all placements and both strands, as of `scan`: uint8 [..., length] → float64 [...]."""
        self._check_length(codes)
        from regssl.sequences._motifs import best_scores  # numba

        rows = np.ascontiguousarray(codes, np.uint8).reshape(-1, codes.shape[-1])
        tables = (np.ascontiguousarray(table) for table in (self.log_odds, self.reverse_log_odds))
        return np.asarray(best_scores(rows, *tables).reshape(codes.shape[:-1]), np.float64)

    def _check_length(self, codes: np.ndarray) -> None:
        if codes.shape[-1] < self.width:
            raise ValueError(f"sequences of {codes.shape[-1]} bases are shorter than {self.name} ({self.width})")

    def sample(self, n: int, rng: np.random.Generator, minimum: float = -np.inf) -> np.ndarray:
        """Sample `n` sites, each base by its frequency, none weaker than `minimum` bits: uint8 [n, width]."""
        cumulative = self.frequencies.cumsum(axis=1) / self.frequencies.sum(axis=1, keepdims=True)
        sites = np.empty((0, self.width), dtype=np.uint8)
        while len(sites) < n:
            uniform = rng.random((2 * n, self.width, 1))
            sampled = (uniform >= cumulative[:, :3]).sum(axis=2).astype(np.uint8)
            sites = np.concatenate([sites, sampled[self.score(sampled) >= minimum]])
        return sites[:n]

    def quantile(self, fraction: float) -> float:
        """Estimate the log-odds below which `fraction` of the motif's sites lie (20,000 of a fixed random stream)."""
        return float(np.quantile(self.score(self.sample(20_000, np.random.default_rng(0))), fraction))


def read_meme(path: str | Path) -> dict[str, Motif]:
    """Read the letter-probability matrices of a MEME file.

    Format: https://meme-suite.org/meme/doc/meme-format.html, minimal or the text that programs of the MEME suite write.
    Besides, `#` begins a line of comment, anywhere.

    Returns:
        Motifs by id (the first word of a MOTIF line; the second, where there is one, is the name), in file order. Ids
        are unique, names need not be: see `find_motif`.

    Raises:
        DataError: with the line of a row that is not four frequencies that sum to one, a matrix with other than `w=`
            rows or `alength= 4` columns, rows outside of a matrix, a motif without a matrix, or with two, an id twice,
            an alphabet that is not of DNA, or no motif; or as `read_lines`.
    """
    reader = _MemeReader(str(path))
    for number, line in read_lines(path):
        if line.strip() and not line.lstrip().startswith("#"):
            reader.add(number, line.split())
    reader.finish()
    if not reader.motifs:
        raise DataError(
            f"{path}: no MOTIF line in it", "is this a MEME motif file? the MEME suite converts other formats"
        )
    return reader.motifs


def load_jaspar() -> dict[str, Motif]:
    """Load the JASPAR 2024 CORE matrices that come with the package, by factor name (CTCF, REST, MAX, ATF3 …).

    Source, licence and citation are the comment lines of `resources/jaspar_motifs.meme`.
    """
    with as_file(files("regssl") / "resources" / "jaspar_motifs.meme") as path:
        return {motif.name: motif for motif in read_meme(path).values()}


def read_motifs(path: str | Path | None = None) -> list[Motif]:
    """Read the motifs of a MEME file, or (`path` None) those that come with the package."""
    return list((load_jaspar() if path is None else read_meme(path)).values())


def find_motif(word: str, motifs: Sequence[Motif], where: str) -> Motif | None:
    """Find a motif by id or name.

    An id goes before a name, and the same letters before those in the other case.

    Args:
        word: id or name.
        motifs: all that there are.
        where: file, or cell of a table, for the message.

    Returns:
        The motif, or None where there is none.

    Raises:
        DataError: several have that name, as in files of whole databases.
    """
    for folded in (str, str.casefold):
        for key in ("id", "name"):
            found = [motif for motif in motifs if folded(getattr(motif, key)) == folded(word)]
            if len(found) > 1:
                ids = ", ".join(motif.id for motif in found)
                raise DataError(f"{where}: {len(found)} motifs are called '{word}': {ids}", "choose one by its id")
            if found:
                return found[0]
    return None


_ROW = re.compile(r"[-+]?\.?[0-9]")
_MAX_WIDTH = 10_000
_MAX_ROUNDING = 0.02
"""By how much the sum of a row may differ from one: four frequencies of two decimals, such as 0.33 0.33 0.33 0.00."""
_KEY = re.compile(r"\b(alength|w|nsites)=\s*(\S*)")


class _MemeReader:
    """Reads the lines of a MEME file, one after another.

    Attributes:
        motifs: those that are complete, by id.
    """

    def __init__(self, path: str) -> None:
        self.motifs: dict[str, Motif] = {}
        self._path, self._section = path, ""
        self._motif: tuple[int, str, str] | None = None  # line, id, name
        self._matrix: tuple[int, int | None] | None = None  # line, rows by `w=`
        self._rows: list[list[float]] = []
        self._letters: set[str] = set()

    def add(self, number: int, words: list[str]) -> None:
        """Read a line that is neither blank nor a comment."""
        text = " ".join(words)
        if self._section == "alphabet" and words[0] != "END":
            self._letters |= {sides[0] for sides in text.split(" ~ ")} if "=" not in words else set()
        elif words[0] == "MOTIF":
            self.finish()
            self._begin(number, words[1:])
        elif words[0].startswith("ALPHABET") or text == "END ALPHABET":
            self._read_alphabet(number, text)
        elif text.startswith("letter-probability matrix"):
            self._begin_matrix(number, text)
        elif text.startswith("log-odds matrix"):
            self._section = "log-odds"
        elif _ROW.match(words[0]):
            if self._motif and self._section != "log-odds":
                self._add_row(number, words)
        elif self._section == "matrix" and not (words[0] == "URL" or set(text) <= set("-*") or self._has_all_rows()):
            raise self._error(number, f"'{shorten(text)}' is not four frequencies", "columns: A C G T")
        else:
            self._section = ""

    def finish(self) -> None:
        """Complete the motif whose lines were read, if there is one."""
        if self._motif is None:
            return
        line, identifier, name = self._motif
        if self._matrix is None:
            raise self._error(line, f"motif {identifier} has no letter-probability matrix", "is the file whole?")
        at, width = self._matrix
        if not self._rows or width not in (None, len(self._rows)):
            wanted = "" if width is None else f", w= {width}"
            raise self._error(
                at, f"the matrix of {identifier} has {len(self._rows)} rows{wanted}", "is the file whole?"
            )
        self.motifs[identifier] = Motif(identifier, name, np.array(self._rows))
        self._motif, self._matrix, self._rows, self._section = None, None, [], ""

    def _has_all_rows(self) -> bool:
        return self._matrix is not None and self._matrix[1] == len(self._rows)

    def _begin(self, number: int, words: list[str]) -> None:
        if not words:
            raise self._error(number, "MOTIF without an id", "write: MOTIF <id> <name>")
        if words[0] in self.motifs:
            raise self._error(number, f"a second motif has the id {words[0]}", "ids must be unique")
        named = len(words) > 1 and words[1:3] != ["width", "="]  # of MEME before version 4.10
        self._motif = number, words[0], words[named]

    def _begin_matrix(self, number: int, text: str) -> None:
        if self._motif is None or self._matrix is not None:
            what = "a matrix before any MOTIF line" if self._motif is None else "a second matrix of one motif"
            raise self._error(number, what, "each matrix follows a MOTIF line of its own")
        values: dict[str, float] = {}
        for key, value in _KEY.findall(text):
            try:
                values[key] = _parse_number(value)
            except ValueError:
                raise self._error(number, f"{key}= '{shorten(value)}' is not a number") from None
        if values.get("alength", 4) != 4:
            raise self._error(number, f"alength= {values['alength']:g}, but DNA has 4 letters", "is it of protein?")
        width = values.get("w", 1)
        if not (1 <= width <= _MAX_WIDTH and width == int(width) and values.get("nsites", 1) >= 0):
            raise self._error(number, f"'{shorten(text)}' cannot be", "w= is the number of rows")
        self._matrix, self._section = (number, int(width) if "w" in values else None), "matrix"

    def _add_row(self, number: int, words: list[str]) -> None:
        try:
            row = [_parse_number(word) + 0.0 for word in words]  # -0.0 becomes 0.0
        except ValueError:
            row = []
        if self._section != "matrix":
            if len(row) == 4:
                raise self._error(number, "frequencies outside of a matrix", "a line before them has ended it")
            return
        if len(row) != 4 or not all(0 <= value <= 1 for value in row) or abs(sum(row) - 1) > _MAX_ROUNDING + 1e-9:
            hint = "columns: A C G T" if len(row) != 4 else "counts? divide each row by its sum"
            raise self._error(number, f"'{shorten(' '.join(words))}' is not four frequencies that sum to one", hint)
        self._rows.append(row)

    def _read_alphabet(self, number: int, text: str) -> None:
        """Read `ALPHABET= ACGT`, or the first or last line of an alphabet that lists its letters."""
        if not text.startswith(("ALPHABET=", "ALPHABET =", "END")):
            self._section = "alphabet"
            return
        letters = self._letters if text == "END ALPHABET" else set(text.partition("=")[2].strip().upper())
        self._section = ""
        if letters != set("ACGT"):
            raise self._error(
                number, f"the alphabet {''.join(sorted(letters))} is not ACGT", "only motifs of DNA are read"
            )

    def _error(self, number: int, problem: str, hint: str = "") -> DataError:
        return DataError(f"{self._path}: line {number}: {problem}", hint)


def _parse_number(text: str) -> float:
    if "_" in text or not text.isascii():  # Python would read 1_000
        raise ValueError
    return float(text)
