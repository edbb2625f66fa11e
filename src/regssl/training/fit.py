"""The one training routine: phases of a method, each run by a Lightning Trainer."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pickle
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch import Tensor, nn

from regssl._version import __version__
from regssl.data.dataset import WindowDataset
from regssl.io.atomic import is_disk_full, write_error
from regssl.methods import Phase, resolve
from regssl.methods.settings import Training
from regssl.models import build
from regssl.models.ensemble import Ensemble
from regssl.models.inputs import SequenceInputs, encode_inputs
from regssl.models.predict import predict, supported_precision
from regssl.training.early_stopping import Epochs
from regssl.training.module import Classifier, Turns
from regssl.training.sampling import Slots, make_slots, permuted, seed_of

# cuBLAS is deterministic only with a fixed workspace; it reads this when it first starts
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@dataclass
class Trained:
    """A trained network and how it came about.

    Attributes:
        network: has the best weights of its last phase.
        history: one dict with the keys HISTORY per epoch of all phases.
        shares: per phase, the expected share of positives among the windows shown.
    """

    network: nn.Module
    history: list[dict[str, Any]] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)


def fit(
    settings: Mapping[str, Any],
    method: str,
    seeds: Sequence[int],
    human: WindowDataset,
    homologs: WindowDataset | None,
    validation: WindowDataset,
    checkpoints: Path,
    teachers: Sequence[nn.Module] | None = None,
    stacked: bool | None = None,
    threads: int = 1,
    progress: bool = False,
) -> list[Trained]:
    """Train one network per seed by one method.

    On a CPU, the same seed, data, settings and number of threads give the same weights, bit for bit, whatever the other
    seeds, and also when training was interrupted and called again with the same `checkpoints`.

    Args:
        settings: as `Config.settings` gives; keys of `training` that are left out have their defaults.
        method: an id that `methods.resolve` knows; not a floor.
        seeds: of the initial weights, the order of the windows, strands, dropout and noise; one network each.
        human, homologs, validation: windows; homologs, or what stands in their place, only where the method uses them.
        checkpoints: folder for the state after the last epoch, from which a killed run goes on.
        teachers: one trained network per seed, for methods that need them.
        stacked: train all seeds at once, as an ensemble, or one after the other, which is faster on a CPU and the same
            up to rounding. None: at once where there is a GPU.
        threads: CPU threads of torch.
        progress: show a progress bar.

    Raises:
        DataError: training diverged.
    """
    _quiet()
    torch.set_num_threads(threads)
    settings = {**settings, "training": Training(**settings["training"]).model_dump()}
    if stacked is None:
        stacked = torch.cuda.is_available()
    sets: _Sets | None = None
    trained = []
    for together in [[*range(len(seeds))]] if stacked else [[number] for number in range(len(seeds))]:
        own = [seeds[number] for number in together]
        taught = [teachers[number] for number in together] if teachers else None
        networks = [_fresh(settings, seed, human) for seed in own]
        sets = sets or _Sets.read(networks[0], human, homologs, validation, settings["training"]["reverse_complement"])
        trained += _fit_stack(settings, method, own, networks, sets, checkpoints, taught, threads, progress)
    return trained


@dataclass(frozen=True)
class _Sets:
    """The windows of a cell, and the same as its networks read them: made once for all seeds and phases."""

    human: WindowDataset
    homologs: WindowDataset | None
    validation: WindowDataset
    train: SequenceInputs  # human, then homologs
    held_out: SequenceInputs

    @classmethod
    def read(
        cls,
        network: nn.Module,
        human: WindowDataset,
        homologs: WindowDataset | None,
        validation: WindowDataset,
        both_strands: bool,
    ) -> _Sets:
        """The sets of a cell, read once as `network` reads windows."""
        windows = human if homologs is None else human + homologs
        train, held_out = (encode_inputs(network, one.codes, both_strands) for one in (windows, validation))
        return cls(human, homologs, validation, train, held_out)

    def slots(self, phase: Phase, percent: int | None, seed: int) -> Slots:
        """What a phase of a seed draws from; every phase of every method takes the same part of the human windows."""
        stream = torch.Generator().manual_seed(seed_of(seed, "slots"))
        return make_slots(phase.source, self.human, self.homologs, percent, stream)

    def labels(self, phase: Phase, seeds: Sequence[int]) -> Tensor:
        """Labels of human windows, then of homologs: float32 (windows,), or (seeds, windows) where seeds differ."""
        if self.homologs is None:
            return self.human.labels
        if not phase.label_permutation:
            return torch.cat([self.human.labels, self.homologs.labels])
        streams = [torch.Generator().manual_seed(seed_of(seed, "labels")) for seed in seeds]
        others = [permuted(self.homologs, phase.label_permutation, stream) for stream in streams]
        return torch.stack([torch.cat([self.human.labels, labels]) for labels in others])


def _fit_stack(
    settings: Mapping[str, Any],
    method: str,
    seeds: Sequence[int],
    networks: Sequence[nn.Module],
    sets: _Sets,
    checkpoints: Path,
    teachers: Sequence[nn.Module] | None,
    threads: int,
    progress: bool,
) -> list[Trained]:
    """Train networks side by side, phase by phase."""
    folder = checkpoints / _fingerprint(settings, method, seeds, sets, [*networks, *(teachers or [])])
    ensemble, human = Ensemble(networks), sets.human
    subset = resolve(method).subset
    percent = None if subset is None else subset.train_percent
    histories: list[list[dict[str, Any]]] = [[] for _ in seeds]
    shares: list[dict[str, float]] = [{} for _ in seeds]
    for phase in resolve(method).phases(settings):
        weights = None
        if phase.confidence_power is not None and sets.homologs is not None:
            taught = teachers if teachers and not phase.reinitialize else _networks(ensemble, settings, seeds, human)
            weights = trust(taught, human, sets.homologs, phase, threads)
        if phase.reinitialize:
            ensemble = Ensemble([_fresh(settings, seed, human) for seed in seeds])
        labels = sets.labels(phase, seeds)
        slots = [sets.slots(phase, percent, seed) for seed in seeds]
        for number, (own, share) in enumerate(zip(slots, shares, strict=True)):
            share[phase.name] = own.positive_share(labels if labels.ndim == 1 else labels[number])
        classifier = Classifier(
            ensemble, seeds, phase, slots, sets.train, labels, sets.held_out, sets.validation.labels, weights
        )  # fmt: skip
        epochs = _run_phase(classifier, folder, progress)
        ensemble.load_members(epochs.best)
        for history, rows in zip(histories, epochs.histories, strict=True):
            history += rows
    trained = _networks(ensemble, settings, seeds, human)
    return [Trained(*parts) for parts in zip(trained, histories, shares, strict=True)]


def trust(
    teachers: Sequence[nn.Module], human: WindowDataset, homologs: WindowDataset, phase: Phase, threads: int = 1
) -> Tensor:
    """How far a phase trusts each label: float32 (teachers, human + homologs).

    1 for a human window. For a homolog the probability its teacher gives to the pseudo-label, to the power
    `phase.confidence_power`: a homolog that lost its site counts for less, and at power 0 all count alike. A teacher
    that gives a homolog of a bound window 0.7 weights it by 0.7 at power 1, and by 0.49 at power 2.
    """
    assert phase.confidence_power is not None
    rows = []
    for teacher in teachers:
        both_strands, precision = phase.training["reverse_complement"], phase.training.get("precision", "32-true")
        logits = torch.from_numpy(predict(teacher, homologs.codes.numpy(), both_strands, threads, precision))
        confidence = torch.sigmoid(torch.where(homologs.labels > 0.5, logits, -logits))
        rows.append(torch.cat([torch.ones(len(human)), confidence**phase.confidence_power]))
    return torch.stack(rows)


def _fresh(settings: Mapping[str, Any], seed: int, human: WindowDataset) -> nn.Module:
    pl.seed_everything(seed, workers=True, verbose=False)
    return build(settings["architecture"], human.codes.shape[1], settings["params"])


def _networks(
    ensemble: Ensemble, settings: Mapping[str, Any], seeds: Sequence[int], human: WindowDataset
) -> list[nn.Module]:
    """The networks of a ensemble, each on its own."""
    networks = []
    for number, seed in enumerate(seeds):
        network = _fresh(settings, seed, human)
        network.load_state_dict(ensemble.member_state_dict(number))
        networks.append(network.eval())
    return networks


def _run_phase(classifier: Classifier, folder: Path, progress: bool) -> Epochs:
    """Train until no network's validation AUPR rises any more, going on from a checkpoint where there is one."""
    phase, checkpoint = classifier.phase, folder / f"{classifier.phase.name}.ckpt"
    epochs = Epochs(phase.training["patience"])
    if resume := _readable(checkpoint):
        epochs.load_state_dict(resume["callbacks"][epochs.state_key])
        if epochs.finished:
            return epochs
        print(f"{checkpoint}: going on after epoch {resume['epoch']}", flush=True)
    trainer = pl.Trainer(
        accelerator="auto",
        devices=1,
        deterministic=True,
        precision=supported_precision(phase.training["precision"]),  # type: ignore[arg-type]
        max_epochs=phase.training["max_epochs"],
        callbacks=[
            epochs,
            ModelCheckpoint(folder, phase.name, save_on_train_epoch_end=True, enable_version_counter=False),
        ],
        plugins=[LightningEnvironment()],  # inside a SLURM job Lightning must not take SLURM for its process manager
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
    )
    classifier.ensemble.train()
    ckpt_path = checkpoint if resume else None
    try:
        trainer.fit(classifier, datamodule=Turns(classifier), ckpt_path=ckpt_path, weights_only=True)
    except (OSError, RuntimeError) as error:
        if is_disk_full(error):
            raise write_error(checkpoint, error) from error
        raise
    return epochs


