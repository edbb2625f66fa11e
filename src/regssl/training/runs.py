"""Training runs on disk: window sets in, a folder per seed out."""

from __future__ import annotations

import csv
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from regssl.data.dataset import WindowDataset
from regssl.errors import DataError
from regssl.evaluation.mcc import best_threshold
from regssl.evaluation.metrics import auroc, average_precision
from regssl.io.atomic import atomic_path
from regssl.methods.settings import RunSettings, Training
from regssl.models.predict import predict, supported_precision
from regssl.models.serialization import load, read_card, save, save_failed
from regssl.training.baselines import fit_baseline
from regssl.training.convergence import is_converged
from regssl.training.data import TrainingData, TrainingFiles, TrainingJob
from regssl.training.early_stopping import HISTORY_COLUMNS
from regssl.training.fit import FitResult, fit

_log = logging.getLogger(__name__)


def train(job: TrainingJob, files: TrainingFiles, out: Path) -> list[dict[str, Any]]:
    """Train from window sets on disk; write `model.safetensors` and `history.csv` into `out/seed<seed>`.

    Where the windows cannot be learned from (`TrainingData.missing_class`), the models have no weights, and the records
    have the reason as `failure`. Until all seeds are trained, `checkpoints` in the folder of the first has what a rerun
    needs to resume.

    Args:
        job: settings, method and seeds.
        files: the windows; sets that the method does not use are not read.
        out: folder to write.

    Returns:
        The record of each run: settings, sizes, budget, the best epoch of each phase and whether it has converged,
        whether it collapsed, no epoch of any phase being better than its start, its threshold for calls, and its
        exposure: the number of optimizer steps, the expected fraction of positives, and the homologs found and kept if
        they were filtered.

    Raises:
        ConfigError: no such architecture, or it does not take these parameters.
        DataError: a set is damaged, training diverged, or the method needs homologs or teachers and there are none.
    """
    method = job.method
    _check_teachers(job)
    data = TrainingData.read(files, method, job.settings)
    percent = None if method.subset is None else method.subset.train_percent
    if reason := data.missing_class(percent, job.seeds) or _missing_motif(job) or _failed_teacher(job):
        _log.warning("%s: not trained: %s", out, reason)
        return [_write_failed(job, seed, data, reason, out) for seed in job.seeds]
    shared = {
        "method": method.id,
        "settings": job.settings.model_dump(),
        "windows": data.sizes,
        "threads": job.threads,
    }
    digests = data.sha256()
    if method.kind == "baseline":
        return [shared | record for record in _fit_baselines(job, data, digests, out)]
    teachers = _load_teachers(job) if method.teacher else None
    checkpoints = out / f"seed{job.seeds[0]}" / "checkpoints"
    job = replace(job, settings=job.settings.with_budget(data.of_dataset))
    shared |= {"budget": _describe_budget(job.settings.training, data.of_dataset)}
    results = zip(job.seeds, fit(job, data, checkpoints, teachers), strict=True)
    records = []
    for seed, result in results:
        for phase, counts in result.filtered.items():
            _log_filter(f"{out}: seed {seed}: {phase}", counts)
        metadata = _metadata(job.settings, method.id, seed, data.width) | {"data": digests}
        records.append(shared | _write_result(job, result, metadata, data.validation, out))
    shutil.rmtree(checkpoints, ignore_errors=True)
    return records


def _describe_budget(training: Training, windows: int) -> dict[str, float]:
    """Describe the budget of each phase: its steps, and passes over so many windows of the dataset."""
    steps = training.max_epochs * training.steps_per_epoch
    passes = steps * training.batch_size / windows
    return {"windows": windows, "steps_per_epoch": training.steps_per_epoch, "steps": steps, "passes": passes}


def _log_filter(where: str, counts: Mapping[str, int]) -> None:
    """Log how many homologs of each label were kept; warn where none was."""
    for name in ("positive", "negative"):
        found, kept = counts[f"{name}_homologs"], counts[f"{name}_homologs_kept"]
        _log.info("%s: %d of %d %s homologs kept", where, kept, found, name)
        if found and not kept:
            _log.warning("%s: no %s homolog of %d kept: %ss are human windows only", where, name, found, name)


def _missing_motif(job: TrainingJob) -> str:
    """Report a missing motif; empty if there is one, or none is needed."""
    return "no motif of this factor is known" if job.method.base == "motif_scan" and job.motif is None else ""


def _write_result(
    job: TrainingJob, result: FitResult, metadata: dict[str, Any], validation: WindowDataset, out: Path
) -> dict[str, Any]:
    """Write the files of a trained run; return its record."""
    best = {}
    for phase in job.method.phases(result.settings):
        row = max((row for row in result.history if row["phase"] == phase.name), key=lambda row: row["validation_aupr"])
        best[phase.name] = row | {"converged": is_converged(row["steps"], phase.training)}
    last = best[result.history[-1]["phase"]]
    metrics = {name: last[name] for name in ("validation_aupr", "validation_auroc", "epoch", "steps")}
    converged = all(row["converged"] for row in best.values())
    collapsed = not any(row["steps"] for row in best.values())
    if collapsed:
        _log.warning("%s: seed %d: no epoch is better than the weights it started from", out, metadata["seed"])
    if not converged:
        hint = f"may become better with more steps: --config budget={2 * job.settings.budget:g}"
        _log.warning("%s: seed %d: best at the end of its budget: %s", out, metadata["seed"], hint)
    _save(result.network, metadata | {"metrics": metrics}, result.history, out)
    steps = {row["phase"]: row["steps"] for row in result.history}
    exposure = {
        phase: {"steps": steps[phase], "positive_fraction": fraction, **result.filtered.get(phase, {})}
        for phase, fraction in result.positive_fraction.items()
    }
    record = {"seed": metadata["seed"], "best": best, "converged": converged, "collapsed": collapsed}
    training = job.settings.training
    record |= {"exposure": exposure, "precision": supported_precision(training.precision, result.network)}
    scores = predict(
        result.network, validation.codes.numpy(), training.reverse_complement, job.threads, training.precision
    )
    record |= _threshold(validation, scores)
    if len(result.candidates) > 1:
        record["tuned"] = _describe_tuning(job, result)
    origin = getattr(result.network, "origin", None)  # of pre-trained weights
    return record | ({"origin": origin} if origin else {})


