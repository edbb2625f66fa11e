"""A tiny DNABERT-2 with random weights: the same code and files where 117M weights are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from regssl.models.dnabert2.checkpoint import write_pretrained
from regssl.models.dnabert2.encoder import BertConfig
from regssl.models.dnabert2.model import DNABERT2, DNABERT2Classifier
from regssl.models.dnabert2.tokenizer import SPECIAL, Tokenizer
from regssl.sequences.encoding import LETTERS, decode

TOKENS = 256
"""Ids of the tokenizer. It splits 200 random bases into 55 to 70 tokens."""
TOKENS_PER_BASE = 0.4
TINY = BertConfig(vocab_size=TOKENS, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)


class TinyDNABERT2(DNABERT2):
    """Randomly initialised: its scores do not predict those of the published model. The architecture `dnabert2_tiny`.

    Args:
        width, pretrained, sizes, tokenizer, tokens, origin: as for `DNABERT2`; by default its own.
    """

    def __init__(
        self,
        width: int = 200,
        pretrained: str | None = None,
        sizes: Mapping[str, Any] | None = None,
        tokenizer: Mapping[str, Any] | None = None,
        tokens: int | None = None,
        origin: str = "random initialisation",
    ) -> None:
        if pretrained is None and sizes is None:
            sizes, tokenizer = asdict(TINY), small_tokenizer().to_json()
        super().__init__(width, pretrained, sizes, tokenizer, tokens or int(TOKENS_PER_BASE * width), origin)
        self.origin = "random initialisation"


def write_random(folder: str | Path, seed: int = 0) -> None:
    """Write the three files of a pre-trained model, with random weights of a seed."""
    torch.manual_seed(seed)
    tokenizer = small_tokenizer()
    write_pretrained(folder, DNABERT2Classifier(TINY, padding=tokenizer.padding), TINY, tokenizer)


@cache
def small_tokenizer() -> Tokenizer:
    """A byte-pair encoding trained on 100 random sequences of 200 bp, always the same ones.

    The most frequent pair becomes a token, of several the last in alphabetical order; and again.
    """
    bases = np.random.default_rng(0).integers(0, 4, (100, 200), dtype=np.uint8)
    texts = [list(decode(row)) for row in bases]
    tokens, merges = [*SPECIAL, "[MASK]", *LETTERS[:4]], []
    while len(tokens) < TOKENS:
        counts = Counter(pair for text in texts for pair in pairwise(text))
        pair = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(pair)
        tokens.append("".join(pair))
        texts = [_merged(text, pair) for text in texts]
    return Tokenizer({token: number for number, token in enumerate(tokens)}, merges)


def _merged(text: list[str], pair: tuple[str, str]) -> list[str]:
    merged, at = [], 0
    while at < len(text):
        found = tuple(text[at : at + 2]) == pair
        merged.append("".join(pair) if found else text[at])
        at += 2 if found else 1
    return merged
