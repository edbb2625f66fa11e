"""Gaussian noise that is a function of a key, as `dropout` has its zeros."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from regssl.models.dropout import hashed


class Noise(nn.Module):
    """Add Gaussian noise while training: what the noisy student of `methods` is disturbed by.

    A network that has this layer says where noise belongs; noise on any other goes on the one-hot code. The trainer
    sets `sd` for a phase and `key` at each step, so the noise too is the same alone, among others and after a restart.

    Attributes:
        sd: standard deviation; 0 until the trainer sets it.
        key: int64 (), any value up to 2**31; not part of the saved weights.
    """

    key: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.sd = 0.0
        self.register_buffer("key", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, numbers: Tensor) -> Tensor:
        """Any shape to the same shape."""
        if not self.training or not self.sd:
            return numbers
        places = torch.arange(numbers.numel(), dtype=torch.int32, device=numbers.device) + self.key.to(torch.int32)
        first = hashed(places)
        uniform, angle = (first + 1.0) / 2**31, hashed(first ^ 0x5BD1E995) / 2**31
        gaussian = torch.sqrt(-2 * torch.log(uniform)) * torch.cos(2 * math.pi * angle)  # Box and Muller
        return numbers + self.sd * gaussian.view(numbers.shape).to(numbers.dtype)
