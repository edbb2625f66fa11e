"""The first layer of a motif network: the best match of each filter in the sequence."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv1d

from regssl.models.compiled import OneByOne, apply, run_in_threads
from regssl.models.dense_conv import dense_applies, dense_conv_max
from regssl.models.inputs import reverse_complement
from regssl.sequences.encoding import as_channels


class ConvMaxPool(nn.Module):
    """Convolution followed by the maximum over positions.

    `ConvMaxPool(256, 24)` has the parameters of `nn.Conv1d(4, 256, 24)`, initialised alike, and computes
    `conv1d(one_hot(codes)).amax(-1)` in one of three ways:

    - plain: literally, for any device, precision and input;
    - k-mer: sums of table look-ups and a sparse gradient (see `_kmer_conv`), for byte codes and float32 on a CPU, some
      ten times faster. It is used wherever it applies, and rounds differently: outputs agree within 1e-5, and so do
      gradients, unless rounding decides which of two windows with equal scores gets the gradient;
    - dense: products of all windows and the same sparse gradient (see `dense_conv`), for weighted bases in float32 on
      a CPU, and maxima alone; also within 1e-5.

    All are deterministic, the last two with any number of threads.

    Args:
        filters: number of filters.
        width: of a filter, bp.
        both_strands: take the maximum over the positions of both strands: then a sequence and its reverse complement
            have the same scores.
        mean: return also the mean over the same positions of the scores above 0, those below counting as 0, as
            DeepBind's "max and avg" pooling does. Its gradient reaches every window: a training step takes three to
            five times as long, and one on weighted bases, by the plain route, ten to twenty times.

    Attributes:
        weight: float32 (filters, 4, width), bases in the order A, C, G, T.
        bias: float32 (filters,).
        plain: set it to always use the plain route.
    """

    def __init__(self, filters: int, width: int, both_strands: bool = False, mean: bool = False) -> None:
        super().__init__()
        self.weight, self.bias = nn.Conv1d(4, filters, width).parameters()
        self.both_strands, self.mean = both_strands, mean
        self.plain = False

    @property
    def features(self) -> int:
        """Numbers per sequence."""
        return self.weight.shape[0] * (2 if self.mean else 1)

    def forward(self, sequences: Tensor, kept: Tensor | None = None) -> Tensor:
        """Compute the best score of each filter.

        Args:
            sequences: byte codes, uint8 (batch, length), or weighted bases, such as one-hot with noise, float
                (batch, 4, length).
            kept: bool (batch, features): what dropout keeps. The dense route returns 0 for the rest.

        Returns:
            Tensor of shape (batch, filters), or with means (batch, 2 filters), the best scores first; float32 unless
            the weights or autocast have another type.

        Raises:
            RuntimeError: the sequences are shorter than the filters.
        """
        if self.reads_tables(sequences):
            inputs = (sequences, self.weight, self.bias, 2 if self.both_strands else 1)
            best: Tensor = apply(_KmerConvMax, *inputs)[0]
            return torch.cat([best, apply(_KmerConvMean, *inputs)[0]], -1) if self.mean else best
        if self.multiplies(sequences):
            return dense_conv_max(sequences, self.weight, self.bias, self.both_strands, kept)
        channels = as_channels(sequences).to(self.weight.dtype)
        scores = conv1d(channels, self.weight, self.bias)
        if self.both_strands:
            scores = torch.cat([scores, conv1d(channels.flip(1, 2), self.weight, self.bias)], -1)
        return torch.cat([scores.amax(-1), scores.relu().mean(-1)], -1) if self.mean else scores.amax(-1)

    def reads_tables(self, sequences: Tensor) -> bool:
        """Whether the k-mer route is taken."""
        return (
            not self.plain
            and sequences.dtype == torch.uint8
            and sequences.ndim == 2
            and sequences.shape[1] >= self.weight.shape[2]
            and sequences.device.type == self.weight.device.type == "cpu"
            and self.weight.dtype == self.bias.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
            and _kernels() is not None
        )

    def multiplies(self, sequences: Tensor) -> bool:
        """Whether the dense route is taken."""
        return not self.plain and not self.mean and dense_applies(sequences, self.weight)

    def extra_repr(self) -> str:
        """Return sizes, for printing."""
        settings = [name for name in ("both_strands", "mean") if getattr(self, name)]
        return ", ".join([f"{self.weight.shape[0]}, {self.weight.shape[2]}", *settings])


def best_matches(codes: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Find the best match of each filter over both strands of a sequence, on a CPU, without gradients.

    Args:
        codes: byte codes, uint8 (batch, length).
        weight: float32 (filters, 4, width).
        bias: float32 (filters,).

    Returns:
        Scores, float32 (batch, filters), and places, int64 (batch, filters): strand * length + position.
    """
    length = codes.shape[1]
    with torch.no_grad():
        if _kernels() is not None:
            best, at = _KmerConvMax.forward(codes, weight, bias, 2)
            kernels = _best_kernels(codes, weight, 2)[0]
            _run(kernels.locate, codes, weight, bias, 2, best.numpy(), at.numpy())
            return best, at.long()
        strands = torch.stack([codes, reverse_complement(codes)], 1)
        scores = conv1d(as_channels(strands).flatten(0, 1), weight, bias).unflatten(0, strands.shape[:2])
        best, at = scores.transpose(1, 2).flatten(2).max(-1)
        positions = scores.shape[-1]
        return best, at // positions * length + at % positions


