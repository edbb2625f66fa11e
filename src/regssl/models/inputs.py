"""Network inputs: windows in the encoding of a network, kept on its device.

Most networks take byte codes. A network with another encoding, such as tokens, has a method
`encode_inputs(codes, both_strands)` that returns its own `SequenceInputs`: windows are then encoded once for all
epochs, and neither the trainer nor `predict` depends on the encoding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

MULTIPLE = 8
"""Lengths are padded to a multiple of this, as matrix units of GPUs require."""


def reverse_complement(codes: Tensor) -> Tensor:
    """Return the reverse complement of byte codes, uint8 (..., width); N stays N."""
    return torch.where(codes < 4, 3 - codes, codes).flip(-1)


def encode_inputs(network: nn.Module, codes: Tensor, both_strands: bool = True) -> SequenceInputs:
    """Encode windows, byte codes uint8 (windows, width), for a network."""
    own = getattr(network, "encode_inputs", None)
    return SequenceInputs(codes) if own is None else own(codes, both_strands)


class SequenceInputs(nn.Module):
    """Windows as byte codes; the reverse strand is computed where it is used.

    Args:
        codes: uint8 (windows, width).

    Attributes:
        lengths: number of positions that are not padding, int16 (windows, strands), on the CPU; None where windows do
            not differ in it.
    """

    codes: Tensor
    lengths: Tensor | None = None

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)  # a buffer, so that Lightning moves it to the device

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def width(self) -> int:
        """Number of positions, padding included."""
        return self.codes.shape[-1]

    @property
    def device(self) -> torch.device:
        """The device of the windows."""
        return next(self.buffers()).device

    def select(self, indices: Tensor, reverse: Tensor | None = None, length: int | None = None) -> Tensor:
        """Return the input of a network for some windows.

        Args:
            indices: integers (...), the windows.
            reverse: bool (...), or () for all: where to take the reverse complement; None: nowhere.
            length: positions to keep; those beyond must be padding. See `padded_length`.
        """
        codes = self.codes[indices][..., :length]
        return codes if reverse is None else torch.where(reverse.unsqueeze(-1), reverse_complement(codes), codes)

    def padded_length(self, indices: Tensor, reverse: Tensor | None = None) -> int:
        """Return a length that holds some windows, on the strands `reverse` or (None) on any; indices on the CPU.

        It is a multiple of 8 where windows differ in length, unless that is more than there is.
        """
        if self.lengths is None:
            return self.width
        lengths = self.lengths[indices] if reverse is None else self.lengths[indices, reverse.long()]
        return min(-(-int(lengths.max()) // MULTIPLE) * MULTIPLE, self.width)

    def batches(self, size: int) -> list[Tensor]:
        """Split the windows for evaluation: at most `size` indices each, on the CPU."""
        return list(torch.arange(len(self)).split(size))


class TokenInputs(SequenceInputs):
    """Windows as token ids of varying number, of both strands, because the tokens of the strands differ.

    Args:
        tokens: integers (windows, strands, limit), padded; the forward strand, or the forward and the reverse one.
        lengths: int16 (windows, strands), number of ids that are not padding, at least 1.
    """

    tokens: Tensor

    def __init__(self, tokens: Tensor, lengths: Tensor) -> None:
        nn.Module.__init__(self)
        self.register_buffer("tokens", tokens, persistent=False)
        self.lengths: Tensor = lengths

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def width(self) -> int:
        """Number of ids, padding included."""
        return self.tokens.shape[-1]

    def select(self, indices: Tensor, reverse: Tensor | None = None, length: int | None = None) -> Tensor:
        """Return token ids (..., length)."""
        strands = torch.zeros_like(indices) if reverse is None else reverse.to(indices.dtype).expand(indices.shape)
        return self.tokens[indices, strands, :length]

    def batches(self, size: int) -> list[Tensor]:
        """Split the windows for evaluation, those of similar length together."""
        return list(self.lengths.amax(1).argsort(stable=True).split(size))
