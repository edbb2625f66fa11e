"""Compiled kernels of `dense_conv`: the best window of each filter over weighted bases, and its gradient.

The loop over windows keeps the scores of sixteen filters in six windows in registers: each weight that is read serves
six windows, each base sixteen filters. Imported lazily, like `_kmer_conv`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from regssl.compilation import njit
from regssl.models._simd import SIMD_LANES, add, floats, ints, load, multiply, multiply_add, number, store, where_larger

WINDOWS = 6
"""Windows that are scored together."""
NEGLIGIBLE = np.float32(1e-30)
"""Smaller weights count as 0: weight decay leads those of a filter that is out of use to subnormal numbers, by which
some processors multiply a hundred times as slowly."""
BLOCK = 3 * SIMD_LANES
"""Numbers that a gradient is summed by, and so the margin beyond the last sequence."""


@njit(nogil=True)
def _score_six(bases: np.ndarray, place: int, weight: np.ndarray, terms: int) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Score six windows, one position apart, by sixteen filters.

    Args:
        bases: float32, flat (…, length, 4).
        place: of the first number of the first window.
        weight: float32, flat (terms, 16).
        terms: 4 * width.
    """
    a = b = c = d = e = f = floats(np.float32(0))
    for term in range(terms):
        own, at = load(weight, term * SIMD_LANES), place + term
        a = multiply_add(own, floats(number(bases, at)), a)
        b = multiply_add(own, floats(number(bases, at + 4)), b)
        c = multiply_add(own, floats(number(bases, at + 8)), c)
        d = multiply_add(own, floats(number(bases, at + 12)), d)
        e = multiply_add(own, floats(number(bases, at + 16)), e)
        f = multiply_add(own, floats(number(bases, at + 20)), f)
    return a, b, c, d, e, f


@njit(nogil=True)
def _score_one(bases: np.ndarray, place: int, weight: np.ndarray, terms: int) -> Any:
    """Score one window by sixteen filters, as `_score_six` does."""
    score = floats(np.float32(0))
    for term in range(terms):
        score = multiply_add(load(weight, term * SIMD_LANES), floats(number(bases, place + term)), score)
    return score


@njit(nogil=True)
def _pack(weight: np.ndarray, chosen: np.ndarray, packed: np.ndarray) -> None:
    """Interleave the weights of at most sixteen filters, the others and negligible ones being 0.

    Args:
        weight: float32 (filters, terms).
        chosen: the filters.
        packed: float32, flat (terms, 16), written.
    """
    packed[:] = 0
    for lane in range(chosen.size):
        own = weight[chosen[lane]]
        for term in range(own.size):
            packed[term * SIMD_LANES + lane] = 0 if abs(own[term]) < NEGLIGIBLE else own[term]


@njit(nogil=True)
def best_windows(
    bases: np.ndarray,
    strands: int,
    length: int,
    weight: np.ndarray,
    bias: np.ndarray,
    kept: np.ndarray,
    best: np.ndarray,
    at: np.ndarray,
    first: int,
    last: int,
) -> None:
    """Find the best window of the sequences [first, last) for the filters that are kept.

    Args:
        bases: float32, flat (sequences, strands, length, 4).
        strands, length: of the sequences.
        weight: float32 (filters, 4 * width).
        bias: float32 (filters,).
        kept: bool (sequences, filters), or with no sequences: all.
        best: float32 (sequences, filters), written: the best score, 0 where the filter is not kept.
        at: int32 (sequences, filters), written: the first position that has it, strand * length + position; else -1.
        first, last: the sequences.
    """
    filters, terms = weight.shape
    positions = length - terms // 4 + 1
    packed = np.empty(terms * SIMD_LANES, np.float32)
    chosen, scores, places = np.arange(filters), np.empty(SIMD_LANES, np.float32), np.empty(SIMD_LANES, np.int32)
    for sequence in range(first, last):
        count = filters
        if kept.size:
            count = 0
            for filter_ in range(filters):
                chosen[count] = filter_
                count += kept[sequence, filter_]
            best[sequence], at[sequence] = 0, -1
        for start in range(0, count, SIMD_LANES):
            own = chosen[start : min(start + SIMD_LANES, count)]
            _pack(weight, own, packed)
            top, place = floats(np.float32(-np.inf)), ints(np.int32(0))
            for strand in range(strands):
                origin = sequence * strands * length + strand * length
                for block in range(0, positions, WINDOWS):
                    if positions < WINDOWS:
                        for position in range(positions):
                            score = _score_one(bases, (origin + position) * 4, packed, terms)
                            place = where_larger(score, top, ints(np.int32(strand * length + position)), place)
                            top = where_larger(score, top, score, top)
                    else:
                        position = min(block, positions - WINDOWS)  # the last block overlaps the one before it
                        for step, score in enumerate(_score_six(bases, (origin + position) * 4, packed, terms)):
                            window = ints(np.int32(strand * length + position + step))
                            place = where_larger(score, top, window, place)
                            top = where_larger(score, top, score, top)
            store(scores, 0, top)
            store(places, 0, place)
            for lane in range(own.size):
                best[sequence, own[lane]] = scores[lane] + bias[own[lane]]
                at[sequence, own[lane]] = places[lane]


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
        hot: float32, flat (batch, length, 4), and a margin of `BLOCK`.
        length: bases in a sequence, on all strands together.
        at: int32 (batch, filters), the position of the best match of each filter; below 0: none.
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
            value = gradient[sequence, filter_] if at[sequence, filter_] >= 0 else np.float32(0)
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
