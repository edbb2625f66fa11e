"""What teachers say of the homologs: their weights, and which of them are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from regssl.methods import Phase, filtering
from regssl.methods.settings import Filtering
from regssl.models.predict import predict
from regssl.training.data import TrainingData
from regssl.training.sampling import find_parents


def teacher_logits(
    teachers: Sequence[Sequence[nn.Module]], data: TrainingData, phase: Phase, threads: int = 1
) -> Tensor:
    """Return the logit of each homolog by its teacher: float32 (seeds, homologs).

    Predicted as the phase predicts: both strands or one, in its precision.

    Args:
        teachers: of each seed, one for all homologs, or one per fold, which judges those of the fold's human windows.
        data: the windows, with folds where there are several teachers.
        phase: how they are predicted.
        threads: CPU threads.
    """
    assert data.homologs is not None
    both_strands, precision = phase.training.reverse_complement, phase.training.precision
    judges = homolog_folds(data, len(teachers[0]))
    logits = torch.empty(len(teachers), len(judges))
    for own, row in zip(teachers, logits, strict=True):
        for fold, teacher in enumerate(own):
            codes = data.homologs.codes[judges == fold].numpy()
            row[judges == fold] = torch.from_numpy(predict(teacher, codes, both_strands, threads, precision))
    return logits


def homolog_folds(data: TrainingData, n_teachers: int) -> Tensor:
    """Return the fold of each homolog's human window, and so its teacher: int64 (homologs,); of one teacher, 0."""
    assert data.homologs is not None
    if n_teachers == 1:
        return torch.zeros(len(data.homologs), dtype=torch.int64)
    assert data.folds is not None
    return torch.from_numpy(data.folds.of_window)[find_parents(data.human, data.homologs)]


def confidence_weights(logits: Tensor, labels: Tensor, n_human: int, power: float) -> Tensor:
    """Weight each training window by a teacher's confidence in its label: float32 (seeds, human + homologs).

    1 for a human window. For a homolog the teacher's probability of the pseudo-label to a power: a homolog that lost
    its site has a smaller weight, and at power 0 all weights are 1. A probability of 0.7 gives the weight 0.7 at power
    1, and 0.49 at power 2.

    Args:
        logits: of `teacher_logits`.
        labels: the pseudo-labels, float32 (homologs,).
        n_human: number of human windows, which come first.
        power: the exponent.
    """
    probabilities = torch.sigmoid(torch.where(labels > 0.5, logits, -logits))
    return torch.cat([torch.ones(len(logits), n_human), probabilities**power], dim=1)


def distance_factors(data: TrainingData, decay: float) -> Tensor:
    """Return by what the weight of each homolog falls with its genome's distance: float32 (homologs,).

    exp(-decay * substitutions per site): at a decay of 1 it is 0.99 for a genome like the chimpanzee's, at 0.013, and
    0.61 for one like the mouse's, at 0.5.
    """
    assert data.homologs is not None and data.homologs.genomes is not None
    return torch.exp(-decay * torch.tensor(data.distances, dtype=torch.float32))[data.homologs.genomes]


def normalize_by_label(weights: Tensor, labels: Tensor, sampled: Tensor) -> Tensor:
    """Divide weights by their mean over the sampled homologs of their label: float32 (human + homologs,).

    So each label has as much of the loss as with weights of 1, whatever the teacher thinks of rare labels. Of two
    positives with the weights 0.02 and 0.06 one gets 0.5, the other 1.5. Weights that are all 0 become 1.

    Args:
        weights: of `confidence_weights`, of one seed.
        labels: float32 (human + homologs,).
        sampled: int64 (n,), the homologs that the phase samples, each as often as any.
    """
    normalized = weights.clone()
    for alike in (labels[sampled] > 0.5, labels[sampled] <= 0.5):
        of_label = sampled[alike]
        mean = weights[of_label].mean()
        normalized[of_label] = weights[of_label] / mean if mean > 0 else 1.0
    return normalized


def kept_homologs(logits: Tensor, data: TrainingData, n_teachers: int, settings: Filtering) -> Tensor:
    """Decide which homologs are kept, by `filtering.keep_homologs`: bool (seeds, homologs).

    Args:
        logits: of `teacher_logits`.
        data: the human windows, on whose labels the teachers were trained, and homologs with sources and genomes.
        n_teachers: of a seed.
        settings: the limits.
    """
    homologs = data.homologs
    assert homologs is not None and homologs.sources is not None and homologs.genomes is not None
    fractions = filtering.genome_fractions(homologs.sources.numpy(), homologs.genomes.numpy(), data.n_genomes)
    labels = homologs.labels.numpy()
    trains = [slice(None)] if n_teachers == 1 or data.folds is None else data.folds.trains
    of_teachers = np.array([data.human.labels.numpy()[windows].mean() for windows in trains])
    positive_fraction = of_teachers[homolog_folds(data, n_teachers).numpy()]
    kept = []
    for row in logits.numpy():
        probabilities = filtering.label_probabilities(row, labels, positive_fraction)
        kept.append(torch.from_numpy(filtering.keep_homologs(fractions, probabilities, settings)))
    return torch.stack(kept)
