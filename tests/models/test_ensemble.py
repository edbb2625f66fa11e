"""Ensemble: several networks as one, against each on its own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from regssl.models import build
from regssl.models.dropout import Dropout
from regssl.models.ensemble import Ensemble
from regssl.sequences.encoding import one_hot

ARCHITECTURES = {
    "deepbind": {"filters": 20, "filter_width": 8},
    "deepbind, both strands": {"filters": 20, "filter_width": 8, "both_strands": True, "pooling": "max_and_mean"},
    "deepsea": {"channels": [8, 6, 4], "filter_width": 4, "hidden": 5, "dropout": [0.2, 0.2, 0.5]},
}


def networks(architecture: str, count: int = 3, plain: bool = False) -> list[nn.Module]:
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        made.append(build(architecture.partition(",")[0], 100, ARCHITECTURES[architecture]))
        if plain and architecture.startswith("deepbind"):
            made[-1].scan.plain = True
    return made


def batch(count: int = 3, size: int = 6) -> Tensor:
    return torch.randint(5, (count, size, 100), dtype=torch.uint8, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_logits_and_gradients_are_those_of_each_network_alone(architecture: str, plain: bool, noisy: bool) -> None:
    alone, codes = networks(architecture, plain=plain), batch()
    sequences = one_hot(codes) + 0.1 * torch.randn(3, 6, 4, 100) if noisy else codes
    ensemble = Ensemble(alone).train()
    keys = torch.randint(2**31, (3, len(ensemble.seeded_layers)))
    logits = ensemble(sequences, keys)
    assert logits.shape == (3, 6)
    logits.square().sum().backward()
    gradients = dict(ensemble.network.named_parameters())
    for number, network in enumerate(alone):
        single = Ensemble([network]).train()
        own = single(sequences[number : number + 1], keys[number : number + 1])
        torch.testing.assert_close(logits[number], own[0], rtol=1e-5, atol=1e-6)
        own.square().sum().backward()
        for name, parameter in single.network.named_parameters():
            torch.testing.assert_close(gradients[name].grad[number], parameter.grad, rtol=1e-4, atol=1e-5)


def test_the_same_sequences_for_all() -> None:
    alone, codes = networks("deepbind"), batch()[0]
    logits = Ensemble(alone).eval()(codes)
    for number, network in enumerate(alone):
        torch.testing.assert_close(logits[number], network.eval()(codes))


def test_weights_come_out_as_they_went_in() -> None:
    alone = networks("deepsea")
    ensemble, other = Ensemble(alone), Ensemble(networks("deepsea", 3)[::-1])
    other.load_members([ensemble.member_state_dict(number) for number in range(3)])
    for number, network in enumerate(alone):
        state = other.member_state_dict(number)
        assert state.keys() == network.state_dict().keys()  # no dropout keys among them
        assert all(torch.equal(state[name], tensor) for name, tensor in network.state_dict().items())


def test_weights_are_copies_and_the_networks_are_not_changed() -> None:
    (network,) = networks("deepbind", 1)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    ensemble = Ensemble([network])
    kept = ensemble.member_state_dict(0)
    with torch.no_grad():
        for parameter in ensemble.parameters():
            parameter.add_(1)
    for state in (network.state_dict(), kept):
        assert all(torch.equal(state[name], tensor) for name, tensor in before.items())


def test_a_compiled_stack_computes_the_same() -> None:
    """As on a GPU, where the whole step is compiled."""
    ensemble, codes = Ensemble(networks("deepbind", plain=True)).train(), batch()
    keys = torch.randint(2**31, (3, 1))
    compiled = torch.compile(lambda codes, keys: ensemble(codes, keys), backend="aot_eager")
    torch.testing.assert_close(compiled(codes, keys), ensemble(codes, keys))


def test_zeros_of_dropout() -> None:
    """As many as asked for, scaled so that the mean stays; another key, other zeros; none when not training."""
    layer, numbers = Dropout(0.3).train(), torch.ones(100, 1000)
    layer.seed = torch.tensor(1)
    first = layer(numbers)
    assert (first == 0).float().mean().item() == pytest.approx(0.3, abs=0.005)
    assert first.max().item() == pytest.approx(1 / 0.7)
    assert (first == 0).float().mean(0).std().item() == pytest.approx((0.3 * 0.7 / 100) ** 0.5, rel=0.1)  # binomial
    assert torch.equal(first, layer(numbers))
    layer.seed = torch.tensor(2**31 - 1)
    both = ((first == 0) & (layer(numbers) == 0)).float().mean().item()
    assert both == pytest.approx(0.09, abs=0.005)  # independent
    assert torch.equal(layer.eval()(numbers), numbers)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_impossible_rates_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="dropout rate"):
        Dropout(rate)
