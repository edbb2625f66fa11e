"""The LightningModule that trains the networks of a phase, and its loaders.

Windows are not loaded batch by batch: they are on the device, encoded for the network, and the random choices of an
epoch are made before it. One `training_step` makes many optimizer steps, so that Lightning's overhead, about as long as
a step of a small network, occurs once for all of them; none of them waits for the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from regssl.evaluation.metrics import auroc, average_precision
from regssl.methods import Phase
from regssl.models.ensemble import Ensemble
from regssl.models.inputs import SequenceInputs
from regssl.models.predict import EVALUATION_BATCH, exact_logits, forward_batch, supported_precision
from regssl.sequences.encoding import one_hot
from regssl.training.augmentation import Augmenter
from regssl.training.loss import mean_losses
from regssl.training.optimizer import clip_gradients, make_optimizer, set_learning_rate, step_function
from regssl.training.sampling import EpochBatches, EpochShape, SamplingUnits, derive_seed, sample_epoch

CHUNK_STEPS = 25
"""Optimizer steps in one `training_step` of Lightning."""


@dataclass(frozen=True)
class PhaseData:
    """The windows of a phase.

    Attributes:
        units: the sampling units of each seed.
        train, validation: encoded windows.
        train_labels, validation_labels: float32 (windows,), the former also (seeds, windows).
        weights: factor of the loss of each training window, float32 (seeds, windows); None: 1.
        augmenter: changes the windows of each batch; None: they are taken as they are.
    """

    units: Sequence[SamplingUnits]
    train: SequenceInputs
    train_labels: Tensor
    validation: SequenceInputs
    validation_labels: Tensor
    weights: Tensor | None = None
    augmenter: Augmenter | None = None


class SequenceClassifier(pl.LightningModule):
    """Binary classifiers of windows: one network per seed, each trained as if it were alone.

    Args:
        ensemble: the networks.
        seeds: of the order of the windows, strands, dropout and noise of each network.
        phase: how they are trained.
        data: the windows.

    Attributes:
        validation_metrics: validation_loss, validation_aupr and validation_auroc of each network.
    """

    train_labels: Tensor
    train_weights: Tensor | None
    validation_labels: Tensor

    def __init__(self, ensemble: Ensemble, seeds: Sequence[int], phase: Phase, data: PhaseData) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.ensemble, self.seeds, self.phase, self.units = ensemble, list(seeds), phase, list(data.units)
        self.train_windows, self.validation_windows = data.train, data.validation
        self.augmenter = data.augmenter
        self.noise_on_bases = not ensemble.set_noise(phase.noise_sd) and phase.noise_sd > 0
        self.validation_metrics: list[dict[str, float]] = []
        self._losses: list[Tensor] = []
        self._logits: list[Tensor] = []
        self._noise: list[torch.Generator] = []
        self._chunks: list[EpochBatches] = []
        self._lengths: list[int] = []
        self.validation_batches = data.validation.batches(EVALUATION_BATCH)
        self._step_losses = torch.compile(self._losses_of) if phase.training.compile else self._losses_of
        buffers = {
            "train_labels": data.train_labels,
            "train_weights": data.weights,
            "validation_labels": data.validation_labels,
        }
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=False)  # Lightning moves buffers to the device

    def on_train_epoch_start(self) -> None:
        """Sample the batches of the epoch."""
        training = self.phase.training
        layers = len(self.ensemble.seeded_layers)
        shape = EpochShape(training.batch_size, training.steps_per_epoch, layers, training.reverse_complement)
        lengths = self.train_windows.lengths
        sampled = sample_epoch(self.seeds, self.phase.name, self.current_epoch, self.units, shape, lengths)
        batches = zip(sampled.indices, sampled.reverse_complement, strict=True)
        self._lengths = [self.train_windows.padded_length(indices, reverse) for indices, reverse in batches]
        self._chunks = [chunk.to(self.device) for chunk in sampled.split(CHUNK_STEPS)]
        self._noise = [torch.Generator(self.device).manual_seed(self._stream(seed)) for seed in self.seeds]

    def training_step(self, chunk: int) -> None:
        """Make the optimizer steps of one chunk of the epoch."""
        torch.manual_seed(self._stream(self.seeds[0], chunk))  # for networks that use torch's own dropout
        optimizer, training = self.optimizers(use_pl_optimizer=False), self.phase.training
        assert not isinstance(optimizer, list)
        parameters, make_step = [*self.ensemble.parameters()], step_function(optimizer)
        before = self.current_epoch * training.steps_per_epoch + chunk * CHUNK_STEPS
        windows, places, lengths = self._windows_of(chunk)
        batches = zip(*self._chunks[chunk], places, lengths, strict=True)
        for step, (indices, reverse, seeds, own, length) in enumerate(batches, start=before):
            losses = self._step_losses(self._sequences(windows, own, reverse, length), indices, seeds)
            for parameter in parameters:
                parameter.grad = None
            losses.sum().backward()
            clip_gradients(self.ensemble, training.gradient_clip_norm)
            set_learning_rate(optimizer, training, step)
            make_step()
            self._losses.append(losses.detach())

    def _stream(self, *names: int) -> int:
        return derive_seed(*names, self.phase.name, self.current_epoch, "numbers")

    def _windows_of(self, chunk: int) -> tuple[SequenceInputs, Tensor, list[int]]:
        """Return the windows of a chunk, the places of its batches among them, and their lengths."""
        indices, reverse, _ = self._chunks[chunk]
        if self.augmenter is None:
            return self.train_windows, indices, self._lengths[chunk * CHUNK_STEPS :][: len(indices)]
        names = self.phase.name, self.current_epoch, "augmentation", chunk
        streams = [torch.Generator().manual_seed(derive_seed(seed, *names)) for seed in self.seeds]
        windows = self.augmenter.augmented(indices.cpu(), streams)
        places = torch.arange(indices.numel()).view(indices.shape)
        lengths = [windows.padded_length(*batch) for batch in zip(places, reverse.cpu(), strict=True)]
        return windows.to(self.device), places.to(self.device), lengths

    def _sequences(self, windows: SequenceInputs, indices: Tensor, reverse: Tensor, length: int) -> Tensor:
        """Select network inputs, (seeds, batch, length), or noisy bases, float (seeds, batch, 4, width)."""
        if not self.noise_on_bases:
            return windows.select(indices, None if self.ensemble.strand_invariant else reverse, length)
        bases = one_hot(windows.select(indices, reverse, length))
        noise = [torch.randn(bases.shape[1:], generator=stream, device=self.device) for stream in self._noise]
        return bases + self.phase.noise_sd * torch.stack(noise)

    def _losses_of(self, sequences: Tensor, indices: Tensor, seeds: Tensor) -> Tensor:
        """Compute the loss of each network on its batch: (seeds,)."""
        logits = self.ensemble(sequences, seeds)
        labels = self.train_labels
        targets = labels[indices] if labels.ndim == 1 else labels.gather(1, indices)
        weights = None if self.train_weights is None else self.train_weights.gather(1, indices)
        return mean_losses(logits, targets, weights)

    def mean_train_losses(self) -> list[float]:
        """Return each network's mean loss over the steps since the last call."""
        means: list[float] = torch.stack(self._losses).mean(0).tolist()
        self._losses.clear()
        return means

    def validation_step(self, part: int) -> None:
        """Collect the logits of some validation windows."""
        batch, training, network = self.validation_batches[part], self.phase.training, self.ensemble.network
        with exact_logits(network, self.device, supported_precision(training.precision, network)):
            logits = forward_batch(self.ensemble, self.validation_windows, batch, training.reverse_complement)
        self._logits.append(logits)

    def on_validation_epoch_end(self) -> None:
        """Compute loss, AUPR and AUROC of each network over all validation windows; NaN where logits are not finite."""
        indices = torch.cat(self.validation_batches).to(self.device)
        logits, labels = torch.cat(self._logits, dim=1).float(), self.validation_labels[indices]
        self._logits.clear()
        truth = labels.cpu().numpy() > 0.5
        self.validation_metrics = []
        for own in logits.cpu():
            scores, finite = own.numpy(), bool(torch.isfinite(own).all())
            self.validation_metrics.append({
                "validation_loss": float(binary_cross_entropy_with_logits(own, labels.cpu())),
                "validation_aupr": average_precision(truth, scores) if finite else float("nan"),
                "validation_auroc": auroc(truth, scores) if finite else float("nan"),
            })  # fmt: skip
        for name in self.validation_metrics[0]:
            mean = sum(one[name] for one in self.validation_metrics) / len(self.validation_metrics)
            self.log(name, mean, prog_bar=name == "validation_aupr")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Make the optimizer of the phase: one for all networks, since it works element by element."""
        return make_optimizer(self.ensemble, self.phase.training)


class EpochDataModule(pl.LightningDataModule):
    """Loaders of chunk numbers: of the steps of an epoch, and of the validation windows.

    Args:
        classifier: holds the windows.
    """

    def __init__(self, classifier: SequenceClassifier) -> None:
        super().__init__()
        self.train_chunks = -(-classifier.phase.training.steps_per_epoch // CHUNK_STEPS)
        self.validation_parts = len(classifier.validation_batches)

    def train_dataloader(self) -> DataLoader[int]:
        """Load the numbers of the chunks; the classifier has sampled their content."""
        return DataLoader(range(self.train_chunks), batch_size=None)  # type: ignore[arg-type]

    def val_dataloader(self) -> DataLoader[int]:
        """Load the numbers of the validation batches."""
        return DataLoader(range(self.validation_parts), batch_size=None)  # type: ignore[arg-type]
