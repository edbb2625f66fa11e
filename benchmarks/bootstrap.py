"""A block bootstrap of test scores: `evaluation.bootstrap` against scikit-learn and numpy, replicate by replicate.

    python benchmarks/bootstrap.py [--windows 2000000 --replicates 1000]

The yardsticks: scikit-learn's AUPR and AUROC with the counts sampled as `sample_weight`, which sorts in each replicate;
numpy that sorts once and sums weights for each replicate. Both are given a few replicates and their time is scaled up,
because all would take half an hour; the areas of these replicates must be equal. Ours makes all, and the precision too.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score
from table import Table, machine, time_in_turns

from regssl.evaluation.bootstrap import bootstrap_scores, sample_blocks

BLOCK = 500  # windows: 100 kb


def scikit_learn(labels: np.ndarray, scores: np.ndarray, block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """AUPR and AUROC, (2, r)."""
    columns = [weights[block, k] for k in range(weights.shape[1])]
    areas = (average_precision_score, roc_auc_score)
    return np.array([[area(labels, scores, sample_weight=column) for column in columns] for area in areas])


def numpy_sorted_once(labels: np.ndarray, scores: np.ndarray, block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same from running totals, at the last window of each score."""
    order = np.argsort(-scores)
    truth, block_of = labels[order], block[order]
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = []
    for k in range(weights.shape[1]):
        weight = weights[block_of, k].astype(np.float64)
        called, true = np.cumsum(weight)[last], np.cumsum(weight * truth)[last]
        gained, false = np.diff(true, prepend=0.0), called - true
        middle = (false + np.concatenate([[0.0], false[:-1]])) / 2
        with np.errstate(invalid="ignore"):
            aupr = np.nansum(gained * (true / called)) / true[-1]
        found.append((aupr, 1 - np.sum(gained * middle) / (true[-1] * false[-1])))
    return np.array(found).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=2_000_000)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--few", type=int, default=3, help="replicates of the yardsticks")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    labels = rng.random(options.windows) < 0.01
    scores = rng.standard_normal(options.windows, np.float32) + np.float32(2) * labels
    block = (np.arange(options.windows) // BLOCK).astype(np.int32)
    weights = sample_blocks(int(block[-1]) + 1, options.replicates)
    few = weights[:, : options.few]

    print(machine())
    found = bootstrap_scores(labels, scores, block, weights)[[0, 2], : options.few]
    for tool in (scikit_learn, numpy_sorted_once):
        off = np.abs(tool(labels, scores, block, few) - found).max()
        print(f"{tool.__name__}: differs by {off:.0e}")
        assert off < 1e-9, "disagree"
    jobs = [
        lambda: bootstrap_scores(labels, scores, block, weights),
        lambda: scikit_learn(labels, scores, block, few),
        lambda: numpy_sorted_once(labels, scores, block, few),
    ]
    seconds = time_in_turns(jobs, least=options.turns, rehearse=False)
    each = [seconds[0] / weights.shape[1], *(taken / few.shape[1] for taken in seconds[1:])]
    print()
    columns = ("ms a replicate", f"s for {options.replicates:,}", "times ours")
    table = Table(f"{options.windows:,} windows, one core", *columns, width=16)
    for name, taken in zip(("regssl", "scikit-learn", "numpy, sorted once"), each, strict=True):
        table.row(name, 1e3 * taken, options.replicates * taken, taken / each[0])


if __name__ == "__main__":
    main()
