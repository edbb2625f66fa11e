"""What is kept of each epoch: history, best weights, and whether it is time to stop, for each network of a ensemble."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from regssl.errors import DataError
from regssl.training.module import Classifier

HISTORY = ("phase", "epoch", "steps", "train_loss", "validation_loss", "validation_aupr", "validation_auroc", "seconds")
"""Columns of the history, one row per epoch; `steps` counts the optimiser steps of the phase so far."""


class Epochs(Callback):
    """Early stopping on the validation AUPR, network by network; training ends when all have stopped.

    A network that stopped while others of its ensemble go on is trained on, but neither its best weights nor its
    history change: it ends as it would have alone.

    Args:
        patience: epochs without a better validation AUPR before a network stops; None: it never does.

    Attributes:
        best: the weights of each network at its best epoch.
        histories: one list per network, one dict with the keys HISTORY per epoch.
    """

    def __init__(self, patience: int | None) -> None:
        self.patience = math.inf if patience is None else patience
        self.best: list[dict[str, Tensor]] = []
        self.histories: list[list[dict[str, Any]]] = []
        self._out_of_epochs = False
        self._start = time.perf_counter()

    def waited(self, network: int) -> int:
        """Epochs since the best one."""
        auprs = [row["validation_aupr"] for row in self.histories[network]]
        return len(auprs) - 1 - auprs.index(max(auprs)) if auprs else 0

    @property
    def finished(self) -> bool:
        """Whether the phase is over."""
        return self._out_of_epochs or all(self.waited(network) >= self.patience for network in range(len(self.best)))

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Make room for each network."""
        assert isinstance(pl_module, Classifier)
        if not self.best:
            self.best, self.histories = [{} for _ in pl_module.seeds], [[] for _ in pl_module.seeds]

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note what the epoch gave; validation has run by then."""
        assert isinstance(pl_module, Classifier)
        seconds = round(time.perf_counter() - self._start, 3)
        measured = zip(pl_module.mean_train_losses(), pl_module.evaluation, strict=True)
        for network, (train_loss, evaluation) in enumerate(measured):
            history = self.histories[network]
            if self.waited(network) >= self.patience:
                continue
            if math.isnan(evaluation["validation_aupr"]):
                raise DataError(
                    f"training diverged (seed {pl_module.seeds[network]}): the network's output is not finite",
                    "lower `training.learning_rate`",
                )
            history.append({
                "phase": pl_module.phase.name,
                "epoch": trainer.current_epoch,
                "steps": (trainer.current_epoch + 1) * pl_module.phase.training["steps_per_epoch"],
                "train_loss": train_loss,
                **evaluation,
                "seconds": seconds,
            })  # fmt: skip
            if self.waited(network) == 0:
                self.best[network] = pl_module.ensemble.member_state_dict(network)
            print(_line(pl_module.seeds[network], history[-1]), flush=True)
        self._out_of_epochs = trainer.current_epoch + 1 == trainer.max_epochs
        trainer.should_stop = self.finished

    def state_dict(self) -> dict[str, Any]:
        """For Lightning's checkpoint."""
        return {"best": self.best, "histories": self.histories, "out_of_epochs": self._out_of_epochs}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From Lightning's checkpoint."""
        self.best, self.histories = state_dict["best"], state_dict["histories"]
        self._out_of_epochs = state_dict["out_of_epochs"]


def _line(seed: int, row: Mapping[str, Any]) -> str:
    shown = " ".join(f"{name}={row[name]:.4f}" for name in HISTORY[3:7])
    return f"seed {seed} {row['phase']} epoch {row['epoch']}: {shown} ({row['steps']} steps, {row['seconds']:.1f} s)"
