"""Networks that transformers knows: the classifier (`model`), its `tokenizer`, and what transformers builds."""

from __future__ import annotations

__all__ = ["model", "native", "tokenizer"]
