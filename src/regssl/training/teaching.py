"""What a teacher says of the homologs: their weights, and which of them are kept."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from regssl.data.dataset import WindowDataset
from regssl.methods import Phase
from regssl.methods.filtering import genome_fractions, keep_homologs
from regssl.methods.settings import Filtering
from regssl.models.predict import predict


def label_probabilities(
    teachers: Sequence[nn.Module], homologs: WindowDataset, phase: Phase, threads: int = 1
) -> Tensor:
    """Return each teacher's probability of the pseudo-label of each homolog: float32 (teachers, homologs).

    p of a positive, 1 - p of a negative; predicted as the phase predicts: both strands or one, in its precision.
    """
    both_strands, precision = phase.training.reverse_complement, phase.training.precision
    rows = []
    for teacher in teachers:
        logits = torch.from_numpy(predict(teacher, homologs.codes.numpy(), both_strands, threads, precision))
        rows.append(torch.sigmoid(torch.where(homologs.labels > 0.5, logits, -logits)))
    return torch.stack(rows)


def confidence_weights(probabilities: Tensor, n_human: int, power: float) -> Tensor:
    """Weight each training window by a teacher's confidence in its label: float32 (teachers, human + homologs).

    1 for a human window. For a homolog the teacher's probability of the pseudo-label to a power: a homolog that lost
    its site has a smaller weight, and at power 0 all weights are 1. A probability of 0.7 gives the weight 0.7 at power
    1, and 0.49 at power 2.

    Args:
        probabilities: of `label_probabilities`.
        n_human: number of human windows, which come first.
        power: the exponent.
    """
    return torch.cat([torch.ones(len(probabilities), n_human), probabilities**power], dim=1)


def kept_homologs(probabilities: Tensor, homologs: WindowDataset, n_genomes: int, settings: Filtering) -> Tensor:
    """Decide which homologs each teacher keeps, by `filtering.keep_homologs`: bool (teachers, homologs).

    Args:
        probabilities: of `label_probabilities`.
        homologs: with their sources and genomes.
        n_genomes: number of genomes that were searched.
        settings: the limits.
    """
    assert homologs.sources is not None and homologs.genomes is not None
    fractions = genome_fractions(homologs.sources.numpy(), homologs.genomes.numpy(), n_genomes)
    return torch.stack([torch.from_numpy(keep_homologs(fractions, row.numpy(), settings)) for row in probabilities])
