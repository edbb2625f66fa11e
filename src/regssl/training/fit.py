"""The one training routine: the phases of a method, each run by a Lightning Trainer."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.callbacks import Callback
from torch import Tensor, nn

from regssl._version import __version__
from regssl.io.atomic import is_disk_full, write_error
from regssl.methods import Phase
from regssl.methods.settings import RunSettings
from regssl.models import build, import_network
from regssl.models.ensemble import Ensemble
from regssl.models.inputs import SequenceInputs, encode_inputs
from regssl.models.predict import supported_precision
from regssl.progress import Progress
from regssl.training.augmentation import Augmenter
from regssl.training.checkpoints import DigestedCheckpointIO, read_checkpoint
from regssl.training.data import TrainingData, TrainingJob
from regssl.training.early_stopping import EarlyStopping
from regssl.training.module import CHUNK_STEPS, EpochDataModule, PhaseData, SequenceClassifier
from regssl.training.sampling import (
    count_kept,
    derive_seed,
    find_parents,
    make_sampling_units,
    permute_labels,
    selection_stream,
)
from regssl.training.teaching import (
    confidence_weights,
    distance_factors,
    kept_homologs,
    normalize_by_label,
    teacher_logits,
)

# cuBLAS is deterministic only with a fixed workspace; it reads this when it first starts
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

_log = logging.getLogger(__name__)


@dataclass
class FitResult:
    """A trained network and its training.

    Attributes:
        network: with the best weights of its last phase.
        history: the rows of all phases, each a dict with the keys HISTORY_COLUMNS.
        positive_fraction: per phase, the expected fraction of positives among the sampled windows.
        filtered: per phase that filters homologs, `sampling.count_kept`.
        settings: with which it was trained: one of the candidates of its method.
        candidates: best validation AUPR of the last phase with the settings of each candidate.
    """

    network: nn.Module
    history: list[dict[str, Any]]
    positive_fraction: dict[str, float]
    filtered: dict[str, dict[str, int]]
    settings: RunSettings
    candidates: list[float] = field(default_factory=list)

    @property
    def validation_aupr(self) -> float:
        """The best of its last phase."""
        last = self.history[-1]["phase"]
        return max(float(row["validation_aupr"]) for row in self.history if row["phase"] == last)


def fit(
    job: TrainingJob, data: TrainingData, checkpoints: Path, teachers: Sequence[Sequence[nn.Module]] | None = None
) -> list[FitResult]:
    """Train one network per seed.

    On a CPU, the same seed, data, settings and number of threads give the same weights, bit for bit, whatever the other
    seeds, and also when training was interrupted and called again with the same `checkpoints`.

    Args:
        job: not one of a baseline, and with the steps of its budget; its model files of teachers are not read.
        data: the windows; homologs only where the method uses them.
        checkpoints: folder for the state after the last epoch, from which an interrupted run is resumed.
        teachers: of each seed, one trained network, or one per fold, for methods with a teacher.

    Raises:
        DataError: training diverged.
    """
    _silence_lightning()
    torch.set_num_threads(job.threads)
    stacked = torch.cuda.is_available() if job.stacked is None else job.stacked
    stacked = stacked and not getattr(import_network(job.settings.architecture), "one_by_one", False)
    encoded: _EncodedData | None = None
    results = []
    for group in [[*range(len(job.seeds))]] if stacked else [[index] for index in range(len(job.seeds))]:
        own = replace(job, seeds=[job.seeds[index] for index in group])
        networks = [_build(own, seed, data.width) for seed in own.seeds]
        encoded = encoded or _EncodedData.encode(data, networks[0], job.settings.training.reverse_complement)
        of_group = [teachers[i] for i in group] if teachers else None
        candidates = [
            _fit_group(replace(own, settings=settings), encoded, networks, checkpoints, of_group)
            for settings in job.method.candidates(job.settings)
        ]
        results += [_choose(of_seed) for of_seed in zip(*candidates, strict=True)]
    return results


def _choose(candidates: Sequence[FitResult]) -> FitResult:
    """Return the candidate that is best on the validation windows, the first of equals, with the scores of all."""
    scores = [candidate.validation_aupr for candidate in candidates]
    return replace(candidates[scores.index(max(scores))], candidates=scores)


@dataclass(frozen=True)
class _EncodedData:
    """The windows of a job, encoded once for all seeds and phases; the training windows are human, then homologs."""

    windows: TrainingData
    encoder: Callable[[Tensor], SequenceInputs]
    train: SequenceInputs
    validation: SequenceInputs

    @classmethod
    def encode(cls, data: TrainingData, network: nn.Module, both_strands: bool) -> _EncodedData:
        """Encode the windows for a network."""
        train = data.human if data.homologs is None else data.human + data.homologs
        encoder = partial(encode_inputs, network, both_strands=both_strands)
        return cls(data, encoder, encoder(train.codes), encoder(data.validation.codes))

    def labels(self, phase: Phase, seeds: Sequence[int], selected: Sequence[Tensor]) -> Tensor:
        """Return the labels of training windows: float32 (windows,), or (seeds, windows) where seeds differ.

        Args:
            phase: permutes labels, or does not.
            seeds: of the networks.
            selected: the human windows that each trains on, bool (human,).
        """
        human, homologs = self.windows.human, self.windows.homologs
        if homologs is None:
            return human.labels
        if not phase.label_permutation:
            return torch.cat([human.labels, homologs.labels])
        streams = [torch.Generator().manual_seed(derive_seed(seed, "labels")) for seed in seeds]
        parents = find_parents(human, homologs)
        permuted = [
            permute_labels(homologs, own[parents], phase.label_permutation, stream)
            for own, stream in zip(selected, streams, strict=True)
        ]
        return torch.stack([torch.cat([human.labels, labels]) for labels in permuted])

    def of_phase(self, phase: Phase, job: TrainingJob, teachers: Sequence[Sequence[nn.Module]]) -> PhaseData:
        """Return the windows of a phase; every phase of every method selects the same part of the human windows."""
        percent = None if job.method.subset is None else job.method.subset.train_percent
        streams = [selection_stream(seed) for seed in job.seeds]
        human, homologs = self.windows.human, self.windows.homologs
        weights: Tensor | None = None
        kept: Sequence[Tensor | None] = [None] * len(streams)
        if phase.asks_teacher and homologs is not None:
            logits = teacher_logits(teachers, self.windows, phase, job.threads)
            if phase.confidence_power is not None:
                weights = confidence_weights(logits, homologs.labels, len(human), phase.confidence_power)
                if phase.distance_decay:
                    weights[:, len(human) :] *= distance_factors(self.windows, phase.distance_decay)
            if phase.filtering is not None:
                kept = list(kept_homologs(logits, self.windows, len(teachers[0]), phase.filtering))
        selected = [self.windows.select(percent, stream) for stream in streams]
        units = [
            make_sampling_units(phase.source, human, homologs, *own)
            for own in zip(selected, streams, kept, strict=True)
        ]
        labels = self.labels(phase, job.seeds, selected)
        if weights is not None and phase.normalize_weights:
            sampled = [own.members[own.members >= len(human)] for own in units]
            weights = torch.stack([normalize_by_label(w, labels, own) for w, own in zip(weights, sampled, strict=True)])
        rates = phase.augmentation
        augmenter = None if rates is None else Augmenter(human.codes, rates, self.encoder)
        validation = self.validation, self.windows.validation.labels
        return PhaseData(units, self.train, labels, *validation, weights, augmenter)


def _fit_group(
    job: TrainingJob,
    encoded: _EncodedData,
    networks: Sequence[nn.Module],
    checkpoints: Path,
    teachers: Sequence[Sequence[nn.Module]] | None,
) -> list[FitResult]:
    """Train networks side by side, phase by phase."""
    data = encoded.windows
    folder = checkpoints / _fingerprint(job, data, [*networks, *(one for own in teachers or [] for one in own)])
    ensemble = Ensemble(networks)
    histories: list[list[dict[str, Any]]] = [[] for _ in job.seeds]
    fractions: list[dict[str, float]] = [{} for _ in job.seeds]
    filtered: list[dict[str, dict[str, int]]] = [{} for _ in job.seeds]
    for phase in job.method.phases(job.settings):
        asks_student = phase.asks_teacher and (phase.reinitialize or not teachers)
        students = [[one] for one in _members(ensemble, job, data.width)] if asks_student else []
        of_phase = encoded.of_phase(phase, job, students or teachers or [])
        if phase.reinitialize:
            ensemble = Ensemble([_build(job, seed, data.width) for seed in job.seeds])
        labels = of_phase.train_labels
        for member, units in enumerate(of_phase.units):
            fractions[member][phase.name] = units.positive_fraction(labels if labels.ndim == 1 else labels[member])
            if phase.filtering is not None:
                filtered[member][phase.name] = count_kept(units, labels, len(data.human))
        stopping = _run_phase(SequenceClassifier(ensemble, job.seeds, phase, of_phase), folder)
        ensemble.load_members(stopping.best)
        for history, rows in zip(histories, stopping.histories, strict=True):
            history += rows
    members = _members(ensemble, job, data.width)
    return [FitResult(*parts, job.settings) for parts in zip(members, histories, fractions, filtered, strict=True)]


def _build(job: TrainingJob, seed: int, width: int) -> nn.Module:
    """Build a network with the initial weights of a seed."""
    pl.seed_everything(seed, workers=True, verbose=False)
    return build(job.settings.architecture, width, job.settings.params)


def _members(ensemble: Ensemble, job: TrainingJob, width: int) -> list[nn.Module]:
    """Return the networks of an ensemble, each on its own."""
    networks = []
    for member, seed in enumerate(job.seeds):
        network = _build(job, seed, width)
        network.load_state_dict(ensemble.member_state_dict(member))
        networks.append(network.eval())
    return networks


class _StepCounter(Callback):
    """Count the optimizer steps of a phase that are done."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, _outputs: Any, _batch: Any, batch_idx: int
    ) -> None:
        """Count the steps of a chunk."""
        assert isinstance(pl_module, SequenceClassifier)
        of_epoch = pl_module.phase.training.steps_per_epoch
        self.progress.reach(trainer.current_epoch * of_epoch + min((batch_idx + 1) * CHUNK_STEPS, of_epoch))


