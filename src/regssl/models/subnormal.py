"""Numbers too small for a float's full precision, which some processors multiply a hundred times as slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flush_subnormals() -> Iterator[None]:
    """Count float32 below 1.2e-38 as 0, on this thread and those that begin in it, where the processor can.

    Weight decay leads the weights of a filter that is out of use there. Beside any bias they are 0 anyhow.
    """
    before = are_flushed()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def are_flushed() -> bool:
    """Whether this thread counts subnormal numbers as 0."""
    return (torch.full((), 2.0**-130) * 1).item() == 0
