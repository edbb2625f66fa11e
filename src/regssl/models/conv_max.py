"""The first layer of a motif network: the best match of each filter in the sequence."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv1d

from regssl.sequences.encoding import as_channels


class ConvMaxPool(nn.Module):
    """Convolution followed by the maximum over positions.

    `ConvMaxPool(256, 24)` has the parameters of `nn.Conv1d(4, 256, 24)`, initialised alike, and computes
    `conv1d(one_hot(codes)).amax(-1)` in one of two ways:

    - plain: literally, for any device, precision and input;
    - k-mer: sums of table look-ups and a sparse gradient (see `_kmer_conv`), for byte codes and float32 on a CPU, some
      ten times faster. It is used wherever it applies, and rounds differently: outputs agree within 1e-5, and so do
      gradients, unless rounding decides which of two windows with equal scores gets the gradient.

    Both are deterministic, the k-mer route with any number of threads.

    Args:
        filters: number of filters.
        width: of a filter, bp.

    Attributes:
        weight: float32 (filters, 4, width), bases in the order A, C, G, T.
        bias: float32 (filters,).
        plain: set it to always use the plain route.
    """

    def __init__(self, filters: int, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Conv1d(4, filters, width).parameters()
        self.plain = False

    def forward(self, sequences: Tensor) -> Tensor:
        """Compute the best score of each filter.

        Args:
            sequences: byte codes, uint8 (batch, length), or weighted bases, such as one-hot with noise, float
                (batch, 4, length).

        Returns:
            Tensor of shape (batch, filters), float32 unless the weights or autocast have another type.

        Raises:
            RuntimeError: the sequences are shorter than the filters.
        """
        if not self.plain and self._kmer_applies(sequences):
            return _kmer_conv_max(sequences, self.weight, self.bias)[0]
        return conv1d(as_channels(sequences).to(self.weight.dtype), self.weight, self.bias).amax(-1)

    def _kmer_applies(self, sequences: Tensor) -> bool:
        return (
            sequences.dtype == torch.uint8
            and sequences.ndim == 2
            and sequences.shape[1] >= self.weight.shape[2]
            and sequences.device.type == self.weight.device.type == "cpu"
            and self.weight.dtype == self.bias.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
            and _kernels() is not None
        )

    def extra_repr(self) -> str:
        """Return sizes, for printing."""
        return f"{self.weight.shape[0]}, {self.weight.shape[2]}"


class _KmerConvMax(torch.autograd.Function):
    """Byte codes (batch, length), weight and bias to best scores (batch, filters) and their positions."""

    @staticmethod
    def forward(codes: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the best scores, float32 (batch, filters), and where they are; threads share the filters."""
        kernels: Any = _kernels()
        filters, _, width = weight.shape
        groups = -(-filters // kernels.SIMD_LANES)
        best = np.empty((len(codes), groups * kernels.SIMD_LANES), np.float32)
        at = np.empty(best.shape, np.int32)
        rows = kernels.kmer_rows(codes.contiguous().numpy())
        parameters = (weight.detach().contiguous().numpy(), bias.detach().contiguous().numpy())
        _run_in_threads(kernels.compile_kernel(-(-width // kernels.KMER)), groups, rows, *parameters, best, at)
        return torch.from_numpy(best)[:, :filters], torch.from_numpy(at)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: tuple[Tensor, Tensor]) -> None:
        """Save the codes and the positions, of which the gradients are made."""
        codes, weight, _ = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(codes, output[1])
        ctx.weight_shape = weight.shape

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[None, Tensor, Tensor]:
        """Compute the gradients of weight and bias from that of the scores, (batch, filters); codes have none."""
        kernels: Any = _kernels()
        filters, _, _ = ctx.weight_shape
        weight_gradient, bias_gradient = np.empty(ctx.weight_shape, np.float32), np.empty(filters, np.float32)
        codes, at = ctx.saved_tensors
        hot = kernels.flat_one_hot(codes.contiguous().numpy())
        inputs = (hot, codes.shape[1], at.numpy(), gradient.contiguous().numpy())
        _run_in_threads(kernels.accumulate_gradients, filters, *inputs, weight_gradient, bias_gradient)
        return None, torch.from_numpy(weight_gradient), torch.from_numpy(bias_gradient)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> tuple[tuple[Tensor, ...], tuple[int, int]]:
        """Run the members of an `ensemble.Ensemble` one after the other."""
        turns = [
            [
                tensor if axis is None else tensor.select(axis, turn)
                for tensor, axis in zip(inputs, in_dims, strict=True)
            ]
            for turn in range(info.batch_size)
        ]
        outputs = zip(*(_kmer_conv_max(*turn) for turn in turns), strict=True)
        return tuple(torch.stack(parts) for parts in outputs), (0, 0)


def _kmer_conv_max(codes: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    found: tuple[Tensor, Tensor] = _KmerConvMax.apply(codes, weight, bias)  # type: ignore[no-untyped-call, unused-ignore]
    return found


@lru_cache
def _kernels() -> ModuleType | None:
    """Import the compiled kernels, if numba is installed and works."""
    try:
        from regssl.models import _kmer_conv
    except ImportError:
        return None
    return _kmer_conv


def _run_in_threads(kernel: Callable[..., None], parts: int, *args: Any) -> None:
    """Run a kernel over the parts [0, parts) on torch's number of threads; it must release the GIL."""
    threads = min(torch.get_num_threads(), parts)
    (_, own), *others = pairwise(parts * thread // threads for thread in range(threads + 1))
    waiting = [_pool(os.getpid(), threads - 1).submit(kernel, *args, *share) for share in others]
    kernel(*args, 0, own)
    for one in waiting:
        one.result()


@lru_cache(maxsize=1)
def _pool(_process: int, threads: int) -> ThreadPoolExecutor:
    """Return a pool of threads; each process has its own, because a forked process does not inherit threads."""
    return ThreadPoolExecutor(threads)
