"""The encoder of DNABERT-2: token ids to states, layer by layer as in the published model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from regssl.io.text import shorten
from regssl.models.dropout import Dropout, Noise

MASK_VALUE = -10_000.0
"""Added to attention scores of padding, as in the published model: its exponential is 0."""


@dataclass(frozen=True)
class BertConfig:
    """Sizes of the network, as in its `config.json`; the defaults are those of DNABERT-2-117M."""

    vocab_size: int = 4096
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    type_vocab_size: int = 2
    hidden_dropout_prob: float = 0.1
    layer_norm_eps: float = 1e-12
    initializer_range: float = 0.02

    MOST: ClassVar[dict[str, int]] = {"num_hidden_layers": 256, "hidden_dropout_prob": 1}
    """Largest sizes; of those not listed, 2**16. A file with larger ones is damaged or made to fill the memory."""
    MOST_WEIGHTS: ClassVar[int] = 2**31

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind, least = (int, 1) if field.type == "int" else (int | float, 0)
            if isinstance(value, bool) or not isinstance(value, kind) or not value >= least:  # nor NaN
                raise ValueError(f"{field.name} is {shorten(repr(value))}")
            if value > self.MOST.get(field.name, 2**16):
                raise ValueError(
                    f"{field.name} is {shorten(repr(value))}, at most {self.MOST.get(field.name, 2**16)} is supported"
                )
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(f"hidden_size {self.hidden_size} is not a multiple of {self.num_attention_heads} heads")
        layer = self.hidden_size * (4 * self.hidden_size + 3 * self.intermediate_size)
        weights = self.hidden_size * self.vocab_size + self.num_hidden_layers * layer
        if weights > self.MOST_WEIGHTS:
            raise ValueError(f"a network of {weights:,} weights, at most {self.MOST_WEIGHTS:,} are supported")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> BertConfig:
        """Take the sizes from a mapping; ignore its other keys.

        Raises:
            ValueError: a size is not a number, or impossible.
        """
        return cls(**{field.name: values[field.name] for field in fields(cls) if field.name in values})


def alibi_slopes(heads: int) -> list[float]:
    """Return the slope of each head's attention bias (Press et al. 2022, arXiv:2108.12409).

    For a power of two, 2^(-8k/heads) for k = 1, 2, …; else those of the largest power of two below, and every other of
    the next. Twelve heads: 1/2, 1/4, … 1/256, 2^-0.5, 2^-1.5, 2^-2.5, 2^-3.5.
    """
    below = 1 << (heads.bit_length() - 1)
    slopes = [2.0 ** (-8 * (k + 1) / below) for k in range(below)]
    return slopes if below == heads else slopes + alibi_slopes(2 * below)[::2][: heads - below]


class Embeddings(nn.Module):
    """Token embeddings: word + type, normalised; there is no position embedding."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.noise = Noise()
        self.dropout = Dropout(config.hidden_dropout_prob)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids (batch, length) to (batch, length, hidden); all are of the first type."""
        words = self.noise(self.word_embeddings(ids))
        out: Tensor = self.dropout(self.LayerNorm(words + self.token_type_embeddings.weight[0]))
        return out


class SelfAttention(nn.Module):
    """Attention of all heads; query, key and value come from one matrix.

    Written out, so that it is deterministic on every device and works in an ensemble; at 64 tokens the cost of the
    scores is small.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.Wqkv = nn.Linear(config.hidden_size, 3 * config.hidden_size)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """Map states (batch, length, hidden) and bias (batch, heads, length, length) to (batch, length, hidden)."""
        batch, length, hidden = states.shape
        parts: Tensor = self.Wqkv(states).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // self.heads) + bias
        attended = scores.softmax(-1) @ value
        out: Tensor = attended.transpose(1, 2).reshape(batch, length, hidden)
        return out


class Residual(nn.Module):
    """The output of attention: a dense layer, the residual, LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.dropout = Dropout(config.hidden_dropout_prob)

    def forward(self, attended: Tensor, states: Tensor) -> Tensor:
        """Map two (batch, length, hidden) to the same."""
        out: Tensor = self.LayerNorm(self.dropout(self.dense(attended)) + states)
        return out


class Attention(nn.Module):
    """Attention and its residual."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.self = SelfAttention(config)
        self.output = Residual(config)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """As `SelfAttention`."""
        out: Tensor = self.output(self.self(states, bias), states)
        return out


class GatedFeedForward(nn.Module):
    """The feed-forward layer: the first half of the units, activated, gates the second half."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.gated_layers = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.wo = nn.Linear(config.intermediate_size, config.hidden_size)
        self.layernorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.dropout = Dropout(config.hidden_dropout_prob)

    def forward(self, states: Tensor) -> Tensor:
        """Map (batch, length, hidden) to the same."""
        activated, plain = self.gated_layers(states).chunk(2, dim=-1)
        out: Tensor = self.layernorm(self.wo(self.dropout(gelu(activated) * plain)) + states)
        return out


class Layer(nn.Module):
    """One layer of the encoder."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.mlp = GatedFeedForward(config)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """As `SelfAttention`."""
        out: Tensor = self.mlp(self.attention(states, bias))
        return out


class Encoder(nn.Module):
    """The layers, with the attention bias of ALiBi."""

    slopes: Tensor

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        slopes = torch.tensor(alibi_slopes(config.num_attention_heads))
        self.register_buffer("slopes", slopes, persistent=False)

    def bias(self, mask: Tensor) -> Tensor:
        """Map a mask (batch, length), true where there is a token, to the attention bias.

        -slope × distance, and -10000 for padding: (batch, heads, length, length).
        """
        positions = torch.arange(mask.shape[1], device=mask.device)
        distances = (positions.unsqueeze(0) - positions.unsqueeze(1)).abs()
        alibi = -self.slopes.view(-1, 1, 1) * distances
        return alibi + torch.where(mask, 0.0, MASK_VALUE)[:, None, None, :]

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Map states (batch, length, hidden) to the same."""
        bias = self.bias(mask)
        for layer in self.layer:
            states = layer(states, bias)
        return states


class Pooler(nn.Module):
    """A dense layer on the state of [CLS]."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, states: Tensor) -> Tensor:
        """Map (batch, length, hidden) to (batch, hidden)."""
        return torch.tanh(self.dense(states[:, 0]))


class Bert(nn.Module):
    """The states of all tokens, and of the sequence."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.pooler = Pooler(config)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Map ids and mask (batch, length) to (batch, length, hidden) and (batch, hidden).

        The pooler always computes in full precision: logits of 8 bits tie.
        """
        states = self.encoder(self.embeddings(ids), mask)
        with torch.autocast(states.device.type, enabled=False):
            return states, self.pooler(states.float() if states.dtype == torch.bfloat16 else states)
