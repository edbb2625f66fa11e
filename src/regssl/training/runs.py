"""Training runs on disk: packed sets in, a folder per seed out."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from regssl.data.dataset import WindowDataset
from regssl.data.windows import missing_class
from regssl.errors import DataError
from regssl.evaluation.metrics import auroc, average_precision
from regssl.io.atomic import atomic_path
from regssl.methods import Method, resolve
from regssl.models.predict import predict
from regssl.models.serialization import load, save, save_failed
from regssl.sequences.motifs import Motif
from regssl.training.baselines import fit_baseline, registered_name
from regssl.training.early_stopping import HISTORY
from regssl.training.fit import Trained, fit


def train_runs(
    settings: Mapping[str, Any],
    method: str,
    seeds: Sequence[int],
    human: str | Path,
    homologs: Sequence[str | Path],
    validation: str | Path,
    out: Path,
    teachers: Sequence[str | Path] = (),
    divergence: str | Path | None = None,
    motif: Motif | None = None,
    threads: int = 1,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Train from packed sets on disk; write `model.safetensors` and `history.csv` into `out/seed<seed>`.

    Where the windows cannot be learned from (`shortfalls`), the models have no weights and the records say why.
    Until all seeds are trained, `checkpoints` in the folder of the first holds what a rerun needs to go on.

    Args:
        human, homologs, validation: packed sets, `X.npy`.
        teachers: model files, one per seed, for methods that need them.
        divergence: table of genomes, for methods with a dose of them.
        motif: of the dataset's factor, for the method `motif`. The other arguments as in `training.fit`.

    Returns:
        What is worth recording of each run: settings, sizes, the best epoch of each phase, and its exposure: the steps
        of the optimiser, and the expected share of positives.

    Raises:
        ConfigError: no such method or architecture.
        DataError: a set is damaged, training diverged, or the method needs homologs or teachers and there are none.
    """
    chosen = resolve(method)
    if chosen.extra_windows and not homologs:
        raise DataError(
            f"method '{method}' needs {chosen.extra_windows} windows, and there are none", "give --homologs"
        )
    own = WindowDataset.load([human], origins=True)
    others = WindowDataset.load(_dosed(chosen, homologs, divergence), origins=True) if chosen.extra_windows else None
    held_out = WindowDataset.load([validation])
    sizes = {"human": len(own), "homologs": len(others) if others else 0, "validation": len(held_out)}
    width = own.codes.shape[1]
    if reason := _missing(method, own, held_out, motif):
        print(f"{out}: not trained: {reason}", flush=True)
        return [_untrained(settings, method, seed, width, reason, out) | {"windows": sizes} for seed in seeds]
    sets = {"human": own, "homologs": others, "validation": held_out}
    data = {name: windows.sha256() for name, windows in sets.items() if windows is not None}
    same = {"method": method, "settings": settings, "windows": sizes, "threads": threads}
    if chosen.kind == "baseline":
        return [same | _floor(settings, method, seed, own, held_out, data, motif, out) for seed in seeds]
    taught = _teachers(chosen, teachers, seeds) if chosen.teacher else None
    checkpoints = out / f"seed{seeds[0]}" / "checkpoints"
    trained = fit(
        settings, method, seeds, own, others, held_out, checkpoints, taught, threads=threads, progress=progress
    )
    records = [same | _trained(settings, method, *pair, width, data, out) for pair in zip(seeds, trained, strict=True)]
    shutil.rmtree(checkpoints, ignore_errors=True)
    return records


def _missing(method: str, human: WindowDataset, validation: WindowDataset, motif: Motif | None) -> str:
    """What a method lacks to be trained; empty if nothing."""
    lacking = missing_class(human.labels, "train") or missing_class(validation.labels, "validation")
    return lacking or ("no motif of this factor is known" if method == "motif_scan" and motif is None else "")


def _dosed(method: Method, paths: Sequence[str | Path], divergence: str | Path | None) -> list[str | Path]:
    """The sets of the genomes that the method takes; the file of a genome is called like it."""
    if method.subset is None or not method.subset.selects_genomes:
        return list(paths)
    if divergence is None:
        raise DataError(f"method '{method.name}' chooses genomes by their divergence", "give --divergence")
    table = pd.read_csv(divergence, sep="\t", keep_default_na=False)
    by_genome = {Path(path).stem: path for path in paths}
    return [by_genome[genome] for genome in method.subset.select_genomes(table[table["genome"].isin(by_genome)])]


def _trained(
    settings: Mapping[str, Any], method: str, seed: int, run: Trained, width: int, data: Mapping[str, str], out: Path
) -> dict[str, Any]:
    """Write the files of a trained run; its record."""
    best = {row["phase"]: row for row in sorted(run.history, key=lambda row: row["validation_aupr"])}
    last = best[run.history[-1]["phase"]]
    metrics = {name: last[name] for name in ("validation_aupr", "validation_auroc", "epoch", "steps")}
    _save(run.network, _metadata(settings, method, seed, width), data, metrics, out)
    _write_history(run.history, out / f"seed{seed}" / "history.csv")
    steps = {row["phase"]: row["steps"] for row in run.history}
    exposure = {name: {"steps": steps[name], "positive_share": share} for name, share in run.shares.items()}
    record = {"seed": seed, "best": best, "exposure": exposure}
    origin = getattr(run.network, "origin", None)  # which pre-trained weights
    return record | ({"origin": origin} if origin else {})


def _floor(
    settings: Mapping[str, Any],
    method: str,
    seed: int,
    human: WindowDataset,
    validation: WindowDataset,
    data: Mapping[str, str],
    motif: Motif | None,
    out: Path,
) -> dict[str, Any]:
    """Write the files of a run that is no training; its record."""
    network, params = fit_baseline(method, seed, human, motif)
    scores, truth = predict(network, validation.codes.numpy(), both_strands=False), validation.labels.numpy() > 0.5
    metrics = {"validation_aupr": average_precision(truth, scores), "validation_auroc": auroc(truth, scores)}
    own = {"architecture": registered_name(network), "params": params, "training": {"reverse_complement": False}}
    _save(network, _metadata(own, method, seed, human.codes.shape[1]), data, metrics | {"epoch": 0, "steps": 0}, out)
    _write_history([], out / f"seed{seed}" / "history.csv")
    return {"seed": seed, "best": {}, "exposure": {}}


def _save(
    network: nn.Module, metadata: dict[str, Any], data: Mapping[str, str], metrics: Mapping[str, Any], out: Path
) -> None:
    save(network, metadata | {"data": data, "metrics": metrics}, out / f"seed{metadata['seed']}" / "model.safetensors")


def _metadata(settings: Mapping[str, Any], method: str, seed: int, width: int) -> dict[str, Any]:
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
    save_failed(_metadata(settings, method, seed, width), reason, out / f"seed{seed}" / "model.safetensors")
    _write_history([], out / f"seed{seed}" / "history.csv")
    return {"method": method, "seed": seed, "settings": settings, "best": {}, "failure": reason}


def _teachers(method: Method, paths: Sequence[str | Path], seeds: Sequence[int]) -> list[nn.Module]:
    if len(paths) != len(seeds):
        raise DataError(
            f"method '{method.name}' needs a teacher per seed: {len(seeds)} seeds, {len(paths)} teachers",
            f"give --teachers the models of method '{method.teacher}' with these seeds, in this order",
        )
    return [load(path) for path in paths]


def _write_history(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    with atomic_path(path) as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, HISTORY)
        writer.writeheader()
        writer.writerows(history)
