"""Byte-pair encoding of DNA: which tokens a sequence is cut into, as a Hugging Face `tokenizer.json` says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from regssl.errors import DataError
from regssl.sequences.encoding import N, encode

SPECIAL = ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
_LARGEST = np.iinfo(np.int16).max
_PIECE = 4096


class Tokenizer:
    """Sequences to token ids: [CLS], the tokens, [SEP].

    A sequence is first cut into bases; then the pair of neighbours that stands first in the list of merges becomes one
    token, of equal pairs the leftmost, and so on until no pair of the list is left. Every base that is not A, C, G or T
    is one [UNK]. With merges `A A`, `AA C` the sequence `AAACN` becomes `AA`, `A`, `C`, `[UNK]`: the leftmost `A A`
    goes first, and then there is no `AA C`.

    The tokens of the other strand are not those of this one turned round: turn the sequence, then tokenise.

    Args:
        vocabulary: the id of each token, among them the four bases and [UNK], [CLS], [SEP], [PAD].
        merges: pairs of tokens, the first to be merged first.

    Attributes:
        unknown, start, end, padding: the four special ids.
        size: number of ids.

    Raises:
        DataError: a base, a special token or what a merge makes is not in the vocabulary, or that is too large.
    """

    def __init__(self, vocabulary: Mapping[str, int], merges: list[tuple[str, str]]) -> None:
        needed = [*SPECIAL, *"ACGT", *(part for pair in merges for part in (*pair, "".join(pair)))]
        if missing := [token for token in needed if token not in vocabulary]:
            raise DataError(f"the tokenizer's vocabulary has no {missing[0]!r}", "it must be one for DNA")
        self.size = max(vocabulary.values()) + 1
        if self.size > _LARGEST:
            raise DataError(f"the tokenizer has ids up to {self.size - 1}", f"at most {_LARGEST - 1} are supported")
        self.vocabulary, self.merges = dict(vocabulary), merges
        self.unknown, self.start, self.end, self.padding = (vocabulary[token] for token in SPECIAL)
        self._letters = np.array([*(vocabulary[base] for base in "ACGT"), self.unknown], np.int32)
        self._table: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    @classmethod
    def read(cls, path: str | Path) -> Tokenizer:
        """Read a `tokenizer.json`.

        Raises:
            DataError: no such file, not JSON, or not a byte-pair encoding of DNA.
        """
        try:
            return cls.from_json(json.loads(Path(path).read_text()))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}", "it holds the tokens of the model: put it there") from None
        except (DataError, ValueError) as error:
            raise DataError(f"{path}: not a tokenizer this model can use: {error}") from None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tokenizer:
        """What `json` reads in a `tokenizer.json`; of it only vocabulary and merges are used.

        Raises:
            DataError: as the class, or it is no plain byte-pair encoding.
        """
        model = values.get("model")
        if not isinstance(model, Mapping) or model.get("type", "BPE") != "BPE" or model.get("dropout"):
            raise DataError("it is not a plain byte-pair encoding", "`model.type` must be BPE, without dropout")
        try:
            pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
            return cls(model["vocab"], [(left, right) for left, right in pairs])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"`model` holds no vocabulary and merges: {error!r}") from None

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads, in the layout of the `tokenizers` library."""
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
        """The ids of a text, as the `tokenizers` library gives them: lower case is [UNK], no token spans a space."""
        ids = []
        for word in re.findall(r"\w+|[^\w\s]+", text):
            codes = np.where([letter in "ACGT" for letter in word], encode(word), N)[None]
            tokens, lengths = self.tokenize(codes, codes.shape[1] + 2)
            ids += tokens[0, 1 : lengths[0] - 1].tolist()
        return [self.start, *ids, self.end]

    def tokenize(self, codes: np.ndarray, limit: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The ids of many sequences.

        Args:
            codes: uint8 (n, width).
            limit: ids kept of a sequence, at least 2: [CLS], its first tokens, [SEP].
            threads: CPU threads.

        Returns:
            The ids, int16 (n, limit), padded with [PAD], and how many of each row are none, int16 (n,).
        """
        from regssl.models.dnabert2._bpe import tokenize

        table = self._merges()
        tokens = np.full((len(codes), limit), self.padding, np.int16)
        lengths = np.empty(len(codes), np.int16)

        def fill(at: int) -> None:
            piece = slice(at, at + _PIECE)
            tokenize(
                codes[piece], self._letters, self.size, *table, self.start, self.end, tokens[piece], lengths[piece]
            )

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, range(0, len(codes), _PIECE)))
        return tokens, lengths

    def _merges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs, their ranks and what they become, as `bpe_scan` wants them."""
        from regssl.models.dnabert2._bpe import NEVER, find

        if self._table is None:
            slots = 1 << (8 * max(len(self.merges), 1)).bit_length()
            keys, ranks, merged = np.full(slots, -1, np.int64), np.full(slots, NEVER), np.zeros(slots, np.int32)
            for rank, (left, right) in enumerate(self.merges):
                pair = self.vocabulary[left] * self.size + self.vocabulary[right]
                slot = find(keys, pair)
                keys[slot], merged[slot] = pair, self.vocabulary[left + right]
                ranks[slot] = min(rank, ranks[slot])
            self._table = keys, ranks, merged
        return self._table


def _template(token: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": token, "type_id": 0}}
