"""The filters of a network's first layer: where they fire, the bases that they fire at, their weight in the logit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.models.conv_max import ConvMaxPool, best_matches
from regssl.models.inputs import reverse_complement

BATCH = 256
"""Windows that are scanned at a time."""


class Hits(NamedTuple):
    """The best match of each filter in each window, on either strand: arrays (windows, filters).

    Attributes:
        activation: its score after the ReLU, float32.
        place: position at which it begins, of the strand that it is on, int64.
        reverse: whether that is the reverse strand.
    """

    activation: np.ndarray
    place: np.ndarray
    reverse: np.ndarray


class Influence(NamedTuple):
    """What the filters of a network do to its logit, arrays (filters,).

    Attributes:
        weight: by how much the logit rises with the activation: the mean gradient over windows in which a filter fires.
            Without a hidden layer it is the weight itself.
        contribution: activation times gradient, its mean over positive windows less that over negative ones: how much
            of the distance of their logits comes through a filter.
    """

    weight: np.ndarray
    contribution: np.ndarray


def first_layer(network: nn.Module, name: str) -> ConvMaxPool | nn.Conv1d:
    """Find the layer whose filters read bases.

    Args:
        network: a trained one.
        name: of it, for messages.

    Raises:
        DataError: it has none.
    """
    for layer in network.modules():
        if isinstance(layer, ConvMaxPool) or (isinstance(layer, nn.Conv1d) and layer.in_channels == 4):
            return layer
    raise DataError(
        f"{name}: a {type(network).__name__} has no filters of bases", "`regssl explain sequence` takes every network"
    )


def best_hits(layer: ConvMaxPool | nn.Conv1d, codes: np.ndarray) -> Hits:
    """Find the best match of each filter in each window, byte codes uint8 (windows, width), on both strands."""
    assert layer.bias is not None
    parts: list[tuple[Tensor, Tensor]] = []
    for batch in _batches(codes):
        parts.append(best_matches(batch, layer.weight, layer.bias))
    best, at = (torch.cat(values) for values in zip(*parts, strict=True))
    length = codes.shape[1]
    return Hits(best.relu().numpy(), (at % length).numpy(), (at >= length).numpy())


def firing(hits: Hits, threshold: float) -> np.ndarray:
    """Tell in which windows filters fire: bool (windows, filters).

    Args:
        hits: of `best_hits`.
        threshold: share of a filter's largest activation that it must exceed. DeepBind's motifs are of threshold 0
            (Alipanahi et al. 2015, Nat. Biotechnol. 33:831), Basset's of one half (Kelley et al. 2016, Genome Res.
            26:990).
    """
    fires: np.ndarray = hits.activation > threshold * hits.activation.max(0)
    return fires


def site_counts(codes: np.ndarray, hits: Hits, fires: np.ndarray, filter_: int, width: int) -> np.ndarray:
    """Count the bases of the windows' best matches of a filter, where it fires.

    Args:
        codes: uint8 (windows, length).
        hits, fires: of those windows.
        filter_: its number.
        width: of the filter.

    Returns:
        int64 (width, 4), columns A C G T, in the direction of the filter; N is not counted.
    """
    rows = np.flatnonzero(fires[:, filter_])
    strands = codes[rows], reverse_complement(torch.from_numpy(codes[rows])).numpy()
    oriented = np.where(hits.reverse[rows, filter_, None], strands[1], strands[0])
    places = hits.place[rows, filter_, None] + np.arange(width)
    sites = np.take_along_axis(oriented, places, axis=1)
    return np.stack([(sites == base).sum(0) for base in range(4)], axis=1)


def influence(
    network: nn.Module, layer: ConvMaxPool | nn.Conv1d, codes: np.ndarray, labels: np.ndarray, fires: np.ndarray
) -> Influence:
    """Compute what filters do to the logit, averaged over both strands.

    Args:
        network: byte codes to logits.
        layer: its first one.
        codes: windows, uint8 (windows, width).
        labels: of these, 0 or 1.
        fires: where filters fire, bool (windows, filters).
    """
    filters = fires.shape[1]
    gradients, shares = (np.empty((len(codes), filters), np.float32) for _ in range(2))
    outputs: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output))
    try:
        for first, batch in zip(range(0, len(codes), BATCH), _batches(codes), strict=True):
            of_strands = []
            for strand in (batch, reverse_complement(batch)):
                outputs.clear()
                logits = network(strand).sum()
                (gradient,) = torch.autograd.grad(logits, outputs[0])
                of_strands.append(_of_filters(outputs[0].detach(), gradient, filters))
            rows = slice(first, first + len(batch))
            for values, both in zip((gradients, shares), zip(*of_strands, strict=True), strict=True):
                values[rows] = torch.stack(both).mean(0).numpy()
    finally:
        handle.remove()
    weight = (gradients * fires).sum(0) / np.maximum(fires.sum(0), 1)
    positive = labels.astype(bool)
    return Influence(weight, _mean(shares[positive], filters) - _mean(shares[~positive], filters))


def _of_filters(output: Tensor, gradient: Tensor, filters: int) -> tuple[Tensor, Tensor]:
    """Sum gradients, and activations times gradients, over what a layer says of each filter: (batch, filters)."""
    if output.ndim == 3:  # at every position
        return gradient.sum(-1), (gradient * output.relu()).sum(-1)
    products = gradient * output.relu()  # maxima, and perhaps means, which are another feature
    return gradient[:, :filters], products.view(len(output), -1, filters).sum(1)


def _mean(values: np.ndarray, filters: int) -> np.ndarray:
    return values.mean(0) if len(values) else np.zeros(filters, np.float32)


def _batches(codes: np.ndarray) -> Iterator[Tensor]:
    for first in range(0, len(codes), BATCH):
        yield torch.from_numpy(np.require(codes[first : first + BATCH], np.uint8, ("C", "W")))
