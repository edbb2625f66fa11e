"""Training: start at `runs.train` (files in, files out) or `fit.fit` (windows in memory).

`sampling` samples the batches, `module` makes the optimizer steps, `early_stopping` ends a phase, `baselines` fits what
is not trained by gradient descent.
"""

from __future__ import annotations

__all__ = [
    "baselines",
    "data",
    "early_stopping",
    "fit",
    "module",
    "optimizer",
    "predict",
    "provenance",
    "runs",
    "sampling",
]
