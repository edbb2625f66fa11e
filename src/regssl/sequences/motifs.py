"""Binding motifs: position frequency matrices read from MEME files, their log-odds, and sites sampled from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from regssl.errors import DataError
from regssl.io.files import read_lines
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
        placements = codes.shape[-1] - self.width + 1
        if placements < 1:
            raise ValueError(f"sequences of {codes.shape[-1]} bases are shorter than {self.name} ({self.width})")
        scores = np.zeros((*codes.shape[:-1], 2, placements))
        for position in range(self.width):
            column = codes[..., position : position + placements]
            scores[..., 0, :] += self.log_odds[position, column]
            scores[..., 1, :] += self.reverse_log_odds[position, column]
        return scores

    def max_score(self, codes: np.ndarray) -> np.ndarray:
        """Best log-odds over all placements and both strands: uint8 [..., length] → float64 [...]."""
        best: np.ndarray = self.scan(codes).max(axis=(-2, -1))
        return best

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
    """Read a MEME minimal motif file (https://meme-suite.org/meme/doc/meme-format.html); `#` starts a comment line.

    Returns:
        motifs by factor name (the second word of a MOTIF line, or the id where there is none), in file order.

    Raises:
        DataError: no motif at all, a row that is not four frequencies summing to one, a matrix without rows, a name
            twice.
    """
    motifs: dict[str, Motif] = {}
    lines = [line.strip() for _, line in read_lines(path)]
    for number, line in enumerate(lines, start=1):
        if not line.startswith("MOTIF"):
            continue
        words = line.split()[1:]
        if not words:
            raise DataError(f"{path}: line {number}: MOTIF without an id", "write: MOTIF <id> <name>")
        name = words[-1] if len(words) == 1 else words[1]
        if name in motifs:
            raise DataError(f"{path}: line {number}: motif {name} is here twice", "keep one matrix per factor")
        motifs[name] = Motif(words[0], name, _matrix(path, lines, number))
    if not motifs:
        raise DataError(f"{path}: no MOTIF line", "is this a MEME motif file?")
    return motifs


def load_jaspar() -> dict[str, Motif]:
    """Load the JASPAR 2024 CORE matrices that come with the package, by factor name (CTCF, REST, MAX, ATF3 …).

    Source, licence and citation are the comment lines of `resources/jaspar_motifs.meme`.
    """
    with as_file(files("regssl") / "resources" / "jaspar_motifs.meme") as path:
        return read_meme(path)


def find_motif(name: str, path: str | Path | None = None) -> Motif | None:
    """Find the motif of a factor in a MEME file, or (`path` None) among those that come with the package.

    Names are compared without regard to case.

    Returns:
        The motif, or None where the factor has none.
    """
    motifs = load_jaspar() if path is None else read_meme(path)
    return next((motif for known, motif in motifs.items() if known.upper() == name.upper()), None)


def _matrix(path: str | Path, lines: list[str], motif_line: int) -> np.ndarray:
    """The frequency rows after the MOTIF line (1-based `motif_line`) of a MEME file: float64 [width, 4]."""
    start = motif_line
    while start < len(lines) and not lines[start].startswith(("letter-probability matrix", "MOTIF")):
        start += 1
    rows: list[list[float]] = []
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if not line[:1].isdigit() and line[:1] != ".":
            break
        try:
            row = [float(word) for word in line.split()]
        except ValueError:
            row = []
        if len(row) != 4 or abs(sum(row) - 1) > 0.01:
            raise DataError(
                f"{path}: line {number}: {line!r} is not four frequencies that sum to one", "columns: A C G T"
            )
        rows.append(row)
    if not rows:
        raise DataError(f"{path}: line {motif_line}: motif without rows", "a letter-probability matrix must follow")
    return np.array(rows)
