"""Augmentation of training windows: random substitutions, an insertion, a deletion and a shift, anew in every batch.

After EvoAug (Lee, Tang, Toneyan and Koo 2023, Genome Biology 24, 105). The window keeps its width and its label. What
deletions and shifts leave open, and what is inserted, is sampled from the bases of the window, so that its composition
stays; EvoAug takes each base as often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from regssl.methods.settings import AugmentationRates
from regssl.models.inputs import SequenceInputs


def augment(codes: Tensor, rates: AugmentationRates, stream: torch.Generator) -> Tensor:
    """Augment windows: shift, insert, delete, substitute, in this order.

    Args:
        codes: byte codes, uint8 (windows, width).
        rates: of the changes; lengths are uniform from 0 to the largest, and N is not substituted.
        stream: random stream.

    Returns:
        uint8 (windows, width).
    """
    n, width = codes.shape

    def whole(largest: int) -> Tensor:
        return torch.randint(largest + 1, (n, 1), generator=stream)

    def start(length: Tensor) -> Tensor:
        return (torch.rand((n, 1), generator=stream) * (width + 1 - length)).long()

    inserted, deleted = whole(min(rates.max_insertion, width)), whole(min(rates.max_deletion, width))
    gap, cut = start(inserted), start(deleted)
    place = torch.arange(width) + rates.max_shift - whole(2 * rates.max_shift)  # in the window, of each new base
    after = place - gap
    is_new = (after >= 0) & (after < inserted)
    place = torch.where(after >= inserted, place - inserted, place)
    place = torch.where(place >= cut, place + deleted, place)
    is_new |= (place < 0) | (place >= width)
    place = torch.where(is_new, torch.randint(width, (n, width), generator=stream), place)
    changed = codes.gather(1, place)
    substituted = (torch.rand((n, width), generator=stream) < rates.mutation_rate) & (changed < 4)
    others = (changed + torch.randint(1, 4, (n, width), generator=stream, dtype=torch.uint8)) % 4
    return torch.where(substituted, others, changed)


@dataclass(frozen=True)
class Augmenter:
    """Augments the windows of batches, and encodes them for a network.

    Attributes:
        codes: byte codes of the training windows, uint8 (windows, width).
        rates: of the changes.
        encode: encodes byte codes, uint8 (windows, width).
    """

    codes: Tensor
    rates: AugmentationRates
    encode: Callable[[Tensor], SequenceInputs]

    def augmented(self, indices: Tensor, streams: Sequence[torch.Generator]) -> SequenceInputs:
        """Return augmented windows, in the order of their indices.

        Args:
            indices: int64 (steps, seeds, batch), on the CPU.
            streams: the random stream of each seed.
        """
        of_seeds = [
            augment(self.codes[own.flatten()], self.rates, stream).view(*own.shape, -1)
            for own, stream in zip(indices.unbind(1), streams, strict=True)
        ]
        return self.encode(torch.stack(of_seeds, dim=1).flatten(0, 2))
