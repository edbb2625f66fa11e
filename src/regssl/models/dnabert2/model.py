"""The DNABERT-2 classifier, in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.models.dnabert2.checkpoint import read_config, read_tokenizer, read_weights
from regssl.models.dnabert2.encoder import Bert, BertConfig
from regssl.models.dnabert2.tokenizer import Tokenizer
from regssl.models.dropout import Dropout
from regssl.models.inputs import MULTIPLE, TokenInputs
from regssl.sequences.encoding import reverse_complement

TOKENS_PER_BASE = 0.32
"""Ids kept per base: 64 for 200 bp, of which the published tokenizer needs 37 to 55."""


class DNABERT2Classifier(nn.Module):
    """DNABERT-2 with a classifier, after Zhou et al. 2023 (arXiv:2306.15006), 117M parameters by default.

    1. word embedding + type embedding, LayerNorm, dropout
    2. twelve layers, each: attention of 12 heads with ALiBi; dense, dropout, residual, LayerNorm; gated GELU
       768 → 3072, dropout, 3072 → 768, residual, LayerNorm
    3. state of the first token, [CLS]: dense, tanh, dropout
    4. one logit per label

    Names of weights and outputs are those of the published model (its remote code is not needed); attention to padding
    has weight 0, so the logits of a sequence do not depend on the others of its batch.

    Args:
        config: sizes of the network; None: those of DNABERT-2-117M.
        num_labels: number of logits.
        padding: id of the padding token.
    """

    def __init__(self, config: BertConfig | None = None, num_labels: int = 1, padding: int = 3) -> None:
        super().__init__()
        self.config, self.padding = config or BertConfig(), padding
        self.bert = Bert(self.config)
        self.dropout = Dropout(self.config.hidden_dropout_prob)
        self.classifier = nn.Linear(self.config.hidden_size, num_labels)
        self.apply(self._initialise)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map token ids to logits (batch, labels).

        Args:
            ids: integers (batch, length).
            mask: (batch, length), 1 or true where there is a token; None: everywhere but at the padding id.
        """
        mask = ids != self.padding if mask is None else mask.bool()
        _, pooled = self.bert(ids.int(), mask)
        with torch.autocast(pooled.device.type, enabled=False):
            logits: Tensor = self.classifier(self.dropout(pooled))
        return logits

    @staticmethod
    def from_pretrained(folder: str | Path, num_labels: int = 1) -> DNABERT2Classifier:
        """Read `config.json`, `tokenizer.json` and `model.safetensors` or `pytorch_model.bin`; none of them runs code.

        The published weights lack pooler and classifier: these are initialised from torch's current random state.

        Raises:
            DataError: a file is missing or damaged, or the weights do not fit.
        """
        network = DNABERT2Classifier(read_config(folder), num_labels, read_tokenizer(folder).padding)
        read_weights(folder, network)
        return network

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class DNABERT2(DNABERT2Classifier):
    """DNABERT-2 for windows: the architecture `dnabert2`.

    It starts from the files of a folder, or, as a trained model, from `sizes` and `tokenizer`.

    Args:
        width: length of the sequences in bp.
        pretrained: folder with `config.json`, `tokenizer.json` and the weights.
        sizes, tokenizer: the content of the two JSON files, for a network with weights of its own.
        tokens: ids kept of a window, [CLS] and [SEP] included; None: 0.32 per base.
        origin: the weights it started from; read from the folder if there is one.

    Raises:
        DataError: the folder's files are missing, damaged or do not fit.
        ValueError: neither folder nor sizes and tokenizer, or invalid sizes.

    Attributes:
        exact_head: pooler and classifier always compute in full precision.
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
        own = read_tokenizer(pretrained) if pretrained is not None else Tokenizer.from_json(tokenizer or {})
        config = read_config(pretrained) if pretrained is not None else BertConfig.of(sizes or {})
        if own.size > config.vocab_size:
            raise DataError(f"the tokenizer has {own.size} ids, the network {config.vocab_size}", "they do not fit")
        super().__init__(config, num_labels=1, padding=own.padding)
        self.tokenizer, self.origin = own, origin
        self.tokens = tokens or -(-int(TOKENS_PER_BASE * width) // MULTIPLE) * MULTIPLE
        if pretrained is not None:
            self.origin = read_weights(pretrained, self)

    def forward(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map byte codes, uint8 (batch, width), or token ids, other integers (batch, length), to logits (batch,)."""
        if sequences.dtype == torch.uint8:
            windows = self.encode_inputs(sequences, both_strands=False).to(sequences.device)
            indices = torch.arange(len(sequences))
            sequences = windows.select(indices.to(sequences.device), length=windows.padded_length(indices))
        return super().forward(sequences, mask).squeeze(-1)

    def encode_inputs(self, codes: Tensor, both_strands: bool = True) -> TokenInputs:
        """Tokenize windows, uint8 (windows, width), on the forward strand or on both; on the CPU."""
        forward = codes.cpu().numpy()
        strands = [
            self.tokenizer.tokenize(strand, self.tokens, torch.get_num_threads())
            for strand in ([forward, reverse_complement(forward)] if both_strands else [forward])
        ]
        tokens, lengths = (torch.from_numpy(np.stack(parts, axis=1)) for parts in zip(*strands, strict=True))
        return TokenInputs(tokens, lengths)

    def exportable_params(self) -> dict[str, Any]:
        """Return the arguments that build this network without the files it started from, for a model's metadata."""
        return {
            "sizes": asdict(self.config),
            "tokenizer": self.tokenizer.to_json(),
            "tokens": self.tokens,
            "origin": self.origin,
        }
