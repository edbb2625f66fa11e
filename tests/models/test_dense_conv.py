"""The best windows of weighted bases, against plain autograd and against sums written out in Python."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from regssl.models import dense_conv
from regssl.models.conv_max import ConvMaxPool
from regssl.models.deepbind import DeepBind
from regssl.models.ensemble import Ensemble
from regssl.sequences.encoding import one_hot


@pytest.fixture
def dense_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often this route was taken."""
    calls: list[int] = []
    forward = dense_conv._DenseConvMax.forward
    counted = staticmethod(lambda *args: calls.append(1) or forward(*args))
    monkeypatch.setattr(dense_conv._DenseConvMax, "forward", counted)
    return calls


def noisy(batch: int, length: int, seed: int = 0, sd: float = 0.1) -> Tensor:
    """One-hot codes, some of N, with noise."""
    rng = torch.Generator().manual_seed(seed)
    codes = torch.randint(0, 5, (batch, length), dtype=torch.uint8, generator=rng)
    return one_hot(codes) + sd * torch.randn(batch, 4, length, generator=rng)


def answers(
    sequences: Tensor, filters: int, width: int, seed: int = 0, plain: bool = False, both_strands: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Best scores, and the gradients of a random weighted sum of them, many weights being 0 as after ReLU."""
    torch.manual_seed(seed)
    made = ConvMaxPool(filters, width, both_strands)
    made.plain = plain
    best = made(sequences)
    best.backward(torch.randn(best.shape, generator=torch.Generator().manual_seed(2)).clamp(min=0))
    assert made.weight.grad is not None and made.bias.grad is not None
    return best.detach(), made.weight.grad, made.bias.grad


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 25), st.booleans(), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_scores_and_gradients_are_those_of_plain_autograd(
    filters: int, width: int, longer: int, both_strands: bool, seed: int
) -> None:
    sequences = noisy(9, width + longer, seed)
    dense, plain = (answers(sequences, filters, width, seed, route, both_strands) for route in (False, True))
    for one, other in zip(dense, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_one_window_by_hand() -> None:
    """Filters A and C of width 1 on two positions; the reverse strand has them in the other order, complemented."""
    made = ConvMaxPool(2, 1, both_strands=True)
    made.weight.data = torch.tensor([[[1.0], [0], [0], [0]], [[0.0], [1], [0], [0]]])
    made.bias.data = torch.tensor([0.0, 10.0])
    sequences = torch.tensor([[[0.3, 0.7], [0.2, 0.1], [0.4, 0.0], [0.9, 0.5]]])
    best = made(sequences)  # the reverse strand: A is T of the other, 0.5 and 0.9; C is G, 0.0 and 0.4
    assert best.tolist() == [pytest.approx([0.9, 10.4])]
    best.sum().backward()
    assert made.weight.grad is not None
    assert made.weight.grad[0, :, 0].tolist() == pytest.approx([0.9, 0.4, 0.2, 0.3])
    assert made.weight.grad[1, :, 0].tolist() == pytest.approx([0.9, 0.4, 0.2, 0.3])


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 25), st.booleans(), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_what_is_not_kept_is_zero_and_has_no_gradient(
    filters: int, width: int, longer: int, both_strands: bool, seed: int
) -> None:
    rng = torch.Generator().manual_seed(seed)
    kept = torch.rand(9, filters, generator=rng) < torch.rand(9, 1, generator=rng)  # of some sequences hardly any
    sequences, weights = noisy(9, width + longer, seed), torch.randn(9, filters, generator=rng)
    found = []
    for some in (True, False):
        torch.manual_seed(seed)
        made = ConvMaxPool(filters, width, both_strands)
        best = made(sequences, kept) if some else made(sequences) * kept
        (best * weights).sum().backward()
        assert made.weight.grad is not None and made.bias.grad is not None
        found.append((best.detach(), made.weight.grad, made.bias.grad))
    assert (found[0][0] == 0)[~kept].all()
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("hidden", [0, 5])
@pytest.mark.parametrize("size", [1, 3])
def test_a_network_with_dropout_learns_as_by_plain_autograd(hidden: int, size: int) -> None:
    sequences, found = torch.stack([noisy(8, 30, seed) for seed in range(size)]), []
    for plain in (False, True):
        torch.manual_seed(0)
        networks = [DeepBind(width=30, filters=21, filter_width=6, hidden=hidden, dropout=0.5) for _ in range(size)]
        for network in networks:
            network.scan.plain = plain
        ensemble = Ensemble(networks).train()
        logits = ensemble(sequences, torch.arange(size)[:, None] + 2**30)
        logits.square().sum().backward()
        gradients = {name: one.grad for name, one in ensemble.network.named_parameters() if one.grad is not None}
        found.append({"logits": logits.detach(), **gradients})
    assert len(found[0]) == (7 if hidden else 5)
    for name, expected in found[1].items():
        torch.testing.assert_close(found[0][name], expected, rtol=1e-4, atol=1e-5)


def test_no_sequence_at_all() -> None:
    made = ConvMaxPool(3, 5)
    best = made(torch.empty(0, 4, 20), torch.empty(0, 3, dtype=torch.bool))
    best.sum().backward()
    assert best.shape == (0, 3) and made.weight.grad is not None and not made.weight.grad.any()


def test_threads_change_no_bit() -> None:
    sequences, before = noisy(16, 50), torch.get_num_threads()
    one = answers(sequences, 40, 9)
    torch.set_num_threads(3)
    try:
        other = answers(sequences, 40, 9)
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(mine, its) for mine, its in zip(one, other, strict=True))


def test_where_it_applies(dense_calls: list[int]) -> None:
    sequences = noisy(2, 20)
    made = ConvMaxPool(3, 5)
    made(sequences)
    assert len(dense_calls) == 1
    made(sequences.requires_grad_())  # a gradient of the bases is asked for
    made((sequences.detach() > 0.5).to(torch.uint8).argmax(1).to(torch.uint8))
    ConvMaxPool(3, 5, mean=True)(sequences.detach())
    with torch.autocast("cpu", torch.bfloat16):
        made(sequences.detach())
    with pytest.raises(RuntimeError):
        made(noisy(2, 4))
    assert len(dense_calls) == 1


def test_members_of_an_ensemble_are_networks_of_their_own(dense_calls: list[int]) -> None:
    made = [ConvMaxPool(6, 5) for _ in range(3)]
    ensemble = Ensemble(made)
    sequences = torch.stack([noisy(4, 20, seed) for seed in range(3)])
    together = ensemble(sequences)
    together.square().sum().backward()
    assert len(dense_calls) == 3
    gradients = dict(ensemble.network.named_parameters())["weight"].grad
    assert gradients is not None
    for member, (network, own) in enumerate(zip(made, sequences, strict=True)):
        alone = network(own)
        alone.square().sum().backward()
        assert network.weight.grad is not None
        assert torch.equal(alone, together[member]) and torch.equal(network.weight.grad, gradients[member])


def test_a_score_that_is_not_a_number_is_not_hidden() -> None:
    made = ConvMaxPool(20, 5)
    made.weight.data[3, 0, 0] = float("nan")
    best = made(noisy(2, 20))
    assert best[:, 3].isnan().all() and best.isnan().sum() == 2


def test_a_weight_that_is_negligible_counts_as_0_so_that_no_product_is_subnormal() -> None:
    sequences, weight, bias = noisy(3, 20), torch.randn(5, 4, 6), torch.randn(5)
    small = weight.clone()
    small[1], small[3, 2] = 1e-39, -0.9e-30
    none = small.clone()
    none[1], none[3, 2] = 0, 0
    one, other = (dense_conv.dense_conv_max(sequences, each, bias, False) for each in (small, none))
    assert torch.equal(one, other)
    assert torch.equal(one[:, 1], bias[1].expand(3))
    assert not torch.equal(one, dense_conv.dense_conv_max(sequences, weight, bias, False))
