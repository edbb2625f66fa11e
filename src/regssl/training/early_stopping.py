"""Early stopping, history and best weights, for each network of an ensemble."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from regssl.errors import DataError
from regssl.training.module import SequenceClassifier

HISTORY_COLUMNS = (
    "phase", "epoch", "steps", "train_loss", "validation_loss", "validation_aupr", "validation_auroc", "seconds"
)  # fmt: skip
"""Columns of the history, one row per epoch, and one of epoch 0: the weights that the phase starts from, which have no
training loss. `steps` counts the optimizer steps of the phase so far."""

_log = logging.getLogger(__name__)


class EarlyStopping(Callback):
    """Early stopping on the validation AUPR, network by network; training ends when all have stopped.

    The weights that the phase starts from are a candidate for its best: what trains to nothing better is left as it is.

    A network that has stopped is trained on while others of its ensemble are, but neither its best weights nor its
    history change: the result is the same as alone.

    Args:
        patience: epochs without a better validation AUPR before a network stops; None: it never does.

    Attributes:
        best: the weights of each network at its best epoch.
        histories: one list per network, one dict with the keys HISTORY_COLUMNS per row.
    """

    def __init__(self, patience: int | None) -> None:
        self.patience = math.inf if patience is None else patience
        self.best: list[dict[str, Tensor]] = []
        self.histories: list[list[dict[str, Any]]] = []
        self._out_of_epochs = False
        self._start = time.perf_counter()

    def epochs_since_best(self, network: int) -> int:
        """Count the epochs since the best one."""
        auprs = [row["validation_aupr"] for row in self.histories[network]]
        return len(auprs) - 1 - auprs.index(max(auprs)) if auprs else 0

    @property
    def finished(self) -> bool:
        """Whether the phase is over."""
        networks = range(len(self.best))
        return self._out_of_epochs or all(self.epochs_since_best(network) >= self.patience for network in networks)

    def on_fit_start(self, _trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start a history of each network."""
        assert isinstance(pl_module, SequenceClassifier)
        if not self.best:
            self.best, self.histories = [{} for _ in pl_module.seeds], [[] for _ in pl_module.seeds]

    def on_sanity_check_start(self, _trainer: pl.Trainer, _pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_sanity_check_end(self, _trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record the weights that the phase starts from, after Lightning has validated them before any step."""
        assert isinstance(pl_module, SequenceClassifier)
        self._record(pl_module, 0, [None] * len(pl_module.seeds))

    def on_train_epoch_start(self, _trainer: pl.Trainer, _pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record the epoch, after its validation."""
        assert isinstance(pl_module, SequenceClassifier)
        self._record(pl_module, trainer.current_epoch + 1, pl_module.mean_train_losses())
        self._out_of_epochs = trainer.current_epoch + 1 == trainer.max_epochs
        trainer.should_stop = self.finished

    def _record(self, pl_module: SequenceClassifier, epoch: int, train_losses: Sequence[float | None]) -> None:
        """Add a row to the history of each network that has not stopped, and keep its weights if they are the best."""
        seconds = round(time.perf_counter() - self._start, 3)
        results = zip(train_losses, pl_module.validation_metrics, strict=True)
        for network, (train_loss, metrics) in enumerate(results):
            history = self.histories[network]
            if self.epochs_since_best(network) >= self.patience:
                continue
            if math.isnan(metrics["validation_aupr"]):
                raise DataError(
                    f"training diverged (seed {pl_module.seeds[network]}): the network's output is not finite",
                    "lower `training.learning_rate`",
                )
            history.append({
                "phase": pl_module.phase.name,
                "epoch": epoch,
                "steps": epoch * pl_module.phase.training.steps_per_epoch,
                "train_loss": train_loss,
                **metrics,
                "seconds": seconds,
            })  # fmt: skip
            if self.epochs_since_best(network) == 0:
                self.best[network] = pl_module.ensemble.member_state_dict(network)
            _log.info("seed %d %s", pl_module.seeds[network], _line(history[-1]))

    def state_dict(self) -> dict[str, Any]:
        """Return the state for Lightning's checkpoint."""
        return {"best": self.best, "histories": self.histories, "out_of_epochs": self._out_of_epochs}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load the state from Lightning's checkpoint."""
        self.best, self.histories = state_dict["best"], state_dict["histories"]
        self._out_of_epochs = state_dict["out_of_epochs"]


def _line(row: Mapping[str, Any]) -> str:
    metrics = " ".join(f"{name}={row[name]:.4f}" for name in HISTORY_COLUMNS[3:7] if row[name] is not None)
    return f"{row['phase']} epoch {row['epoch']}: {metrics} ({row['steps']} steps, {row['seconds']:.1f} s)"
