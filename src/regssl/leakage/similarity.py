"""How alike training windows are to held-out ones, by the k-mers they share, on either strand.

The similarity of a held-out window to a training window is the share of its distinct k-mers that the training window
has. With k = 20 a copy has 1, a copy in which 3 % of the bases are changed about 0.54 (0.97 to the power of 20), one
shifted by half a window of 200 bp 0.45, and two unrelated windows 0: there are 300 times as many 20-mers as bases in
the human genome, so that what is shared is shared for a reason.

The reason need not be common descent of the place: microsatellites and interspersed repeats look alike anywhere. So
every held-out window has a *nature*, by its own k-mers: `low_complexity` where fewer than half of them are distinct,
else `repeat` where a quarter of them are in three or more human windows (held-out or of training), else `unique`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from regssl.leakage import _kmers as ki
from regssl.leakage.settings import Audit
from regssl.sequences.encoding import run_edges

NATURES = ("unique", "repeat", "low_complexity")
FEWEST = 8
"""A held-out window with fewer k-mers to look up is not compared: one shared by chance would be an eighth of it."""
COPIES = 3
REPEATED = 0.25
COMPLEX = 0.5
ROWS = 1 << 16
"""Windows in work at a time."""
MAX_BUCKETS = 1 << 26


@dataclass(frozen=True)
class Nearest:
    """What a search of one training set found.

    Attributes:
        shared: int32 (held-out windows,), k-mers looked up that the nearest training window shares.
        row: int64 (held-out windows,), its number in the set, -1 where none shares any.
        near: uint8 (training windows,), bits of the groups of held-out windows it is near to: bit `group` of each.
    """

    shared: np.ndarray
    row: np.ndarray
    near: np.ndarray


class HeldOut:
    """Held-out windows, indexed by their k-mers.

    Attributes:
        codes: uint8 (n, width).
        looked_up: int32 (n,), k-mers of each window that are in the index: sampled ones that are not too frequent.
        frequent: int32 (n,), sampled ones left out because more than `max_occurrences` held-out windows have them.
        distinct: int32 (n,), all distinct k-mers.
        compared: bool (n,), at least FEWEST are looked up.
        nature: uint8 (n,), places in NATURES; set by `tell_nature`.
        kmers, frequent_kmers: how many different k-mers were sampled, and how many of these are too frequent.
    """

    def __init__(self, codes: np.ndarray, settings: Audit) -> None:
        self.codes, self.settings = codes, settings
        self._limit = np.uint64(min(int(settings.sample * 2**64), 2**64 - 1))
        hashes, windows, places, self.distinct = self._hashes()
        order = np.argsort(hashes, kind="stable")
        hashes, windows = hashes[order], windows[order]
        starts = run_edges(hashes)
        sizes = np.diff(starts)
        usual = sizes <= settings.max_occurrences
        self.kmers, self.frequent_kmers = len(sizes), int((~usual).sum())
        kept = np.repeat(usual, sizes)
        self.looked_up = np.bincount(windows[kept], minlength=len(codes)).astype(np.int32)
        self.frequent = np.bincount(windows[~kept], minlength=len(codes)).astype(np.int32)
        self.compared = self.looked_up >= FEWEST
        self._index = _index(hashes[starts[:-1]][usual], sizes[usual], windows[kept], self._limit)
        self.simple = self.distinct < COMPLEX * places
        self.nature = np.where(self.simple, NATURES.index("low_complexity"), 0).astype(np.uint8)

    def tell_nature(self, human: np.ndarray) -> None:
        """Tell repeats from what is unique.

        Args:
            human: training windows of the human genome, uint8 (m, width).
        """
        counts = np.diff(self._index.first).astype(np.int32)
        for _, part in _parts(human):
            ki.count_windows(part, self.settings.k, self._limit, self._index, counts)
        often = np.repeat(counts >= COPIES, np.diff(self._index.first))
        many = np.bincount(self._index.windows[often], minlength=len(self.codes)) + self.frequent
        repeat = many >= REPEATED * np.maximum(self.looked_up + self.frequent, 1)
        self.nature[repeat & ~self.simple] = NATURES.index("repeat")

    def nearest(self, training: np.ndarray, group: np.ndarray) -> Nearest:
        """Search a training set for windows like these.

        Args:
            training: byte codes, uint8 (m, width); it may lie on the disk.
            group: int (n,), 0 to 7: which group each held-out window is in.
        """
        n, settings = len(self.codes), self.settings
        needed = np.maximum(np.ceil(settings.near * self.looked_up), 1).astype(np.int32)
        needed[~self.compared] = np.iinfo(np.int32).max
        found = Nearest(np.zeros(n, np.int32), np.full(n, -1, np.int64), np.zeros(len(training), np.uint8))
        bits = (1 << group).astype(np.uint8)
        for first, part in _parts(training):
            near = found.near[first : first + len(part)]
            ki.search(part, first, settings.k, self._limit, self._index, needed, bits, found.shared, found.row, near)
        return found

    def share(self, rows: np.ndarray, training: np.ndarray) -> np.ndarray:
        """The similarity of held-out windows `rows` (m,) to one training window each (m, width): float64 (m,).

        All k-mers count here, also those that were not sampled or are frequent.
        """
        shares = np.empty(len(rows))
        for first in range(0, len(rows), ROWS):
            part = slice(first, first + ROWS)
            shares[part] = ki.pairwise_share(self.codes[rows[part]], np.asarray(training[part]), self.settings.k)
        return shares

    def _hashes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As `kmer_index.distinct_hashes`, of all windows."""
        parts = []
        for first, part in _parts(self.codes):
            hashes, windows, places, distinct = ki.distinct_hashes(part, self.settings.k, self._limit)
            parts.append((hashes, windows + np.int32(first), places, distinct))
        hashes, windows, places, distinct = (np.concatenate(column) for column in zip(*parts, strict=True))
        return hashes, windows, places, distinct


def _index(keys: np.ndarray, sizes: np.ndarray, windows: np.ndarray, limit: np.uint64) -> ki.Index:
    """An index of sorted keys, each with `sizes` windows."""
    buckets = min(MAX_BUCKETS, 1 << max(len(keys) - 1, 1).bit_length())
    shift = max(int(limit).bit_length() - buckets.bit_length() + 1, 0)
    edges = np.arange((int(limit) >> shift) + 1, dtype=np.uint64) << np.uint64(shift)
    return ki.Index(
        keys=keys,
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        windows=windows,
        bucket=np.append(np.searchsorted(keys, edges), len(keys)).astype(np.int64),
        shift=np.uint64(shift),
    )


def _parts(codes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Windows in pieces, in memory, each with the number of its first; of an empty set one empty piece."""
    for first in range(0, max(len(codes), 1), ROWS):
        yield first, np.ascontiguousarray(codes[first : first + ROWS])
