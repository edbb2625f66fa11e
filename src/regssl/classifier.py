"""What Lightning sees: the classifier, its data and the log of epochs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler

from regssl.datasets import EVALUATION_BATCH, PackedWindows, batches
from regssl.errors import DataError
from regssl.metrics import auroc, average_precision
from regssl.prediction import opposite_strand, score

HISTORY = ("phase", "epoch", "steps", "train_loss", "validation_loss", "validation_aupr", "validation_auroc", "seconds")
"""Columns of the history, one row per epoch; `steps` counts the optimiser steps of the phase so far."""


class Classifier(pl.LightningModule):
    """A network that tells bound from unbound windows.

    Args:
        network: byte codes (batch, width) to logits (batch,).
        training: the keys of `config.Training`.
    """

    def __init__(self, network: nn.Module, training: Mapping[str, Any]) -> None:
        super().__init__()
        self.network, self.training_settings = network, dict(training)
        self._train_losses: list[Tensor] = []
        self._validation: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> Tensor:
        """The loss of one batch, each window shown on a random strand."""
        codes, labels = batch
        if self.training_settings["reverse_complement"]:
            flip = torch.rand(len(codes), 1, device=codes.device) < 0.5
            codes = torch.where(flip, opposite_strand(codes), codes)
        loss = binary_cross_entropy_with_logits(self.network(codes), labels)
        self._train_losses.append(loss.detach())  # cheaper than Lightning's own logging at every step
        return loss

    def mean_train_loss(self) -> float:
        """Mean loss of the steps since the last call."""
        mean = float(torch.stack(self._train_losses).mean())
        self._train_losses.clear()
        return mean

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> None:
        """Collect the logits of one batch."""
        codes, labels = batch
        self._validation.append((score(self.network, codes, self.training_settings["reverse_complement"]), labels))

    def on_validation_epoch_end(self) -> None:
        """AUPR, AUROC and loss over all validation windows."""
        logits, labels = (torch.cat(parts) for parts in zip(*self._validation, strict=True))
        self._validation.clear()
        if not torch.isfinite(logits).all():
            raise DataError("training diverged: the network's output is not finite", "lower `training.learning_rate`")
        truth, scores = labels.cpu().numpy() > 0.5, logits.float().cpu().numpy()
        self.log("validation_loss", binary_cross_entropy_with_logits(logits, labels))
        self.log("validation_aupr", average_precision(truth, scores), prog_bar=True)
        self.log("validation_auroc", auroc(truth, scores))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam with the phase's learning rate."""
        rate, decay = self.training_settings["learning_rate"], self.training_settings["weight_decay"]
        return torch.optim.Adam(self.network.parameters(), lr=rate, weight_decay=decay, fused=True)


class Windows(pl.LightningDataModule):
    """Training and validation windows of one phase.

    Args:
        train: the windows to train on.
        validation: the windows that decide when to stop.
        training: the keys of `config.Training`.
        seed: fixes the order of the training windows, epoch by epoch.
    """

    def __init__(self, train: PackedWindows, validation: PackedWindows, training: Mapping[str, Any], seed: int) -> None:
        super().__init__()
        self.train, self.validation = train, validation
        self.batch_size, self.steps = training["batch_size"], training["steps_per_epoch"]
        self.order = torch.Generator().manual_seed(seed)

    def train_dataloader(self) -> DataLoader:
        """As many batches as an epoch has steps: a random part of the windows, or all of them again and again."""
        sampler = RandomSampler(self.train, num_samples=self.steps * self.batch_size, generator=self.order)
        return batches(self.train, sampler, self.batch_size)

    def val_dataloader(self) -> DataLoader:
        """Batches of the validation windows in order."""
        return batches(self.validation, SequentialSampler(self.validation), EVALUATION_BATCH)


class EpochLog(Callback):
    """One row of history, and one line on the log, per epoch."""

    def __init__(self, phase: str, rows: list[dict[str, Any]]) -> None:
        self.phase, self.rows = phase, rows
        self._start = time.perf_counter()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note what the epoch gave; validation has run by then."""
        assert isinstance(pl_module, Classifier)
        measured = {"train_loss": pl_module.mean_train_loss()}
        measured |= {name: float(trainer.callback_metrics[name]) for name in HISTORY[4:7]}
        row = {
            "phase": self.phase,
            "epoch": trainer.current_epoch,
            "steps": trainer.global_step,
            **measured,
            "seconds": round(time.perf_counter() - self._start, 3),
        }
        self.rows.append(row)
        shown = " ".join(f"{name}={value:.4f}" for name, value in measured.items())
        print(f"{self.phase} epoch {row['epoch']}: {shown} ({row['steps']} steps, {row['seconds']:.1f} s)", flush=True)
