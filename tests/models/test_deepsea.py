"""DeepSEA: its layers and sizes."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv1d

from helpers.mixed_precision import check_exact_head
from regssl.errors import ConfigError
from regssl.models import build
from regssl.models.deepsea import Convolution


def test_layers_for_200_bp() -> None:
    network = build("deepsea", 200, {})
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items() if name.endswith("weight")}
    assert list(shapes.values()) == [(320, 4, 8), (480, 320, 8), (960, 480, 8), (925, 2880), (1, 925)]
    assert network(torch.zeros(2, 200, dtype=torch.uint8)).shape == (2,)


@pytest.mark.parametrize(("pool", "shortest"), [(4, 163), (3, 100), (2, 53), (1, 22)])
def test_sequences_that_are_too_short_are_refused(pool: int, shortest: int) -> None:
    small = {"pool": pool, "channels": [2, 2, 2], "hidden": 2}
    assert build("deepsea", shortest, small)(torch.zeros(1, shortest, dtype=torch.uint8)).shape == (1,)
    with pytest.raises(ConfigError, match="too short for 3 convolutions"):
        build("deepsea", shortest - 1, small)


def test_the_matrix_product_is_the_convolution() -> None:
    torch.manual_seed(0)
    layer, numbers = Convolution(5, 7, 4), torch.randn(3, 5, 20, requires_grad=True)
    plain = conv1d(numbers, layer.weight, layer.bias)
    torch.testing.assert_close(layer(numbers), plain)
    wanted = [numbers, layer.weight, layer.bias]
    weights = torch.randn_like(plain)
    gradients = [torch.autograd.grad((out * weights).sum(), wanted) for out in (layer(numbers), plain)]
    torch.testing.assert_close(*gradients)


def test_in_mixed_precision_logits_are_those_of_full_precision_but_for_rounding() -> None:
    """And they are not themselves rounded to 8 bits, which would make windows tie."""
    torch.manual_seed(0)
    check_exact_head(build("deepsea", 200, {}).eval(), torch.randint(4, (60, 200), dtype=torch.uint8))
