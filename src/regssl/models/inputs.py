"""Windows as a network reads them, on the device where it is.

Most networks read byte codes. One that reads something else, say tokens, has a method `readings(codes, both_strands)`
that gives a `Readings` of its own: what it reads is then made once for all epochs, and trainer and predictor need not
know of it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

MULTIPLE = 8
"""Lengths are padded to a multiple of this, which matrix units of GPUs ask for."""


def opposite_strand(codes: Tensor) -> Tensor:
    """Reverse complement of byte codes, uint8 (..., width); N stays N."""
    return torch.where(codes < 4, 3 - codes, codes).flip(-1)


def readings_of(network: nn.Module, codes: Tensor, both_strands: bool = True) -> Readings:
    """Windows, byte codes uint8 (n, width), as this network reads them."""
    own = getattr(network, "readings", None)
    return Readings(codes) if own is None else own(codes, both_strands)


class Readings(nn.Module):
    """Windows read as byte codes: the other strand is made where it is asked for.

    Args:
        codes: uint8 (n, width).

    Attributes:
        lengths: how many places of each window and strand hold something, int16 (n, strands), on the CPU, where
            windows differ in that; else None.
    """

    codes: Tensor
    lengths: Tensor | None = None

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)  # a buffer, so that Lightning brings it to the device

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def device(self) -> torch.device:
        """Where the windows lie."""
        return next(self.buffers()).device

    def batch(self, rows: Tensor, flips: Tensor | None = None, length: int | None = None) -> Tensor:
        """What a network takes of some windows.

        Args:
            rows: integers (...), which.
            flips: bool (...), or () for all, those to be read on the other strand; None: none.
            length: places to keep; what is beyond them must be padding. See `padded_length`.
        """
        codes = self.codes[rows]
        return codes if flips is None else torch.where(flips.unsqueeze(-1), opposite_strand(codes), codes)

    def padded_length(self, rows: Tensor, flips: Tensor | None = None) -> int:
        """Places that hold all there is in some windows, on the strands `flips` or (None) on any, rows on the CPU."""
        return self.codes.shape[-1]

    def parts(self, size: int) -> list[Tensor]:
        """The windows for evaluation, at most `size` row numbers at a time, on the CPU."""
        return list(torch.arange(len(self)).split(size))


class TokenReadings(Readings):
    """Windows read as token ids, of which there are more or fewer: of both strands, because these differ.

    Args:
        tokens: integers (n, strands, limit), padded; one strand, or this and the other one.
        lengths: int16 (n, strands), ids that are no padding, at least 1.
    """

    tokens: Tensor

    def __init__(self, tokens: Tensor, lengths: Tensor) -> None:
        nn.Module.__init__(self)
        self.register_buffer("tokens", tokens, persistent=False)
        self.lengths: Tensor = lengths

    def __len__(self) -> int:
        return len(self.tokens)

    def batch(self, rows: Tensor, flips: Tensor | None = None, length: int | None = None) -> Tensor:
        """Token ids (..., length)."""
        strands = torch.zeros_like(rows) if flips is None else flips.to(rows.dtype).expand(rows.shape)
        return self.tokens[rows, strands, :length]

    def padded_length(self, rows: Tensor, flips: Tensor | None = None) -> int:
        """The longest of them, up to the next multiple of 8 where the ids reach so far."""
        lengths = self.lengths[rows] if flips is None else self.lengths[rows, flips.long()]
        return min(-(-int(lengths.max()) // MULTIPLE) * MULTIPLE, self.tokens.shape[-1])

    def parts(self, size: int) -> list[Tensor]:
        """Windows of about the same length together."""
        return list(self.lengths.amax(1).argsort(stable=True).split(size))
