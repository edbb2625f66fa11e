"""Small settings of a training run, and small windows with a motif, in memory and on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from regssl.data.dataset import WindowDataset
from regssl.methods import resolve
from regssl.methods.settings import RunSettings
from regssl.sequences.encoding import encode
from regssl.training.data import TrainingFiles, TrainingJob
from regssl.training.runs import train

SETTINGS: dict[str, Any] = {
    "architecture": "deepbind",
    "params": {"filters": 8, "filter_width": 8, "hidden": 4, "dropout": 0.2, "both_strands": False},
    "training": {
        "batch_size": 16,
        "learning_rate": 0.02,
        "weight_decay": 0.0,
        "min_passes": None,
        "steps_per_epoch": 20,
        "max_epochs": 4,
        "patience": 4,
        "reverse_complement": True,
        "precision": "32-true",
        "compile": False,
    },
    "finetuning": {"learning_rate_factor": 0.1},
    "cross_fitting": {"folds": 1},
    "noisy_student": {"confidence_power": 1.0, "noise_sd": 0.1, "rounds": 1},
}
MOTIF = encode("TGACTCA")


def job_of(settings: dict[str, Any], method: str, seeds: Sequence[int], **options: Any) -> TrainingJob:
    """A training job; settings and method are checked and parsed."""
    return TrainingJob(RunSettings(**settings), resolve(method), seeds, **options)


def windows(n: int, seed: int, width: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Random sequences; every fourth one is positive and holds the motif."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, width), dtype=np.uint8)
    labels = (np.arange(n) % 4 == 0).astype(np.uint8)
    for row in np.flatnonzero(labels):
        place = rng.integers(0, width - len(MOTIF))
        codes[row, place : place + len(MOTIF)] = MOTIF
    return codes, labels


def on_disk(folder: Path, name: str, n: int, seed: int, width: int = 40) -> Path:
    codes, labels = windows(n, seed, width)
    np.save(folder / f"{name}.npy", codes)
    start = np.arange(n) * width
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + width, "label": labels})
    table["source"] = np.arange(n) % 160  # the human window of a homolog, which has the same label
    table.to_parquet(folder / f"{name}.parquet")
    return folder / f"{name}.npy"


def in_memory(n: int, seed: int) -> WindowDataset:
    codes, labels = windows(n, seed)
    return WindowDataset(torch.from_numpy(codes), torch.from_numpy(labels.astype(np.float32)))


def run(folder: Path, method: str = "sl", seed: int = 0, **settings: Any) -> dict[str, Any]:
    """Train one seed; its files are in `out/seed<seed>`."""
    files = TrainingFiles(
        on_disk(folder, "human", 160, 1),
        on_disk(folder, "validation", 80, 4),
        [on_disk(folder, "mouse", 200, 2), on_disk(folder, "dog", 100, 3)],
    )
    (record,) = train(job_of({**SETTINGS, **settings}, method, [seed]), files, folder / "out")
    return record
