"""DNABERT-2: tokenizer, encoder, classifier (`model`), and the files of a published model (`checkpoint`)."""

from __future__ import annotations

__all__ = ["checkpoint", "encoder", "model", "tiny", "tokenizer"]
