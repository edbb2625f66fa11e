"""DNABERT-2: tokenizer, encoder, checkpoint files."""

from __future__ import annotations

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Either of them; the first is taken if both are there."""
