"""The one training routine: phases of a method, each run by a Lightning Trainer."""

from __future__ import annotations

import csv
import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch import nn

from regssl.classifier import HISTORY, Classifier, EpochLog, Windows
from regssl.datasets import PackedWindows
from regssl.errors import ConfigError, DataError
from regssl.files import atomic_path
from regssl.methods import METHODS, Phase
from regssl.models import build
from regssl.models.saved import save

# cuBLAS is deterministic only with a fixed workspace; it reads this when it first starts
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def fit(
    settings: Mapping[str, Any],
    method: str,
    seed: int,
    human: PackedWindows,
    homologs: PackedWindows | None,
    validation: PackedWindows,
    checkpoints: Path,
    threads: int = 1,
    progress: bool = False,
) -> tuple[nn.Module, list[dict[str, Any]]]:
    """Train one network by one method.

    The same seed, data, settings and number of threads give the same weights, bit for bit, on a CPU.

    Args:
        settings: as `Config.settings` gives.
        method: a name of `methods.METHODS`.
        seed: of the initial weights, the order of the windows, strands and dropout.
        human, homologs, validation: windows; homologs only where the method uses them.
        checkpoints: folder for Lightning's checkpoints, `<phase>-best.ckpt`.
        threads: CPU threads of torch.
        progress: show a progress bar.

    Returns:
        The network with the best weights of the last phase, and the history: one dict per epoch with the keys HISTORY.
    """
    _quiet()
    torch.set_num_threads(threads)
    pl.seed_everything(seed, workers=True, verbose=False)
    network = build(settings["architecture"], human.codes.shape[1], settings["params"])
    history: list[dict[str, Any]] = []
    for phase in METHODS[method].phases(settings):
        train = human
        if phase.homologs and homologs is not None:
            train = PackedWindows(torch.cat([human.codes, homologs.codes]), torch.cat([human.labels, homologs.labels]))
        windows = Windows(train, validation, phase.training, seed)
        best = _run_phase(network, phase, windows, history, checkpoints, progress)
        state = torch.load(best, map_location="cpu", weights_only=True)["state_dict"]
        network.load_state_dict({name.removeprefix("network."): value for name, value in state.items()})
    return network.eval(), history


def _run_phase(
    network: nn.Module, phase: Phase, windows: Windows, history: list[dict[str, Any]], checkpoints: Path, progress: bool
) -> str:
    """Train until the validation AUPR stops rising; give the path of the best checkpoint."""
    keep_best = ModelCheckpoint(
        dirpath=checkpoints,
        filename=f"{phase.name}-best",
        monitor="validation_aupr",
        mode="max",
        save_weights_only=True,
        enable_version_counter=False,
    )
    stop = EarlyStopping(monitor="validation_aupr", mode="max", patience=phase.training["patience"])
    trainer = pl.Trainer(
        accelerator="auto",
        devices=1,
        deterministic=True,
        max_epochs=phase.training["max_epochs"],
        callbacks=[keep_best, stop, EpochLog(phase.name, history)],
        plugins=[LightningEnvironment()],  # inside a SLURM job Lightning must not take SLURM for its process manager
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    trainer.fit(Classifier(network.train(), phase.training), datamodule=windows)
    return keep_best.best_model_path


def _quiet() -> None:
    """Keep Lightning's advertisements and remarks out of the logs."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")


def train_run(
    settings: Mapping[str, Any],
    method: str,
    seed: int,
    human: str | Path,
    homologs: Sequence[str | Path],
    validation: str | Path,
    out: Path,
    threads: int = 1,
    progress: bool = False,
) -> dict[str, Any]:
    """Train from packed sets on disk; write `model.safetensors`, `history.csv` and `checkpoints/` into `out`.

    Args:
        human, homologs, validation: packed sets, `X.npy`; the others as in `fit`.

    Returns:
        What is worth recording of the run: settings, sizes, and the best epoch of each phase.

    Raises:
        ConfigError: no such method or architecture.
        DataError: a set is damaged, training diverged, or the method needs homologs and there are none.
    """
    if method not in METHODS:
        raise ConfigError(f"unknown method '{method}'", f"known: {', '.join(METHODS)}")
    if METHODS[method].homologs and not homologs:
        raise DataError(f"method '{method}' needs homologs, and there are none", "give --homologs")
    own = PackedWindows.load([human])
    others = PackedWindows.load(homologs) if METHODS[method].homologs else None
    held_out = PackedWindows.load([validation])
    network, history = fit(settings, method, seed, own, others, held_out, out / "checkpoints", threads, progress)
    card = {
        "architecture": settings["architecture"],
        "params": settings["params"],
        "width": own.codes.shape[1],
        "reverse_complement": settings["training"]["reverse_complement"],
        "method": method,
        "seed": seed,
    }
    save(network, card, out / "model.safetensors")
    _write_history(history, out / "history.csv")
    best = {row["phase"]: row for row in sorted(history, key=lambda row: row["validation_aupr"])}
    windows = {"human": len(own), "homologs": len(others) if others else 0, "validation": len(held_out)}
    return {"method": method, "seed": seed, "settings": settings, "windows": windows, "best": best, "threads": threads}


def _write_history(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    with atomic_path(path) as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, HISTORY)
        writer.writeheader()
        writer.writerows(history)
