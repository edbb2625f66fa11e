"""The loss and its gradient, against torch's own in double precision."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from regssl.training import loss
from regssl.training.loss import mean_losses


@pytest.mark.parametrize("weighted", [True, False])
def test_losses_and_gradients(weighted: bool) -> None:
    """Of logits up to a hundred, and of targets between 0 and 1, as teachers give them."""
    stream = torch.Generator().manual_seed(0)
    logits = (torch.randn(3, 50, generator=stream) * 5).index_fill(1, torch.tensor([0]), 100.0)
    logits[:, 1] = -100.0
    logits.requires_grad_()
    targets = torch.rand(3, 50, generator=stream)
    weights = torch.rand(3, 50, generator=stream) if weighted else None
    upstream = torch.tensor([1.0, 0.0, -2.0])
    got = mean_losses(logits, targets, weights)
    (gradient,) = torch.autograd.grad(got, logits, upstream)
    exact = logits.detach().double().requires_grad_()
    factors = None if weights is None else weights.double()
    expected = binary_cross_entropy_with_logits(exact, targets.double(), factors, reduction="none").mean(1)
    (its,) = torch.autograd.grad(expected, exact, upstream.double())
    torch.testing.assert_close(got.double(), expected, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(gradient.double(), its, atol=1e-8, rtol=1e-6)


def test_a_logit_that_is_no_number_makes_the_loss_none() -> None:
    logits = torch.tensor([[0.0, float("nan")], [0.0, 1.0]])
    assert mean_losses(logits, torch.zeros(2, 2), None).isnan().tolist() == [True, False]


def test_without_numba_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    logits, targets = torch.randn(2, 5), torch.rand(2, 5)
    compiled = mean_losses(logits, targets, None)
    monkeypatch.setattr(loss, "_kernels", lambda: None)
    torch.testing.assert_close(mean_losses(logits, targets, None), compiled)
