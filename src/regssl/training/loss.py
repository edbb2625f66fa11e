"""The loss of training: binary cross-entropy of the logits of each network."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import binary_cross_entropy_with_logits

from regssl.models.compiled import apply


def mean_losses(logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """Compute the mean loss of each network: float (networks,).

    On a CPU loss and gradient are one compiled function: torch's ten small steps take a tenth of a small network's.

    Args:
        logits: float (networks, batch).
        targets: 0, 1 or between, float32 (networks, batch).
        weights: of each window in the mean, which is still divided by their number, float32 (networks, batch); None: 1.
    """
    if logits.device.type == "cpu" and logits.dtype == torch.float32 and _kernels() is not None:
        return apply(_CrossEntropy, logits, targets, weights)[0]
    return binary_cross_entropy_with_logits(logits, targets, weights, reduction="none").mean(1)


class _CrossEntropy(torch.autograd.Function):
    """Logits, targets and weights to losses (networks,) and their gradient (networks, batch)."""

    @staticmethod
    def forward(logits: Tensor, targets: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        """Compute losses, and the gradient already."""
        kernels: Any = _kernels()
        factors = np.empty((0, 0), np.float32) if weights is None else weights.contiguous().numpy()
        losses, gradient = np.empty(len(logits), np.float32), np.empty(logits.shape, np.float32)
        own = logits.detach().contiguous().numpy()
        kernels.cross_entropy(own, targets.contiguous().numpy(), factors, losses, gradient)
        return torch.from_numpy(losses), torch.from_numpy(gradient)

    @staticmethod
    def setup_context(ctx: Any, _inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Save the gradient."""
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(output[1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_losses: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        """Return the gradient of the logits."""
        (gradient,) = ctx.saved_tensors
        return gradient * of_losses.unsqueeze(1), None, None


@lru_cache
def _kernels() -> ModuleType | None:
    """Import the compiled kernel, if numba is installed and works."""
    try:
        from regssl.training import _loss
    except ImportError:
        return None
    return _loss
