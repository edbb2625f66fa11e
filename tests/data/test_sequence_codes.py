"""Sequences of any length to codes of one width, against one base at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.data.sequence_codes import EncodedText, strandless_digests
from regssl.sequences.encoding import decode, encode, reverse_complement


def centred(text: str, width: int) -> str:
    """Crop or pad, one base at a time."""
    first = (len(text) - width) // 2
    return "".join(text[i] if 0 <= i < len(text) else "N" for i in range(first, first + width))


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("acgtACGTNn-RyxX", max_size=12), min_size=1), st.integers(1, 9))
def test_every_text_is_cropped_or_padded_about_its_centre(texts: list[str], width: int) -> None:
    encoded = EncodedText.encode(texts)
    bases = [text.replace("-", "").upper() for text in texts]
    plain = ["".join(base if base in "ACGT" else "N" for base in text) for text in bases]
    assert encoded.wrong is None
    assert encoded.lengths.tolist() == list(map(len, plain))
    assert [decode(codes) for codes in encoded.to_width(width)] == [centred(text, width) for text in plain]
    assert encoded.ambiguous.tolist() == [bool(set(text) & set("RYX")) for text in bases]
    assert encoded.gapped.tolist() == ["-" in text for text in texts]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("ACGTN", max_size=5), min_size=1), st.sampled_from("U*.7é "))
def test_the_first_letter_that_is_no_base_is_named(texts: list[str], letter: str) -> None:
    wrong = [*texts, f"AC{letter}G", letter]
    assert EncodedText.encode(wrong).wrong == (len(texts), letter)


def test_nothing_is_nothing() -> None:
    assert EncodedText.encode([]).to_width(5).shape == (0, 5)
    assert EncodedText.encode([""]).to_width(3).tolist() == [[4, 4, 4]]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("ACGTN", min_size=4, max_size=4), min_size=1))
def test_a_digest_is_that_of_both_strands_and_of_no_other_sequence(texts: list[str]) -> None:
    codes = np.stack([encode(text) for text in texts])
    keys = strandless_digests(codes)
    assert keys == strandless_digests(reverse_complement(codes))
    strands = [{text, decode(reverse_complement(encode(text)))} for text in texts]
    assert all((keys[i] == keys[j]) == (a == b) for i, a in enumerate(strands) for j, b in enumerate(strands))
