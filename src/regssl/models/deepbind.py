"""DeepBind: the shallow CNN, the paper's "CNN-27K"."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from regssl.models.conv_max import ConvMaxPool
from regssl.models.dropout import Dropout


class DeepBind(nn.Module):
    """One convolution and its maximum over positions, after Alipanahi et al. 2015 (Nat. Biotechnol. 33:831).

    1. one-hot, 4 channels
    2. convolution, 4 → `filters` of width `filter_width`
    3. maximum over positions (global max pool), then ReLU
    4. dropout
    5. `hidden` units, ReLU
    6. one logit

    The paper gives the size, 27K parameters; the layers are our choice, and the defaults make 27,413. The pool precedes
    the ReLU, which is the same function (ReLU is monotone) for a fraction of the work; layers 1 to 3 up to there are
    one layer, `ConvMaxPool`, which on a CPU reads tables instead of convolving.

    Args:
        width: length of the sequences in bp.
        filters, filter_width, hidden, dropout: see above.
    """

    def __init__(
        self, width: int = 200, filters: int = 256, filter_width: int = 24, hidden: int = 10, dropout: float = 0.2
    ) -> None:
        super().__init__()
        if width < filter_width:
            raise ValueError(f"sequences of {width} bp are shorter than the filters, {filter_width} bp")
        self.scan = ConvMaxPool(filters, filter_width)
        self.dropout = Dropout(dropout)
        self.hidden = nn.Linear(filters, hidden)
        self.logit = nn.Linear(hidden, 1)

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), or weighted bases, float (batch, 4, width), to logits (batch,)."""
        best = torch.relu(self.scan(sequences))
        logits: Tensor = self.logit(torch.relu(self.hidden(self.dropout(best))))
        return logits.squeeze(-1)
