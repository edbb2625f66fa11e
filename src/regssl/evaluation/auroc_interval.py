"""The confidence interval of an AUROC over cases and controls, from their numbers alone."""

from __future__ import annotations

import math

from regssl.evaluation.confidence import NO_INTERVAL, ConfidenceInterval


def auroc_interval(auroc: float, cases: int, controls: int, level: float = 0.95) -> ConfidenceInterval:
    """Compute Newcombe's score-like interval of an AUROC, which is one even where every case is above every control.

    Method 5 of Newcombe 2006, *Confidence intervals for an effect size measure based on the Mann-Whitney statistic*
    (Statistics in Medicine 25:559): the values from which the AUROC is z of their own standard errors away, with
    Hanley and McNeil's variance at the mean number of cases and controls.

    Args:
        auroc: the AUROC, or NaN.
        cases, controls: how many are compared.
        level: of confidence.

    Returns:
        The AUROC and its bounds, `n` the number of all; nothing where there is no AUROC or nothing to compare.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if math.isnan(auroc) or not cases or not controls:
        return NO_INTERVAL
    z, mean = float(ndtri((1 + level) / 2)), (cases + controls) / 2 - 1

    def excess(value: float) -> float:
        spread = 1 + mean * (1 - value) / (2 - value) + mean * value / (1 + value)
        return (auroc - value) ** 2 - z**2 * value * (1 - value) * spread / (cases * controls)

    near = 1e-12  # at 0 and 1 themselves there is no error, and no bound
    low = float(brentq(excess, 0.0, min(auroc, 1 - near))) if auroc > 0 else 0.0
    high = float(brentq(excess, max(auroc, near), 1.0)) if auroc < 1 else 1.0
    return ConfidenceInterval(auroc, low, high, cases + controls)
