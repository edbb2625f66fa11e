"""DNABERT-2: the classifier, in the published layout."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from regssl.models.dnabert2_encoder import Bert, Sizes
from regssl.models.dropout import Dropout


class DNABERT2Classifier(nn.Module):
    """DNABERT-2 with a classifier, after Zhou et al. 2023 (arXiv:2306.15006), 117M parameters by default.

    1. word embedding + type embedding, LayerNorm, dropout
    2. twelve layers, each: attention of 12 heads with ALiBi; dense, dropout, residual, LayerNorm; gated GELU
       768 → 3072, dropout, 3072 → 768, residual, LayerNorm
    3. state of the first token, [CLS]: dense, tanh, dropout
    4. one logit a label

    Names of weights and what is computed are those of the published model (its remote code is not needed); attention
    to padding has weight 0, so a sequence has the same logits whatever stands beside it.

    Args:
        sizes: see `Sizes`.
        num_labels: logits.
        padding: id of the token that fills up short sequences.
    """

    def __init__(self, sizes: Sizes | None = None, num_labels: int = 1, padding: int = 3) -> None:
        super().__init__()
        self.sizes, self.padding = sizes or Sizes(), padding
        self.bert = Bert(self.sizes)
        self.dropout = Dropout(self.sizes.hidden_dropout_prob)
        self.classifier = nn.Linear(self.sizes.hidden_size, num_labels)
        self.apply(self._initialise)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Token ids to logits (batch, labels).

        Args:
            ids: integers (batch, length).
            mask: (batch, length), 1 or true where there is a token; None: everywhere but at the padding id.
        """
        mask = ids != self.padding if mask is None else mask.bool()
        _, pooled = self.bert(ids.int(), mask)
        with torch.autocast(pooled.device.type, enabled=False):
            return self.classifier(self.dropout(pooled))

    @classmethod
    def from_pretrained(cls, folder: str | Path, num_labels: int = 1) -> DNABERT2Classifier:
        """Read `config.json`, `tokenizer.json` and `model.safetensors` or `pytorch_model.bin`; none of them runs code.

        The published weights hold neither pooler nor classifier: these are drawn from torch's current random state.

        Raises:
            DataError: a file is missing or damaged, or the weights do not fit.
        """
        from regssl.models.dnabert2_files import read_sizes, read_tokenizer, read_weights

        network = cls(read_sizes(folder), num_labels, read_tokenizer(folder).padding)
        read_weights(folder, network)
        return network

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.sizes.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
