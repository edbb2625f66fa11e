"""A network of one-hot code: logits are those of `predict`, and gradients reach the input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import regssl
from helpers.random_networks import random_network
from regssl.models.one_hot import as_codes, takes_weighted_bases
from regssl.sequences.encoding import N, encode, one_hot

WIDTH = 40
NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("deepbind", {"filters": 6, "filter_width": 5, "both_strands": False}),
    ("deepbind", {"filters": 6, "filter_width": 5}),
    ("kmer_logistic", {"k": 2}),
    ("gc_logistic", {}),
]


@pytest.mark.parametrize("both_strands", [True, False])
@pytest.mark.parametrize(("architecture", "params"), NETWORKS)
def test_logits_are_those_of_predict(architecture: str, params: dict[str, Any], both_strands: bool) -> None:
    network = random_network(architecture, params, WIDTH)
    codes = np.random.default_rng(0).integers(0, 5, (7, WIDTH), dtype=np.uint8)
    logits = regssl.as_one_hot(network, both_strands)(one_hot(torch.from_numpy(codes)))
    assert logits.shape == (7, 1)
    expected = regssl.predict(network, codes, both_strands)
    assert logits.detach().numpy()[:, 0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("dtype", [torch.int8, torch.float64])
def test_one_hot_code_may_be_of_any_type(dtype: torch.dtype) -> None:
    network = regssl.as_one_hot(random_network(*NETWORKS[1], WIDTH))
    channels = one_hot(torch.from_numpy(encode("ACGTN" * 8)[None]))
    assert network(channels.to(dtype)).item() == pytest.approx(network(channels).item(), abs=1e-6)


def test_gradients_reach_weighted_bases_on_both_strands() -> None:
    network = random_network(*NETWORKS[0], WIDTH)
    channels = one_hot(torch.from_numpy(encode("ACGTN" * 8)[None])).requires_grad_()
    regssl.as_one_hot(network)(channels).sum().backward()
    direct = channels.detach().clone().requires_grad_()
    ((network(direct) + network(direct.flip(1, 2))) / 2).sum().backward()
    assert channels.grad is not None and direct.grad is not None
    assert torch.allclose(channels.grad, direct.grad)
    assert channels.grad.abs().max() > 0


def test_codes_of_one_hot_code() -> None:
    codes = torch.tensor([[0, 1, 2, 3, N]], dtype=torch.uint8)
    assert torch.equal(as_codes(one_hot(codes)), codes)


def test_baselines_read_byte_codes_alone() -> None:
    assert [takes_weighted_bases(random_network(*one, WIDTH)) for one in NETWORKS] == [True, True, False, False]
