"""What `exact_head` promises: in 16 bits, logits that still do not tie."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def check_exact_head(network: nn.Module, inputs: Tensor) -> None:
    """Check that logits (batch,) in mixed precision are those of full precision, rounded but not to 8 bits."""
    with torch.no_grad():
        full = network(inputs)
        with torch.autocast("cpu", torch.bfloat16):
            mixed = network(inputs)
    assert mixed.dtype == torch.float32 and not torch.equal(mixed, full)
    torch.testing.assert_close(mixed, full, rtol=0.05, atol=0.1 * full.std().item())
    assert len(mixed.unique()) == len(full.unique())
