"""Compiled kernels of `conv_max.ConvMaxPool`: the best match of each filter by table look-ups, and its gradient.

A filter scores a window by one weight per base. The sums of three weights are read from a table of all 3-mers: a filter
of width 24 costs 8 reads instead of 96 multiply-adds, with equal results up to rounding. N is a fifth letter of weight
zero, hence 125 3-mers. The tables of 16 filters are interleaved, one cache line per 3-mer, and fit a first-level cache;
the loop over positions keeps 16 scores in one vector register.

The gradient of a maximum reaches one window per sequence and filter: the one-hot code of that window times a factor.

The order of summation depends neither on the number of threads nor on the distribution of filters over them. Imported
lazily, because importing numba takes half a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from regssl.compilation import njit
from regssl.models._simd import SIMD_LANES, add, entry, floats, ints, larger, load, multiply, store, where_larger
from regssl.sequences.encoding import N

KMER = 3
"""Bases per table look-up."""
BLOCK = 3 * SIMD_LANES
"""Numbers that a gradient is summed by, and so the margin beyond the last sequence."""
_ROWS = (N + 1) ** KMER
_ALPHABET = np.uint16(N + 1)


@njit(nogil=True)
def kmer_rows(codes: np.ndarray) -> np.ndarray:
    """Return the offset in a table of the 3-mer that starts at each base.

    Args:
        codes: uint8 (batch, strands, length); beyond the end, and from 4 on, every code is N.

    Returns:
        uint16 (batch, strands, length), in floats from the start of the table.
    """
    batch, strands, length = codes.shape
    rows = np.empty((batch, strands, length), np.uint16)
    padded = np.full(length + KMER - 1, N, np.uint16)
    for sequence in range(batch):
        for strand in range(strands):
            for at in range(length):
                padded[at] = min(codes[sequence, strand, at], N)
            for at in range(length):
                row = (padded[at] * _ALPHABET + padded[at + 1]) * _ALPHABET + padded[at + 2]
                rows[sequence, strand, at] = row * np.uint16(SIMD_LANES)
    return rows


@njit(nogil=True)
def _fill_tables(tables: np.ndarray, weight: np.ndarray, bias: np.ndarray, start: int) -> None:
    """Sum the weights of every 3-mer for the filters [start, start + 16).

    Args:
        tables: float32, flat (words, 125, 16), written: missing filters score 0.
        weight, bias: as in `compile_kernel`. The bias is added to the first 3-mer.
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


