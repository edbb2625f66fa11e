"""Chain files as UCSC's: gzipped, the best chain first; 65 million lines in a minute, of which memory holds a part."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.compilation import njit
from regssl.io.atomic import atomic_path

LINE_BYTES = 3 * 11  # at most, of a block
PART_BYTES = 1 << 26
LEVEL = 1  # of compression: the others take minutes


class Chain(NamedTuple):
    """A chain but for its blocks; positions on the other side are those of its forward strand."""

    chrom: str
    size: int
    start: int
    end: int
    other: str
    other_size: int
    other_start: int
    other_end: int
    minus: bool
    aligned: int

    def header(self, number: int) -> bytes:
        """Return its line; those of the minus strand are counted from the other end there."""
        at, end = self.other_start, self.other_end
        if self.minus:
            at, end = self.other_size - end, self.other_size - at
        return (
            f"chain {70 * self.aligned} {self.chrom} {self.size} + {self.start} {self.end} {self.other} "
            f"{self.other_size} {'-' if self.minus else '+'} {at} {end} {number}\n"
        ).encode()


class ChainWriter:
    """Collects the chains of a genome in a temporary file, and writes them sorted.

    Attributes:
        chains, blocks: how many there are.
    """

    def __init__(self, folder: Path) -> None:
        self._text = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `write`)
        self._scores: list[np.ndarray] = []
        self._lengths: list[np.ndarray] = []
        self.chains = self.blocks = 0

    def add(self, chains: Sequence[Chain], first: np.ndarray, size: np.ndarray, gaps: np.ndarray) -> None:
        """Add chains.

        Args:
            chains: some.
            first: int64 (chains + 1,), where the blocks of each begin, and the end.
            size: int64 (blocks,), bases of each block.
            gaps: int64 (blocks, 2), after each block, on the human side and on the other.
        """
        step = max(PART_BYTES // (LINE_BYTES * max(int(np.diff(first).max(initial=1)), 1)), 1)
        for begin in range(0, len(chains), step):
            part = chains[begin : begin + step]
            headers = [chain.header(self.chains + number) for number, chain in enumerate(part, 1)]
            heads = np.cumsum([0, *map(len, headers)])
            here = first[begin : begin + len(part) + 1]
            text = np.empty(heads[-1] + LINE_BYTES * (here[-1] - here[0]) + len(part), np.uint8)
            ends = np.empty(len(part), np.int64)
            joined = np.frombuffer(b"".join(headers), np.uint8)
            stop = _write_text(text, joined, heads, here, size, gaps, ends)
            self._text.write(text[:stop].data)
            self._scores.append(np.array([chain.aligned for chain in part], np.int64))
            self._lengths.append(np.diff(ends, prepend=0))
            self.chains += len(part)
            self.blocks += int(here[-1] - here[0])

    def write(self, path: Path) -> None:
        """Write the file, the best chain first."""
        lengths = np.concatenate(self._lengths)
        order = np.argsort(-np.concatenate(self._scores), kind="stable")
        starts = (np.cumsum(lengths) - lengths)[order]
        lengths = lengths[order]
        self._text.flush()
        text = np.memmap(self._text, np.uint8, "r")
        parts = np.searchsorted(np.cumsum(lengths), np.arange(0, lengths.sum(), PART_BYTES))
        with (
            atomic_path(path) as aside,
            aside.open("wb") as raw,
            gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as file,
        ):
            for low, high in zip(parts, [*parts[1:], len(order)], strict=True):
                out = np.empty(lengths[low:high].sum(), np.uint8)
                _gather(text, starts[low:high], lengths[low:high], out)
                file.write(out.data)
        self._text.close()


@njit()
def _digits(text, at, number):  # type: ignore[no-untyped-def]
    """Write a number, and return where it ends."""
    size, rest = 1, number // 10
    while rest:
        size, rest = size + 1, rest // 10
    for i in range(size):
        text[at + size - 1 - i] = 48 + number % 10
        number //= 10
    return at + size


@njit()
def _write_text(text, headers, heads, first, size, gaps, ends):  # type: ignore[no-untyped-def] # noqa: PLR0913
    """Write chains with their blocks and an empty line after each; return where the text ends."""
    at = 0
    for chain in range(ends.size):
        for i in range(heads[chain], heads[chain + 1]):
            text[at] = headers[i]
            at += 1
        for block in range(first[chain], first[chain + 1]):
            at = _digits(text, at, size[block])
            if block + 1 < first[chain + 1]:
                for side in range(2):
                    text[at] = 9
                    at = _digits(text, at + 1, gaps[block, side])
            text[at] = 10
            at += 1
        text[at] = 10
        at += 1
        ends[chain] = at
    return at


@njit()
def _gather(text, starts, lengths, out):  # type: ignore[no-untyped-def]
    """Copy pieces of text one after the other."""
    at = 0
    for piece in range(starts.size):
        for i in range(lengths[piece]):
            out[at + i] = text[starts[piece] + i]
        at += lengths[piece]
