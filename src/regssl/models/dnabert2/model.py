"""DNABERT-2: the classifier, in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.models.dnabert2.checkpoint import read_sizes, read_tokenizer, read_weights
from regssl.models.dnabert2.encoder import Bert, Sizes
from regssl.models.dnabert2.tokenizer import Tokenizer
from regssl.models.dropout import Dropout
from regssl.models.inputs import MULTIPLE, TokenReadings
from regssl.sequences.encoding import reverse_complement

TOKENS_PER_BASE = 0.32
"""Room for the ids of a window: 64 for 200 bp, of which the published tokenizer needs 37 to 55."""


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

    @staticmethod
    def from_pretrained(folder: str | Path, num_labels: int = 1) -> DNABERT2Classifier:
        """Read `config.json`, `tokenizer.json` and `model.safetensors` or `pytorch_model.bin`; none of them runs code.

        The published weights hold neither pooler nor classifier: these are drawn from torch's current random state.

        Raises:
            DataError: a file is missing or damaged, or the weights do not fit.
        """
        network = DNABERT2Classifier(read_sizes(folder), num_labels, read_tokenizer(folder).padding)
        read_weights(folder, network)
        return network

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.sizes.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class DNABERT2(DNABERT2Classifier):
    """DNABERT-2 that reads windows: the architecture `dnabert2`.

    Starts from the files of a folder, or (a trained model does) from `sizes` and `tokenizer`.

    Args:
        width: length of the sequences in bp.
        pretrained: folder with `config.json`, `tokenizer.json` and the weights.
        sizes, tokenizer: what the two JSON files hold, for a network with weights of its own.
        tokens: ids kept of a window, [CLS] and [SEP] among them; None: 0.32 a base.
        origin: which weights it started from; read from the folder where there is one.

    Raises:
        DataError: the folder's files are missing, damaged or do not fit.
        ValueError: neither folder nor sizes and tokenizer, or impossible sizes.

    Attributes:
        exact_head: pooler and classifier compute in full precision whatever the rest does.
    """

    exact_head = True

    def __init__(
        self,
        width: int = 200,
        pretrained: str | None = None,
        sizes: Mapping[str, Any] | None = None,
        tokenizer: Mapping[str, Any] | None = None,
        tokens: int | None = None,
        origin: str = "random initialisation",
    ) -> None:
        if pretrained is None and (sizes is None or tokenizer is None):
            raise ValueError("needs `pretrained`, the folder of its files")
        if tokens is not None and tokens < 3:
            raise ValueError(f"{tokens} tokens leave no room for the sequence")
        cut = read_tokenizer(pretrained) if pretrained is not None else Tokenizer.from_json(tokenizer or {})
        own = read_sizes(pretrained) if pretrained is not None else Sizes.of(sizes or {})
        if cut.size > own.vocab_size:
            raise DataError(f"the tokenizer has {cut.size} ids, the network {own.vocab_size}", "they do not fit")
        super().__init__(own, num_labels=1, padding=cut.padding)
        self.tokenizer, self.origin = cut, origin
        self.tokens = tokens or -(-int(TOKENS_PER_BASE * width) // MULTIPLE) * MULTIPLE
        if pretrained is not None:
            self.origin = read_weights(pretrained, self)

    def forward(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """Byte codes, uint8 (batch, width), or token ids, other integers (batch, length), to logits (batch,)."""
        if sequences.dtype == torch.uint8:
            windows = self.readings(sequences, both_strands=False).to(sequences.device)
            rows = torch.arange(len(sequences))
            sequences = windows.batch(rows.to(sequences.device), length=windows.padded_length(rows))
        return super().forward(sequences, mask).squeeze(-1)

    def readings(self, codes: Tensor, both_strands: bool = True) -> TokenReadings:
        """Windows as token ids: uint8 (n, width) to ids of this strand, or of both, on the CPU."""
        plus = codes.cpu().numpy()
        made = [
            self.tokenizer.tokenize(strand, self.tokens, torch.get_num_threads())
            for strand in ([plus, reverse_complement(plus)] if both_strands else [plus])
        ]
        tokens, lengths = (torch.from_numpy(np.stack(parts, axis=1)) for parts in zip(*made, strict=True))
        return TokenReadings(tokens, lengths)

    def portable_params(self) -> dict[str, Any]:
        """The arguments that make this network again where its files are not: they go into a saved model's card."""
        return {
            "sizes": asdict(self.sizes),
            "tokenizer": self.tokenizer.to_json(),
            "tokens": self.tokens,
            "origin": self.origin,
        }