def _readable(checkpoint: Path) -> dict[str, Any] | None:
    """The checkpoint, if it is there and whole; a damaged one is set aside with a word."""
    try:
        return torch.load(checkpoint, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        print(f"{checkpoint}: damaged, training starts again: {error}", flush=True)
        checkpoint.unlink()
        return None


def _fingerprint(
    settings: Mapping[str, Any], method: str, seeds: Sequence[int], sets: _Sets, networks: Sequence[nn.Module]
) -> str:
    """A name for everything that decides the weights, so that a checkpoint of other data or settings is never used.

    Args:
        settings, method, seeds, sets: of the run.
        networks: those it starts from and those that teach it.
    """
    digest = hashlib.sha256(json.dumps([settings, method, [*seeds], __version__, torch.__version__]).encode())
    windows = [one for one in (sets.human, sets.homologs, sets.validation) if one is not None]
    parts = [(one.codes, one.labels, one.sources, one.genomes) for one in windows]
    tensors = [tensor for part in parts for tensor in part if tensor is not None]
    tensors += [tensor for network in networks for tensor in network.state_dict().values()]
    for tensor in tensors:
        digest.update(tensor.cpu().contiguous().view(-1).numpy().data)
    return digest.hexdigest()[:16]


def _quiet() -> None:
    """Keep Lightning's advertisements and remarks out of the logs."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message="The `srun` command is available")
