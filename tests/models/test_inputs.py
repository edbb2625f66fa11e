"""Windows as networks read them: byte codes and tokens."""

from __future__ import annotations

import numpy as np
import torch

from regssl.models import inputs
from regssl.models.dnabert2.tiny import TinyDNABERT2, small_tokenizer
from regssl.models.inputs import SequenceInputs, encode_inputs
from regssl.sequences.encoding import decode, encode, reverse_complement

CODES = torch.from_numpy(np.random.default_rng(0).integers(0, 5, (30, 60), dtype=np.uint8))
ROWS = torch.tensor([[3, 4, 5], [29, 0, 3]])
FLIPS = torch.tensor([[True, False, True], [False, False, False]])


def expected(row: int, flipped: bool) -> np.ndarray:
    codes = CODES[row].numpy()
    return reverse_complement(codes) if flipped else codes


def test_byte_codes_on_the_strand_asked_for() -> None:
    windows = encode_inputs(torch.nn.Linear(1, 1), CODES)
    assert type(windows) is SequenceInputs and len(windows) == 30 and windows.lengths is None
    batch = windows.select(ROWS, FLIPS, windows.padded_length(ROWS, FLIPS))
    assert batch.dtype == torch.uint8 and batch.shape == (2, 3, 60)
    for place in np.ndindex(2, 3):
        assert batch[place].tolist() == expected(int(ROWS[place]), bool(FLIPS[place])).tolist()
    assert torch.equal(windows.select(ROWS), CODES[ROWS])
    assert [part.tolist() for part in windows.batches(20)] == [[*range(20)], [*range(20, 30)]]


def test_tokens_are_those_of_the_strand_as_a_string() -> None:
    """The tokens of the other strand are not this strand's read backwards."""
    torch.manual_seed(0)
    network, cut = TinyDNABERT2(60), small_tokenizer()
    windows = encode_inputs(network, CODES)
    length = windows.padded_length(ROWS, FLIPS)
    batch, longest = windows.select(ROWS, FLIPS, length), 0
    for place in np.ndindex(2, 3):
        ids = cut.encode(decode(expected(int(ROWS[place]), bool(FLIPS[place]))))[: network.tokens - 1]
        ids = ids if ids[-1] == cut.end else [*ids, cut.end]
        longest = max(longest, len(ids))
        assert batch[place].tolist() == ids + [cut.padding] * (length - len(ids))
    assert length == min(-(-longest // 8) * 8, network.tokens)
    plain = CODES[CODES.max(1).values < 4]
    assert not len(plain) or windows.tokens.shape == (30, 2, 24)


def test_windows_of_about_one_length_are_scored_together() -> None:
    torch.manual_seed(0)
    windows = encode_inputs(TinyDNABERT2(60, tokens=64), CODES)
    parts = windows.batches(7)
    assert sorted(torch.cat(parts).tolist()) == [*range(30)]
    lengths = [windows.padded_length(part) for part in parts]
    assert lengths == sorted(lengths) and lengths[0] < lengths[-1]
    assert all(length % 8 == 0 for length in lengths)


def test_one_strand_alone() -> None:
    torch.manual_seed(0)
    windows = encode_inputs(TinyDNABERT2(60), CODES, both_strands=False)
    assert windows.tokens.shape[1] == 1
    assert windows.select(ROWS, torch.zeros_like(FLIPS)).shape == (2, 3, 24)


def test_opposite_strand_of_codes() -> None:
    codes = torch.from_numpy(encode("AACGTN").copy())
    assert inputs.reverse_complement(codes).tolist() == encode("NACGTT").tolist()
