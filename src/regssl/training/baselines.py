"""Baselines: random scores, logistic regressions on GC and CpG content and on k-mers, the best hit of a motif.

They are saved, scored and evaluated like any trained network.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from regssl.data.dataset import WindowDataset
from regssl.models.baselines import GCLogistic, MotifScan, RandomScores, gc_and_cpg
from regssl.sequences.motifs import Motif
from regssl.training.kmer_logistic import fit_kmer_logistic

RIDGE = 1.0
"""Weight of half the squared coefficients beside the summed loss, on standardised features: scikit-learn's C = 1."""


def fit_baseline(
    method: str, seed: int, human: WindowDataset, validation: WindowDataset, motif: Motif | None
) -> tuple[nn.Module, dict[str, int]]:
    """Fit a baseline.

    Args:
        method: `random`, `gc_logistic`, `kmer_logistic` or `motif_scan`.
        seed: of random scores; the others are deterministic.
        human: training windows, for both regressions.
        validation: windows on which `kmer_logistic` chooses the length of its k-mers and its ridge.
        motif: of the factor, for `motif_scan`.

    Returns:
        The network, and the arguments it is built with besides the width.
    """
    width = human.codes.shape[1]
    if method == "random":
        return RandomScores(width, seed), {"seed": seed}
    if method == "gc_logistic":
        return fit_gc_logistic(human), {}
    if method == "kmer_logistic":
        counts = fit_kmer_logistic(human, validation)
        return counts, {"k": counts.k}
    assert motif is not None
    network = MotifScan(width, motif.width)
    strands = np.stack([motif.log_odds.T, motif.reverse_log_odds.T])
    network.log_odds.copy_(torch.from_numpy(np.ascontiguousarray(strands)))
    return network.eval(), {"motif_width": motif.width}


def fit_gc_logistic(windows: WindowDataset) -> GCLogistic:
    """Fit the logistic regression on GC and CpG content, with a ridge on the standardised features."""
    from scipy.optimize import minimize

    features = gc_and_cpg(windows.codes).double().numpy()
    mean, sd = features.mean(0), features.std(0) + 1e-12
    x = np.column_stack([(features - mean) / sd, np.ones(len(features))])
    sign = np.where(windows.labels.numpy() > 0.5, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = sign * (x @ weights)
        ridge = RIDGE * np.append(weights[:2], 0.0)
        slopes = -sign * np.exp(-np.logaddexp(0, margins))
        return float(np.logaddexp(0, -margins).sum() + ridge @ weights / 2), x.T @ slopes + ridge

    weights = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 1e-14}).x
    network = GCLogistic(windows.codes.shape[1])
    scaled = weights[:2] / sd
    with torch.no_grad():
        network.logit.weight.copy_(torch.from_numpy(scaled))
        network.logit.bias.fill_(weights[2] - float(scaled @ mean))
    return network.eval()
