"""Training runs on disk: packed sets in, a folder per seed out."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from regssl.datasets import PackedWindows
from regssl.epochs import HISTORY
from regssl.errors import ConfigError, DataError
from regssl.files import atomic_path
from regssl.methods import METHODS
from regssl.models.saved import load, save, save_untrained
from regssl.shortfalls import shortfall
from regssl.training import fit


def train_runs(
    settings: Mapping[str, Any],
    method: str,
    seeds: Sequence[int],
    human: str | Path,
    homologs: Sequence[str | Path],
    validation: str | Path,
    out: Path,
    teachers: Sequence[str | Path] = (),
    threads: int = 1,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Train from packed sets on disk; write `model.safetensors` and `history.csv` into `out/seed<seed>`.

    Where the windows cannot be learned from (`shortfalls`), the models have no weights and the records say why.
    Until all seeds are trained, `checkpoints` in the folder of the first holds what a rerun needs to go on.

    Args:
        human, homologs, validation: packed sets, `X.npy`.
        teachers: model files, one per seed, for methods that need them. The other arguments as in `training.fit`.

    Returns:
        What is worth recording of each run: settings, sizes, and the best epoch of each phase.

    Raises:
        ConfigError: no such method or architecture.
        DataError: a set is damaged, training diverged, or the method needs homologs or teachers and there are none.
    """
    if method not in METHODS:
        raise ConfigError(f"unknown method '{method}'", f"known: {', '.join(METHODS)}")
    if METHODS[method].homologs and not homologs:
        raise DataError(f"method '{method}' needs homologs, and there are none", "give --homologs")
    own = PackedWindows.load([human])
    others = PackedWindows.load(homologs) if METHODS[method].homologs else None
    held_out = PackedWindows.load([validation])
    sizes = {"human": len(own), "homologs": len(others) if others else 0, "validation": len(held_out)}
    if reason := shortfall(own.labels, "train") or shortfall(held_out.labels, "validation"):
        print(f"{out}: not trained: {reason}", flush=True)
        width = own.codes.shape[1]
        return [_untrained(settings, method, seed, width, reason, out) | {"windows": sizes} for seed in seeds]
    taught = _teachers(method, teachers, seeds) if METHODS[method].teacher else None
    checkpoints = out / f"seed{seeds[0]}" / "checkpoints"
    trained = fit(
        settings, method, seeds, own, others, held_out, checkpoints, taught, threads=threads, progress=progress
    )
    sets = {"human": own, "homologs": others, "validation": held_out}
    data = {name: windows.digest() for name, windows in sets.items() if windows is not None}
    records = []
    for seed, run in zip(seeds, trained, strict=True):
        best = {row["phase"]: row for row in sorted(run.history, key=lambda row: row["validation_aupr"])}
        last = best[run.history[-1]["phase"]]
        card = _card(settings, method, seed, own.codes.shape[1]) | {
            "data": data,
            "metrics": {name: last[name] for name in ("validation_aupr", "validation_auroc", "epoch", "steps")},
        }
        save(run.network, card, out / f"seed{seed}" / "model.safetensors")
        _write_history(run.history, out / f"seed{seed}" / "history.csv")
        described = {"method": method, "seed": seed, "settings": settings, "windows": sizes}
        if origin := getattr(run.network, "origin", None):
            described["origin"] = origin  # which pre-trained weights
        records.append({**described, "best": best, "threads": threads})
    shutil.rmtree(checkpoints, ignore_errors=True)
    return records


def _card(settings: Mapping[str, Any], method: str, seed: int, width: int) -> dict[str, Any]:
    """What a model file says of its network; a trained one's adds digests of its data and its validation metrics."""
    return {
        "architecture": settings["architecture"],
        "params": settings["params"],
        "width": width,
        "reverse_complement": settings["training"]["reverse_complement"],
        "precision": settings["training"].get("precision", "32-true"),
        "method": method,
        "seed": seed,
    }


def _untrained(
    settings: Mapping[str, Any], method: str, seed: int, width: int, reason: str, out: Path
) -> dict[str, Any]:
    """The files and the record of a run that cannot be."""
    save_untrained(_card(settings, method, seed, width), reason, out / f"seed{seed}" / "model.safetensors")
    _write_history([], out / f"seed{seed}" / "history.csv")
    return {"method": method, "seed": seed, "settings": settings, "best": {}, "untrained": reason}


def _teachers(method: str, paths: Sequence[str | Path], seeds: Sequence[int]) -> list[nn.Module]:
    if len(paths) != len(seeds):
        raise DataError(
            f"method '{method}' needs a teacher per seed: {len(seeds)} seeds, {len(paths)} teachers",
            f"give --teachers the models of method '{METHODS[method].teacher}' with these seeds, in this order",
        )
    return [load(path) for path in paths]


def _write_history(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    with atomic_path(path) as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, HISTORY)
        writer.writeheader()
        writer.writerows(history)
