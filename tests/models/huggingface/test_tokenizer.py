"""Tokens of other models, held against what transformers' own tokenizers say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.language_models import KMERS
from regssl.errors import DataError
from regssl.models.dnabert2.tiny import small_tokenizer
from regssl.models.huggingface import tokenizer as module
from regssl.models.huggingface.tokenizer import FolderTokenizer
from regssl.sequences.encoding import decode

CODES = np.random.default_rng(0).choice(5, (60, 41), p=[0.24, 0.24, 0.24, 0.24, 0.04]).astype(np.uint8)
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ESM = ["<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>"]


def folder_of(path: Path, tokens: list[str], **settings: Any) -> Path:
    (path / "vocab.txt").write_text("\n".join(tokens) + "\n")
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    return path


def rows(tokenizer: FolderTokenizer, codes: np.ndarray = CODES, **options: Any) -> list[list[int]]:
    """The ids of each sequence, without padding, which is checked."""
    ids, lengths = tokenizer.tokenize(codes, **options)
    assert all((row[length:] == tokenizer.padding).all() for row, length in zip(ids, lengths, strict=True))
    return [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]


def test_overlapping_kmers_are_those_of_transformers(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    cut = FolderTokenizer.read(folder_of(tmp_path, [*BERT, *KMERS]))
    theirs = transformers.BertTokenizer(vocab=str(tmp_path / "vocab.txt"), do_lower_case=False)
    texts = [decode(row) for row in CODES]
    spaced = [" ".join(text[at : at + 3] for at in range(len(text) - 2)) for text in texts]
    assert rows(cut) == theirs(spaced)["input_ids"]
    assert cut.k == 3 and cut.count(41) == 41 and cut.special == [0, 2, 3]


@pytest.mark.parametrize("end", ["<eos>", None])
def test_longest_words_are_those_of_transformers(tmp_path: Path, end: str | None) -> None:
    transformers = pytest.importorskip("transformers")
    cut = FolderTokenizer.read(folder_of(tmp_path, [*ESM, *KMERS, *"ATCGN"], eos_token=end))
    theirs = transformers.EsmTokenizer(str(tmp_path / "vocab.txt"), eos_token=end)
    assert rows(cut) == theirs([decode(row) for row in CODES])["input_ids"]
    assert cut.k == 0 and cut.count(41) is None and cut.padding == 1


def test_byte_pairs_are_those_of_the_other_tokenizer() -> None:
    """The witness is DNABERT-2's, which is held against its authors'."""
    cut, other = FolderTokenizer(small_tokenizer().to_json()), small_tokenizer()
    for limit in (10, None):
        ids, lengths = other.tokenize(CODES, limit or 100)
        expected = [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]
        assert rows(cut, limit=limit, threads=2) == expected
    assert cut.padding == other.padding and cut.size == other.size


def test_chunks_and_widths_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = FolderTokenizer(small_tokenizer().to_json())
    whole = rows(cut)
    monkeypatch.setattr(module, "_CHUNK_SEQUENCES", 7)
    assert rows(cut, threads=3) == whole
    assert cut.tokenize(CODES[:0])[0].shape == (0, 1)


def test_a_limit_keeps_the_first_tokens_and_all_special_ones(tmp_path: Path) -> None:
    cut = FolderTokenizer.read(folder_of(tmp_path, [*BERT, *KMERS]))
    assert rows(cut, limit=12) == [[*row[:11], row[-1]] for row in rows(cut)]
    with pytest.raises(DataError, match="2 bp are shorter than a token of 3 bp"):
        cut.tokenize(CODES[:, :2])


def test_a_word_that_holds_an_n_may_be_a_token(tmp_path: Path) -> None:
    cut = FolderTokenizer.read(folder_of(tmp_path, [*BERT, *KMERS, "NNN"]))
    assert rows(cut, np.array([[4, 4, 4, 4, 0]], np.uint8)) == [[2, 5 + 64, 5 + 64, 1, 3]]


def test_what_a_tokenizer_json_says_of_lengths_is_not_done(tmp_path: Path) -> None:
    values = {**small_tokenizer().to_json(), "truncation": {"max_length": 5, "strategy": "LongestFirst", "stride": 0,
              "direction": "Right"}, "padding": None}  # fmt: skip
    assert rows(FolderTokenizer(values)) == rows(FolderTokenizer(small_tokenizer().to_json()))


def without(values: dict[str, Any], token: str) -> dict[str, Any]:
    text = json.dumps(values).replace(f'"{token}"', '"gone"')
    return dict(json.loads(text))


PLAIN = small_tokenizer().to_json()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "has no `model`"),
        ({"model": {"type": "BPE"}}, "cannot be used"),
        ({**PLAIN, "model": {**PLAIN["model"], "dropout": 0.1}}, "is random"),
        ({**PLAIN, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated",
          "invert": False}}, "regular expression"),
        (without(PLAIN, "[PAD]"), "neither the tokenizer nor its config has padding"),
        ({**PLAIN, "normalizer": {"type": "Lowercase"}}, "no tokens of the bases"),
    ],
)  # fmt: skip
def test_other_tokenizers_are_refused(values: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        FolderTokenizer(values)


def test_padding_is_that_of_the_config_or_refused() -> None:
    assert FolderTokenizer(PLAIN, 0).padding == 0
    with pytest.raises(DataError, match="padding is the id 4096, and the tokenizer has 256"):
        FolderTokenizer(PLAIN, 4096)


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("A\nC\nG\nT\n", "{}", r"vocab\.txt: no line is \[CLS\] or <cls>"),
        ("[CLS]\n[SEP]\n[UNK]\n[UNK]\n", "{}", r"vocab\.txt: a token is on two lines"),
        ("[CLS]\n[UNK]\n[PAD]\nA\n", "{}", r"vocab\.txt: no line is '\[SEP\]'"),
        ("[CLS]\n[SEP]\n[UNK]\n[PAD]\n", "{", r"tokenizer_config\.json: cannot be read"),
        ("[CLS]\n[SEP]\n[UNK]\n[PAD]\n", "[]", r"tokenizer_config\.json: holds no keys"),
        ("[CLS]\n[SEP]\n[UNK]\n[PAD]\n", '{"sep_token": 7}', r"sep_token is no text"),
        ("[CLS]\n[SEP]\n[UNK]\n[PAD]\nprotein\n", "{}", "no tokens of the bases"),
    ],
)
def test_other_vocabularies_are_refused(tmp_path: Path, text: str, settings: str, message: str) -> None:
    (tmp_path / "vocab.txt").write_text(text)
    (tmp_path / "tokenizer_config.json").write_text(settings)
    with pytest.raises(DataError, match=message):
        FolderTokenizer.read(tmp_path)


def test_a_folder_without_a_tokenizer_and_one_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tokenizer\.json: no such file, nor vocab\.txt"):
        FolderTokenizer.read(tmp_path)
    (tmp_path / "tokenizer.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"tokenizer\.json: not a tokenizer"):
        FolderTokenizer.read(tmp_path)