@lru_cache
def compile_kernel(words: int) -> Callable[..., None]:
    """Compile the kernel for filters of a number of 3-mers, so that the sum over 3-mers is unrolled.

    Returns:
        A compiled function of

        rows: uint16 (batch, strands, length), of `kmer_rows`.
        weight: float32 (filters, 4, width), `words` being width / 3, rounded up.
        bias: float32 (filters,).
        best: float32 (batch, 16 * groups), written: the best score over all strands and positions.
        at: int32 (batch, 16 * groups), written: the first position that has it, strand * length + position.
        first, last: the groups of 16 filters, [first, last).
    """
    score_at = _compile_score(words)

    @njit(nogil=True)
    def scan(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        best: np.ndarray,
        at: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        batch, strands, length = rows.shape
        positions = length - weight.shape[2] + 1
        tables = _cache_lines(words * _ROWS * SIMD_LANES)
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            for sequence in range(batch):
                top, place = floats(np.float32(-np.inf)), ints(np.int32(0))
                for strand in range(strands):
                    row = rows[sequence, strand]
                    for position in range(positions):
                        score = score_at(tables, row, position)
                        place = where_larger(score, top, ints(np.int32(strand * length + position)), place)
                        top = larger(top, score)
                store(best[sequence], start, top)
                store(at[sequence], start, place)

    return scan


@lru_cache
def compile_mean_kernels(words: int) -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile the kernels of the mean of all positive scores, for filters of a number of 3-mers.

    Returns:
        Two compiled functions, with the arguments of `compile_kernel` but for `best` and `at`:

        scan: writes `mean`, float32 (batch, 16 * groups): the sum of the scores above 0 over all strands and positions,
            divided by their number.
        accumulate: reads `gradient`, float32 (batch, 16 * groups), of those means, and writes `weight_gradient` and
            `bias_gradient`, of the shapes of weight and bias. It scores each window again, and sums in one table per
            3-mer what the bases of its windows get; a 3-mer's sum then goes to each of its bases.
    """
    score_at = _compile_score(words)

    @njit(nogil=True)
    def scan(rows: np.ndarray, weight: np.ndarray, bias: np.ndarray, mean: np.ndarray, first: int, last: int) -> None:
        batch, strands, length = rows.shape
        positions = length - weight.shape[2] + 1
        tables, zero = _cache_lines(words * _ROWS * SIMD_LANES), floats(np.float32(0))
        share = floats(np.float32(1 / (strands * positions)))
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            for sequence in range(batch):
                total = zero
                for strand in range(strands):
                    row = rows[sequence, strand]
                    for position in range(positions):
                        score = score_at(tables, row, position)
                        total = add(total, larger(zero, score))
                store(mean[sequence], start, multiply(total, share))

    @njit(nogil=True)
    def accumulate(
        rows: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        gradient: np.ndarray,
        weight_gradient: np.ndarray,
        bias_gradient: np.ndarray,
        first: int,
        last: int,
    ) -> None:
        batch, strands, length = rows.shape
        positions = length - weight.shape[2] + 1
        tables, zero = _cache_lines(words * _ROWS * SIMD_LANES), floats(np.float32(0))
        sums = _cache_lines(words * _ROWS * SIMD_LANES)
        share = floats(np.float32(1 / (strands * positions)))
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            _fill_tables(tables, weight, bias, start)
            sums[:] = 0
            for sequence in range(batch):
                value = multiply(load(gradient[sequence], start), share)
                for strand in range(strands):
                    row = rows[sequence, strand]
                    for position in range(positions):
                        score = score_at(tables, row, position)
                        own = where_larger(score, zero, value, zero)
                        for word in range(words):
                            place = word * _ROWS * SIMD_LANES + entry(row, position + word * KMER)
                            store(sums, place, add(load(sums, place), own))
            _fold_tables(sums, weight_gradient, bias_gradient, start)

    return scan, accumulate


@njit(nogil=True)
def _fold_tables(sums: np.ndarray, weight_gradient: np.ndarray, bias_gradient: np.ndarray, start: int) -> None:
    """Give the sum of each 3-mer to its bases, for the filters [start, start + 16); all of a word's are the bias's.

    Args:
        sums: float32, flat (words, 125, 16).
        weight_gradient, bias_gradient: written.
    """
    width = weight_gradient.shape[2]
    filters = min(SIMD_LANES, weight_gradient.shape[0] - start)
    letters = N + 1
    weight_gradient[start : start + filters] = 0
    bias_gradient[start : start + filters] = 0
    for row in range(sums.size // SIMD_LANES):
        word, kmer = divmod(row, _ROWS)
        bases = (kmer // letters**2, kmer // letters % letters, kmer % letters)
        for lane in range(filters):
            value = sums[row * SIMD_LANES + lane]
            if word == 0:
                bias_gradient[start + lane] += value
            for offset in range(KMER):
                position = word * KMER + offset
                if position < width and bases[offset] < N:
                    weight_gradient[start + lane, bases[offset], position] += value


@njit(nogil=True)
def flat_one_hot(codes: np.ndarray) -> np.ndarray:
    """Return the one-hot code of byte codes, uint8 (batch, strands, length).

    Returns:
        float32, flat (batch, strands, length, 4), and a margin: gradients are read up to 12 positions beyond the end.
    """
    hot = np.zeros(codes.size * 4 + BLOCK, np.float32)
    for at, code in enumerate(codes.flat):
        for base in range(4):
            hot[4 * at + base] = code == base
    return hot


@njit(nogil=True)
def accumulate_gradients(
    hot: np.ndarray,
    length: int,
    at: np.ndarray,
    gradient: np.ndarray,
    weight_gradient: np.ndarray,
    bias_gradient: np.ndarray,
    first: int,
    last: int,
) -> None:
    """Sum the gradients of the filters [first, last) over the batch, in the order of the batch.

    Args:
        hot: of `flat_one_hot`.
        length: bases in a sequence, on all strands together.
        at: int32 (batch, at least filters), the position of the best match of each filter.
        gradient: float32 (batch, filters), of the best scores.
        weight_gradient: float32 (filters, 4, width), written.
        bias_gradient: float32 (filters,), written.
    """
    batch, width = gradient.shape[0], weight_gradient.shape[2]
    starts, values = np.empty(batch, np.intp), np.empty(batch, np.float32)
    window = np.empty(width * 4 + BLOCK, np.float32)
    for filter_ in range(first, last):
        count, total = 0, np.float32(0)
        for sequence in range(batch):
            value = gradient[sequence, filter_]
            starts[count] = (sequence * length + at[sequence, filter_]) * 4
            values[count] = value
            total += value
            count += value != 0  # ReLU and dropout leave many zeros: the next one takes this one's place
        bias_gradient[filter_] = total
        for block in range(0, width * 4, BLOCK):
            left = middle = right = floats(np.float32(0))
            for index in range(count):
                start, value = starts[index] + block, floats(values[index])
                left = add(left, multiply(value, load(hot, start)))
                middle = add(middle, multiply(value, load(hot, start + SIMD_LANES)))
                right = add(right, multiply(value, load(hot, start + 2 * SIMD_LANES)))
            store(window, block, left)
            store(window, block + SIMD_LANES, middle)
            store(window, block + 2 * SIMD_LANES, right)
        for position in range(width):
            for base in range(4):
                weight_gradient[filter_, base, position] = window[4 * position + base]
