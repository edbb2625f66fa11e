"""Names of the files that a pre-trained model starts from: sizes, tokenizer, weights. Imports no torch."""

from __future__ import annotations

from typing import NamedTuple

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
VOCABULARY, TOKENIZER_CONFIG = "vocab.txt", "tokenizer_config.json"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Either of them; the first is used if both exist."""


class Layout(NamedTuple):
    """Which files an architecture reads, besides CONFIG and one of WEIGHTS.

    Attributes:
        tokenizers: either of them; the first is used if both exist.
        optional: read where they exist.
    """

    tokenizers: tuple[str, ...] = (TOKENIZER,)
    optional: tuple[str, ...] = ()

    def describe(self) -> str:
        """Name the files, for messages."""
        return f"{CONFIG}, {' or '.join(self.tokenizers)} and {' or '.join(WEIGHTS)}"


HUGGINGFACE = Layout((TOKENIZER, VOCABULARY), (TOKENIZER_CONFIG,))


def layout_of(architecture: str) -> Layout:
    """Return the layout of an architecture that starts from files."""
    return HUGGINGFACE if architecture == "huggingface" else Layout()
