"""Networks with random weights, for tests of what is computed from them."""

from __future__ import annotations

from typing import Any

import torch

from regssl.models import build


def random_network(architecture: str, params: dict[str, Any], width: int) -> torch.nn.Module:
    """Build a network whose weights are all drawn from a normal distribution, ready for prediction."""
    torch.manual_seed(0)
    network = build(architecture, width, params)
    for values in network.parameters():
        torch.nn.init.normal_(values, std=0.5)
    return network.eval()