def _threshold(validation: WindowDataset, scores: np.ndarray) -> dict[str, float]:
    """Choose the logit from which a window is called bound, which has the best MCC on the validation windows."""
    chosen = best_threshold(validation.labels.numpy() > 0.5, scores)
    return {"threshold": chosen.score, "validation_mcc": chosen.mcc}


def _describe_tuning(job: TrainingJob, result: FitResult) -> dict[str, Any]:
    """Describe the values that were tried of a setting, and the one that was best on validation windows."""
    assert job.method.tuned is not None
    group, field = job.method.tuned
    values, (chosen,) = (getattr(getattr(settings, group), field) for settings in (job.settings, result.settings))
    pairs = zip(values, result.candidates, strict=True)
    tried = [{"value": value, "validation_aupr": aupr} for value, aupr in pairs]
    return {"setting": f"{group}.{field}", "chosen": chosen, "tried": tried}


def _fit_baselines(
    job: TrainingJob, data: TrainingData, digests: Mapping[str, str], out: Path
) -> Iterator[dict[str, Any]]:
    """Fit a baseline, once for all seeds unless it depends on them, and write its files; yield the record of each."""
    seeds = job.seeds if job.method.base == "random" else job.seeds[:1]
    fitted = [fit_baseline(job.method.id, seed, data.human, data.validation, job.motif) for seed in seeds]
    truth = data.validation.labels.numpy() > 0.5
    for seed, (network, params) in zip(job.seeds, cycle(fitted)):
        scores = predict(network, data.validation.codes.numpy(), both_strands=False)
        metrics = {"validation_aupr": average_precision(truth, scores), "validation_auroc": auroc(truth, scores)}
        own = RunSettings(architecture=job.method.id, params=params, training=Training(reverse_complement=False))
        metadata = _metadata(own, job.method.id, seed, data.width)
        _save(network, metadata | {"data": digests, "metrics": metrics | {"epoch": 0, "steps": 0}}, [], out)
        yield {"seed": seed, "best": {}, "exposure": {}, **_threshold(data.validation, scores)}


def _write_failed(job: TrainingJob, seed: int, data: TrainingData, reason: str, out: Path) -> dict[str, Any]:
    """Write the files of a run that cannot be trained; return its record."""
    folder = out / f"seed{seed}"
    save_failed(_metadata(job.settings, job.method.id, seed, data.width), reason, folder / "model.safetensors")
    _write_history([], folder / "history.csv")
    settings = job.settings.model_dump()
    record = {"method": job.method.id, "seed": seed, "settings": settings, "best": {}, "failure": reason}
    return record | {"windows": data.sizes}


def _metadata(settings: RunSettings, method: str, seed: int, width: int) -> dict[str, Any]:
    """Describe a network for its file; that of a trained one also has digests of its data and validation metrics."""
    return {
        "architecture": settings.architecture,
        "params": settings.params,
        "width": width,
        "reverse_complement": settings.training.reverse_complement,
        "precision": settings.training.precision,
        "method": method,
        "seed": seed,
    }


def _check_teachers(job: TrainingJob) -> None:
    """Check the number of teachers."""
    methods = job.method.teachers(job.settings.cross_fitting.folds)
    if len(job.teachers) != len(job.seeds) * len(methods):
        found = f"{len(job.seeds)} seeds, {len(job.teachers)} teachers"
        wanted = "a teacher" if len(methods) == 1 else f"{len(methods)} teachers"
        raise DataError(
            f"method '{job.method.name}' needs {wanted} per seed: {found}",
            f"give --teachers the models of {', '.join(methods)} of the first seed, then of the next",
        )


def _failed_teacher(job: TrainingJob) -> str:
    """Report a teacher that could not be trained; empty if there is none."""
    cards = (read_card(path) for path in job.teachers)
    return next((f"teacher {card.method}: {card.failure}" for card in cards if card.failure), "")


def _load_teachers(job: TrainingJob) -> list[list[nn.Module]]:
    """Load the teachers of each seed."""
    networks = [load(path, job.settings.architecture) for path in job.teachers]
    of_seed = len(networks) // len(job.seeds)
    return [networks[at : at + of_seed] for at in range(0, len(networks), of_seed)]


def _save(network: nn.Module, metadata: dict[str, Any], history: Sequence[Mapping[str, Any]], out: Path) -> None:
    folder = out / f"seed{metadata['seed']}"
    save(network, metadata, folder / "model.safetensors")
    _write_history(history, folder / "history.csv")


def _write_history(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    with atomic_path(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HISTORY_COLUMNS)
        writer.writeheader()
        writer.writerows(history)
