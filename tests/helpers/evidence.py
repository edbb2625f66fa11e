"""Comparisons of methods made by hand, for the tests of what is concluded from them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from regssl.evaluation.bootstrap import SCORES
from regssl.evaluation.comparison import BOUNDS, FILTER_COLUMNS, ComparisonTables
from regssl.evaluation.pairs import pairs
from regssl.methods import METHODS

NAMES = {method_id: method.name for method_id, method in METHODS.items()}
CONTROLS = {
    "sl_finetuned": 0.1,
    "sl_all_negatives": 0.1,
    "sl_oversampled": 0.1,
    "sl_mutated": 0.1,
    "sl_augmented": 0.1,
    "sl_noise": 0.1,
    "ssl_shuffled": 0.05,
}
AUPR = {
    "ctcf": {"sl": 0.1, "ssl": 0.2, **CONTROLS, "gc_logistic": 0.03},
    "rest": {"sl": 0.1, "ssl": 0.14, **CONTROLS, "sl_oversampled": 0.138, "gc_logistic": 0.135},
    "max": {"sl": 0.3, "ssl": 0.301, "gc_logistic": math.nan},
}
HALF = {"seed_ci": 0.006, "bootstrap_ci": 0.008, "ci": 0.01}
"""Half the width of each interval, of scores and of differences alike."""
P_FLOOR = 0.0002
"""The smallest p: with it, `p_is_bound`."""
STEPS = {"sl": {"train": 3_000}, "gc_logistic": {}, "motif_scan": {}, "random": {}}
KEPT = [400, 100, 2_000, 1_800]
"""Positive homologs found and kept, and negative ones, of the method that filters them."""
TWO_PHASES = {"pretrain": 3_000, "finetune": 3_000}


def around(value: float) -> dict[str, float]:
    return {
        f"{name}_{end}": value + sign * half for name, half in HALF.items() for end, sign in (("low", -1), ("high", 1))
    }


def evidence(aupr: Mapping[str, Mapping[str, float]], p: float = 0.0004, model: str = "deepbind") -> ComparisonTables:
    """The tables of `comparison`, from AUPRs by dataset and method; NaN: no score.

    Differences of 0.01 or more have the p given, others 0.5. The other scores are multiples of AUPR.
    """
    methods, differences, exposure = [], [], []
    for dataset, scores in aupr.items():
        known = {
            "dataset": dataset,
            "model": model,
            "windows": 10_000,
            "positives": 200,
            "prevalence": 0.02,
            "blocks": 70,
        }
        for method, value in scores.items():
            for metric, factor in zip(SCORES, (1, 50, 2, 1.5), strict=True):
                row = {
                    **known,
                    "method": method,
                    "metric": metric,
                    "seeds": 5,
                    "collapsed": 0,
                    "not_converged": 0,
                    "failure": None,
                }
                lost = {
                    "value": math.nan,
                    **dict.fromkeys(BOUNDS, math.nan),
                    "failure": "no motif of this factor is known",
                }
                methods.append(
                    row | (lost if math.isnan(value) else {"value": factor * value, **around(factor * value)})
                )
            for phase, steps in STEPS.get(method, TWO_PHASES).items():
                filtered = KEPT if (method, phase) == ("ssl_filtered", "pretrain") else [math.nan] * 4
                exposure.append((dataset, model, method, phase, 5, steps, 0.05, *filtered))
        scored = {method: value for method, value in scores.items() if not math.isnan(value)}
        for method, baseline in pairs(list(scored)):
            difference = scored[method] - scored[baseline]
            relative = {f"relative_{name}": 100 * x / scored[baseline] for name, x in around(difference).items()}
            row = {"difference": difference, **around(difference), "p": p if abs(difference) >= 0.01 else 0.5}
            row |= {"p_is_bound": row["p"] == P_FLOOR, "standard_error": 0.005, "smallest_detectable": 0.0142}
            row |= {"relative_difference_percent": 100 * difference / scored[baseline], **relative}
            differences += [
                {**known, "method": method, "baseline": baseline, "metric": metric, "seeds": 5, **row}
                for metric in SCORES
            ]
    columns = ["dataset", "model", "method", "phase", "seeds", "steps", "positive_fraction", *FILTER_COLUMNS]
    return ComparisonTables(pd.DataFrame(methods), pd.DataFrame(differences), pd.DataFrame(exposure, columns=columns))