class _KmerConvMax(OneByOne, torch.autograd.Function):
    """Byte codes (batch, length), weight, bias and strands to best scores (batch, filters), and the blocks of them."""

    @staticmethod
    def forward(codes: Tensor, weight: Tensor, bias: Tensor, strands: int) -> tuple[Tensor, Tensor]:
        """Compute the best scores, float32 (batch, filters), and which blocks have them; threads share the filters."""
        shape = len(codes), len(weight)
        best, at = np.empty(shape, np.float32), np.empty(shape, np.int32)
        kernels, starts = _best_kernels(codes, weight, strands)
        _run(kernels.scan, codes, weight, bias, strands, starts, best, at)
        return torch.from_numpy(best), torch.from_numpy(at)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, int], output: tuple[Tensor, Tensor]) -> None:
        """Save all of it: the scores of a block are computed again, to find its window."""
        *tensors, ctx.strands = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(*tensors, *output)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the gradients of weight and bias from that of the scores, (batch, filters); codes have none."""
        codes, weight, bias, best, at = ctx.saved_tensors
        gradients: list[Any] = [np.empty(shape, np.float32) for shape in (weight.shape, bias.shape)]
        given = best.detach().numpy(), at.numpy(), gradient.contiguous().numpy()
        kernels = _best_kernels(codes, weight, ctx.strands)[0]
        _run(kernels.accumulate, codes, weight, bias, ctx.strands, *given, *gradients)
        return None, *map(torch.from_numpy, gradients), None


class _KmerConvMean(OneByOne, torch.autograd.Function):
    """Byte codes (batch, length), weight, bias and strands to the means of scores above 0 (batch, filters)."""

    @staticmethod
    def forward(codes: Tensor, weight: Tensor, bias: Tensor, strands: int) -> tuple[Tensor]:
        """Compute the means, float32 (batch, filters); threads share the filters."""
        mean = np.empty((len(codes), len(weight)), np.float32)
        kernels, starts = _mean_kernels(codes, weight, strands)
        _run(kernels.scan, codes, weight, bias, strands, starts, mean)
        return (torch.from_numpy(mean),)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, int], _output: tuple[Tensor]) -> None:
        """Save the inputs, whose scores are computed again."""
        *tensors, ctx.strands = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the gradients of weight and bias from that of the means, (batch, filters); codes have none."""
        codes, weight, bias = ctx.saved_tensors
        gradients: list[Any] = [np.empty(shape, np.float32) for shape in (weight.shape, bias.shape)]
        kernels, starts = _mean_kernels(codes, weight, ctx.strands)
        given = starts, gradient.contiguous().numpy()
        _run(kernels.accumulate, codes, weight, bias, ctx.strands, *given, *gradients)
        return None, *map(torch.from_numpy, gradients), None


def _best_kernels(codes: Tensor, weight: Tensor, strands: int) -> tuple[Any, np.ndarray]:
    """Return the kernels of the best score, and where blocks of windows begin; short sequences have single windows."""
    kernels: Any = _kernels()
    length, width = codes.shape[1], weight.shape[2]
    size = kernels.KMER if length - width + 1 >= kernels.KMER**2 else 1
    own = kernels.compile_kernels(-(-width // kernels.KMER), size)
    return own, kernels.window_starts(length, width, strands, size)


def _mean_kernels(codes: Tensor, weight: Tensor, strands: int) -> tuple[Any, np.ndarray]:
    """Return the kernels of the mean score, and the windows."""
    kernels: Any = _kernels()
    width = weight.shape[2]
    own = kernels.compile_mean_kernels(-(-width // kernels.KMER))
    return own, kernels.window_starts(codes.shape[1], width, strands)


def _run(kernel: Any, codes: Tensor, weight: Tensor, bias: Tensor, strands: int, *arrays: np.ndarray) -> None:
    """Run a kernel with arrays of its own; threads share the filters."""
    kernels: Any = _kernels()
    rows = kernels.kmer_rows(codes.contiguous().numpy(), strands)
    filters = weight.detach().contiguous().numpy(), bias.detach().contiguous().numpy()
    run_in_threads(kernel, -(-len(weight) // kernels.SIMD_LANES), rows, *filters, *arrays)


@lru_cache
def _kernels() -> ModuleType | None:
    """Import the compiled kernels, if numba is installed and works."""
    try:
        from regssl.models import _kmer_conv
    except ImportError:
        return None
    return _kmer_conv
