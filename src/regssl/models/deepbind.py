"""DeepBind: the shallow CNN, the paper's "CNN-27K"."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from regssl.models.conv_max import ConvMaxPool
from regssl.models.dropout import Dropout
from regssl.models.motif_head import compiled_head

Pooling = Literal["max", "max_and_mean"]


class DeepBind(nn.Module):
    """One convolution and its maximum over positions, after Alipanahi et al. 2015 (Nat. Biotechnol. 33:831).

    1. one-hot, 4 channels
    2. convolution, 4 → `filters` of width `filter_width`, on one strand or both
    3. maximum over positions (global max pool), then ReLU
    4. dropout
    5. `hidden` units, ReLU
    6. one logit

    The paper gives the size, 27K parameters; the layers are our choice. The defaults make 27,022 and were chosen on
    validation windows (`config/recipes.yaml`). The pool precedes the ReLU, which is the same function (ReLU is
    monotone) for a fraction of the work; layers 1 to 3 up to there are one layer, `ConvMaxPool`, which on a CPU reads
    tables instead of convolving; there, one compiled function does what follows it.

    Args:
        width: length of the sequences in bp.
        filters, filter_width, dropout: see above.
        hidden: see above; 0: no hidden layer.
        both_strands: take the best match over both strands; logits are then those of the reverse complement, too.
        pooling: `max_and_mean`: the mean over positions, after the ReLU, is a second feature of each filter.
    """

    def __init__(  # noqa: PLR0913
        self,
        width: int = 200,
        filters: int = 403,
        filter_width: int = 14,
        hidden: int = 10,
        dropout: float = 0.5,
        both_strands: bool = True,
        pooling: Pooling = "max",
    ) -> None:
        super().__init__()
        for name, size, least in (("filters", filters, 1), ("filter_width", filter_width, 1), ("hidden", hidden, 0)):
            if type(size) is not int or size < least:
                raise ValueError(f"{name}: {size!r} is no whole number of at least {least}")
        if not isinstance(both_strands, bool):
            raise ValueError(f"both_strands: {both_strands!r} is neither true nor false")
        if width < filter_width:
            raise ValueError(f"sequences of {width} bp are shorter than the filters, {filter_width} bp")
        if pooling not in get_args(Pooling):
            raise ValueError(f"unknown pooling '{pooling}'; known: {', '.join(get_args(Pooling))}")
        self.scan = ConvMaxPool(filters, filter_width, both_strands, mean=pooling == "max_and_mean")
        self.dropout = Dropout(dropout)
        self.hidden = nn.Linear(self.scan.features, hidden) if hidden else None
        self.logit = nn.Linear(hidden or self.scan.features, 1)
        self.strand_invariant = both_strands

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), or weighted bases, float (batch, 4, width), to logits (batch,)."""
        multiplies = self.scan.multiplies(sequences)
        drops = multiplies and self.training and self.dropout.rate > 0
        kept = self.dropout.kept((len(sequences), self.scan.features), sequences.device) if drops else None
        scores = self.scan(sequences, kept)
        if self.hidden is not None and (multiplies or self.scan.reads_tables(sequences)):
            return compiled_head(scores, self.dropout, self.hidden, self.logit)
        return self.head(scores)

    def head(self, scores: Tensor) -> Tensor:
        """Map what `scan` returns, (..., features), to logits (...)."""
        features = self.dropout(torch.relu(scores))
        if self.hidden is not None:
            features = torch.relu(self.hidden(features))
        logits: Tensor = self.logit(features)
        return logits.squeeze(-1)
