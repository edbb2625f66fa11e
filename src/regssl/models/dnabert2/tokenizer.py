"""Byte-pair encoding of DNA: a Hugging Face `tokenizer.json`, run by the `tokenizers` library."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

from regssl.errors import DataError
from regssl.io.text import shorten
from regssl.sequences.encoding import decode

# `tokenize` has threads of its own, as many as its caller asks for; those of the library would warn at every fork
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

SPECIAL = ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
_MAX_ID = np.iinfo(np.int16).max
_CHUNK_SEQUENCES = 4096


class Tokenizer:
    """Sequences to token ids: [CLS], the tokens, [SEP].

    A sequence is first split into bases; then the first pair of the list of merges that occurs becomes one token, of
    several occurrences the leftmost, until no pair of the list is left. Every base other than A, C, G and T is one
    [UNK]. With merges `A A`, `AA C` the sequence `AAACN` becomes `AA`, `A`, `C`, `[UNK]`: the leftmost `A A` is merged
    first, and then there is no `AA C`. So the tokens of the reverse complement are not those of the sequence, reversed.

    Args:
        vocabulary: the id of each token, among them the four bases and [UNK], [CLS], [SEP], [PAD].
        merges: pairs of tokens, the first to be merged first.

    Attributes:
        unknown, start, end, padding: the four special ids.
        size: number of ids.

    Raises:
        DataError: a base, a special token or the result of a merge is not in the vocabulary, or an id is too large.
    """

    def __init__(self, vocabulary: Mapping[str, int], merges: Sequence[tuple[str, str]]) -> None:
        needed = [*SPECIAL, *"ACGT", *(part for pair in merges for part in (*pair, "".join(pair)))]
        if missing := [token for token in needed if token not in vocabulary]:
            raise DataError(f"the tokenizer's vocabulary has no {shorten(repr(missing[0]))}", "it must be one for DNA")
        self.size = max(vocabulary.values()) + 1
        if self.size > _MAX_ID:
            raise DataError(f"the tokenizer has ids up to {self.size - 1}", f"at most {_MAX_ID - 1} are supported")
        if len(set(vocabulary.values())) < len(vocabulary):
            raise DataError("two tokens of the tokenizer have one id", "it must be one for DNA")
        self.vocabulary, self.merges = dict(vocabulary), list(merges)
        self.unknown, self.start, self.end, self.padding = (vocabulary[token] for token in SPECIAL)
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(json.dumps(self.to_json()))
        except Exception as error:  # the library raises no narrower class
            raise DataError(f"the tokenizer cannot be used: {shorten(str(error), 200)}") from None

    @classmethod
    def read(cls, path: str | Path) -> Tokenizer:
        """Read a `tokenizer.json`.

        Raises:
            DataError: no such file, not JSON, or not a byte-pair encoding of DNA.
        """
        try:
            return cls.from_json(json.loads(Path(path).read_text(encoding="utf-8")))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}", "it holds the tokens of the model: put it there") from None
        except (DataError, ValueError, RecursionError) as error:
            raise DataError(f"{path}: not a tokenizer this model can use: {error}") from None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tokenizer:
        """Make a tokenizer from the content of a `tokenizer.json`; only vocabulary and merges are used.

        Raises:
            DataError: as the class, or it is not a plain byte-pair encoding.
        """
        model = values.get("model") if isinstance(values, Mapping) else None
        if not isinstance(model, Mapping) or model.get("type", "BPE") != "BPE" or model.get("dropout"):
            raise DataError("it is not a plain byte-pair encoding", "`model.type` must be BPE, without dropout")
        try:
            pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
            return cls(model["vocab"], [(left, right) for left, right in pairs])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"`model` holds no vocabulary and merges: {shorten(repr(error), 200)}") from None

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads, in the layout of the `tokenizers` library."""
        return {
            "version": "1.0",
            "added_tokens": [
                {"id": self.vocabulary[token], "content": token, "special": True, "single_word": False,
                 "lstrip": False, "rstrip": False, "normalized": False}
                for token in SPECIAL
            ],
            "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [_template("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, _template("[SEP]")],
                "pair": [],
                "special_tokens": {
                    token: {"id": token, "ids": [self.vocabulary[token]], "tokens": [token]}
                    for token in ("[CLS]", "[SEP]")
                },
            },
            "model": {
                "type": "BPE",
                "unk_token": "[UNK]",
                "fuse_unk": False,
                "vocab": self.vocabulary,
                "merges": [" ".join(pair) for pair in self.merges],
            },
        }  # fmt: skip

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; lower case is [UNK], and no token spans a space."""
        return list(self._tokenizer.encode(text).ids)

    def tokenize(self, codes: np.ndarray, limit: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of many sequences.

        Args:
            codes: uint8 (sequences, width).
            limit: ids kept of a sequence, at least 2: [CLS], its first tokens, [SEP].
            threads: CPU threads.

        Returns:
            The ids, int16 (sequences, limit), padded with [PAD], and the numbers of ids before the padding, int16
            (sequences,).
        """
        tokens = np.full((len(codes), limit), self.padding, np.int16)
        lengths = np.empty(len(codes), np.int16)

        def fill(first: int) -> None:
            chunk = slice(first, first + _CHUNK_SEQUENCES)
            encodings = self._tokenizer.encode_batch_fast([decode(row) for row in codes[chunk]])  # releases the GIL
            ids = [one if len(one) <= limit else [*one[: limit - 1], self.end] for one in (e.ids for e in encodings)]
            lengths[chunk] = list(map(len, ids))
            filled = np.arange(limit) < lengths[chunk, None]
            tokens[chunk][filled] = np.fromiter(chain.from_iterable(ids), np.int16, int(filled.sum()))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, range(0, len(codes), _CHUNK_SEQUENCES)))
        return tokens, lengths


def _template(token: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": token, "type_id": 0}}
