"""Compiled kernels of `dense_conv`: the best window of each filter, given nearly exact scores of all, and its gradient.

Imported lazily, like `_kmer_conv`.
"""

from __future__ import annotations

import numpy as np

from regssl.compilation import njit
from regssl.models._simd import SIMD_LANES, add, floats, ints, load, multiply, store, where_larger

BLOCK = 3 * SIMD_LANES
"""Numbers that a gradient is summed by, and so the margin beyond the last sequence."""


@njit(nogil=True)
def _exact_score(bases: np.ndarray, place: int, weight: np.ndarray, filter_: int, lanes: np.ndarray) -> np.float32:
    """Return the score of one window, summed in an order of its own; `lanes` is overwritten."""
    width = weight.shape[1]
    flat, start = weight.reshape(-1), filter_ * width
    total = floats(np.float32(0))
    for at in range(0, width, SIMD_LANES):
        total = add(total, multiply(load(flat, start + at), load(bases, place + at)))
    store(lanes, 0, total)
    score = np.float32(0)
    for lane in range(SIMD_LANES):
        score += lanes[lane]
    return score


@njit(nogil=True)
def best_windows(
    scores: np.ndarray,
    bases: np.ndarray,
    strands: int,
    length: int,
    weight: np.ndarray,
    bias: np.ndarray,
    tolerance: float,
    slack: np.ndarray,
    best: np.ndarray,
    at: np.ndarray,
    first: int,
    last: int,
) -> None:
    """Find the best window of each sequence and filter; those that may be the best are scored exactly.

    Args:
        scores: float32, or uint16 that are the bits of bfloat16, (sequences, windows, 16 * groups), without the bias;
            the windows of one strand after those of the other.
        bases: float32, flat (sequences, strands, length, 4), and a margin.
        strands, length: of the sequences.
        weight: float32 (16 * groups, at least 4 * width, a multiple of 16), filled with zeros.
        bias: float32 (filters,).
        tolerance, slack: a score may be wrong by half of `tolerance` times it and half of `slack`, float32 (16 *
            groups,).
        best: float32 (sequences, 16 * groups), written: the best score.
        at: int32 (sequences, 16 * groups), written: the first position that has it, strand * length + position.
        first, last: the groups of 16 filters, [first, last).
    """
    sequences, windows, filters = scores.shape
    positions = windows // strands
    seconds, lanes = np.empty(SIMD_LANES, np.float32), np.empty(SIMD_LANES, np.float32)
    for sequence in range(sequences):
        flat, origin = scores[sequence].reshape(-1), sequence * strands * length
        for start in range(first * SIMD_LANES, last * SIMD_LANES, SIMD_LANES):
            top = second = floats(np.float32(-np.inf))
            place = ints(np.int32(0))
            for window in range(windows):
                score = load(flat, window * filters + start)
                second = where_larger(score, top, top, where_larger(score, second, score, second))
                place = where_larger(score, top, ints(np.int32(window)), place)
                top = where_larger(score, top, score, top)
            store(best[sequence], start, top)
            store(at[sequence], start, place)
            store(seconds, 0, second)
            for lane in range(min(SIMD_LANES, bias.size - start)):
                filter_ = start + lane
                found = at[sequence, filter_]
                strand, position = divmod(found, positions)
                value = _exact_score(bases, (origin + strand * length + position) * 4, weight, filter_, lanes)
                limit = best[sequence, filter_] - tolerance * abs(best[sequence, filter_]) - slack[filter_]
                if seconds[lane] >= limit:
                    for window in range(windows):
                        store(lanes, 0, load(flat, window * filters + start))
                        if lanes[lane] >= limit and window != found:
                            strand, position = divmod(window, positions)
                            place_ = (origin + strand * length + position) * 4
                            score_ = _exact_score(bases, place_, weight, filter_, lanes)
                            if score_ > value or (score_ == value and window < found):
                                value, found = score_, window
                strand, position = divmod(found, positions)
                best[sequence, filter_] = value + bias[filter_]
                at[sequence, filter_] = strand * length + position


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
