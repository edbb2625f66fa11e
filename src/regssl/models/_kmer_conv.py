"""Compiled kernels of `conv_max.ConvMaxPool`: the best match of each filter by table look-ups, and its gradient.

A filter scores a window by one weight per base. The sums of three weights are read from a table of all 3-mers: a filter
of width 24 costs 8 reads instead of 96 multiply-adds, with equal results up to rounding. N is a fifth letter of weight
zero, hence 125 3-mers. The tables of 16 filters are interleaved, one cache line per 3-mer, and fit a first-level cache;
the loop over windows keeps 16 scores in one vector register. It takes blocks of every third window, which share their
3-mers, and notes which block has the best score.

The gradient of a maximum reaches one window per sequence and filter, which is then looked for in its block: the one-hot
code of that window times a factor.

The order of summation depends neither on the number of threads nor on the distribution of filters over them. Imported
lazily, because importing numba takes half a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from regssl.compilation import njit
from regssl.models._simd import SIMD_LANES, add, entry, floats, ints, larger, load, multiply, store, where_larger
from regssl.sequences.encoding import COMPLEMENT, N

KMER = 3
"""Bases per table look-up."""
_ROWS = (N + 1) ** KMER
_ALPHABET = np.uint16(N + 1)


@njit(nogil=True)
def kmer_rows(codes: np.ndarray, strands: int) -> np.ndarray:
    """Return the offset in a table of the 3-mer that starts at each base.

    Args:
        codes: uint8 (batch, length); beyond the end, and from 4 on, every code is N.
        strands: 1, or 2: then the reverse complement follows each sequence.

    Returns:
        uint16 (batch, strands * length), in floats from the start of the table.
    """
    batch, length = codes.shape
    rows = np.empty((batch, strands * length), np.uint16)
    padded = np.full(length + KMER - 1, N, np.uint16)
    for sequence in range(batch):
        for strand in range(strands):
            for at in range(length):
                if strand:
                    padded[at] = COMPLEMENT[min(codes[sequence, length - 1 - at], N)]
                else:
                    padded[at] = min(codes[sequence, at], N)
            for at in range(length):
                row = (padded[at] * _ALPHABET + padded[at + 1]) * _ALPHABET + padded[at + 2]
                rows[sequence, strand * length + at] = row * np.uint16(SIMD_LANES)
    return rows


@lru_cache
def window_starts(length: int, width: int, strands: int, size: int = 1) -> np.ndarray:
    """Return where the blocks of windows begin: int32 (blocks,), strand * length + position.

    Args:
        length, width: of the sequence, and of a window.
        strands: 1 or 2.
        size: windows of a block, each the third one after the one before it. If it is not 1, a strand has at least 3 *
            size windows; blocks overlap at its end.
    """
    windows = length - width + 1
    step = 1 if size == 1 else KMER * size
    firsts = [min(at, windows - step) + phase for at in range(0, windows, step) for phase in range(step // size)]
    return np.array([strand * length + at for strand in range(strands) for at in firsts], np.int32)


@njit(nogil=True)
def _fill_tables(tables: np.ndarray, weight: np.ndarray, bias: np.ndarray, start: int) -> None:
    """Sum the weights of every 3-mer for the filters [start, start + 16).

    Args:
        tables: float32, flat (words, 125, 16), written: missing filters score 0.
        weight, bias: as in `BestScoreKernels`. The bias is added to the first 3-mer.
    """
    width, words = weight.shape[2], tables.size // (_ROWS * SIMD_LANES)
    letters = np.zeros((words * KMER, N + 1, SIMD_LANES), np.float32)
    bottom = np.zeros(SIMD_LANES, np.float32)
    filters = min(SIMD_LANES, weight.shape[0] - start)
    bottom[:filters] = bias[start : start + filters]
    for position in range(width):
        for base in range(4):
            for lane in range(filters):
                value = weight[start + lane, base, position]
                letters[position, base, lane] = value
                bottom[lane] += value * np.float32(0)  # 0 times infinity is NaN, in one-hot too
    flat, row, zero = letters.reshape(-1), 0, floats(np.float32(0))
    for position in range(0, words * KMER, KMER):
        offset = zero if position else load(bottom, 0)
        for i in range(N + 1):
            one = add(offset, load(flat, (position * (N + 1) + i) * SIMD_LANES))
            for j in range(N + 1):
                two = add(one, load(flat, ((position + 1) * (N + 1) + j) * SIMD_LANES))
                for k in range(N + 1):
                    store(tables, row, add(two, load(flat, ((position + 2) * (N + 1) + k) * SIMD_LANES)))
                    row += SIMD_LANES


@njit(nogil=True)
def _cache_lines(size: int) -> np.ndarray:
    """Allocate floats from the start of a cache line, so that a row is in one line and not two."""
    memory = np.empty(size + SIMD_LANES, np.float32)
    skip = (-memory.ctypes.data % 64) // 4
    return memory[skip : skip + size]


@njit(nogil=True)
def _store_filters(scores: np.ndarray, sequence: int, start: int, lanes: Any, spare: np.ndarray) -> None:
    """Store in `scores[sequence]` the lanes of the filters [start, start + 16) that there are, by way of 16 numbers."""
    if start + SIMD_LANES <= scores.shape[1]:
        store(scores[sequence], start, lanes)
    else:
        store(spare, 0, lanes)
        for lane in range(scores.shape[1] - start):
            scores[sequence, start + lane] = spare[lane]


@lru_cache
def _compile_score(words: int) -> Callable[..., Any]:
    """Compile the score of sixteen filters at a position: a sum of `words` rows of their tables, unrolled."""

    @njit(nogil=True)
    def score_at(tables: np.ndarray, row: np.ndarray, position: int) -> Any:
        score = load(tables, entry(row, position))
        for word in range(1, words):
            score = add(score, load(tables, word * _ROWS * SIMD_LANES + entry(row, position + word * KMER)))
        return score

    return score_at


class BestScoreKernels(NamedTuple):
    """Compiled functions of the best score, with these arguments in this order, before and after those of their own:

        rows: uint16 (batch, strands * length), of `kmer_rows`.
        weight: float32 (filters, 4, width).
        bias: float32 (filters,).
        …
        first, last: the groups of 16 filters, [first, last).

    Attributes:
        scan: takes `starts`, int32 (blocks,), of `window_starts`; writes `best`, float32 (batch, filters), the best
            score over all windows, and `at`, int32 (batch, filters), the first window of the first block that has it.
        locate: takes `best` and `at`; sets `at` to the window that has the score, strand * length + position.
        accumulate: takes `best`, `at` of `scan`, and `gradient`, float32 (batch, filters), of `best`; writes
            `weight_gradient` and `bias_gradient`, of the shapes of weight and bias. What the bases of the windows get
            is summed in one table per 3-mer.
    """

    scan: Callable[..., None]
    locate: Callable[..., None]
    accumulate: Callable[..., None]


class MeanScoreKernels(NamedTuple):
    """Compiled functions of the mean of all scores above 0, with the same arguments, and `starts` of single windows.

    Attributes:
        scan: takes `starts`; writes `mean`, float32 (batch, filters): the sum of the scores above 0, divided by the
            number of windows.
        accumulate: takes `starts` and `gradient`, float32 (batch, filters), of those means; writes `weight_gradient`
            and `bias_gradient`. It scores each window again.
    """

    scan: Callable[..., None]
    accumulate: Callable[..., None]


@lru_cache
def compile_kernels(words: int, size: int) -> BestScoreKernels:
    """Compile the kernels of the best score, for filters of a number of 3-mers: sums over 3-mers are unrolled.

    Args:
        words: width / 3, rounded up.
        size: windows of a block, of `window_starts`.
    """
    score_at = _compile_score(words)
    table = _ROWS * SIMD_LANES

    @njit(nogil=True)
    def scan(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        starts: np.ndarray,
        best: np.ndarray,
        at: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        tables = _cache_lines(words * table)
        spare, spare_at = np.empty(SIMD_LANES, np.float32), np.empty(SIMD_LANES, np.int32)
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            for sequence in range(len(rows)):
                top, place, row = floats(np.float32(-np.inf)), ints(np.int32(0)), rows[sequence]
                for block in range(len(starts)):
                    position = starts[block]
                    score = score_at(tables, row, position)
                    for step in range(KMER, size * KMER, KMER):
                        score = larger(score, score_at(tables, row, position + step))
                    place = where_larger(score, top, ints(position), place)
                    top = larger(top, score)
                _store_filters(best, sequence, start, top, spare)
                _store_filters(at, sequence, start, place, spare_at)

    @njit(nogil=True)
    def window_of(tables: np.ndarray, row: np.ndarray, block: int, lane: int, score: float) -> int:
        """Return the first window of a block that has a score, the last if none before it has."""
        found = block + (size - 1) * KMER
        for step in range(size - 2, -1, -1):
            window = block + step * KMER
            own = tables[entry(row, window) + lane]
            for word in range(1, words):
                own += tables[word * table + entry(row, window + word * KMER) + lane]
            found = window if own == score else found
        return found

    @njit(nogil=True)
    def locate(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        best: np.ndarray,
        at: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        tables = _cache_lines(words * table)
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            for sequence in range(len(rows)):
                for filter_ in range(start, min(start + SIMD_LANES, len(weight))):
                    block, score = at[sequence, filter_], best[sequence, filter_]
                    at[sequence, filter_] = window_of(tables, rows[sequence], block, filter_ - start, score)

    @njit(nogil=True)
    def accumulate(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        best: np.ndarray,
        at: np.ndarray,
        gradient: np.ndarray,
        weight_gradient: np.ndarray,
        bias_gradient: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        tables, sums = _cache_lines(words * table), _cache_lines(words * table)
        matches = np.empty((len(rows) * SIMD_LANES + 1, 2), np.int32)
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            sums[:] = 0
            count = 0
            for sequence in range(len(rows)):
                for filter_ in range(start, min(start + SIMD_LANES, len(weight))):
                    matches[count] = sequence, filter_
                    count += gradient[sequence, filter_] != 0  # ReLU and dropout leave many: the next takes its place
            for sequence, filter_ in matches[:count]:
                row, lane, value = rows[sequence], filter_ - start, gradient[sequence, filter_]
                window = window_of(tables, row, at[sequence, filter_], lane, best[sequence, filter_])
                for word in range(words):
                    sums[word * table + entry(row, window + word * KMER) + lane] += value
            _fold_tables(sums, weight_gradient, bias_gradient, start)

    return BestScoreKernels(scan, locate, accumulate)


@lru_cache
def compile_mean_kernels(words: int) -> MeanScoreKernels:
    """Compile the kernels of the mean score, for filters of a number of 3-mers, width / 3, rounded up."""
    score_at = _compile_score(words)

    @njit(nogil=True)
    def scan(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        starts: np.ndarray,
        mean: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        tables, spare = _cache_lines(words * _ROWS * SIMD_LANES), np.empty(SIMD_LANES, np.float32)
        zero, share = floats(np.float32(0)), floats(np.float32(1 / len(starts)))
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            for sequence in range(len(rows)):
                total, row = zero, rows[sequence]
                for window in range(len(starts)):
                    total = add(total, larger(zero, score_at(tables, row, starts[window])))
                _store_filters(mean, sequence, start, multiply(total, share), spare)

    @njit(nogil=True)
    def accumulate(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        starts: np.ndarray,
        gradient: np.ndarray,
        weight_gradient: np.ndarray,
        bias_gradient: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        tables, sums = _cache_lines(words * _ROWS * SIMD_LANES), _cache_lines(words * _ROWS * SIMD_LANES)
        zero, share = floats(np.float32(0)), floats(np.float32(1 / len(starts)))
        spare = np.zeros(SIMD_LANES, np.float32)
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            sums[:] = 0
            for sequence in range(len(rows)):
                for lane in range(min(SIMD_LANES, len(weight) - start)):
                    spare[lane] = gradient[sequence, start + lane]
                value, row = multiply(load(spare, 0), share), rows[sequence]
                for window in range(len(starts)):
                    own = where_larger(score_at(tables, row, starts[window]), zero, value, zero)
                    for word in range(words):
                        place = word * _ROWS * SIMD_LANES + entry(row, starts[window] + word * KMER)
                        store(sums, place, add(load(sums, place), own))
            _fold_tables(sums, weight_gradient, bias_gradient, start)

    return MeanScoreKernels(scan, accumulate)


@njit(nogil=True)
def _fold_tables(sums: np.ndarray, weight_gradient: np.ndarray, bias_gradient: np.ndarray, start: int) -> None:
    """Give the sum of each 3-mer to its bases, for the filters [start, start + 16); all of a word's are the bias's.

    Args:
        sums: float32, flat (words, 125, 16).
        weight_gradient, bias_gradient: written.
    """
    width, words = weight_gradient.shape[2], sums.size // (_ROWS * SIMD_LANES)
    letters = np.zeros((words * KMER, N + 1, SIMD_LANES), np.float32)
    flat, row = letters.reshape(-1), 0
    for position in range(0, words * KMER, KMER):
        for i in range(N + 1):
            of_first = floats(np.float32(0))
            for j in range(N + 1):
                for k in range(N + 1):
                    value = load(sums, row)
                    row += SIMD_LANES
                    of_first = add(of_first, value)
                    for offset, letter in ((1, j), (2, k)):
                        place = ((position + offset) * (N + 1) + letter) * SIMD_LANES
                        store(flat, place, add(load(flat, place), value))
            store(flat, (position * (N + 1) + i) * SIMD_LANES, of_first)
    for lane in range(min(SIMD_LANES, weight_gradient.shape[0] - start)):
        bias_gradient[start + lane] = letters[0, :, lane].sum()
        for base in range(4):
            for position in range(width):
                weight_gradient[start + lane, base, position] = letters[position, base, lane]
