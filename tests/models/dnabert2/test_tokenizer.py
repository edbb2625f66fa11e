"""Tokens of DNA: against the published tokenizer's, and against merging written out naively."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from regssl.errors import DataError
from regssl.models.dnabert2.tokenizer import Tokenizer
from regssl.sequences.encoding import decode, encode

BASES = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, "A": 4, "C": 5, "G": 6, "T": 7}


def tokenizer(*merges: str) -> Tokenizer:
    """One with these merges, in this order."""
    made = dict.fromkeys(merge.replace(" ", "") for merge in merges)
    pairs = [(left, right) for left, right in (merge.split() for merge in merges)]
    return Tokenizer({**BASES, **{token: 8 + number for number, token in enumerate(made)}}, pairs)


def naive(cut: Tokenizer, text: str) -> list[int]:
    """Merge the first pair of the list that occurs, at its leftmost place; begin anew."""
    parts = list(text)
    while True:
        places = [(rank, at) for rank, pair in enumerate(cut.merges) for at in range(len(parts) - 1)
                  if (parts[at], parts[at + 1]) == pair]  # fmt: skip
        if not places:
            return [1, *(cut.vocabulary.get(part, 0) for part in parts), 2]
        _, at = min(places)
        parts[at : at + 2] = ["".join(parts[at : at + 2])]


def test_the_published_tokenizer_to_the_id(shared: Path) -> None:
    cut = Tokenizer.read(shared / "dnabert2/tokenizer.json")
    cases = json.loads((shared / "dnabert2/golden/tokenizer_cases.json").read_text())["cases"]
    assert len(cases) == 31
    for case in cases:
        assert cut.encode(case["sequence"]) == case["ids"], case["sequence"]
    assert (cut.unknown, cut.start, cut.end, cut.padding, cut.size) == (0, 1, 2, 3, 4096)


def test_by_hand() -> None:
    cut = tokenizer("A A", "AA C")
    ids = cut.vocabulary
    assert cut.encode("AAACN") == [1, ids["AA"], ids["A"], ids["C"], 0, 2]
    assert cut.encode("AACAA") == [1, ids["AAC"], ids["AA"], 2]
    assert cut.encode("") == [1, 2]
    assert cut.encode("aAAC") == [1, 0, ids["AAC"], 2]
    assert tokenizer().encode("ACGT") == [1, 4, 5, 6, 7, 2]


@pytest.mark.parametrize("seed", range(5))
def test_the_library_merges_as_naive_merging_does(seed: int) -> None:
    """Also where merges are in an order no training would give, and one token can be made in two ways."""
    rng = np.random.default_rng(seed)
    tokens, merges = list("ACGT"), dict[str, None]()
    for _ in range(40):
        left, right = rng.choice(tokens, 2)
        if len(left + right) <= 8:
            merges[f"{left} {right}"] = None
            tokens.append(left + right)
    cut = tokenizer(*rng.permutation(list(merges)))
    codes = rng.choice(5, (60, 40), p=[0.4, 0.2, 0.2, 0.15, 0.05]).astype(np.uint8)
    expected = [naive(cut, decode(row)) for row in codes]
    tokens_of, lengths = cut.tokenize(codes, 42)
    assert lengths.tolist() == [len(ids) for ids in expected]
    for row, length, ids in zip(tokens_of, lengths, expected, strict=True):
        assert row[:length].tolist() == ids
        assert (row[length:] == cut.padding).all()


def test_what_does_not_fit_is_cut_off_before_the_last_token() -> None:
    tokens, lengths = tokenizer("A C").tokenize(encode("ACACGGGG")[None], 5)
    assert tokens.tolist() == [[1, 8, 8, 6, 2]] and lengths.tolist() == [5]


def test_threads_change_nothing() -> None:
    cut, codes = tokenizer("A C", "G T", "AC GT"), np.random.default_rng(0).integers(0, 4, (9000, 30), dtype=np.uint8)
    for ours, others in zip(cut.tokenize(codes, 32), cut.tokenize(codes, 32, threads=3), strict=True):
        np.testing.assert_array_equal(ours, others)


def test_a_tokenizer_comes_back_from_its_file(tmp_path: Path) -> None:
    cut = tokenizer("A C", "G T", "AC GT")
    (tmp_path / "tokenizer.json").write_text(json.dumps(cut.to_json()))
    again = Tokenizer.read(tmp_path / "tokenizer.json")
    assert (again.vocabulary, again.merges) == (cut.vocabulary, cut.merges)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "not a plain byte-pair encoding"),
        ({"model": {"type": "WordPiece"}}, "not a plain byte-pair encoding"),
        ({"model": {"type": "BPE", "vocab": BASES, "merges": ["A"]}}, "no vocabulary and merges"),
        ({"model": {"vocab": BASES, "merges": [["A", "C"]]}}, "has no 'AC'"),
        ({"model": {"vocab": {**BASES, "AC": 40000}, "merges": []}}, "ids up to 40000"),
        ({"model": {"vocab": {**BASES, "AC": BASES["A"]}, "merges": []}}, "two tokens of the tokenizer have one id"),
        ({"model": {"vocab": BASES, "merges": [["A" * 1000, "C"]]}}, "has no 'A{59}…"),
        ({"model": {"vocab": {"A": 1}, "merges": []}}, r"has no '\[UNK\]'"),
    ],
)
def test_other_tokenizers_are_refused(tmp_path: Path, values: dict, message: str) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match=rf"tokenizer\.json: .*{message}"):
        Tokenizer.read(tmp_path / "tokenizer.json")
