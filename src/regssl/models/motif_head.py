"""The layers of a motif network that follow its scan, as one compiled function: on a CPU their dozens of small steps,
forward and backward, would take as long as the scan.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from regssl.models.compiled import OneByOne, apply
from regssl.models.dropout import Dropout


def compiled_head(scores: Tensor, dropout: Dropout, hidden: nn.Linear, logit: nn.Linear) -> Tensor:
    """Compute `logit(relu(hidden(dropout(relu(scores)))))` with its gradients, on a CPU, in float32.

    Dropout has the same zeros as the layers one by one; sums have another order.

    Args:
        scores: float32 (batch, features).
        dropout, hidden, logit: the layers.

    Returns:
        float32 (batch,).
    """
    rate = dropout.rate if dropout.training else 0.0
    weights = hidden.weight, hidden.bias, logit.weight, logit.bias
    return apply(_MotifHead, scores, dropout.seed, *weights, rate)[0]


class _MotifHead(OneByOne, torch.autograd.Function):
    """Scores, seed, weights and biases of hidden units and logit, and dropout rate to logits, features and units."""

    @staticmethod
    def forward(scores: Tensor, seed: Tensor, *weights_and_rate: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the logits (batch,), the features after dropout and the hidden units."""
        kernels: Any = _kernels()
        *weights, rate = weights_and_rate
        own, *arrays = _arrays(scores, *weights)
        features = np.empty(own.shape, np.float32)
        units = np.empty((len(own), len(arrays[0])), np.float32)
        logits = np.empty(len(own), np.float32)
        kernels.forward(own, int(seed), rate, *arrays, features, units, logits)
        return torch.from_numpy(logits), torch.from_numpy(features), torch.from_numpy(units)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
        """Save features, units and weights."""
        _, _, weight, _, logit_weight, _, ctx.rate = inputs
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(*output[1:], weight, logit_weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the gradients of scores, weights and biases from that of the logits."""
        kernels: Any = _kernels()
        features, units, weight, logit_weight = _arrays(*ctx.saved_tensors)
        shapes = features.shape, weight.shape, len(weight), logit_weight.shape, 1
        of_scores, *of_weights = (np.empty(shape, np.float32) for shape in shapes)
        given = (*_arrays(gradient), features, units, ctx.rate, weight, logit_weight)
        kernels.backward(*given, of_scores, *of_weights)
        return torch.from_numpy(of_scores), None, *map(torch.from_numpy, of_weights), None


def _arrays(*tensors: Tensor) -> list[np.ndarray]:
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


@lru_cache
def _kernels() -> ModuleType:
    """Import the compiled kernels."""
    from regssl.models import _motif_head

    return _motif_head
