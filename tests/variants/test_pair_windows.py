"""Windows of both alleles of a variant, from two sequences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regssl.sequences.encoding import decode, encode
from regssl.variants.pair_windows import cut_pair, find_change

BASES = st.text("ACGT", min_size=0, max_size=30)


def cut(ref: str, alt: str, width: int) -> tuple[str, str, str, str]:
    pair = cut_pair(encode(ref), encode(alt), width)
    windows = ["" if codes is None else decode(codes) for codes in (pair.ref, pair.alt)]
    return windows[0], windows[1], pair.where, pair.reason


@pytest.mark.parametrize(
    ("ref", "alt", "windows"),
    [
        ("AACCGTTGG", "AACCATTGG", ("CCGTT", "CCATT", "centred", "")),
        ("AAACCCGTTTGGG", "AAACCCTTTGGG", ("CCGTT", "CCTTT", "centred", "")),  # the G leaves, a T enters
        ("AAACCCTTTGGG", "AAACCCGTTTGGG", ("CCTTT", "CCGTT", "centred", "")),
        ("AAACCCGATTTGGG", "AAACCCTTTGGG", ("CGATT", "CCTTT", "centred", "")),
        ("AACCGTTGG", "AACCACTGG", ("CGTTG", "CACTG", "centred", "")),  # two bases
        ("GAACC", "CAACC", ("GAACC", "CAACC", "shifted", "")),
        ("ACG", "ATG", ("NACGN", "NATGN", "padded", "")),
        ("ACCCC", "ACCC", ("ACCCC", "ACCCN", "padded", "")),
        ("ACGTT", "ACGTT", ("", "", "", "no_change")),
        ("AACCGTTGGT", "AGGTTAACAT", ("", "", "", "too_long")),
        ("AACCGTNGG", "AACCATNGG", ("", "", "", "n_content")),
        ("NAACCGTTGG", "NAACCATTGG", ("CCGTT", "CCATT", "centred", "")),  # N beyond the window
    ],
)
def test_each_allele_has_a_window_around_what_changes(ref: str, alt: str, windows: tuple[str, ...]) -> None:
    assert cut(ref, alt, 5) == windows


@given(BASES, BASES, BASES, BASES)
def test_what_changes_is_the_shortest_and_leftmost(left: str, ref: str, alt: str, right: str) -> None:
    one, other = left + ref + right, left + alt + right
    change = find_change(encode(one), encode(other))
    assert one[: change.start] + other[change.start : change.alt_end] + one[change.ref_end :] == other
    short = change.ref_end - change.start, change.alt_end - change.start
    if 0 in short and max(short):  # one base further to the left it is not the same change
        longer, end = (one, change.ref_end) if short[0] else (other, change.alt_end)
        assert change.start == 0 or longer[change.start - 1] != longer[end - 1]


@given(st.text("ACGT", min_size=30, max_size=30), st.integers(8, 20), st.integers(1, 4), st.integers(4, 8))
def test_a_deletion_is_one_variant_however_it_is_written(text: str, at: int, length: int, width: int) -> None:
    """Every way to delete so many bases that leaves the same sequence has the same windows."""
    deleted = text[:at] + text[at + length :]
    same = [i for i in range(len(text) - length + 1) if text[:i] + text[i + length :] == deleted]
    windows = {cut(text, text[:i] + text[i + length :], width) for i in same}
    assert len(windows) == 1
    ref, alt, where, reason = windows.pop()
    assert reason or (len(ref) == len(alt) == width and (where != "centred" or (ref in text and alt in deleted)))


def test_the_middle_of_either_allele_is_in_the_middle_of_its_window() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        text = decode(rng.integers(0, 4, 60).astype(np.uint8))
        n_ref, n_alt = rng.integers(0, 6, 2)
        alt = text[:30] + "".join(rng.choice(list("ACGT"), n_alt)) + text[30 + n_ref :]
        change = find_change(encode(text), encode(alt))
        if not change.length:
            continue
        for sequence, end, window in zip((text, alt), change[1:], cut(text, alt, 12)[:2], strict=True):
            middle = (change.start + end) // 2
            assert window == sequence[middle - 6 : middle + 6]
