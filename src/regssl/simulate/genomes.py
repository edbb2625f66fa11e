"""A chromosome as an array of bases that remember where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regssl.sequences.encoding import COMPLEMENT

BASE = np.dtype(
    [
        ("origin", "<i4"),  # number of the base this one descends from without being copied (BaseIds)
        ("site", "<i4"),  # functional site this base belongs to, or -1
        ("code", "u1"),  # A C G T N = 0..4
        ("composition", "u1"),  # class of SimulationParameters.gc_levels it evolves under
        ("minus", "?"),  # lies reversed against its origin
        ("masked", "?"),  # in an interspersed repeat: written in lower case
    ]
)


class BaseIds:
    """Numbers every base that ever came into being, and keeps which base a duplicated one was copied from."""

    def __init__(self) -> None:
        self._parents: list[np.ndarray] = []
        self.count = 0

    def new(self, n: int, parents: np.ndarray | None = None) -> np.ndarray:
        """Numbers for `n` new bases: int32 [n]; `parents` where they are copies of older ones."""
        self._parents.append(np.full(n, -1, np.int32) if parents is None else parents.astype(np.int32))
        self.count += n
        return np.arange(self.count - n, self.count, dtype=np.int32)

    @property
    def parents(self) -> np.ndarray:
        """For every number the base it was copied from, or -1: int32 [count]."""
        return np.concatenate(self._parents)


@dataclass(frozen=True, eq=False)
class SimulatedGenome:
    """A genome of today.

    Attributes:
        name: genome id.
        contigs: names of the sequences.
        sizes: int64 [contigs].
        bases: BASE [sum of sizes], the sequences one after the other.
    """

    name: str
    contigs: tuple[str, ...]
    sizes: np.ndarray
    bases: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each contig starts in `bases`, and where the last one ends: int64 [contigs + 1]."""
        return np.concatenate([[0], np.cumsum(self.sizes)])

    def contig_of(self, places: np.ndarray) -> np.ndarray:
        """Contig index of places in `bases`."""
        return np.searchsorted(self.starts, places, side="right") - 1


def create_bases(
    codes: np.ndarray, composition: np.ndarray | int, base_ids: BaseIds, masked: bool = False
) -> np.ndarray:
    """Bases without a history: uint8 [n] → BASE [n]."""
    bases = np.zeros(len(codes), BASE)
    bases["origin"], bases["site"] = base_ids.new(len(codes)), -1
    bases["code"], bases["composition"], bases["masked"] = codes, composition, masked
    return bases


def reverse_segment(bases: np.ndarray) -> np.ndarray:
    """The same bases read on the other strand (a copy)."""
    turned = bases[::-1].copy()
    turned["code"] = COMPLEMENT[turned["code"]]
    turned["minus"] ^= True
    return turned


def duplicate_segment(bases: np.ndarray, base_ids: BaseIds) -> np.ndarray:
    """A duplicate: new numbers that remember their parents; a copied site is not functional."""
    copy = bases.copy()
    copy["origin"] = base_ids.new(len(bases), parents=bases["origin"])
    copy["site"] = -1
    return copy


def can_break_at(bases: np.ndarray) -> np.ndarray:
    """Whether the chain may be cut before each base, and after the last: bool [n + 1]. Functional sites stay whole."""
    site = bases["site"]
    allowed = np.ones(len(bases) + 1, bool)
    allowed[1:-1] = (site[1:] != site[:-1]) | (site[1:] < 0)
    return allowed


def random_codes(composition: np.ndarray, gc_levels: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """Bases drawn by the GC content of their composition class: uint8 [n] → uint8 [n]."""
    is_gc = rng.random(len(composition)) < np.array(gc_levels)[composition]
    second = rng.random(len(composition)) < 0.5
    return np.where(is_gc, 1 + second, 3 * second).astype(np.uint8)
