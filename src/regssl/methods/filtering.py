"""The filter of `ssl_filtered`: which homologs it trains on.

After STEAM (Qiu et al. 2026, bioRxiv 2026.04.07.717039), which copies labels to other genomes and keeps a copy
only where enough of the species have the sequence, and where a teacher trained on measured labels agrees with it.

A teacher that was trained on 20 negatives to a positive gives few windows a probability above 1/2, its own positives
among them. How many negatives it was given is a choice, so it is asked as if there had been as many of each label.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regssl.methods.settings import Filtering


def genome_fractions(sources: ArrayLike, genomes: ArrayLike, n_genomes: int) -> NDArray[np.float64]:
    """Return the fraction of the genomes in which the human window of each homolog has one, float64 (homologs,).

    Args:
        sources: int (homologs,), the human window that each homolog comes from.
        genomes: int (homologs,), the genome of each homolog.
        n_genomes: number of genomes that were searched, also those without any homolog.
    """
    pairs = np.column_stack([np.asarray(sources, np.int64), np.asarray(genomes, np.int64)])
    found = np.unique(pairs, axis=0)[:, 0]  # a genome counts once
    windows, counts = np.unique(found, return_counts=True)
    return np.asarray(counts[np.searchsorted(windows, pairs[:, 0])] / n_genomes, np.float64)


def label_probabilities(logits: ArrayLike, labels: ArrayLike, positive_fraction: ArrayLike) -> NDArray[np.float64]:
    """Return a teacher's probability of each label, at equal numbers of both labels: float64 (homologs,).

    p of a positive, 1 - p of a negative, where the odds of p are those of the teacher over the odds of its training
    windows: it agrees with a positive that it finds more likely than before it saw the sequence. Trained on one
    positive in 21, a teacher's 0.09 becomes 0.66. After Elkan 2001, *The foundations of cost-sensitive learning*.

    Args:
        logits: (homologs,), of the teacher.
        labels: 0 or 1 (homologs,).
        positive_fraction: of the teacher's training windows, or (homologs,) where each has its teacher.
    """
    with np.errstate(divide="ignore"):  # windows of one label, of which no teacher can be trained: its logits are NaN
        prior = np.asarray(positive_fraction, np.float64)
        balanced = np.asarray(logits, np.float64) - (np.log(prior) - np.log1p(-prior))
    signed = np.where(np.asarray(labels) > 0.5, balanced, -balanced)
    return np.asarray(0.5 * (1 + np.tanh(signed / 2)), np.float64)


def keep_homologs(genome_fraction: ArrayLike, label_probability: ArrayLike, settings: Filtering) -> NDArray[np.bool_]:
    """Decide which homologs are kept: bool (homologs,).

    A homolog is kept if its human window has one in at least `min_genome_fraction` of the genomes, and the teacher
    gives its copied label at least the probability `min_label_probability`. Of 4 genomes, a window that is found in 2
    has the fraction 0.5: its homologs are kept at the default if the teacher agrees. NaN is never kept.

    Args:
        genome_fraction: (homologs,), of `genome_fractions`.
        label_probability: (homologs,), of `label_probabilities`.
        settings: the two limits.
    """
    enough = np.asarray(genome_fraction) >= settings.min_genome_fraction
    agreed = np.asarray(label_probability) >= settings.min_label_probability
    return np.asarray(enough & agreed, np.bool_)
