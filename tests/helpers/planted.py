"""A small world whose motif is known: sites of JASPAR's CTCF matrix in random sequence, and homologs of the windows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.training_sets import SETTINGS, job_of
from regssl.sequences.encoding import reverse_complement
from regssl.sequences.motifs import load_jaspar
from regssl.training.data import TrainingFiles
from regssl.training.runs import train

FACTOR = load_jaspar()["CTCF"]
WIDTH = 60
SUBSTITUTIONS = 0.05
"""Of each base, between a human window and its homolog."""


class Planted(NamedTuple):
    """Windows, uint8 (n, WIDTH), their labels, and where the site of each positive one begins."""

    codes: np.ndarray
    labels: np.ndarray
    sites: np.ndarray


class World(NamedTuple):
    """A network trained by SSL, held-out windows on disk, and what was planted in them."""

    model: Path
    windows: Path
    held_out: Planted


def plant(n: int, seed: int) -> Planted:
    """Every other window holds a site, on either strand."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, WIDTH), dtype=np.uint8)
    labels = (np.arange(n) % 2).astype(np.uint8)
    sites = rng.integers(0, WIDTH - FACTOR.width, n)
    for row, site in zip(np.flatnonzero(labels), FACTOR.sample(n // 2, rng, minimum=12), strict=True):
        oriented = reverse_complement(site) if rng.random() < 0.5 else site
        codes[row, sites[row] : sites[row] + FACTOR.width] = oriented
    return Planted(codes, labels, sites)


def evolved(planted: Planted, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mutated = rng.random(planted.codes.shape) < SUBSTITUTIONS
    return np.where(mutated, rng.integers(0, 4, planted.codes.shape), planted.codes).astype(np.uint8)


def write(path: Path, codes: np.ndarray, labels: np.ndarray) -> Path:
    np.save(path, codes)
    start = np.arange(len(codes)) * WIDTH
    table = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + WIDTH, "label": labels})
    table.assign(source=np.arange(len(codes))).to_parquet(path.with_suffix(".parquet"))
    return path


def train_ssl(folder: Path) -> World:
    human, validation, held_out = plant(400, 1), plant(200, 2), plant(200, 3)
    files = TrainingFiles(
        write(folder / "human.npy", human.codes, human.labels),
        write(folder / "validation.npy", validation.codes, validation.labels),
        [write(folder / f"{seed}.npy", evolved(human, seed), human.labels) for seed in (4, 5)],
    )
    training = {**SETTINGS["training"], "batch_size": 64, "steps_per_epoch": 40, "max_epochs": 8, "patience": None}
    params = {"filters": 16, "filter_width": 14, "hidden": 4, "dropout": 0.2}
    settings = {**SETTINGS, "params": params, "training": training}
    next(iter(train(job_of(settings, "ssl", [0]), files, folder / "out")))
    windows = write(folder / "test.npy", held_out.codes, held_out.labels)
    return World(folder / "out" / "seed0" / "model.safetensors", windows, held_out)
