"""Codes, reverse complement, one-hot."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from regssl.sequences.encoding import decode, encode, one_hot, reverse_complement, true_runs

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A", "N": "N"}
CODES = npst.arrays(np.uint8, st.integers(0, 40), elements=st.integers(0, 4))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ACGTN", [0, 1, 2, 3, 4]),
        ("acgtn", [0, 1, 2, 3, 4]),
        ("RyK-* é", [4] * 7),
        (b"GATTACA", [2, 0, 3, 3, 0, 1, 0]),
        ("", []),
    ],
)
def test_encode(text: str | bytes, codes: list[int]) -> None:
    encoded = encode(text)
    assert encoded.dtype == np.uint8
    assert encoded.tolist() == codes


@settings(deadline=None, derandomize=True)
@given(st.text("ACGTN"))
def test_decode_undoes_encode(text: str) -> None:
    assert decode(encode(text)) == text


def test_decode_refuses_what_is_no_code() -> None:
    with pytest.raises(IndexError):
        decode(np.array([0, 5], np.uint8))


@settings(deadline=None, derandomize=True)
@given(CODES)
def test_reverse_complement_is_what_a_pencil_gives(codes: np.ndarray) -> None:
    by_hand = "".join(COMPLEMENT[base] for base in reversed(decode(codes)))
    assert decode(reverse_complement(codes)) == by_hand
    assert (reverse_complement(reverse_complement(codes)) == codes).all()


def test_reverse_complement_works_on_the_last_axis() -> None:
    codes = np.random.default_rng(1).integers(0, 5, (3, 2, 7), dtype=np.uint8)
    both = reverse_complement(codes)
    assert both.shape == codes.shape and both.dtype == np.uint8
    assert (both[2, 1] == reverse_complement(codes[2, 1])).all()


def test_one_hot_puts_a_base_in_its_channel_and_n_in_none() -> None:
    hot = one_hot(torch.from_numpy(encode("GANT")))
    assert hot.dtype == torch.float32
    assert hot.tolist() == [
        [0, 1, 0, 0],  # A
        [0, 0, 0, 0],  # C
        [1, 0, 0, 0],  # G
        [0, 0, 0, 1],  # T
    ]


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (0, 5)])
def test_one_hot_shape(shape: tuple[int, ...]) -> None:
    codes = torch.randint(0, 5, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    hot = one_hot(codes)
    assert hot.shape == (*shape[:-1], 4, shape[-1])
    assert (hot.sum(-2) == (codes < 4)).all()
    assert (hot.argmax(-2)[codes < 4] == codes[codes < 4]).all()


@settings(deadline=None, derandomize=True)
@given(npst.arrays(bool, st.integers(0, 30)))
def test_runs_cover_exactly_what_is_true(flags: np.ndarray) -> None:
    found = true_runs(flags)
    covered = [position for start, end in found for position in range(start, end)]
    assert covered == np.flatnonzero(flags).tolist()
    assert (found[1:, 0] > found[:-1, 1]).all(), "neighbouring runs are joined"


def test_runs_of_a_long_vector_cross_its_pieces() -> None:
    edges = [(0, 3), (65_530, 65_540), (65_600, 200_000), (262_143, 262_144), (299_999, 300_000)]
    flags = np.zeros(300_000, bool)
    for start, end in edges:
        flags[start:end] = True
    assert true_runs(flags).tolist() == [list(edge) for edge in edges]


@pytest.mark.parametrize("module", ["twobit", "genome"])
def test_a_genome_is_opened_without_pandas(module: str) -> None:
    program = f"import regssl.sequences.{module}, sys; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("module", ["encoding", "twobit", "fasta", "genome"])
def test_torch_is_not_imported(module: str) -> None:
    program = f"import regssl.sequences.{module}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
