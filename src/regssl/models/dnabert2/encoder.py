"""The encoder of DNABERT-2: token ids to states, layer by layer as in the published model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from regssl.models.dropout import Dropout, Noise

MASKED = -10_000.0
"""Added to the attention to padding, as the published model does: exp of it is 0."""


@dataclass(frozen=True)
class Sizes:
    """What a `config.json` says of the network; the defaults are those of DNABERT-2-117M."""

    vocab_size: int = 4096
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    type_vocab_size: int = 2
    hidden_dropout_prob: float = 0.1
    layer_norm_eps: float = 1e-12
    initializer_range: float = 0.02

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind, least = (int, 1) if field.type == "int" else (int | float, 0)
            if isinstance(value, bool) or not isinstance(value, kind) or value < least:
                raise ValueError(f"{field.name} is {value!r}")
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(f"hidden_size {self.hidden_size} is no multiple of {self.num_attention_heads} heads")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Sizes:
        """Take the sizes from a mapping and leave the rest of it.

        Raises:
            ValueError: a size is no number, or impossible.
        """
        return cls(**{field.name: values[field.name] for field in fields(cls) if field.name in values})


def alibi_slopes(heads: int) -> list[float]:
    """How fast each head's attention falls with distance (Press et al. 2022, arXiv:2108.12409).

    For a power of two, 2^(-8k/heads) for k = 1, 2, …; else those of the largest power of two below, and every other of
    the next. Twelve heads: 1/2, 1/4, … 1/256, 2^-0.5, 2^-1.5, 2^-2.5, 2^-3.5.
    """
    below = 1 << (heads.bit_length() - 1)
    slopes = [2.0 ** (-8 * (k + 1) / below) for k in range(below)]
    return slopes if below == heads else slopes + alibi_slopes(2 * below)[::2][: heads - below]


class Embeddings(nn.Module):
    """Token ids to vectors: word + type, normalised; there is no embedding of the position."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(sizes.vocab_size, sizes.hidden_size)
        self.token_type_embeddings = nn.Embedding(sizes.type_vocab_size, sizes.hidden_size)
        self.LayerNorm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)
        self.noise = Noise()
        self.dropout = Dropout(sizes.hidden_dropout_prob)

    def forward(self, ids: Tensor) -> Tensor:
        """Ids (batch, length) to (batch, length, hidden); all are of the first type."""
        words = self.noise(self.word_embeddings(ids))
        return self.dropout(self.LayerNorm(words + self.token_type_embeddings.weight[0]))


class SelfAttention(nn.Module):
    """Attention of all heads; query, key and value come from one matrix.

    Written out: at 64 tokens the scores are small beside the other layers, and so it is deterministic on every device
    and can be stacked.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.num_attention_heads
        self.Wqkv = nn.Linear(sizes.hidden_size, 3 * sizes.hidden_size)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """States (batch, length, hidden) and bias (batch, heads, length, length) to (batch, length, hidden)."""
        batch, length, hidden = states.shape
        parts = self.Wqkv(states).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // self.heads) + bias
        attended = scores.softmax(-1) @ value
        return attended.transpose(1, 2).reshape(batch, length, hidden)


class Residual(nn.Module):
    """What follows attention: a dense layer, added to what went into it, normalised."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.dense = nn.Linear(sizes.hidden_size, sizes.hidden_size)
        self.LayerNorm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)
        self.dropout = Dropout(sizes.hidden_dropout_prob)

    def forward(self, attended: Tensor, states: Tensor) -> Tensor:
        """Both (batch, length, hidden), to the same."""
        return self.LayerNorm(self.dropout(self.dense(attended)) + states)


class Attention(nn.Module):
    """Attention and its residual."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.self = SelfAttention(sizes)
        self.output = Residual(sizes)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """As `SelfAttention`."""
        return self.output(self.self(states, bias), states)


class GatedFeedForward(nn.Module):
    """The feed-forward layer: the first half of the units, activated, gates the second half."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.gated_layers = nn.Linear(sizes.hidden_size, 2 * sizes.intermediate_size, bias=False)
        self.wo = nn.Linear(sizes.intermediate_size, sizes.hidden_size)
        self.layernorm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)
        self.dropout = Dropout(sizes.hidden_dropout_prob)

    def forward(self, states: Tensor) -> Tensor:
        """(batch, length, hidden) to the same."""
        activated, plain = self.gated_layers(states).chunk(2, dim=-1)
        return self.layernorm(self.wo(self.dropout(gelu(activated) * plain)) + states)


class Layer(nn.Module):
    """One layer of the encoder."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.attention = Attention(sizes)
        self.mlp = GatedFeedForward(sizes)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """As `SelfAttention`."""
        return self.mlp(self.attention(states, bias))


class Encoder(nn.Module):
    """The layers, and how much each position attends to each other before it has read anything."""

    slopes: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(sizes) for _ in range(sizes.num_hidden_layers))
        slopes = torch.tensor(alibi_slopes(sizes.num_attention_heads))
        self.register_buffer("slopes", slopes, persistent=False)

    def bias(self, mask: Tensor) -> Tensor:
        """Mask (batch, length), true where there is a token, to what is added to the attention scores.

        -slope × distance, and -10000 for padding: (batch, heads, length, length).
        """
        places = torch.arange(mask.shape[1], device=mask.device)
        distances = (places.unsqueeze(0) - places.unsqueeze(1)).abs()
        alibi = -self.slopes.view(-1, 1, 1) * distances
        return alibi + torch.where(mask, 0.0, MASKED)[:, None, None, :]

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States (batch, length, hidden) to the same."""
        bias = self.bias(mask)
        for layer in self.layer:
            states = layer(states, bias)
        return states


class Pooler(nn.Module):
    """The state of [CLS], through a dense layer."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.dense = nn.Linear(sizes.hidden_size, sizes.hidden_size)

    def forward(self, states: Tensor) -> Tensor:
        """(batch, length, hidden) to (batch, hidden)."""
        return torch.tanh(self.dense(states[:, 0]))


class Bert(nn.Module):
    """Token ids to the state of each token, and of the sequence."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.embeddings = Embeddings(sizes)
        self.encoder = Encoder(sizes)
        self.pooler = Pooler(sizes)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Ids and mask (batch, length) to (batch, length, hidden) and (batch, hidden).

        The pooler works in full precision also where the rest does not: 8 bits tell few windows apart.
        """
        states = self.encoder(self.embeddings(ids), mask)
        with torch.autocast(states.device.type, enabled=False):
            return states, self.pooler(states.float() if states.dtype == torch.bfloat16 else states)
