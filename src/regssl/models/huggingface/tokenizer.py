"""Sequences to token ids by the tokenizer files of a published model: byte pairs, k-mers, longest known words."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

from regssl.errors import DataError
from regssl.io.digests import check_digest
from regssl.io.text import shorten
from regssl.models.layout import HUGGINGFACE, TOKENIZER, TOKENIZER_CONFIG, VOCABULARY
from regssl.sequences.encoding import LETTERS, decode

# `tokenize` has threads of its own; those of the library would warn at every fork
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

STYLES = {
    "[CLS]": {"unk_token": "[UNK]", "cls_token": "[CLS]", "end_token": "[SEP]"},
    "<cls>": {"unk_token": "<unk>", "cls_token": "<cls>", "end_token": "<eos>"},
}
"""Special tokens of a `vocab.txt` of BERT and of ESM, by the one that tells them apart."""
PADDING = ("[PAD]", "<pad>")
MOST_IDS = 2**20
LONGEST_KMER = 9
"""Of a table with an entry for each word of A, C, G, T and N."""
_CHUNK_SEQUENCES = 4096


class FolderTokenizer:
    """Sequences to token ids: the special tokens before, the tokens, the special tokens after.

    The content of a `tokenizer.json` is run by the `tokenizers` library, with one exception. Where all tokens of bases
    have one length k > 1 (DNABERT-1), a sequence becomes its overlapping k-mers, and those that are no tokens, such as
    most with an N, become the unknown token. A `vocab.txt` whose tokens have several lengths (Nucleotide Transformer)
    splits a sequence, from its start on, into the longest tokens that there are.

    Args:
        values: content of a `tokenizer.json`.
        padding: id of padding, as in the model's config; None: that of the token [PAD] or <pad>.

    Attributes:
        padding: the id.
        special: ids of padding and of all special tokens that are put around a sequence.
        size: number of ids.
        k: length of overlapping k-mers; 0 where tokens are others.

    Raises:
        DataError: not a tokenizer of DNA, or it has no padding.
    """

    def __init__(self, values: Mapping[str, Any], padding: int | None = None) -> None:
        _check_plain(values)
        self.values = dict(values)
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(json.dumps(values))
        except Exception as error:  # the library raises no narrower class
            raise DataError(f"the tokenizer cannot be used: {shorten(str(error), 200)}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        vocabulary = self._tokenizer.get_vocab()
        self.size = max(vocabulary.values(), default=0) + 1
        if self.size > MOST_IDS:
            raise DataError(f"the tokenizer has ids up to {self.size - 1:,}", f"at most {MOST_IDS:,} are supported")
        self._id_type = np.int16 if self.size <= np.iinfo(np.int16).max else np.int32
        self.k = _common_length(vocabulary) if values["model"].get("type") in ("WordPiece", "WordLevel") else 0
        self._before, content, self._after = self._encode_probe("A" * self.k or LETTERS[:4])
        self._unknown = vocabulary.get(str(values["model"].get("unk_token")), -1)
        if not content or set(content) == {self._unknown}:
            raise DataError("the tokenizer has no tokens of the bases A, C, G and T", "it must be one for DNA")
        self._table = _kmer_table(vocabulary, self.k, self._unknown) if self.k else np.empty(0, np.int32)
        known = [vocabulary[name] for name in PADDING if name in vocabulary]
        if padding is None and not known:
            raise DataError("neither the tokenizer nor its config has padding", "write `pad_token_id` into config.json")
        self.padding = known[0] if padding is None else padding
        if not 0 <= self.padding < self.size:
            raise DataError(f"padding is the id {self.padding}, and the tokenizer has {self.size}", "they do not fit")
        self.special = sorted({self.padding, *self._before, *self._after})

    @classmethod
    def read(cls, folder: str | Path, padding: int | None = None) -> FolderTokenizer:
        """Read `tokenizer.json`, or else `vocab.txt` with `tokenizer_config.json`, of a folder.

        Raises:
            DataError: neither is there, or not a tokenizer of DNA; names the file.
        """
        path = next((path for name in HUGGINGFACE.tokenizers if (path := Path(folder) / name).is_file()), None)
        if path is None:
            hint = f"put one of them there: {HUGGINGFACE.describe()}"
            raise DataError(f"{Path(folder) / TOKENIZER}: no such file, nor {VOCABULARY}", hint)
        check_digest(path)
        try:
            text = path.read_text(encoding="utf-8")
            return cls(json.loads(text) if path.name == TOKENIZER else _of_vocabulary(text, folder), padding)
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except DataError as error:
            raise DataError(f"{path}: {error.problem}", error.hint) from None
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}: not a tokenizer: {shorten(str(error), 200)}") from None

    def count(self, width: int) -> int | None:
        """Return the number of ids of every sequence of a width; None where sequences differ in it."""
        return len(self._before) + width - self.k + 1 + len(self._after) if self.k else None

    def tokenize(self, codes: np.ndarray, limit: int | None = None, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of many sequences.

        Args:
            codes: uint8 (sequences, width).
            limit: ids kept of a sequence, of its first tokens and all special ones; None: all.
            threads: CPU threads.

        Returns:
            The ids, integers (sequences, longest), padded, and the numbers of ids before the padding, int16
            (sequences,).

        Raises:
            DataError: sequences are shorter than a k-mer.
        """
        if self.k:
            return self._overlapping(codes, limit)
        chunks = [codes[first : first + _CHUNK_SEQUENCES] for first in range(0, len(codes), _CHUNK_SEQUENCES)]
        with ThreadPoolExecutor(threads) as pool:
            ids = list(chain.from_iterable(pool.map(lambda chunk: self._encode(chunk, limit), chunks)))
        lengths = np.fromiter(map(len, ids), np.int16, len(ids))
        longest = int(lengths.max(initial=1))
        tokens = np.full((len(codes), longest), self.padding, self._id_type)
        filled = np.arange(longest) < lengths[:, None]
        tokens[filled] = np.fromiter(chain.from_iterable(ids), self._id_type, int(filled.sum()))
        return tokens, lengths

    def _encode(self, codes: np.ndarray, limit: int | None) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch_fast([decode(row) for row in codes])  # releases the GIL
        ids = [encoding.ids for encoding in encodings]
        if limit is None:
            return ids
        kept = limit - len(self._after)
        return [one if len(one) <= limit else [*one[:kept], *self._after] for one in ids]

    def _overlapping(self, codes: np.ndarray, limit: int | None) -> tuple[np.ndarray, np.ndarray]:
        around = len(self._before) + len(self._after)
        words = codes.shape[1] - self.k + 1
        if words < 1:
            raise DataError(f"sequences of {codes.shape[1]} bp are shorter than a token of {self.k} bp", "widen them")
        words = words if limit is None else min(words, limit - around)
        number = np.zeros((len(codes), words), np.int32)
        for offset in range(self.k):
            number = number * len(LETTERS) + codes[:, offset : offset + words]
        tokens = np.empty((len(codes), words + around), self._id_type)
        tokens[:, : len(self._before)] = self._before
        tokens[:, len(self._before) : len(self._before) + words] = self._table[number]
        tokens[:, len(self._before) + words :] = self._after
        return tokens, np.full(len(codes), words + around, np.int16)

    def _encode_probe(self, text: str) -> tuple[list[int], list[int], list[int]]:
        """Split the ids of a text: special ones before, its tokens, special ones after."""
        encoding = self._tokenizer.encode(text)
        own = [at for at, special in enumerate(encoding.special_tokens_mask) if not special]
        if not own:
            return list(encoding.ids), [], []
        first, last = own[0], own[-1] + 1
        return list(encoding.ids[:first]), list(encoding.ids[first:last]), list(encoding.ids[last:])


