"""Subnormal numbers are 0 while networks are trained and asked, and what they were before and after."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from regssl.models.compiled import run_in_threads
from regssl.models.predict import predict
from regssl.models.subnormal import are_flushed, flush_subnormals

SMALL = 2.0**-130
"""A subnormal float32."""


@pytest.fixture(autouse=True)
def _as_before():
    before, threads = are_flushed(), torch.get_num_threads()
    yield
    torch.set_flush_denormal(before)
    torch.set_num_threads(threads)


class Tiny(nn.Module):
    """A network whose logits are subnormal."""

    def forward(self, codes: Tensor) -> Tensor:
        return torch.full((len(codes),), SMALL) * 1


@pytest.mark.parametrize("before", [False, True])
def test_they_are_flushed_within_and_as_before_afterwards(before):
    torch.set_flush_denormal(before)
    with flush_subnormals():
        assert are_flushed()
        assert (torch.tensor([SMALL]) * 1).item() == 0
    assert are_flushed() is before
    with pytest.raises(ZeroDivisionError), flush_subnormals():
        _ = 1 / 0
    assert are_flushed() is before


def test_a_network_is_asked_with_subnormals_as_0():
    torch.set_flush_denormal(False)
    codes = np.zeros((3, 8), np.uint8)
    assert Tiny()(torch.from_numpy(codes)).numpy().any()
    assert not predict(Tiny(), codes).any()
    assert not are_flushed()


def test_every_thread_of_a_kernel_flushes_them():
    torch.set_num_threads(3)
    found = {}
    with flush_subnormals():
        run_in_threads(lambda first, last: found.update({(first, last): are_flushed()}), 3)
    assert found == {(0, 1): True, (1, 2): True, (2, 3): True}
