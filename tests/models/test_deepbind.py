"""DeepBind: its size, its function against the same layers written plainly, and training by both routes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from regssl.errors import ConfigError
from regssl.models import build
from regssl.models.deepbind import DeepBind
from regssl.models.ensemble import Ensemble
from regssl.models.inputs import reverse_complement
from regssl.models.predict import predict
from regssl.models.serialization import load, save
from regssl.sequences.encoding import one_hot


class Plainly(nn.Module):
    """The layers in the paper's order, ReLU before the pool, from the weights of a DeepBind."""

    def __init__(self, network: DeepBind) -> None:
        super().__init__()
        filters, _, width = network.scan.weight.shape
        self.convolution = nn.Conv1d(4, filters, width)
        self.convolution.load_state_dict(network.scan.state_dict())
        self.both_strands, self.mean = network.scan.both_strands, network.scan.mean
        hidden = [] if network.hidden is None else [network.hidden, nn.ReLU()]
        self.head = nn.Sequential(*hidden, network.logit)

    def forward(self, codes: Tensor) -> Tensor:
        strands = [codes, reverse_complement(codes)] if self.both_strands else [codes]
        matches = torch.cat([torch.relu(self.convolution(one_hot(strand))) for strand in strands], -1)
        pooled = [matches.amax(-1), matches.mean(-1)] if self.mean else [matches.amax(-1)]
        return self.head(torch.cat(pooled, 1))[:, 0]


def network(seed: int = 0, **params) -> DeepBind:
    torch.manual_seed(seed)
    return DeepBind(**params)


def random_codes(batch: int, width: int, seed: int = 1, highest: int = 3) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, highest + 1, (batch, width), np.uint8))


def test_27022_parameters():
    assert sum(parameter.numel() for parameter in network().parameters()) == 27_022


def test_names_of_the_weights():
    shapes = {name: tuple(tensor.shape) for name, tensor in network().state_dict().items()}
    assert shapes == {
        "scan.weight": (403, 4, 14),
        "scan.bias": (403,),
        "hidden.weight": (10, 403),
        "hidden.bias": (10,),
        "logit.weight": (1, 10),
        "logit.bias": (1,),
    }


@pytest.mark.parametrize("highest", [3, 4])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"filters": 30, "filter_width": 11, "hidden": 3, "pooling": "max_and_mean"},
        {"filters": 30, "filter_width": 16, "hidden": 0, "both_strands": True},
        {"filters": 30, "filter_width": 16, "hidden": 0, "both_strands": True, "pooling": "max_and_mean"},
    ],
)
def test_same_function_as_the_plain_layers(params, highest):
    """With and without N (code 4)."""
    made, codes = network(**params).eval(), random_codes(6, 200, highest=highest)
    torch.testing.assert_close(made(codes), Plainly(made)(codes), atol=1e-5, rtol=0)


@pytest.mark.parametrize("pooling", ["max", "max_and_mean"])
def test_on_both_strands_a_sequence_is_its_reverse_complement(pooling: str):
    made, codes = network(filters=30, hidden=0, both_strands=True, pooling=pooling).eval(), random_codes(6, 200)
    torch.testing.assert_close(made(codes), made(reverse_complement(codes)), atol=1e-6, rtol=0)


def test_a_network_of_both_strands_is_asked_once(monkeypatch):
    """The mean over strands is what it says of one."""
    made, codes, asked = network(filters=30, both_strands=True), random_codes(6, 200).numpy(), []
    forward = made.forward
    monkeypatch.setattr(made, "forward", lambda sequences: asked.append(1) or forward(sequences))
    assert np.array_equal(predict(made, codes, both_strands=True), predict(made, codes, both_strands=False))
    assert len(asked) == 2
    assert Ensemble([made]).strand_invariant and not Ensemble([network(both_strands=False)]).strand_invariant


def test_an_unknown_pooling():
    with pytest.raises(ValueError, match="unknown pooling 'mean'; known: max, max_and_mean"):
        network(pooling="mean")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"filters": 0}, "filters: 0 is no whole number of at least 1"),
        ({"filters": "256"}, "filters: '256' is no whole number"),
        ({"filter_width": 0}, "filter_width: 0 is no whole number"),
        ({"hidden": -1}, "hidden: -1 is no whole number of at least 0"),
        ({"hidden": True}, "hidden: True is no whole number"),
        ({"both_strands": "no"}, "both_strands: 'no' is neither true nor false"),
    ],
)
def test_params_of_no_network(params, message):
    with pytest.raises(ConfigError, match=message):
        build("deepbind", 200, params)


def test_takes_one_hot_too():
    made, codes = network().eval(), random_codes(3, 200)
    torch.testing.assert_close(made(one_hot(codes)), made(codes), atol=1e-5, rtol=0)


def test_a_window_as_narrow_as_the_filters():
    made = network(width=14).eval()
    assert made(random_codes(2, 14)).shape == (2,)
    with pytest.raises(ValueError, match="13 bp are shorter than the filters, 14 bp"):
        network(width=13)


def test_saved_and_read_again(tmp_path):
    params = {"filters": 8, "filter_width": 5}
    made, codes = build("deepbind", 30, params).eval(), random_codes(4, 30)
    save(made, {"architecture": "deepbind", "params": params, "width": 30}, tmp_path / "model.safetensors")
    assert torch.equal(load(tmp_path / "model.safetensors")(codes), made(codes))


def toy_losses(plain: bool, steps: int = 30) -> list[float]:
    """Losses while learning to separate sequences with TGACTCA from those without."""
    made = network(filters=32, filter_width=12, dropout=0.2, width=60)
    made.scan.plain = plain
    optimizer = torch.optim.Adam(made.parameters(), lr=1e-2)
    motif = torch.tensor([3, 2, 0, 1, 3, 1, 0], dtype=torch.uint8)
    losses = []
    for step in range(steps):
        codes = random_codes(64, 60, seed=step)
        labels = torch.arange(64) % 2
        codes[labels == 1, 20:27] = motif
        loss = nn.functional.binary_cross_entropy_with_logits(made(codes), labels.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_training_by_both_routes_gives_the_same_losses():
    fast, plain = toy_losses(plain=False), toy_losses(plain=True)
    np.testing.assert_allclose(fast, plain, atol=1e-4)
    assert fast[-1] < 0.5 * fast[0]
    assert toy_losses(plain=False) == fast
