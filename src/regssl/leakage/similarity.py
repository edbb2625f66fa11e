"""Similarity of held-out windows to training windows, by the k-mers they share, on either strand.

The similarity of a held-out window to a training window is the fraction of its distinct k-mers that the training window
has. With k = 20 a copy has 1, a copy in which 3 % of the bases are changed about 0.54 (0.97 to the power of 20), one
shifted by half a window of 200 bp 0.45, and two unrelated windows 0: there are 300 times as many 20-mers as bases in
the human genome, so that what is shared is shared for a reason.

The reason need not be common descent: microsatellites and interspersed repeats are similar anywhere. So every held-out
window has a *repeat class*, by its own k-mers: `low_complexity` where fewer than half of them are distinct, else
`repeat` where a quarter of them are in three or more human windows (held-out or training), else `unique`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from regssl.leakage import _kmers
from regssl.leakage.columns import REPEAT_CLASSES
from regssl.leakage.settings import LeakageSettings
from regssl.sequences.encoding import run_edges

MIN_KMERS = 8
"""A held-out window with fewer k-mers to look up is not compared: one shared by chance would be an eighth of it."""
MIN_COPIES = 3
"""Human windows that hold a repeated k-mer."""
REPEAT_FRACTION = 0.25
"""Of a window's k-mers that are repeated: a window with as many is a repeat."""
MIN_DISTINCT_FRACTION = 0.5
"""Of a window's k-mers that are distinct: a window with fewer is of low complexity."""
CHUNK_ROWS = 1 << 16
PART_BITS = 8
"""K-mers are sorted in 2^PART_BITS parts."""
COUNTED = 1 << 24
"""Windows counted at a time: numpy makes them 64 bits wide."""
MAX_BUCKETS = 1 << 25


@dataclass(frozen=True)
class NearestNeighbors:
    """The result of searching one training set.

    Attributes:
        shared: int32 (held-out windows,), looked-up k-mers that the nearest training window shares.
        row: int64 (held-out windows,), its row in the set, -1 where none shares any.
        similar: uint8 (training windows,), bits of the groups of held-out windows it is similar to: bit `group`.
    """

    shared: np.ndarray
    row: np.ndarray
    similar: np.ndarray


class HeldOutIndex:
    """Held-out windows, indexed by their k-mers.

    Attributes:
        codes: uint8 (n, width).
        looked_up: int32 (n,), k-mers of each window that are in the index: sampled ones that are not too frequent.
        frequent: int32 (n,), sampled ones left out because more than `max_occurrences` held-out windows have them.
        distinct: int32 (n,), all distinct k-mers.
        compared: bool (n,), at least MIN_KMERS are looked up.
        repeat_class: uint8 (n,), positions in REPEAT_CLASSES; complete after `classify_repeats`.
        kmers, frequent_kmers: how many different k-mers were sampled, and how many of these are too frequent.
    """

    def __init__(self, codes: np.ndarray, settings: LeakageSettings) -> None:
        self.codes, self.settings = codes, settings
        self._limit = np.uint64(min(int(settings.kmer_sampling_fraction * 2**64), 2**64 - 1))
        kmers = _SampledKmers.of(codes, settings.k, self._limit)
        self.distinct, places = kmers.distinct, kmers.places
        keys, sizes, windows = (np.empty(len(kmers), dtype) for dtype in (np.uint64, np.int32, np.int32))
        self.kmers = n_keys = n_windows = 0
        for hashes, of_part in kmers.sorted_parts():
            starts = run_edges(hashes)
            of_key = np.diff(starts)
            usual = of_key <= settings.max_occurrences
            kept = of_part[np.repeat(usual, of_key)]
            self.kmers += len(of_key)
            last_key, last_window = n_keys + int(usual.sum()), n_windows + len(kept)
            keys[n_keys:last_key], sizes[n_keys:last_key] = hashes[starts[:-1]][usual], of_key[usual]
            windows[n_windows:last_window] = kept
            n_keys, n_windows = last_key, last_window
        self.frequent_kmers = self.kmers - n_keys
        self.looked_up, sampled = _count(windows[:n_windows], len(codes)), kmers.sampled
        del kmers  # half of the memory
        self.frequent = sampled - self.looked_up
        self.compared = self.looked_up >= MIN_KMERS
        self._index = _kmer_index(keys[:n_keys], sizes[:n_keys], windows[:n_windows], settings.k, self._limit)
        self._simple = self.distinct < MIN_DISTINCT_FRACTION * places
        self.repeat_class = np.where(self._simple, REPEAT_CLASSES.index("low_complexity"), 0).astype(np.uint8)

    def classify_repeats(self, human: np.ndarray) -> None:
        """Separate repeats from unique windows in `repeat_class`.

        Args:
            human: training windows of the human genome, uint8 (m, width).
        """
        counts = np.diff(self._index.offsets).astype(np.int32)
        for _, chunk in _chunks(human):
            _kmers.count_kmer_windows(chunk, self._index, counts)
        repeated = np.repeat(counts >= MIN_COPIES, np.diff(self._index.offsets))
        many = np.bincount(self._index.windows[repeated], minlength=len(self.codes)) + self.frequent
        repeat = many >= REPEAT_FRACTION * np.maximum(self.looked_up + self.frequent, 1)
        self.repeat_class[repeat & ~self._simple] = REPEAT_CLASSES.index("repeat")

    def nearest(self, training: np.ndarray, group: np.ndarray) -> NearestNeighbors:
        """Find the nearest training window of each held-out window.

        Args:
            training: byte codes, uint8 (m, width); may be memory-mapped.
            group: int (n,), 0 to 7: the group of each held-out window.
        """
        n, settings = len(self.codes), self.settings
        needed = np.maximum(np.ceil(settings.min_similarity * self.looked_up), 1).astype(np.int32)
        needed[~self.compared] = np.iinfo(np.int32).max
        shared, row = np.zeros(n, np.int32), np.full(n, -1, np.int64)
        found = NearestNeighbors(shared, row, np.zeros(len(training), np.uint8))
        targets = _kmers.Targets(needed, (1 << group).astype(np.uint8), shared, row)
        for first, chunk in _chunks(training):
            _kmers.query(chunk, first, self._index, targets, found.similar[first : first + len(chunk)])
        return found

    def similarity(self, rows: np.ndarray, training: np.ndarray) -> np.ndarray:
        """Compute the similarity of held-out windows `rows` (m,) to one training window each (m, width): float64 (m,).

        All k-mers count here, also those that were not sampled or are frequent.
        """
        fractions = np.empty(len(rows))
        for first in range(0, len(rows), CHUNK_ROWS):
            part = slice(first, first + CHUNK_ROWS)
            own = self.codes[rows[part]]
            fractions[part] = _kmers.shared_fraction(own, np.asarray(training[part]), self.settings.k)
        return fractions


