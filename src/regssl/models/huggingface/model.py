"""A classifier of windows on a network that transformers knows: the architecture `huggingface`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.models.dropout import Dropout, Noise
from regssl.models.huggingface.native import build_base, check_sizes, load_base, positions_of, read_sizes
from regssl.models.huggingface.tokenizer import FolderTokenizer
from regssl.models.inputs import TokenInputs
from regssl.sequences.encoding import reverse_complement


class HuggingFace(nn.Module):
    """A network of transformers for windows.

    1. the network of the files, such as BERT, ESM, Mixtral: token ids to a state of each token
    2. the mean of the states over the tokens that are neither padding nor special
    3. dropout, one logit

    It starts from the files of a folder, or, as a trained model, from `sizes` and `tokenizer`. Its head is initialised
    from torch's current random state. The noise of the noisy student goes on the embeddings of tokens.

    Args:
        width: length of the sequences in bp.
        pretrained: folder with `config.json`, `tokenizer.json` or `vocab.txt`, and the weights.
        sizes, tokenizer: the content of the two JSON files, for a network with weights of its own.
        tokens: ids kept of a window, special ones included; None: all.
        dropout: rate before the logit.
        origin: the weights it started from; read from the folder if there is one.

    Raises:
        DataError: the folder's files are missing, damaged or do not fit, or of a type that transformers does not know.
        ValueError: neither folder nor sizes and tokenizer, or windows too long for the network.

    Attributes:
        exact_head: the head always computes in full precision.
        one_by_one: which expert or mask a token gets depends on the values, so that networks cannot be trained stacked.
    """

    exact_head = True
    one_by_one = True
    content: Tensor

    def __init__(  # noqa: PLR0913
        self,
        width: int = 200,
        pretrained: str | None = None,
        sizes: Mapping[str, Any] | None = None,
        tokenizer: Mapping[str, Any] | None = None,
        tokens: int | None = None,
        dropout: float = 0.1,
        origin: str = "random initialisation",
    ) -> None:
        if pretrained is None and (sizes is None or tokenizer is None):
            raise ValueError("needs `pretrained`, the folder of its files")
        super().__init__()
        self.width, self.tokens, self.origin = width, tokens, origin
        self.sizes = check_sizes(sizes) if pretrained is None else read_sizes(pretrained)
        padding = self.sizes.get("pad_token_id")
        if pretrained is None:
            self.tokenizer = FolderTokenizer(tokenizer or {}, padding)
        else:
            self.tokenizer = FolderTokenizer.read(pretrained, padding)
        self.base = build_base({**self.sizes, "pad_token_id": self.tokenizer.padding})
        config: Any = self.base.config
        if self.tokenizer.size > config.vocab_size:
            problem = f"the tokenizer has {self.tokenizer.size} ids, the network {config.vocab_size}"
            raise DataError(problem, "they do not fit")
        self.positions = positions_of(self.base)
        self._check_length()
        if pretrained is not None:
            self.base, self.origin = load_base(pretrained, self.base)
        embedding: Any = self.base.get_input_embeddings()  # type: ignore[operator]
        embedding.noise = Noise()
        embedding.register_forward_hook(_add_noise)
        self.dropout = Dropout(dropout)
        self.classifier = nn.Linear(config.hidden_size, 1)
        nn.init.normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)
        content = torch.ones(config.vocab_size, dtype=torch.bool)
        content[self.tokenizer.special] = False
        self.register_buffer("content", content, persistent=False)

    def forward(self, sequences: Tensor) -> Tensor:
        """Map byte codes, uint8 (batch, width), or token ids, other integers (batch, length), to logits (batch,)."""
        if sequences.dtype == torch.uint8:
            windows = self.encode_inputs(sequences, both_strands=False).to(sequences.device)
            indices = torch.arange(len(sequences))
            sequences = windows.select(indices.to(sequences.device), length=windows.padded_length(indices))
        ids = sequences.long()
        states = self.base(input_ids=ids, attention_mask=(ids != self.tokenizer.padding).long()).last_hidden_state
        with torch.autocast(states.device.type, enabled=False):
            weights = self.content[ids].unsqueeze(-1).float()
            mean = (states.float() * weights).sum(1) / weights.sum(1).clamp(min=1)
            logits: Tensor = self.classifier(self.dropout(mean))
        return logits.squeeze(-1)

    def encode_inputs(self, codes: Tensor, both_strands: bool = True) -> TokenInputs:
        """Tokenize windows, uint8 (windows, width), on the forward strand or on both; on the CPU.

        Raises:
            DataError: a window has more tokens than the network has positions.
        """
        forward, threads = codes.cpu().numpy(), torch.get_num_threads()
        strands = [forward, reverse_complement(forward)] if both_strands else [forward]
        encoded = [self.tokenizer.tokenize(strand, self.tokens, threads) for strand in strands]
        longest = max(ids.shape[1] for ids, _ in encoded)
        if self.positions is not None and longest > self.positions:
            raise DataError(*_too_long(self.width, longest, self.positions))
        tokens = np.full((len(forward), len(strands), longest), self.tokenizer.padding, encoded[0][0].dtype)
        for strand, (ids, _) in enumerate(encoded):
            tokens[:, strand, : ids.shape[1]] = ids
        lengths = np.stack([lengths for _, lengths in encoded], axis=1)
        return TokenInputs(torch.from_numpy(tokens), torch.from_numpy(lengths))

    def exportable_params(self) -> dict[str, Any]:
        """Return the arguments that build this network without the files it started from, for a model's metadata."""
        return {
            "sizes": self.sizes,
            "tokenizer": self.tokenizer.values,
            "tokens": self.tokens,
            "dropout": self.dropout.rate,
            "origin": self.origin,
        }

    def _check_length(self) -> None:
        """Check what is known of the number of ids before any window is seen."""
        least, most = len(self.tokenizer.special), self.positions
        if self.tokens is not None and self.tokens <= least:
            raise ValueError(f"{self.tokens} tokens leave no room for the sequence")
        if self.tokens is not None and most is not None and self.tokens > most:
            raise ValueError(f"`tokens` is {self.tokens}, and the network takes at most {most}")
        if self.tokenizer.k > self.width:
            raise ValueError(f"windows of {self.width} bp are shorter than a token of {self.tokenizer.k} bp")
        known = self.tokenizer.count(self.width)
        if known is not None and self.tokens is None and most is not None and known > most:
            raise ValueError("{} ({})".format(*_too_long(self.width, known, most)))


def _too_long(width: int, needed: int, most: int) -> tuple[str, str]:
    problem = f"windows of {width} bp have up to {needed} tokens, and the network takes at most {most}"
    return problem, f"use shorter windows (`bins.width`), or cut them with `params: {{ tokens: {most} }}`"


def _add_noise(layer: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
    noisy: Tensor = layer.get_submodule("noise")(output)
    return noisy
