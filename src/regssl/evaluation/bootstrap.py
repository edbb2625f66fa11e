"""Scores of a ranking on resampled blocks of the test chromosomes: what the choice of test windows does to them.

Neighbouring bins share a peak, a gene, a GC level, so windows are no independent draws; blocks of a hundred kilobases
nearly are. A replicate draws as many blocks as there are, with replacement, and counts a window as often as its block
was drawn. All runs of a dataset get the same draws, so that a difference between two runs is that of one replicate.
Blocks do not overlap (Carlstein 1986), and none spans two chromosomes.

A run is sorted once; all replicates are then counted in one pass (`ranking_scan`): two million windows and a thousand
replicates take a third of a second on one core.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.errors import DataError
from regssl.evaluation.metrics import checked_ranking

SCORES = ("aupr", "aupr_over_prevalence", "auroc", "precision")
AT_ONCE = 1024  # replicates whose counters stay in the fastest cache


def number_blocks(chrom: pd.Series, start: ArrayLike, block_bp: int) -> NDArray[np.int32]:
    """The block of each window: int32 (n,), numbered from 0 over all chromosomes; those without a window have none.

    A window is in the block of its first base: with blocks of 100,000 bp, one that starts at 99,900 is in the first.
    """
    chrom_code = pd.factorize(chrom)[0].astype(np.int64)
    within = np.asarray(start, np.int64) // block_bp
    _, number = np.unique(chrom_code * (within.max(initial=0) + 1) + within, return_inverse=True)
    return number.astype(np.int32)


def draw_blocks(blocks: int, replicates: int, seed: int = 0) -> NDArray[np.unsignedinteger]:
    """How often each replicate holds each block: (blocks, 1 + replicates).

    Column 0 holds every block once, so that it stands for the data as they are; every other column sums to `blocks`.
    """
    rng = np.random.default_rng(seed)
    drawn = np.empty((1 + replicates, blocks), np.uint16)
    drawn[0] = 1
    for row in drawn[1:]:
        row[:] = np.bincount(rng.integers(blocks, size=blocks), minlength=blocks)
    smallest = np.uint8 if drawn.max() < 256 else np.uint16
    return np.ascontiguousarray(drawn.T.astype(smallest))


def resampled_scores(
    labels: ArrayLike,
    scores: ArrayLike,
    block: NDArray[np.int32],
    weights: NDArray[np.unsignedinteger],
    recall: float = 0.5,
) -> NDArray[np.float64]:
    """AUPR, AUPR over prevalence, AUROC and precision at a fixed recall of one run in every replicate, exactly.

    Each is what it is on a set that holds every window as often as its weight says (`metrics` defines the areas). The
    precision is that at the highest threshold whose recall is at least `recall`: if half of four positives are above
    0.7 together with one negative, and no higher threshold has two, it is 2/3 at a recall of 0.5.

    Args:
        labels: (n,) bool, or integers 0 and 1.
        scores: (n,) float; windows of one score pass a threshold together.
        block: from `number_blocks`.
        weights: from `draw_blocks`, r columns.
        recall: above 0, at most 1.

    Returns:
        (4, r) in the order of SCORES; NaN in replicates without a positive or without a negative.

    Raises:
        DataError: as `metrics.average_precision`, or a recall that is none.
    """
    from regssl.evaluation._bootstrap import scan

    if not 0 < recall <= 1:
        raise DataError(f"a recall of {recall}", "give one above 0 and at most 1")
    truth, values = checked_ranking(labels, scores)
    order = np.argsort(values)[::-1]
    ranked = values[order], truth[order], block[order]
    per_block = [np.bincount(block[kind], minlength=len(weights)) for kind in (truth, ~truth)]
    found = []
    for first in range(0, weights.shape[1], AT_ONCE):
        part = np.ascontiguousarray(weights[:, first : first + AT_ONCE])
        positives, negatives = (counts @ part for counts in per_block)
        needed = np.maximum(np.ceil(recall * positives * (1 - 1e-12)), 1).astype(np.int64)
        area, twice_wrong, precision = scan(*ranked, part, needed)
        with np.errstate(divide="ignore", invalid="ignore"):
            aupr = area / positives
            auroc = 1 - twice_wrong / (2 * positives * negatives)
            columns = np.stack([aupr, aupr / (positives / (positives + negatives)), auroc, precision])
        columns[:, (positives == 0) | (negatives == 0)] = np.nan
        found.append(columns)
    return np.concatenate(found, axis=1)
