"""Convolution and maximum over positions for weighted bases, such as one-hot codes with noise, on a CPU.

Each window then has bases of its own, so no table has its score: all are multiplied. But what dropout hides is not
computed, and the gradient of a maximum reaches one window per sequence and filter.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

from regssl.models.compiled import OneByOne, apply, run_in_threads


def dense_conv_max(
    sequences: Tensor, weight: Tensor, bias: Tensor, both_strands: bool, kept: Tensor | None = None
) -> Tensor:
    """Compute the best score of each filter: float32 (batch, filters). It has the gradients of weight and bias.

    Args:
        sequences: weighted bases, float32 (batch, 4, length), which get no gradient.
        weight: float32 (filters, 4, width).
        bias: float32 (filters,).
        both_strands: take the maximum over both strands.
        kept: bool (batch, filters): the other scores are 0, without a gradient; all by default.
    """
    strands = [sequences, sequences.flip(1, 2)] if both_strands else [sequences]
    return apply(_DenseConvMax, torch.stack(strands, 1).transpose(2, 3), weight, bias, kept)[0]


def dense_applies(sequences: Tensor, weight: Tensor) -> bool:
    """Whether sequences can be scored so: float32 (batch, 4, length) on a CPU, where the kernels are compiled."""
    return (
        sequences.dtype == weight.dtype == torch.float32
        and sequences.ndim == 3
        and sequences.shape[2] >= weight.shape[2]
        and sequences.device.type == weight.device.type == "cpu"
        and not sequences.requires_grad
        and not torch.is_autocast_enabled("cpu")
        and _kernels() is not None
    )


class _DenseConvMax(OneByOne, torch.autograd.Function):
    """Weighted bases (batch, strands, length, 4), weight, bias and what is kept to best scores and positions."""

    @staticmethod
    def forward(bases: Tensor, weight: Tensor, bias: Tensor, kept: Tensor | None) -> tuple[Tensor, Tensor]:
        """Compute the best scores, float32 (batch, filters), and where they are; threads share the sequences."""
        kernels: Any = _kernels()
        batch, strands, length, _ = bases.shape
        rows = weight.detach().transpose(1, 2).flatten(1).contiguous().numpy()
        shape = batch, len(weight)
        own = np.empty((0, len(weight)), np.bool_) if kept is None else kept.contiguous().numpy()
        best, at = np.empty(shape, np.float32), np.empty(shape, np.int32)
        inputs = bases.reshape(-1).numpy(), strands, length, rows, bias.detach().contiguous().numpy(), own
        run_in_threads(kernels.best_windows, batch, *inputs, best, at)
        return torch.from_numpy(best), torch.from_numpy(at)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Save the bases and the positions, of which the gradients are made."""
        bases, weight, *_ = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(bases, output[1])
        ctx.weight_shape = weight.shape

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[None, Tensor, Tensor, None]:
        """Compute the gradients of weight and bias from that of the scores, (batch, filters)."""
        kernels: Any = _kernels()
        filters, _, _ = ctx.weight_shape
        weight_gradient, bias_gradient = np.empty(ctx.weight_shape, np.float32), np.empty(filters, np.float32)
        bases, at = ctx.saved_tensors
        margin = pad(bases.reshape(-1), (0, kernels.BLOCK)).numpy()
        inputs = (margin, bases.shape[1] * bases.shape[2], at.numpy(), gradient.contiguous().numpy())
        run_in_threads(kernels.accumulate_gradients, filters, *inputs, weight_gradient, bias_gradient)
        return None, torch.from_numpy(weight_gradient), torch.from_numpy(bias_gradient), None


@lru_cache
def _kernels() -> ModuleType | None:
    """Import the compiled kernels, if numba is installed and works."""
    try:
        from regssl.models import _dense_conv
    except ImportError:
        return None
    return _dense_conv