class _Checkpoints(Callback):
    """Write a checkpoint after each epoch: Lightning's own callback needs steps that Lightning counts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_epoch_end(self, trainer: pl.Trainer, _pl_module: pl.LightningModule) -> None:
        """Replace the checkpoint."""
        trainer.save_checkpoint(self.path)


def _run_phase(classifier: SequenceClassifier, folder: Path) -> EarlyStopping:
    """Train until the budget is spent or all networks have stopped, resuming from a checkpoint if there is one."""
    phase, checkpoint = classifier.phase, folder / f"{classifier.phase.name}.ckpt"
    stopping = EarlyStopping(phase.training.patience)
    if resume := read_checkpoint(checkpoint):
        stopping.load_state_dict(resume["callbacks"][stopping.state_key])
        if stopping.finished:
            return stopping
        _log.info("%s: going on after epoch %d", checkpoint, resume["epoch"] + 1)
    steps = phase.training.max_epochs * phase.training.steps_per_epoch
    done = 0 if resume is None else (resume["epoch"] + 1) * phase.training.steps_per_epoch
    seeds = ", ".join(map(str, classifier.seeds))
    progress = Progress(f"{phase.name}, seed {seeds}", steps, unit="step", done=done)
    trainer = pl.Trainer(
        accelerator="auto",
        devices=1,
        deterministic=True,
        precision=supported_precision(phase.training.precision, classifier.ensemble.network),  # type: ignore[arg-type]
        max_epochs=phase.training.max_epochs,
        callbacks=[
            stopping,
            _StepCounter(progress),
            _Checkpoints(checkpoint),
        ],
        plugins=[
            DigestedCheckpointIO(),
            LightningEnvironment(),
        ],  # the latter lest it take SLURM for its process manager
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0 if resume else -1,  # before the first step: the weights that the phase starts from
        log_every_n_steps=1,
    )
    classifier.ensemble.train()
    ckpt_path = checkpoint if resume else None
    try:
        with progress:
            trainer.fit(classifier, datamodule=EpochDataModule(classifier), ckpt_path=ckpt_path, weights_only=True)
    except (OSError, RuntimeError) as error:
        if is_disk_full(error):
            raise write_error(checkpoint, error) from error
        raise
    return stopping


def _fingerprint(job: TrainingJob, data: TrainingData, networks: Sequence[nn.Module]) -> str:
    """Hash all that determines the weights, so that a checkpoint of other data or settings is never used.

    Args:
        job, data: of the run.
        networks: the initial ones and the teachers.
    """
    precision = supported_precision(job.settings.training.precision, networks[0])
    values = [job.settings.model_dump(), precision, job.method.id, [*job.seeds], __version__, torch.__version__]
    digest = hashlib.sha256(json.dumps(values).encode())
    windows = [one for one in (data.human, data.homologs, data.validation) if one is not None]
    parts = [(one.codes, one.labels, one.sources, one.genomes) for one in windows]
    tensors = [tensor for part in parts for tensor in part if tensor is not None]
    tensors += [tensor for network in networks for tensor in network.state_dict().values()]
    tensors += [torch.from_numpy(data.folds.of_window)] if data.folds is not None else []
    tensors += [data.usable] if data.usable is not None else []
    tensors += [torch.tensor(data.distances, dtype=torch.float64)]
    for tensor in tensors:
        digest.update(tensor.cpu().contiguous().view(-1).numpy().data)
    return digest.hexdigest()[:16]


def _silence_lightning() -> None:
    """Keep Lightning's advertisements and remarks out of the logs."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message="The `srun` command is available")
