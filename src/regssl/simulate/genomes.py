"""Simulated genomes: arrays of bases that record their origin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regssl.sequences.encoding import COMPLEMENT

BASE = np.dtype(
    [
        ("origin", "<i4"),  # id of the base it descends from without being copied (BaseIds)
        ("site", "<i4"),  # number of the functional site it belongs to, or -1
        ("code", "u1"),  # A C G T N = 0..4
        ("composition", "u1"),  # index into SimulationParameters.gc_levels
        ("minus", "?"),  # on the strand opposite to its origin's
        ("masked", "?"),  # in an interspersed repeat, written in lower case
    ]
)


class BaseIds:
    """Unique ids of all bases that ever existed, and for each duplicated base the id of its parent."""

    def __init__(self) -> None:
        self._parents: list[np.ndarray] = []
        self.count = 0

    def new(self, n: int, parents: np.ndarray | None = None) -> np.ndarray:
        """Return ids of `n` new bases, int32 (n,); `parents` are the ids of those they are copies of."""
        self._parents.append(np.full(n, -1, np.int32) if parents is None else parents.astype(np.int32))
        self.count += n
        return np.arange(self.count - n, self.count, dtype=np.int32)

    @property
    def parents(self) -> np.ndarray:
        """For every id that of the base it was copied from, or -1: int32 (count,)."""
        return np.concatenate(self._parents)


@dataclass(frozen=True, eq=False)
class SimulatedGenome:
    """An extant genome.

    Attributes:
        name: genome id.
        contigs: names of the sequences.
        sizes: int64 (contigs,).
        bases: BASE (sum of sizes,), the sequences one after the other.
    """

    name: str
    contigs: tuple[str, ...]
    sizes: np.ndarray
    bases: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """Start of each contig in `bases`, and the end of the last: int64 (contigs + 1,)."""
        return np.concatenate([[0], np.cumsum(self.sizes)])

    def contig_of(self, places: np.ndarray) -> np.ndarray:
        """Return the contig index of positions in `bases`."""
        return np.searchsorted(self.starts, places, side="right") - 1


def create_bases(
    codes: np.ndarray, composition: np.ndarray | int, base_ids: BaseIds, masked: bool = False
) -> np.ndarray:
    """Create bases without ancestors from codes, uint8 (n,): BASE (n,)."""
    bases = np.zeros(len(codes), BASE)
    bases["origin"], bases["site"] = base_ids.new(len(codes)), -1
    bases["code"], bases["composition"], bases["masked"] = codes, composition, masked
    return bases


def reverse_segment(bases: np.ndarray) -> np.ndarray:
    """Return the reverse complement of bases (a copy)."""
    reverse = bases[::-1].copy()
    reverse["code"] = COMPLEMENT[reverse["code"]]
    reverse["minus"] ^= True
    return reverse


def duplicate_segment(bases: np.ndarray, base_ids: BaseIds) -> np.ndarray:
    """Return a copy of bases with new ids, whose parents are the old ones; sites of the copy are not functional."""
    copy = bases.copy()
    copy["origin"] = base_ids.new(len(bases), parents=bases["origin"])
    copy["site"] = -1
    return copy


def can_break_at(bases: np.ndarray) -> np.ndarray:
    """Test whether the sequence can be broken before each base, and after the last: not within functional sites.

    Returns:
        bool (n + 1,).
    """
    site = bases["site"]
    allowed = np.ones(len(bases) + 1, bool)
    allowed[1:-1] = (site[1:] != site[:-1]) | (site[1:] < 0)
    return allowed


def random_codes(composition: np.ndarray, gc_levels: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """Sample bases by the GC content of their composition class, uint8 (n,): codes, uint8 (n,)."""
    is_gc = rng.random(len(composition)) < np.array(gc_levels)[composition]
    second = rng.random(len(composition)) < 0.5
    return np.where(is_gc, 1 + second, 3 * second).astype(np.uint8)
