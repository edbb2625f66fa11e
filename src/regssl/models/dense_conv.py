"""Convolution and maximum over positions for weighted bases, such as one-hot codes with noise, on a CPU.

Each window then has bases of its own, so no table has its score. But scores that are nearly exact, of one matrix
product in bfloat16 where the processor multiplies it, tell which windows may be the best: few, which are scored again,
exactly. And the gradient of a maximum reaches one window per sequence and filter.
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

CHUNK_SCORES = 1 << 19
"""Scores that are computed at a time: they stay in a processor's cache."""
_ERRORS = {torch.bfloat16: 2.0**-7, torch.float32: 2.0**-18}
"""Of a score, relative to itself and to the norm of its filter: twice some four standard errors of the products."""


def dense_conv_max(sequences: Tensor, weight: Tensor, bias: Tensor, both_strands: bool) -> Tensor:
    """Compute the best score of each filter: float32 (batch, filters). It has the gradients of weight and bias.

    Args:
        sequences: weighted bases, float32 (batch, 4, length), which get no gradient.
        weight: float32 (filters, 4, width).
        bias: float32 (filters,).
        both_strands: take the maximum over both strands.
    """
    strands = [sequences, sequences.flip(1, 2)] if both_strands else [sequences]
    return apply(_DenseConvMax, torch.stack(strands, 1).transpose(2, 3), weight, bias)[0]


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
    """Weighted bases (batch, strands, length, 4), weight and bias to best scores and positions, (batch, filters)."""

    @staticmethod
    def forward(bases: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the best scores, float32 (batch, filters), and where they are; threads share the filters."""
        kernels: Any = _kernels()
        batch, strands, length, _ = bases.shape
        filters, _, width = weight.shape
        groups = -(-filters // kernels.SIMD_LANES)
        lanes, windows = groups * kernels.SIMD_LANES, strands * (length - width + 1)
        rows = pad(weight.detach().transpose(1, 2).reshape(filters, -1), (0, 0, 0, lanes - filters))
        exact = pad(rows, (0, -rows.shape[1] % kernels.SIMD_LANES)).numpy()
        dtype = torch.bfloat16 if _multiplies_bfloat16() else torch.float32
        factors = rows.to(dtype).T
        slack, own_bias = (_ERRORS[dtype] * rows.norm(dim=1)).numpy(), bias.detach().contiguous().numpy()
        best, at = np.empty((batch, lanes), np.float32), np.empty((batch, lanes), np.int32)
        patches = bases.to(dtype).reshape(batch, strands, length * 4).unfold(2, 4 * width, 4).flatten(0, 2)
        flat, of_sequence = _flat(bases), strands * length * 4
        size = max(1, min(batch, CHUNK_SCORES // (windows * lanes)))
        scores = torch.empty(size * windows, lanes, dtype=dtype)  # the same memory for every chunk
        for first in range(0, batch, size):
            of_chunk = patches[first * windows : (first + size) * windows]
            own = torch.mm(of_chunk, factors, out=scores[: len(of_chunk)]).view(-1, windows, lanes)
            inputs = (_as_numpy(own), flat[first * of_sequence :], strands, length, exact, own_bias)
            results = (best[first : first + size], at[first : first + size])
            run_in_threads(kernels.best_windows, groups, *inputs, _ERRORS[dtype], slack, *results)
        return torch.from_numpy(best)[:, :filters], torch.from_numpy(at)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: tuple[Tensor, Tensor]) -> None:
        """Save the bases and the positions, of which the gradients are made."""
        bases, weight, _ = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(bases, output[1])
        ctx.weight_shape = weight.shape

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[None, Tensor, Tensor]:
        """Compute the gradients of weight and bias from that of the scores, (batch, filters)."""
        kernels: Any = _kernels()
        filters, _, _ = ctx.weight_shape
        weight_gradient, bias_gradient = np.empty(ctx.weight_shape, np.float32), np.empty(filters, np.float32)
        bases, at = ctx.saved_tensors
        inputs = (_flat(bases), bases.shape[1] * bases.shape[2], at.numpy(), gradient.contiguous().numpy())
        run_in_threads(kernels.accumulate_gradients, filters, *inputs, weight_gradient, bias_gradient)
        return None, torch.from_numpy(weight_gradient), torch.from_numpy(bias_gradient)


def _flat(bases: Tensor) -> np.ndarray:
    """Return bases one after another, with the margin that the kernels read beyond them."""
    kernels: Any = _kernels()
    return pad(bases.reshape(-1), (0, kernels.BLOCK)).numpy()


def _as_numpy(scores: Tensor) -> np.ndarray:
    """Return float32 as they are, and the bits of bfloat16, which numpy does not have."""
    return scores.numpy() if scores.dtype == torch.float32 else scores.view(torch.uint16).numpy()


def _multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for products of bfloat16, which older versions of torch do not tell."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)
    return torch.backends.mkldnn.is_available() and bool(supported())


@lru_cache
def _kernels() -> ModuleType | None:
    """Import the compiled kernels, if numba is installed and works."""
    try:
        from regssl.models import _dense_conv
    except ImportError:
        return None
    return _dense_conv
