"""DeepSEA: its layers and sizes."""

from __future__ import annotations

import pytest
import torch

from regssl.models import build


def test_layers_for_200_bp() -> None:
    network = build("deepsea", 200, {})
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items() if name.endswith("weight")}
    assert list(shapes.values()) == [(320, 4, 8), (480, 320, 8), (960, 480, 8), (925, 2880), (1, 925)]
    assert network(torch.zeros(2, 200, dtype=torch.uint8)).shape == (2,)


def test_sequences_that_are_too_short_are_refused() -> None:
    with pytest.raises(Exception, match="too short for 3 convolutions"):
        build("deepsea", 60, {})
    assert build("deepsea", 172, {})(torch.zeros(1, 172, dtype=torch.uint8)).shape == (1,)
