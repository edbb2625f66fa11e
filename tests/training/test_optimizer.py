"""Optimizer, learning rate, clipping: by hand and against torch's own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from regssl.methods.settings import Training
from regssl.models.ensemble import Ensemble
from regssl.training.optimizer import clip_gradients, learning_rate_at, make_optimizer, set_learning_rate, step_function


def training(**changes: Any) -> Training:
    return Training(**changes)


def networks(count: int) -> list[nn.Module]:
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        made.append(nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1)))
    return made


def test_learning_rates_by_hand() -> None:
    recipe = training(learning_rate=1, schedule="linear", warmup_steps=2, max_epochs=2, steps_per_epoch=3)
    assert [learning_rate_at(step, recipe) for step in range(6)] == [0, 0.5, 1, 0.75, 0.5, 0.25]
    assert [learning_rate_at(step, training(learning_rate=0.1)) for step in (0, 1, 10**6)] == [0.1] * 3
    constant = training(learning_rate=1, warmup_steps=4)
    assert [learning_rate_at(step, constant) for step in (0, 1, 4, 100)] == [0, 0.25, 1, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_each_network_is_clipped_by_its_own_norm(count: int) -> None:
    alone = networks(count)
    ensemble = Ensemble(alone)
    for number, network in enumerate(alone):
        for parameter in network.parameters():
            parameter.grad = torch.randn_like(parameter) * 10.0 ** (number - 1)
    for name, parameter in ensemble.network.named_parameters():
        gradients = [network.get_parameter(name).grad for network in alone]
        parameter.grad = torch.stack(gradients) if count > 1 else gradients[0].clone()
    before = copy.deepcopy([p.grad for p in ensemble.parameters()])
    clip_gradients(ensemble, None)
    assert all(torch.equal(p.grad, was) for p, was in zip(ensemble.parameters(), before, strict=True))
    clip_gradients(ensemble, 1.0)
    for number, network in enumerate(alone):
        norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        assert count == 1 or (norm < 1) == (number == 0) or number == 1
        for name, parameter in ensemble.network.named_parameters():
            own = parameter.grad[number] if count > 1 else parameter.grad
            torch.testing.assert_close(own, network.get_parameter(name).grad)


@pytest.mark.parametrize("count", [1, 2])
def test_weight_decay_of_adamw_spares_biases_and_normalisations(count: int) -> None:
    """With gradients of zero, decay is all that happens: p - rate × decay × p."""
    ensemble = Ensemble(networks(count))
    before = {name: parameter.detach().clone() for name, parameter in ensemble.network.named_parameters()}
    optimizer = make_optimizer(ensemble, training(optimizer="adamw", learning_rate=0.1, weight_decay=0.5))
    for parameter in ensemble.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in ensemble.network.named_parameters():
        factor = 0.95 if name in ("0.weight", "2.weight") else 1.0
        torch.testing.assert_close(parameter.detach(), factor * before[name])


def test_adam_is_the_default_and_takes_all_weights_alike() -> None:
    optimizer = make_optimizer(Ensemble(networks(1)), training(weight_decay=0.5))
    assert type(optimizer) is torch.optim.Adam and len(optimizer.param_groups) == 1
    set_learning_rate(optimizer, training(schedule="linear", max_epochs=1, steps_per_epoch=4), 2)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0005)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_the_short_way_to_a_step_is_torchs_own_bit_for_bit(kind: str, count: int) -> None:
    """Of weights that change their learning rate, and of one that at one step has no gradient."""
    ours, torchs = Ensemble(networks(count)), Ensemble(networks(count))
    recipe = training(optimizer=kind, weight_decay=0.1, schedule="linear", max_epochs=1, steps_per_epoch=9)
    optimizer, reference = make_optimizer(ours, recipe), make_optimizer(torchs, recipe)
    for step in range(6):
        for one in (optimizer, reference):
            set_learning_rate(one, recipe, step)
        for own, other in zip(ours.parameters(), torchs.parameters(), strict=True):
            own.grad = torch.randn_like(own)
            other.grad = own.grad.clone()
        if step == 4:
            next(ours.parameters()).grad = next(torchs.parameters()).grad = None
        make_step = step_function(optimizer)
        assert (make_step == optimizer.step) == (step == 0)
        make_step()
        reference.step()
        assert all(torch.equal(*pair) for pair in zip(ours.parameters(), torchs.parameters(), strict=True))
    assert str(optimizer.state_dict()) == str(reference.state_dict())
