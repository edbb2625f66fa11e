"""Mutagenesis held against predictions of every changed sequence, and against tangermeme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import regssl
from helpers.random_networks import random_network
from regssl.interpretation.mutagenesis import mutate
from regssl.models.predict import predict
from regssl.sequences.encoding import N, one_hot

WIDTH = 30
DEEPSEA = {"channels": [5, 6], "dropout": [0.1, 0.1], "filter_width": 3, "hidden": 4, "pool": 2}
NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("deepbind", {"filters": 17, "filter_width": 7}),
    ("deepbind", {"filters": 5, "filter_width": 4, "both_strands": False}),
    ("deepbind", {"filters": 5, "filter_width": 4, "both_strands": False, "hidden": 0, "pooling": "max_and_mean"}),
    ("deepbind", {"filters": 5, "filter_width": WIDTH, "pooling": "max_and_mean"}),
    ("deepsea", DEEPSEA),
    ("kmer_logistic", {"k": 3}),
]


def sequences(n: int = 3) -> np.ndarray:
    codes = np.random.default_rng(0).integers(0, 4, (n, WIDTH), dtype=np.uint8)
    codes[0, [0, 11]] = N
    return codes


@pytest.mark.parametrize("both_strands", [True, False])
@pytest.mark.parametrize(("architecture", "params"), NETWORKS)
def test_is_the_difference_of_two_predictions(architecture: str, params: dict[str, Any], both_strands: bool) -> None:
    network, codes = random_network(architecture, params, WIDTH), sequences()
    changes = mutate(network, codes, both_strands)
    for row, place, base in np.ndindex(len(codes), WIDTH, 4):
        changed = codes[row].copy()
        changed[place] = base
        reference, alternative = predict(network, np.stack([codes[row], changed]), both_strands)
        assert changes[row, base, place] == pytest.approx(alternative - reference, abs=1e-5)


def test_is_zero_for_the_base_that_is_there() -> None:
    codes = sequences()
    changes = mutate(random_network(*NETWORKS[0], WIDTH), codes)
    known = codes < N
    own = np.take_along_axis(changes, np.minimum(codes, 3)[:, None].astype(int), 1)[:, 0]
    assert not own[known].any()
    assert np.abs(changes).max() > 0.1


@pytest.mark.parametrize(("architecture", "params"), NETWORKS)
def test_agrees_with_tangermeme(architecture: str, params: dict[str, Any]) -> None:
    tangermeme = pytest.importorskip("tangermeme.saturation_mutagenesis", reason="tangermeme is not installed")
    network, codes = random_network(architecture, params, WIDTH), sequences()
    channels = one_hot(torch.from_numpy(codes))
    result = tangermeme.saturation_mutagenesis(
        regssl.as_one_hot(network), channels, raw_outputs=True, device="cpu", fast=False
    )
    theirs = (result.y_hat - result.y0[:, None, None])[..., 0].numpy()
    scale = max(np.abs(theirs).max(), 1)
    assert np.abs(mutate(network, codes) - theirs).max() < 1e-5 * scale
