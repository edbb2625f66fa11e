"""Block bootstrap of test scores: resample blocks of the test chromosomes and score the ranking in each replicate.

Neighbouring bins share a peak, a gene, a GC level, so windows are not independent; blocks of a hundred kilobases nearly
are. A replicate samples as many blocks as there are, with replacement, and counts a window as often as its block was
sampled. All runs of a dataset share the samples, so that a difference between two runs is paired within a replicate.
Blocks do not overlap (Carlstein 1986), and none spans two chromosomes.

A run is sorted once; all replicates are then counted in one pass (`_bootstrap`): two million windows and a thousand
replicates take a third of a second on one core.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.errors import DataError
from regssl.evaluation.metrics import validate_scores

SCORES = ("aupr", "aupr_over_prevalence", "auroc", "precision")
CHUNK_REPLICATES = 1024  # their counters stay in the fastest cache


def assign_blocks(chrom: pd.Series, start: ArrayLike, block_bp: int) -> NDArray[np.int32]:
    """Assign each window to a block by its first base: with blocks of 100,000 bp, a start of 99,900 is in block 0.

    Args:
        chrom: chromosome names, (n,).
        start: int (n,), 0-based.
        block_bp: length of a block.

    Returns:
        int32 (n,), numbered from 0 over all chromosomes; blocks without a window have no number.
    """
    chrom_code = pd.factorize(chrom)[0].astype(np.int64)
    within = np.asarray(start, np.int64) // block_bp
    _, number = np.unique(chrom_code * (within.max(initial=0) + 1) + within, return_inverse=True)
    return number.astype(np.int32)


def sample_blocks(blocks: int, replicates: int, seed: int = 0) -> NDArray[np.unsignedinteger]:
    """Sample blocks with replacement: how often each replicate holds each block, (blocks, 1 + replicates).

    Column 0 holds every block once: the observed data. Every other column sums to `blocks`.
    """
    rng = np.random.default_rng(seed)
    counts = np.empty((1 + replicates, blocks), np.uint16)
    counts[0] = 1
    for row in counts[1:]:
        row[:] = np.bincount(rng.integers(blocks, size=blocks), minlength=blocks)
    smallest = np.uint8 if counts.max() < 256 else np.uint16
    return np.ascontiguousarray(counts.T.astype(smallest))


def bootstrap_scores(
    labels: ArrayLike,
    scores: ArrayLike,
    block: NDArray[np.int32],
    weights: NDArray[np.unsignedinteger],
    recall: float = 0.5,
) -> NDArray[np.float64]:
    """Compute AUPR, AUPR over prevalence, AUROC and precision at a fixed recall of one run in every replicate, exactly.

    Each equals that of a set which holds every window as often as its weight (`metrics` defines the areas). The
    precision is that at the highest threshold whose recall is at least `recall`: if half of four positives are above
    0.7 together with one negative, and no higher threshold has two, it is 2/3 at a recall of 0.5.

    Args:
        labels: (n,) bool, or integers 0 and 1.
        scores: (n,) float; windows of one score pass a threshold together.
        block: from `assign_blocks`.
        weights: from `sample_blocks`, r columns.
        recall: above 0, at most 1.

    Returns:
        (4, r) in the order of SCORES; NaN in replicates without a positive or without a negative.

    Raises:
        DataError: as `metrics.average_precision`, or a recall outside (0, 1].
    """
    from regssl.evaluation._bootstrap import score_replicates

    if not 0 < recall <= 1:
        raise DataError(f"recall {recall}", "give one above 0 and at most 1")
    truth, values = validate_scores(labels, scores)
    order = np.argsort(values)[::-1]
    ranked = values[order], truth[order], block[order]
    per_block = [np.bincount(block[kind], minlength=len(weights)) for kind in (truth, ~truth)]
    chunks = []
    for first in range(0, weights.shape[1], CHUNK_REPLICATES):
        part = np.ascontiguousarray(weights[:, first : first + CHUNK_REPLICATES])
        positives, negatives = (counts @ part for counts in per_block)
        needed = np.maximum(np.ceil(recall * positives * (1 - 1e-12)), 1).astype(np.int64)
        area, twice_wrong, precision = score_replicates(*ranked, part, needed)
        with np.errstate(divide="ignore", invalid="ignore"):
            aupr = area / positives
            auroc = 1 - twice_wrong / (2 * positives * negatives)
            columns = np.stack([aupr, aupr / (positives / (positives + negatives)), auroc, precision])
        columns[:, (positives == 0) | (negatives == 0)] = np.nan
        chunks.append(columns)
    return np.concatenate(chunks, axis=1)
