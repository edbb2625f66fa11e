"""What a teacher says of the homologs: their weights, and which of them are kept."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from regssl.data.dataset import WindowDataset
from regssl.methods import Phase, filtering
from regssl.methods.settings import Filtering
from regssl.models.predict import predict
from regssl.training.data import TrainingData


def teacher_logits(teachers: Sequence[nn.Module], homologs: WindowDataset, phase: Phase, threads: int = 1) -> Tensor:
    """Return each teacher's logit of each homolog: float32 (teachers, homologs).

    Predicted as the phase predicts: both strands or one, in its precision.
    """
    both_strands, precision = phase.training.reverse_complement, phase.training.precision
    codes = homologs.codes.numpy()
    return torch.stack(
        [torch.from_numpy(predict(teacher, codes, both_strands, threads, precision)) for teacher in teachers]
    )


def confidence_weights(logits: Tensor, labels: Tensor, n_human: int, power: float) -> Tensor:
    """Weight each training window by a teacher's confidence in its label: float32 (teachers, human + homologs).

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


def kept_homologs(logits: Tensor, data: TrainingData, settings: Filtering) -> Tensor:
    """Decide which homologs each teacher keeps, by `filtering.keep_homologs`: bool (teachers, homologs).

    Args:
        logits: of `teacher_logits`.
        data: the human windows, on whose labels the teachers were trained, and homologs with sources and genomes.
        settings: the limits.
    """
    homologs = data.homologs
    assert homologs is not None and homologs.sources is not None and homologs.genomes is not None
    fractions = filtering.genome_fractions(homologs.sources.numpy(), homologs.genomes.numpy(), data.n_genomes)
    labels, positive_fraction = homologs.labels.numpy(), float(data.human.labels.mean())
    kept = []
    for row in logits.numpy():
        probabilities = filtering.label_probabilities(row, labels, positive_fraction)
        kept.append(torch.from_numpy(filtering.keep_homologs(fractions, probabilities, settings)))
    return torch.stack(kept)