def _check_plain(values: Any) -> None:
    """Refuse what is not the content of a `tokenizer.json`, is random, or splits by patterns, which may take for ever.

    Raises:
        DataError: it is.
    """
    model = values.get("model") if isinstance(values, Mapping) else None
    if not isinstance(model, Mapping):
        raise DataError("the tokenizer has no `model`", "it must be one of the `tokenizers` library")
    if model.get("dropout"):
        raise DataError("the tokenizer is random: its `model.dropout` is not 0", "set it to null")
    stack: list[Any] = [part for name, part in values.items() if name != "model"]
    while stack:
        part = stack.pop()
        if isinstance(part, Mapping) and "Regex" in part:
            raise DataError("the tokenizer splits or replaces by a regular expression, which is not supported")
        stack += part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else []


def _common_length(vocabulary: Mapping[str, int]) -> int:
    """Return the length of all tokens of bases; 0 where they have several, or are single bases, or too long."""
    lengths = {len(token) for token in vocabulary if token and not set(token) - set(LETTERS)}
    (length,) = lengths if len(lengths) == 1 else (0,)
    return length if 1 < length <= LONGEST_KMER else 0


def _kmer_table(vocabulary: Mapping[str, int], k: int, unknown: int) -> np.ndarray:
    """Return the id of each k-mer, by its number to the base of five letters: int32 (5**k,)."""
    if unknown < 0:
        raise DataError("the tokenizer of k-mers has no unknown token", "k-mers with an N need one")
    table = np.full(len(LETTERS) ** k, unknown, np.int32)
    for token, number in vocabulary.items():
        if len(token) == k and not set(token) - set(LETTERS):
            table[int("".join(str(LETTERS.index(letter)) for letter in token), len(LETTERS))] = number
    return table


