"""ConvMaxPool: the table route against the plain one, and against sums written out in Python."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from regssl.models import conv_max
from regssl.models.conv_max import ConvMaxPool, best_matches
from regssl.models.inputs import reverse_complement
from regssl.sequences.encoding import encode, one_hot


@pytest.fixture(autouse=True)
def _threads():
    """Give torch its threads back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def kmer_calls(monkeypatch):
    """Counts how often the table route was taken."""
    calls = []
    forward = conv_max._KmerConvMax.forward
    counted = staticmethod(lambda *args: calls.append(1) or forward(*args))
    monkeypatch.setattr(conv_max._KmerConvMax, "forward", counted)
    return calls


def layer(filters: int = 20, width: int = 7, seed: int = 0, plain: bool = False, **settings: bool) -> ConvMaxPool:
    torch.manual_seed(seed)
    made = ConvMaxPool(filters, width, **settings)
    made.plain = plain
    return made


def codes(batch: int, length: int, n_rate: float = 0.0, seed: int = 1) -> Tensor:
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 4, (batch, length))
    return torch.from_numpy(np.where(rng.random((batch, length)) < n_rate, 4, bases).astype(np.uint8))


def answers(
    filters: int, width: int, sequences: Tensor, plain: bool, seed: int = 0, **settings: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Best scores, and the gradients of a random weighted sum of them, many weights being 0 as after ReLU."""
    made = layer(filters, width, seed, plain, **settings)
    best = made(sequences)
    upstream = torch.randn(best.shape, generator=torch.Generator().manual_seed(2)).clamp(min=0)
    best.backward(upstream)
    return best.detach(), made.weight.grad, made.bias.grad


def test_same_draws_as_a_convolution():
    torch.manual_seed(5)
    convolution = nn.Conv1d(4, 20, 7)
    made = layer(seed=5)
    assert torch.equal(made.weight, convolution.weight) and torch.equal(made.bias, convolution.bias)
    assert list(made.state_dict()) == ["weight", "bias"]


def test_scores_of_one_filter_by_hand():
    """The filter gives 1 for each letter of ACG, so ACG scores 3, and N scores nothing."""
    made = layer(1, 3)
    with torch.no_grad():
        made.weight.copy_(one_hot(torch.from_numpy(encode("ACG").copy())))
        made.bias.fill_(0.5)
    texts = ["TTACGT", "TTACNT", "NNNNNN", "TTTTTT", "CCTTTA"]
    best = made(torch.from_numpy(np.stack([encode(text) for text in texts])))
    assert best.flatten().tolist() == [3.5, 2.5, 0.5, 0.5, 1.5]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    filters=st.integers(1, 40),
    width=st.sampled_from([1, 2, 3, 4, 11, 12, 13, 24]),
    extra=st.integers(0, 30),
    batch=st.integers(0, 6),
    n_rate=st.sampled_from([0.0, 0.05, 0.6, 1.0]),
    seed=st.integers(0, 9),
    both_strands=st.booleans(),
    mean=st.booleans(),
)
def test_tables_agree_with_the_convolution(filters, width, extra, batch, n_rate, seed, **settings):
    """Any number and width of filters, any length, any fraction of N, one strand or both, with means or without.

    The seeds are fixed and none draws a near tie; windows that tie exactly, being equal, get equal gradients.
    """
    sequences = codes(batch, width + extra, n_rate, seed)
    fast, plain = (answers(filters, width, sequences, route, seed, **settings) for route in (False, True))
    for name, got, expected in zip(("scores", "weight", "bias"), fast, plain, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_gradient_goes_to_the_best_window():
    """Written out: each score adds its weight to the bases of the window it came from."""
    sequences, made = codes(5, 40, 0.1), layer(18, 10)
    best = made(sequences)
    upstream = torch.randn(best.shape)
    best.backward(upstream)
    weight, hot = made.weight.detach().numpy().astype(float), one_hot(sequences).numpy().astype(float)
    expected = np.zeros_like(weight)
    for sequence in range(5):
        for motif in range(18):
            windows = [hot[sequence, :, at : at + 10] for at in range(31)]
            at = int(np.argmax([(weight[motif] * window).sum() for window in windows]))
            expected[motif] += upstream[sequence, motif].item() * windows[at]
    np.testing.assert_allclose(made.weight.grad.numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(made.bias.grad.numpy(), upstream.sum(0).numpy(), atol=1e-5)


@pytest.mark.parametrize("plain", [True, False])
def test_features_by_hand_on_both_strands(plain):
    """The filter counts the letters of AAC, less 0.5, in windows of AACGT and of its reverse complement ACGTT."""
    made = layer(1, 3, plain=plain, both_strands=True, mean=True)
    with torch.no_grad():
        made.weight.copy_(one_hot(torch.from_numpy(encode("AAC").copy())))
        made.bias.fill_(-0.5)
    forward, reverse = (made(torch.from_numpy(encode(text).copy())[None]) for text in ("AACGT", "ACGTT"))
    count = [sum(one == two for one, two in zip(text[at : at + 3], "AAC", strict=True))
             for text in ("AACGT", "ACGTT") for at in range(3)]  # fmt: skip
    expected = [max(count) - 0.5, sum(max(one - 0.5, 0) for one in count) / 6]
    assert forward.squeeze().tolist() == pytest.approx(expected) == reverse.squeeze().tolist()


@pytest.mark.parametrize(("width", "length"), [(1, 1), (3, 10), (3, 11), (3, 12), (8, 40), (14, 200)])
def test_blocks_hold_every_window_and_no_other(width, length):
    """Also where a strand has fewer windows than a block of blocks."""
    from regssl.models._kmer_conv import KMER, window_starts

    windows = {strand * length + at for strand in range(2) for at in range(length - width + 1)}
    sizes = [1] if length - width + 1 < KMER**2 else [1, KMER]
    for size in sizes:
        starts = window_starts(length, width, 2, size)
        assert {start + KMER * step for start in starts for step in range(size)} == windows


@pytest.mark.parametrize("length", [9, 14, 15, 16, 40])
def test_best_matches_are_where_the_score_is(length):
    """The score of each place, summed from the bases there, is the best of all places of both strands."""
    sequences, made = codes(7, length, 0.1), layer(18, 7)
    best, places = best_matches(sequences, made.weight, made.bias)
    with torch.no_grad():
        strands = torch.stack([one_hot(sequences), one_hot(reverse_complement(sequences))], 1)
        windows = strands.unfold(-1, 7, 1)
        scores = torch.einsum("bscpw,fcw->bfsp", windows, made.weight) + made.bias[:, None, None]
        strand, position = places // length, places % length
        found = scores.flatten(2).gather(2, (strand * (length - 6) + position)[..., None])[..., 0]
    torch.testing.assert_close(best, scores.amax((2, 3)))
    torch.testing.assert_close(found, best.detach())


def test_gradient_of_a_match_on_the_reverse_strand():
    """The best window of CCCGT lies on the other strand, which reads ACGGG: its bases get the gradient."""
    made = layer(1, 3, both_strands=True)
    with torch.no_grad():
        made.weight.copy_(one_hot(torch.from_numpy(encode("ACG").copy())))
    made(torch.from_numpy(encode("CCCGT").copy())[None]).sum().backward()
    assert torch.equal(made.weight.grad[0], one_hot(torch.from_numpy(encode("ACG").copy())))


def test_of_equal_windows_the_first_gets_the_gradient():
    """All weights 0: every window scores alike, and the first is AC."""
    made = layer(1, 2)
    nn.init.zeros_(made.weight)
    made(torch.from_numpy(encode("ACGT").copy())[None]).sum().backward()
    assert torch.equal(made.weight.grad[0], one_hot(torch.tensor([0, 1], dtype=torch.uint8)))


def test_bit_equal_again_and_with_any_number_of_threads():
    sequences = codes(37, 60, 0.02)
    results = []
    for threads in (1, 1, 2, 3):
        torch.set_num_threads(threads)
        results.append(answers(100, 24, sequences, plain=False, both_strands=True, mean=True))
    for other in results[1:]:
        assert all(torch.equal(one, two) for one, two in zip(results[0], other, strict=True))


def test_a_batch_or_length_more_compiles_nothing():
    from regssl.models import _kmer_conv

    layer()(codes(3, 30)).sum().backward()
    kernels = [
        _kmer_conv.kmer_rows,
        _kmer_conv.compile_kernels(3, _kmer_conv.KMER).scan,
        _kmer_conv.compile_kernels(3, _kmer_conv.KMER).accumulate,
    ]
    before = [kernel.signatures for kernel in kernels]
    answers(33, 8, codes(4, 31)[:, ::2], plain=False)
    layer()(codes(40, 8)).sum().backward()
    assert [kernel.signatures for kernel in kernels] == before
    assert all(len(signatures) == 1 for signatures in before)


def test_route_by_itself(kmer_calls):
    sequences = codes(2, 20)
    layer()(sequences)
    assert len(kmer_calls) == 1
    layer(plain=True)(sequences)
    layer()(one_hot(sequences))
    layer().double()(sequences)
    with torch.autocast("cpu", torch.bfloat16):
        layer()(sequences)
    assert len(kmer_calls) == 1


def test_without_numba_the_plain_route(monkeypatch, kmer_calls):
    monkeypatch.setattr(conv_max, "_kernels", lambda: None)
    assert torch.equal(layer()(codes(2, 20)), layer(plain=True)(codes(2, 20)))
    assert not kmer_calls


def test_noisy_input_takes_gradients():
    """One-hot with noise, as a noisy student sees it, is convolved."""
    noisy = (one_hot(codes(2, 20)) + 0.1 * torch.randn(2, 4, 20)).requires_grad_()
    made = layer()
    best = made(noisy)
    expected = nn.functional.conv1d(noisy, made.weight, made.bias).amax(-1)
    assert torch.equal(best, expected)
    best.sum().backward()
    assert noisy.grad.abs().sum() > 0


def test_codes_beyond_n_count_as_n():
    odd = codes(3, 20)
    odd[:, 4] = 255
    as_n = odd.clamp(max=4)
    assert torch.equal(layer()(odd), layer()(as_n))
    torch.testing.assert_close(layer()(odd), layer(plain=True)(odd))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_weight_that_is_not_finite_gives_nan(bad):
    """Training that diverged must not look like a filter that never matches."""
    made = layer()
    with torch.no_grad():
        made.weight[3, 1, 2] = bad
    best = made(codes(2, 30))
    assert best[:, 3].isnan().all() and best.isfinite().sum() == 2 * 19


def test_no_gradient_and_inference_mode():
    expected = layer(plain=True)(codes(2, 20))
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            best = layer()(codes(2, 20))
        assert not best.requires_grad
        torch.testing.assert_close(best, expected, atol=1e-5, rtol=0)


def test_codes_changed_before_the_backward_pass_are_noticed():
    sequences = codes(2, 20)
    best = layer()(sequences)
    sequences[0, 0] = 3
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        best.sum().backward()


@pytest.mark.parametrize("plain", [True, False])
def test_sequences_shorter_than_the_filters(plain):
    with pytest.raises(RuntimeError, match="Kernel size"):
        layer(width=7, plain=plain)(codes(2, 6))
