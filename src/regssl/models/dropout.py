"""Dropout whose zeros are a function of a key, so that a network meets the same ones alone and among others."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zero each number with probability `rate` while training, and scale up the rest, as `nn.Dropout` does.

    `nn.Dropout` draws from one stream for the whole process: what it zeroes depends on all that was drawn before. Here
    number i of the input is zeroed if a hash of key and i is small, and the trainer sets `key` anew at each step, from
    the seed. So a run can be resumed, and networks be trained side by side (`stack`), with the very same zeros.

    Args:
        rate: probability of a zero.

    Attributes:
        key: int64 (), any value up to 2**31; not part of the saved weights.
    """

    key: Tensor

    def __init__(self, rate: float) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"dropout rate {rate} is not in [0, 1)")
        self.rate = rate
        self.register_buffer("key", torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, numbers: Tensor) -> Tensor:
        """Any shape to the same shape."""
        if not self.training or not self.rate:
            return numbers
        places = torch.arange(numbers.numel(), dtype=torch.int32, device=numbers.device)
        keep = hashed(places + self.key.to(torch.int32)) >= int(self.rate * 2**31)
        return torch.where(keep.view(numbers.shape), numbers / (1 - self.rate), 0.0)

    def extra_repr(self) -> str:
        """The rate, for printing."""
        return f"{self.rate}"


def hashed(numbers: Tensor) -> Tensor:
    """Mix the bits of int32 numbers into int32 numbers from 0 to 2**31 - 1 that look random.

    Two rounds of multiply and xor-shift with Wellons' constants (github.com/skeeto/hash-prospector, `lowbias32`).
    """
    mixed = numbers ^ (numbers >> 16 & 0xFFFF)  # the mask makes the shift one without sign
    mixed = mixed * 0x7FEB352D
    mixed = mixed ^ (mixed >> 15 & 0x1FFFF)
    mixed = mixed * (0x846CA68B - 2**32)
    mixed = mixed ^ (mixed >> 16 & 0xFFFF)
    return mixed & 0x7FFFFFFF


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
