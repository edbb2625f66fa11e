"""Networks of the SLURM test, named by import path: one that fails once, one that takes its time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.plugins.environments import SLURMEnvironment
from torch import Tensor

from regssl.models.deepbind import DeepBind


class FailsOnce(DeepBind):
    """Runs out of memory in the first job; in the second it notes what Lightning makes of SLURM."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        if not Path("failed").exists():
            Path("failed").touch()
            raise MemoryError("as an array that is too large would")
        if not hasattr(pl.Trainer.fit, "noted"):
            pl.Trainer.fit = _noted(pl.Trainer.fit)


class Slow(DeepBind):
    """A training step takes a quarter of a second on any machine."""

    def forward(self, sequences: Tensor) -> Tensor:
        if self.training:
            time.sleep(0.25)
        return super().forward(sequences)


def _noted(fit: Any) -> Any:
    def noting(trainer: pl.Trainer, *arguments: Any, **options: Any) -> None:
        found = {
            "slurm_is_detected": SLURMEnvironment.detect(),
            "environment": type(trainer._accelerator_connector.cluster_environment).__name__,
        }
        Path("noted.json").write_text(json.dumps(found))
        fit(trainer, *arguments, **options)

    noting.noted = True  # type: ignore[attr-defined]
    return noting
