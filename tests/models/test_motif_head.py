"""The compiled head of a motif network against its layers one by one."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from regssl.models import deepbind
from regssl.models.deepbind import DeepBind
from regssl.models.ensemble import Ensemble
from regssl.models.motif_head import compiled_head
from regssl.sequences.encoding import one_hot


def network(seed: int = 0, dropout: float = 0.3) -> DeepBind:
    torch.manual_seed(seed)
    made = DeepBind(width=40, filters=37, filter_width=6, hidden=5, dropout=dropout)
    made.dropout.seed = torch.tensor(2**31 - 20)
    return made


def answers(made: DeepBind, scores: Tensor, compiled: bool) -> dict[str, Tensor]:
    """Logits, and the gradients of a weighted sum of them."""
    made.zero_grad()
    own = scores.clone().requires_grad_()
    assert made.hidden is not None
    logits = compiled_head(own, made.dropout, made.hidden, made.logit) if compiled else made.head(own)
    logits.backward(torch.linspace(-1, 2, len(logits)))
    assert own.grad is not None
    gradients = {name: one.grad for name, one in made.named_parameters() if one.grad is not None}
    return {"logits": logits.detach(), "scores": own.grad, **gradients}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dropout", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("batch", [0, 1, 9])
def test_same_logits_and_gradients_as_the_layers(batch: int, dropout: float, training: bool) -> None:
    made = network(dropout=dropout).train(training)
    scores = torch.randn(batch, 37)
    compiled, plain = answers(made, scores, compiled=True), answers(made, scores, compiled=False)
    assert compiled.keys() == plain.keys() and len(plain) == 6
    for name, expected in plain.items():
        torch.testing.assert_close(compiled[name], expected, atol=1e-5, rtol=1e-5)
    assert torch.equal(compiled["scores"] == 0, plain["scores"] == 0), "other zeros of the dropout"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_seen_in_the_logit(bad: float) -> None:
    made = network().eval()
    scores = torch.randn(3, 37)
    scores[1, 4] = bad
    compiled, plain = answers(made, scores, compiled=True), answers(made, scores, compiled=False)
    assert not plain["logits"][1].isfinite() or bad == math.inf
    torch.testing.assert_close(compiled["logits"], plain["logits"], equal_nan=True)


def test_members_of_an_ensemble_are_networks_of_their_own() -> None:
    members = [network(seed).train() for seed in range(3)]
    codes, seeds = torch.randint(0, 5, (3, 8, 40), dtype=torch.uint8), torch.tensor([[3], [2**31 - 1], [0]])
    ensemble = Ensemble(members).train()
    together = ensemble(codes, seeds)
    together.square().sum().backward()
    gradients = {name: one.grad for name, one in ensemble.network.named_parameters()}
    for number, (member, own, seed) in enumerate(zip(members, codes, seeds, strict=True)):
        alone = Ensemble([member]).train()
        logits = alone(own, seed[None])
        assert torch.equal(logits[0], together[number])
        logits.square().sum().backward()
        for name, parameter in alone.network.named_parameters():
            whole = gradients[name]
            assert whole is not None and parameter.grad is not None
            torch.testing.assert_close(parameter.grad, whole[number])


def test_where_it_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(deepbind, "compiled_head", lambda *args: calls.append(1) or compiled_head(*args))
    codes, made = torch.randint(0, 4, (2, 40), dtype=torch.uint8), network()
    made(codes)
    made(one_hot(codes))
    assert len(calls) == 2
    made.double()(codes)
    with torch.autocast("cpu", torch.bfloat16):
        network()(codes)
    DeepBind(width=40, filters=3, filter_width=6, hidden=0)(codes)
    made = network()
    made.scan.plain = True
    made(codes)
    made(one_hot(codes))
    assert len(calls) == 2
