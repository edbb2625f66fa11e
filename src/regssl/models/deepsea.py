"""DeepSEA: the deep CNN."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from regssl.models.dropout import Dropout
from regssl.sequences.encoding import as_channels


class Convolution(nn.Conv1d):
    """`nn.Conv1d` without padding or stride; on a CPU one matrix product of unfolded positions, which is faster there.

    The two differ in the order of summation: outputs and gradients agree up to rounding.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Map float (batch, channels, length) to (batch, filters, length - width + 1)."""
        if values.device.type != "cpu":
            return super().forward(values)
        (width,) = self.kernel_size
        unfolded = values.transpose(1, 2).unfold(1, width, 1).flatten(2)  # (batch, positions, channels × width)
        return linear(unfolded, self.weight.flatten(1), self.bias).transpose(1, 2)


class DeepSEA(nn.Module):
    """Three convolutions and a dense layer, after Zhou and Troyanskaya 2015 (Nat. Methods 12:931).

    1. one-hot, 4 channels
    2. convolution, 4 → 320 of width 8, ReLU, max pool 4, dropout 0.2
    3. convolution, 320 → 480 of width 8, ReLU, max pool 4, dropout 0.2
    4. convolution, 480 → 960 of width 8, ReLU, dropout 0.5
    5. 925 units, ReLU
    6. one logit

    Deviations from the original, which takes 1000 bp and has 919 outputs: 200 bp leave three positions after the third
    convolution (200 → 193 → 48 → 41 → 10 → 3 without padding, so 2,880 inputs to the dense layer), and one label.

    Args:
        width: length of the sequences in bp, at least 163 by default, 100 with `pool` 3.
        channels: filters of the three convolutions.
        filter_width: their width in bp or positions.
        hidden: units of the dense layer.
        dropout: rates after the three convolutions.
        pool: positions that each max pool joins.

    Attributes:
        exact_head: the dense layers always compute in full precision.
    """

    exact_head = True

    def __init__(
        self,
        width: int = 200,
        channels: Sequence[int] = (320, 480, 960),
        filter_width: int = 8,
        hidden: int = 925,
        dropout: Sequence[float] = (0.2, 0.2, 0.5),
        pool: int = 4,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        positions, before = width, 4
        for depth, (after, rate) in enumerate(zip(channels, dropout, strict=True)):
            layers += [Convolution(before, after, filter_width), nn.ReLU()]
            positions -= filter_width - 1
            if depth < len(channels) - 1:
                layers.append(nn.MaxPool1d(pool))
                positions //= pool
            layers.append(Dropout(rate))
            before = after
        if positions < 1:
            hint = f"; `pool`, now {pool}, may be smaller" if pool > 1 else ""
            raise ValueError(f"sequences of {width} bp are too short for {len(channels)} convolutions{hint}")
        self.scan = nn.Sequential(*layers)
        self.dense = nn.Sequential(nn.Flatten(), nn.Linear(before * positions, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), or weighted bases, float (batch, 4, width), to logits (batch,)."""
        found = self.scan(as_channels(sequences))
        with torch.autocast(found.device.type, enabled=False):  # logits of 8 bits tie
            logits: Tensor = self.dense(found.float() if found.dtype == torch.bfloat16 else found)
        return logits.squeeze(-1)
