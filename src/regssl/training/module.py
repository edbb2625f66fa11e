"""What Lightning sees: the classifier, and loaders that only tell it whose turn it is.

Sequences do not travel: they lie on the device as the networks read them, and what a step needs besides is drawn for a
whole epoch.
One `training_step` makes many steps of the optimiser, so that Lightning's own work, about as long as a step of a small
network, is done once for all of them; nothing in them waits for the device.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from regssl.evaluation.metrics import auroc, average_precision
from regssl.methods import Phase
from regssl.models.ensemble import Ensemble
from regssl.models.inputs import SequenceInputs
from regssl.models.predict import EVALUATION_BATCH, forward_batch
from regssl.sequences.encoding import one_hot
from regssl.training.optimizer import clip_gradients, make_optimizer, set_rate
from regssl.training.sampling import Slots, Steps, draw_epoch, seed_of

STEPS_AT_ONCE = 25
"""Optimiser steps in one `training_step` of Lightning."""


class Classifier(pl.LightningModule):
    """Networks that tell bound from unbound windows: one per seed, each trained as if it were alone.

    Args:
        ensemble: the networks.
        seeds: of the order of the windows, strands, dropout and noise of each network.
        phase: what they are trained on and how.
        slots: what each of them draws its training windows from.
        train, validation: windows.
        train_labels, validation_labels: float32 (windows,), the former also (seeds, windows).
        weights: what each training window's loss is multiplied with, float32 (seeds, windows); None: nothing.
    """

    train_labels: Tensor
    train_weights: Tensor | None
    validation_labels: Tensor

    def __init__(
        self,
        ensemble: Ensemble,
        seeds: Sequence[int],
        phase: Phase,
        slots: Sequence[Slots],
        train: SequenceInputs,
        train_labels: Tensor,
        validation: SequenceInputs,
        validation_labels: Tensor,
        weights: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.ensemble, self.seeds, self.phase, self.slots = ensemble, list(seeds), phase, list(slots)
        self.train_windows, self.validation_windows = train, validation
        self.noise_on_bases = not ensemble.set_noise(phase.noise_sd) and phase.noise_sd > 0
        self.evaluation: list[dict[str, float]] = []
        self._losses: list[Tensor] = []
        self._logits: list[Tensor] = []
        self._noise: list[torch.Generator] = []
        self._steps: list[Steps] = []
        self._lengths: list[int] = []
        self.validation_batches = validation.batches(EVALUATION_BATCH)
        self._step_losses = torch.compile(self._losses_of) if phase.training["compile"] else self._losses_of
        resident = {"train_labels": train_labels, "train_weights": weights, "validation_labels": validation_labels}
        for name, tensor in resident.items():
            self.register_buffer(name, tensor, persistent=False)  # Lightning brings buffers to the device

    def on_train_epoch_start(self) -> None:
        """Draw the epoch."""
        training = self.phase.training
        drawn = draw_epoch(
            self.seeds,
            self.phase.name,
            self.current_epoch,
            slots=self.slots,
            batch=training["batch_size"],
            steps=training["steps_per_epoch"],
            keys=len(self.ensemble.seeded_layers),
            both_strands=training["reverse_complement"],
            lengths=self.train_windows.lengths,
        )
        batches = zip(drawn.rows, drawn.flips, strict=True)
        self._lengths = [self.train_windows.padded_length(rows, flips) for rows, flips in batches]
        self._steps = [steps.to(self.device) for steps in drawn.split(STEPS_AT_ONCE)]
        self._noise = [torch.Generator(self.device).manual_seed(self._stream(seed)) for seed in self.seeds]

    def training_step(self, part: int, index: int) -> None:
        """The steps of one part of the epoch."""
        torch.manual_seed(self._stream(self.seeds[0], part))  # for networks that use torch's own dropout
        optimizer, training = self.optimizers(), self.phase.training
        assert not isinstance(optimizer, list)
        first, before = part * STEPS_AT_ONCE, self.current_epoch * training["steps_per_epoch"]
        for step, (rows, flips, keys) in enumerate(zip(*self._steps[part], strict=True), start=first):
            losses = self._step_losses(self._sequences(rows, flips, self._lengths[step]), rows, keys)
            optimizer.zero_grad()
            losses.sum().backward()
            clip_gradients(self.ensemble, training["gradient_clip"])
            set_rate(optimizer, training, before + step)
            optimizer.step()
            self._losses.append(losses.detach())

    def _stream(self, *names: int) -> int:
        return seed_of(*names, self.phase.name, self.current_epoch, "numbers")

    def _sequences(self, rows: Tensor, flips: Tensor, length: int) -> Tensor:
        """What the networks read, (seeds, batch, length), or noisy bases, float (seeds, batch, 4, width)."""
        sequences = self.train_windows.select(rows, flips, length)
        if not self.noise_on_bases:
            return sequences
        bases = one_hot(sequences)
        noise = [torch.randn(bases.shape[1:], generator=stream, device=self.device) for stream in self._noise]
        return bases + self.phase.noise_sd * torch.stack(noise)

    def _losses_of(self, sequences: Tensor, rows: Tensor, keys: Tensor) -> Tensor:
        """The loss of each network on its batch: (seeds,)."""
        logits = self.ensemble(sequences, keys)
        labels = self.train_labels
        targets = labels[rows] if labels.ndim == 1 else labels.gather(1, rows)
        weights = None if self.train_weights is None else self.train_weights.gather(1, rows)
        return binary_cross_entropy_with_logits(logits, targets, weights, reduction="none").mean(1)

    def mean_train_losses(self) -> list[float]:
        """Each network's mean loss over the steps since the last call."""
        means = torch.stack(self._losses).mean(0).tolist()
        self._losses.clear()
        return means

    def validation_step(self, part: int, index: int) -> None:
        """Collect the logits of some validation windows."""
        both_strands = self.phase.training["reverse_complement"]
        self._logits.append(
            forward_batch(self.ensemble, self.validation_windows, self.validation_batches[part], both_strands)
        )

    def on_validation_epoch_end(self) -> None:
        """Loss, AUPR and AUROC of each network over all validation windows; NaN where its output is not finite."""
        rows = torch.cat(self.validation_batches).to(self.device)
        logits, labels = torch.cat(self._logits, dim=1).float(), self.validation_labels[rows]
        self._logits.clear()
        truth = labels.cpu().numpy() > 0.5
        self.evaluation = []
        for own in logits.cpu():
            scores, finite = own.numpy(), bool(torch.isfinite(own).all())
            self.evaluation.append({
                "validation_loss": float(binary_cross_entropy_with_logits(own, labels.cpu())),
                "validation_aupr": average_precision(truth, scores) if finite else float("nan"),
                "validation_auroc": auroc(truth, scores) if finite else float("nan"),
            })  # fmt: skip
        for name in self.evaluation[0]:
            mean = sum(one[name] for one in self.evaluation) / len(self.evaluation)
            self.log(name, mean, prog_bar=name == "validation_aupr")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimiser of the phase; it works number by number, so a ensemble needs no more than one."""
        return make_optimizer(self.ensemble, self.phase.training)


class Turns(pl.LightningDataModule):
    """Whose turn it is: the parts of an epoch, and those of the validation windows.

    Args:
        classifier: holds the windows.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.steps = classifier.phase.training["steps_per_epoch"]
        self.validation = len(classifier.validation_batches)

    def train_dataloader(self) -> DataLoader:
        """Numbers of the epoch's parts; what is in them the classifier draws."""
        return DataLoader(range(-(-self.steps // STEPS_AT_ONCE)), batch_size=None)  # type: ignore[arg-type]

    def val_dataloader(self) -> DataLoader:
        """Numbers of the parts in which validation windows are scored."""
        return DataLoader(range(self.validation), batch_size=None)  # type: ignore[arg-type]