def _of_vocabulary(text: str, folder: str | Path) -> dict[str, Any]:
    """Write the lines of a `vocab.txt`, one token each, as the content of a `tokenizer.json`.

    The settings beside it may name other special tokens, or none (null) where one would be put after a sequence.
    """
    tokens = [line.strip() for line in text.splitlines()]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    if len(vocabulary) < len(tokens):
        raise DataError("a token is on two lines", "each line is a token, and its id the number of the line")
    style = next((names for start, names in STYLES.items() if start in vocabulary), None)
    if style is None:
        raise DataError(f"no line is {' or '.join(STYLES)}", "it must be the vocabulary of a BERT or ESM model")
    settings, end = _read_settings(folder), "sep_token" if "[CLS]" in vocabulary else "eos_token"
    names = {"unk_token": "unk_token", "cls_token": "cls_token", "end_token": end}
    unknown, before, after = (_special(settings, names[role], style[role]) for role in names)
    around = [token for token in (before, after) if token is not None]
    if missing := [token for token in (unknown, *around) if token not in vocabulary]:
        raise DataError(f"no line is {shorten(repr(missing[0]))}", f"it is a special token: see {TOKENIZER_CONFIG}")
    template = [_template(token) for token in (before,) if token] + [{"Sequence": {"id": "A", "type_id": 0}}]
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": vocabulary[token], "content": token, "special": True, "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False}
            for token in sorted({*around, *(name for name in PADDING if name in vocabulary)})
        ],
        "post_processor": {
            "type": "TemplateProcessing",
            "single": template + [_template(token) for token in (after,) if token],
            "pair": [],
            "special_tokens": {
                token: {"id": token, "ids": [vocabulary[token]], "tokens": [token]} for token in around
            },
        },
        "model": {
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "",
            "max_input_chars_per_word": 2**31,
            "vocab": vocabulary,
        },
    }  # fmt: skip


def _read_settings(folder: str | Path) -> dict[str, Any]:
    path = Path(folder) / TOKENIZER_CONFIG
    if not path.is_file():
        return {}
    check_digest(path)
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{TOKENIZER_CONFIG}: cannot be read: {shorten(str(error), 200)}") from None
    if not isinstance(settings, dict):
        raise DataError(f"{TOKENIZER_CONFIG}: holds no keys")
    return settings


def _special(settings: Mapping[str, Any], name: str, default: str) -> str | None:
    """Return a special token as the settings name it, by its text or by an object with its `content`."""
    value = settings.get(name, default)
    value = value.get("content") if isinstance(value, Mapping) else value
    if value is not None and not isinstance(value, str):
        raise DataError(f"{TOKENIZER_CONFIG}: {name} is no text")
    return value


def _template(token: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": token, "type_id": 0}}