@dataclass(frozen=True)
class _SampledKmers:
    """The sampled k-mers of windows, in parts by their hashes so that little is sorted at a time.

    Attributes:
        chunks: for each chunk of windows hashes, their windows, and where each part begins and the last one ends.
        sampled, distinct, places: int32 (n,), of each window the sampled k-mers, its distinct k-mers, its k-mers.
    """

    chunks: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    sampled: np.ndarray
    distinct: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, codes: np.ndarray, k: int, limit: np.uint64) -> _SampledKmers:
        """Compute them, of hashes up to `limit`."""
        shift = np.uint64(max(int(limit).bit_length() - PART_BITS, 0))
        chunks, counts = [], []
        for first, chunk in _chunks(codes):
            hashes, windows, places, distinct = _kmers.unique_kmer_hashes(chunk, k, limit)
            counts.append((_count(windows, len(chunk)), distinct, places))
            part = (hashes >> shift).astype(np.uint8)
            order = np.argsort(part, kind="stable")
            cuts = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=1 << PART_BITS))])
            chunks.append((hashes[order], windows[order] + np.int32(first), cuts))
        return cls(chunks, *(np.concatenate(column) for column in zip(*counts, strict=True)))

    def __len__(self) -> int:
        return sum(len(hashes) for hashes, _, _ in self.chunks)

    def sorted_parts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give hashes, sorted from the first part to the last, and the window that holds each."""
        for part in range(1 << PART_BITS):
            of_part = [slice(cuts[part], cuts[part + 1]) for _, _, cuts in self.chunks]
            hashes = np.concatenate([own[rows] for (own, _, _), rows in zip(self.chunks, of_part, strict=True)])
            windows = np.concatenate([own[rows] for (_, own, _), rows in zip(self.chunks, of_part, strict=True)])
            order = np.argsort(hashes)
            yield hashes[order], windows[order]


def _count(windows: np.ndarray, n: int) -> np.ndarray:
    """Count how often each of n windows occurs, int32 (n,)."""
    counts = np.zeros(n, np.int32)
    for first in range(0, len(windows), COUNTED):
        counts += np.bincount(windows[first : first + COUNTED], minlength=n).astype(np.int32)
    return counts


def _kmer_index(keys: np.ndarray, sizes: np.ndarray, windows: np.ndarray, k: int, limit: np.uint64) -> _kmers.KmerIndex:
    """An index of sorted keys, each with `sizes` windows."""
    buckets = min(MAX_BUCKETS, 1 << max(len(keys) - 1, 1).bit_length())
    shift = np.uint64(max(int(limit).bit_length() - buckets.bit_length() + 1, 0))
    offsets = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    bucket = np.empty((int(limit) >> int(shift)) + 2, np.int64)  # by numpy, which asks for large pages of memory
    _kmers.fill_buckets(keys, shift, bucket)
    return _kmers.KmerIndex(keys, offsets, windows, bucket, shift, k, limit)


def _chunks(codes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Windows in chunks, in memory, each with the row of its first; of an empty set one empty chunk."""
    for first in range(0, max(len(codes), 1), CHUNK_ROWS):
        yield first, np.ascontiguousarray(codes[first : first + CHUNK_ROWS])
