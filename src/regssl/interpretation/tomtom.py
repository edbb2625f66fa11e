"""Tomtom: how similar motifs are, and how likely such a similarity is by chance.

After Gupta et al. 2007 (Genome Biol. 8:R24), with the complete scores of Tanaka et al. 2011 (Bioinformatics 27:1603):
columns are compared by their Euclidean distance, and a column of the query that an alignment leaves out counts as its
median over all columns of the targets. The null model draws columns of the targets, on both strands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

BINS = 100
"""Steps from the worst score of a column to the best, of which null distributions are made."""
ROUNDING = 100
"""Columns of targets that agree to within one part of so many are compared once."""

FEW_TARGETS = 50
"""With fewer targets, whose columns are the null model, p-values are rough."""


class Matches(NamedTuple):
    """The best alignment of each query with each target, arrays (queries, targets).

    Attributes:
        p: how likely the best of all alignments, on both strands, is as good by chance; float64.
        offset: position of the query at which the target begins, negative where it begins before; int64.
        reverse: whether the target is reverse-complemented; bool.
    """

    p: np.ndarray
    offset: np.ndarray
    reverse: np.ndarray


def tomtom(queries: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> Matches:
    """Compare motifs with known ones.

    P-values rest on the columns of the targets: with fewer than FEW_TARGETS targets they are rough.

    Args:
        queries: frequencies of bases, each (width, 4), columns A C G T.
        targets: at least one, likewise.
    """
    layouts: dict[int, _Layout] = {}
    shape = len(queries), len(targets)
    matches = Matches(np.empty(shape), np.empty(shape, np.int64), np.empty(shape, np.bool_))
    for row, query in enumerate(queries):
        if len(query) not in layouts:
            layouts[len(query)] = _Layout(targets, len(query))
        for values, of_query in zip(matches, _match(query, layouts[len(query)]), strict=True):
            values[row] = of_query
    return matches


class _Layout:
    """Targets on both strands, one after another, with margins over which a query of one width may hang.

    Attributes:
        columns: frequencies of the different columns, rounded, float32 (different, 4).
        counts: how often each occurs.
        kind: for each column of the targets, one after another, which of these it is.
        places: positions of those columns.
        size: number of positions.
        begins: first position of each target's alignments: forward targets, then reverse ones. An alignment has the
            position at which the query begins.
        of_target: for each alignment, its target.
        widths: of the targets.
    """

    def __init__(self, targets: Sequence[np.ndarray], width: int) -> None:
        both = [*targets, *(target[::-1, ::-1] for target in targets)]
        self.widths = np.array([len(target) for target in both])
        alignments = self.widths + width - 1
        rounded = np.rint(ROUNDING * np.concatenate(both)).astype(np.int64)
        different, kind, self.counts = np.unique(rounded, axis=0, return_inverse=True, return_counts=True)
        self.kind = kind.reshape(-1)  # its shape depends on numpy's version
        self.columns = (different / ROUNDING).astype(np.float32)
        self.begins = np.cumsum(alignments) - alignments
        self.of_target = np.repeat(np.arange(len(both)), alignments)
        self.size = len(self.of_target) + width - 1
        first = np.repeat(np.cumsum(self.widths) - self.widths, self.widths)
        self.places = np.repeat(self.begins + width - 1, self.widths) + np.arange(len(self.kind)) - first


def _match(query: np.ndarray, layout: _Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the best alignment of a query with each target: p-value, offset, strand."""
    width = len(query)
    steps = _column_scores(query, layout)
    spread = np.zeros((width, layout.size), np.int32)
    spread[:, layout.places] = steps[:, layout.kind]
    scores = np.zeros(len(layout.of_target), np.int32)
    for column in range(width):
        scores += spread[column, column : column + len(scores)]
    best = np.maximum.reduceat(scores, layout.begins)
    hits = np.flatnonzero(scores == best[layout.of_target])
    at = hits[np.unique(layout.of_target[hits], return_index=True)[1]]  # the first of equally good ones
    offset = layout.begins + width - 1 - at
    forward, reverse = best.reshape(2, -1)
    is_reverse = reverse > forward
    p = _null_tails(steps, layout, np.maximum(forward, reverse))
    return p, np.where(is_reverse, offset[len(forward) :], offset[: len(forward)]), is_reverse


def _column_scores(query: np.ndarray, layout: _Layout) -> np.ndarray:
    """Score each column of a query against the different ones of the targets, less the median: int64 steps."""
    query = query.astype(np.float32)
    squares = (query**2).sum(1)[:, None] + (layout.columns**2).sum(1) - 2 * query @ layout.columns.T
    distances = np.sqrt(np.maximum(squares, 0))
    steps = np.rint(distances * (BINS / max(float(np.ptp(distances)), 1e-6))).astype(np.int64)
    total = layout.counts.sum()
    medians = [np.bincount(row, layout.counts).cumsum().searchsorted(total / 2) for row in steps]
    centred: np.ndarray = np.array(medians)[:, None] - steps
    return centred


def _null_tails(steps: np.ndarray, layout: _Layout, scores: np.ndarray) -> np.ndarray:
    """Compute how likely the best alignment with random columns, on both strands, has a score or a larger one.

    Args:
        steps: int64 (width, different columns), of `_column_scores`.
        layout: of the targets.
        scores: of the best alignment with each target.

    Returns:
        float64 (targets,).
    """
    width, low = len(steps), int(steps.min())
    single = [np.bincount(row - low, layout.counts) / layout.counts.sum() for row in steps]
    zero = -width * low  # place of the score 0
    log_below = np.zeros((width, width + 1, zero + width * int(steps.max()) + 1))  # of the columns [first, last)
    for first in range(width):
        sums = np.ones(1)
        for last in range(first + 1, width + 1):
            sums = np.convolve(sums, single[last - 1])
            begin = zero + (last - first) * low
            tail = np.minimum(sums[::-1].cumsum()[::-1], 1 - 1e-12)
            log_below[first, last, :begin] = np.log(1e-12)
            log_below[first, last, begin : begin + len(sums)] = np.log1p(-tail)
    widths, of_width = layout.widths[: len(scores)], {}
    for target in np.unique(widths):
        starts = np.arange(1 - width, target)  # of the query, in the target
        of_width[target] = log_below[np.maximum(0, -starts), np.minimum(width, target - starts)].sum(0)
    logs = np.array([of_width[target][zero + score] for target, score in zip(widths, scores, strict=True)])
    p: np.ndarray = -np.expm1(2 * logs)
    return p
