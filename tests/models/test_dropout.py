"""Keyed noise."""

from __future__ import annotations

import pytest
import torch

from regssl.models.dropout import Noise


def test_it_is_gaussian_and_a_function_of_the_key() -> None:
    layer, numbers = Noise().train(), torch.ones(200, 1000)
    assert torch.equal(layer(numbers), numbers), "none until the trainer sets sd"
    layer.sd, layer.seed = 0.5, torch.tensor(3)
    first = layer(numbers)
    z = ((first - 1) / 0.5).double()
    assert z.mean().item() == pytest.approx(0, abs=0.01)
    assert z.var().item() == pytest.approx(1, abs=0.02)
    assert (z**4).mean().item() == pytest.approx(3, abs=0.1)
    assert (z.abs() > 3).double().mean().item() == pytest.approx(0.0027, abs=0.0005)
    assert (z[:, 1:] * z[:, :-1]).mean().item() == pytest.approx(0, abs=0.01)
    assert torch.equal(first, layer(numbers))
    layer.seed = torch.tensor(2**31 - 1)
    other = ((layer(numbers) - 1) / 0.5).double()
    assert (z * other).mean().item() == pytest.approx(0, abs=0.01), "another key, other noise"
    assert torch.isfinite(other).all()
    assert torch.equal(layer.eval()(numbers), numbers)
