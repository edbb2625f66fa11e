"""In-silico mutagenesis: the logit of a sequence with each of its bases changed to every other one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from regssl.models.conv_max import ConvMaxPool
from regssl.models.deepbind import DeepBind
from regssl.models.predict import predict
from regssl.sequences.encoding import one_hot


def mutate(network: nn.Module, codes: np.ndarray, both_strands: bool = True, threads: int = 1) -> np.ndarray:
    """Compute by how much each change of a base changes the logit: float32 (sequences, 4, width), bases A C G T.

    The entry of the base that is there is 0; an N is changed to each of the four.

    Args:
        network: byte codes to logits.
        codes: uint8 (sequences, width).
        both_strands: average logits over both strands, as `predict` does.
        threads: CPU threads.
    """
    torch.set_num_threads(threads)
    if type(network) is DeepBind:
        network.cpu()  # `predict` leaves it on a GPU
        with torch.inference_mode():
            changes = [_mutate_motif_network(network, row, both_strands) for row in torch.from_numpy(codes)]
    else:
        changes = [_mutate_any(network, row, both_strands, threads) for row in codes]
    changed = np.arange(4)[:, None] != codes[:, None]
    return np.where(changed, np.stack(changes), np.float32(0))  # of no change rounding alone is left


def _mutate_any(network: nn.Module, codes: np.ndarray, both_strands: bool, threads: int) -> np.ndarray:
    """Predict every changed sequence: float32 (4, width)."""
    changed = np.tile(codes, (4, len(codes), 1))
    places = np.arange(len(codes))
    changed[:, places, places] = np.arange(4)[:, None]
    logits = predict(network, np.concatenate([codes[None], changed.reshape(-1, len(codes))]), both_strands, threads)
    changes: np.ndarray = (logits[1:] - logits[0]).reshape(4, -1)
    return changes


def _mutate_motif_network(network: DeepBind, codes: Tensor, both_strands: bool) -> np.ndarray:
    """Score again only the windows that a change reaches: float32 (4, width)."""
    channels = one_hot(codes).double()
    strands = [_scores(network.scan, channels), _scores(network.scan, channels.flip(0, 1))]
    strands[1] = _Scores(strands[1].whole, strands[1].changed.flip(0, 1))
    if network.scan.both_strands:
        seen_together = [strands]
    else:
        seen_together = [[strand] for strand in (strands if both_strands else strands[:1])]
    changes = []
    for seen in seen_together:
        whole, changed = (_features(network.scan, list(scores)) for scores in zip(*seen, strict=True))
        changes.append(network.head(changed) - network.head(whole))
    return torch.stack(changes).mean(0).numpy()


class _Scores(NamedTuple):
    """Scores of the filters on one strand: the best, and the mean of those above 0.

    Attributes:
        whole: of the sequence, (filters, 2).
        changed: of the sequence with each change, (4, length, filters, 2).
    """

    whole: Tensor
    changed: Tensor


def _scores(scan: ConvMaxPool, channels: Tensor) -> _Scores:
    """Score a strand, one-hot float64 (4, length), and the strand with each base changed."""
    weight, bias = scan.weight.double(), scan.bias.double()
    filters, _, width = weight.shape
    length = channels.shape[1]
    scores = conv1d(channels[None], weight, bias)[0]  # (filters, positions)
    positions = scores.shape[1]
    present = torch.einsum("fbj,bp->fjp", weight, channels)  # what the base at p adds as position j of a window
    reached = torch.full((4, length, filters), -torch.inf, dtype=torch.float64)  # the best of the windows that hold p
    added = torch.zeros(4, length, filters, dtype=torch.float64)
    for at in range(width):
        bases = slice(at, at + positions)  # those that are position `at` of a window
        own = (scores - present[:, at, bases]).T + weight[:, :, at].T[:, None]  # (4, positions, filters)
        reached[:, bases] = torch.maximum(reached[:, bases], own)
        added[:, bases] += own.relu() - scores.relu().T
    none = torch.full((filters, width), -torch.inf, dtype=torch.float64)
    before = torch.cat([none, scores.cummax(1).values], 1)[:, :length]  # windows that end before p
    behind = torch.cat([scores.flip(1).cummax(1).values.flip(1), none], 1)[:, 1:]  # windows that begin behind it
    total = scores.relu().sum(1)
    best = torch.maximum(reached, torch.maximum(before, behind).T)
    changed = torch.stack([best, (total + added) / positions], -1)
    return _Scores(torch.stack([scores.amax(1), total / positions], -1), changed)


def _features(scan: ConvMaxPool, strands: list[Tensor]) -> Tensor:
    """Join the scores of strands that a network sees together, each (..., filters, 2), as `scan` returns them."""
    scores = torch.stack(strands)
    best, mean = scores[..., 0].amax(0), scores[..., 1].mean(0)
    return (torch.cat([best, mean], -1) if scan.mean else best).float()
