"""Whether variants with allelic imbalance have larger predicted effects than balanced ones, which are a floor.

A network can put most predicted effects on the right side and still predict effects as large for variants that change
nothing. Signs of balanced variants mean nothing, so sizes are compared.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from regssl.variants.ranks import auroc_of_ranks, mean_ranks, rank_codes

IMBALANCE_AUROC = "imbalance_auroc"
"""Name of the measure."""


def measure_imbalance(imbalanced: np.ndarray, balanced: np.ndarray) -> np.ndarray:
    """Compute the chance that a predicted effect is larger in size with imbalance than without, ties counting half.

    Args:
        imbalanced: predicted effects of variants with imbalance, float (k, n).
        balanced: those of balanced variants by the same k runs, float (k, m).

    Returns:
        (k,): one half is chance; NaN where a prediction is missing.
    """
    n, m = imbalanced.shape[1], balanced.shape[1]
    return np.asarray(_samples(imbalanced, balanced, [np.arange(n + m)])[0])


def bootstrap_imbalance(imbalanced: np.ndarray, balanced: np.ndarray, n_bootstrap: int, seed: int = 0) -> np.ndarray:
    """Compute the same in bootstrap samples of both kinds of variants, each of its own size: (n_bootstrap, k).

    Args:
        imbalanced, balanced: as in `measure_imbalance`.
        n_bootstrap: number of samples.
        seed: of the samples, which are the same for all runs.
    """
    rng = np.random.default_rng(seed)
    n, m = imbalanced.shape[1], balanced.shape[1]
    samples = (np.concatenate([rng.integers(n, size=n), n + rng.integers(m, size=m)]) for _ in range(n_bootstrap))
    return _samples(imbalanced, balanced, samples)


def _samples(imbalanced: np.ndarray, balanced: np.ndarray, samples: Iterable[np.ndarray]) -> np.ndarray:
    """Compute the AUROC within each sample of n + m columns, the first n with imbalance: (samples, k)."""
    size = np.abs(np.concatenate([imbalanced, balanced], axis=1))
    missing = np.isnan(size).any(axis=1)
    codes = rank_codes(np.where(missing[:, None], 0.0, size))
    positive = np.arange(size.shape[1]) < imbalanced.shape[1]
    found = [auroc_of_ranks(mean_ranks(codes[:, sample], codes.size), positive) for sample in samples]
    return np.where(missing, np.nan, np.stack(found))
