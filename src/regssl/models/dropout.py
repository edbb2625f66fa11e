"""Dropout and noise as functions of a seed: a network samples the same alone and in an ensemble."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zero each element with probability `rate` in training, and scale up the rest, as `nn.Dropout` does.

    `nn.Dropout` uses the one random stream of the process: its zeros depend on all earlier random numbers. Here element
    i of the input is zeroed if a hash of seed and i is small, and the trainer sets `seed` at each step. So a run can be
    resumed, and networks can be trained side by side (`ensemble`), with identical zeros.

    Args:
        rate: probability of a zero.

    Attributes:
        seed: int64 (), any value up to 2**31; not part of the saved weights.
    """

    seed: Tensor

    def __init__(self, rate: float) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"dropout rate {rate} is not in [0, 1)")
        self.rate = rate
        self.register_buffer("seed", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Map any shape to the same shape."""
        if not self.training or not self.rate:
            return values
        scale = self.kept(values.shape, values.device).to(values.dtype) / (1 - self.rate)
        return values * scale  # on a CPU in half the time of torch.where

    def kept(self, shape: Sequence[int], device: torch.device) -> Tensor:
        """Return what is not zeroed in training, bool of a shape."""
        indices = torch.arange(math.prod(shape), dtype=torch.int32, device=device)
        return (hash32(indices + self.seed.to(torch.int32)) >= int(self.rate * 2**31)).view(tuple(shape))

    def extra_repr(self) -> str:
        """Return the rate, for printing."""
        return f"{self.rate}"


def hash32(values: Tensor) -> Tensor:
    """Hash int32 values to pseudo-random int32 values from 0 to 2**31 - 1.

    Two rounds of multiply and xor-shift with Wellons' constants (github.com/skeeto/hash-prospector, `lowbias32`).
    """
    mixed = values ^ (values >> 16 & 0xFFFF)  # the mask makes the shift unsigned
    mixed = mixed * 0x7FEB352D
    mixed = mixed ^ (mixed >> 15 & 0x1FFFF)
    mixed = mixed * (0x846CA68B - 2**32)
    mixed = mixed ^ (mixed >> 16 & 0xFFFF)
    return mixed & 0x7FFFFFFF


class Noise(nn.Module):
    """Add Gaussian noise in training: the input noise of the noisy student.

    A network with this layer gets the noise there; any other gets it on the one-hot code. The trainer sets `sd` for a
    phase and `seed` at each step, so the noise is the same alone, in an ensemble and after a restart.

    Attributes:
        sd: standard deviation; 0 until the trainer sets it.
        seed: int64 (), any value up to 2**31; not part of the saved weights.
    """

    seed: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.sd = 0.0
        self.register_buffer("seed", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Map any shape to the same shape."""
        if not self.training or not self.sd:
            return values
        indices = torch.arange(values.numel(), dtype=torch.int32, device=values.device) + self.seed.to(torch.int32)
        first = hash32(indices)
        uniform, angle = (first + 1.0) / 2**31, hash32(first ^ 0x5BD1E995) / 2**31
        gaussian = torch.sqrt(-2 * torch.log(uniform)) * torch.cos(2 * math.pi * angle)  # Box and Muller
        return values + self.sd * gaussian.view(values.shape).to(values.dtype)
