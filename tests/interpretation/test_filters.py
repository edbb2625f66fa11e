"""Hits, counts and weights of filters, each held against loops over windows, strands and positions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from regssl.errors import DataError
from regssl.interpretation.filters import best_hits, firing, first_layer, influence, site_counts
from regssl.models import build
from regssl.models.deepbind import DeepBind
from regssl.sequences.encoding import N, one_hot, reverse_complement

WIDTH, FILTERS, LENGTH = 5, 4, 30


def network(**params: object) -> DeepBind:
    torch.manual_seed(1)
    return DeepBind(LENGTH, filters=FILTERS, filter_width=WIDTH, **params).eval()  # type: ignore[arg-type]


def windows(n: int = 6) -> np.ndarray:
    codes = np.random.default_rng(2).integers(0, 4, (n, LENGTH), dtype=np.uint8)
    codes[0, 3:9] = N
    return codes


def scores(net: DeepBind, codes: np.ndarray) -> np.ndarray:
    """(filters, strands, positions), each score by itself."""
    strands = (codes, reverse_complement(codes))
    weight, bias = net.scan.weight.detach().numpy(), net.scan.bias.detach().numpy()
    return np.array(
        [
            [
                [
                    (weight[f] * one_hot(torch.from_numpy(strand[at : at + WIDTH].copy())).numpy()).sum() + bias[f]
                    for at in range(LENGTH - WIDTH + 1)
                ]
                for strand in strands
            ]
            for f in range(FILTERS)
        ]
    )


def test_hits_are_the_best_of_both_strands() -> None:
    net, codes = network(both_strands=False), windows()
    hits = best_hits(net.scan, codes)
    for row, window in enumerate(codes):
        every = scores(net, window)
        for filter_ in range(FILTERS):
            best = every[filter_].max()
            assert hits.activation[row, filter_] == pytest.approx(max(best, 0), abs=1e-5)
            at = every[filter_, int(hits.reverse[row, filter_]), hits.place[row, filter_]]
            assert at == pytest.approx(best, abs=1e-5)


def test_counts_are_of_the_bases_at_the_hits() -> None:
    net, codes = network(), windows()
    hits = best_hits(net.scan, codes)
    fires = firing(hits, 0.5)
    counts = np.zeros((WIDTH, 4), int)
    for row, window in enumerate(codes):
        if hits.activation[row, 1] > 0.5 * hits.activation[:, 1].max():
            strand = reverse_complement(window) if hits.reverse[row, 1] else window
            for position, base in enumerate(strand[hits.place[row, 1] :][:WIDTH]):
                if base < N:
                    counts[position, base] += 1
    assert counts.sum() > 0
    assert (site_counts(codes, hits, fires, 1, WIDTH) == counts).all()


def test_a_filter_that_never_exceeds_zero_fires_nowhere() -> None:
    net, codes = network(), windows()
    with torch.no_grad():
        net.scan.bias[2] = -100
    assert not firing(best_hits(net.scan, codes), 0.0)[:, 2].any()


@pytest.mark.parametrize("both_strands", [True, False])
def test_without_a_hidden_layer_the_weight_is_the_weight(both_strands: bool) -> None:
    net, codes = network(hidden=0, both_strands=both_strands), windows(40)
    with torch.no_grad():
        net.scan.bias += 10  # every filter is above 0, on both strands
    labels = np.arange(40) % 2
    hits = best_hits(net.scan, codes)
    effect = influence(net, net.scan, codes, labels, firing(hits, 0.0))
    weight = net.logit.weight.detach().numpy()[0]
    assert effect.weight == pytest.approx(weight, abs=1e-6)
    logits = np.mean(
        [net(torch.from_numpy(strand.copy())).detach() for strand in (codes, reverse_complement(codes))], 0
    )
    distance = logits[labels == 1].mean() - logits[labels == 0].mean()
    assert effect.contribution.sum() == pytest.approx(distance, abs=1e-4)


def test_filters_of_a_convolution() -> None:
    params = {"channels": [5, 6], "dropout": [0.0, 0.0], "filter_width": 3, "hidden": 4, "pool": 2}
    net = build("deepsea", LENGTH, params).eval()
    layer, codes = first_layer(net, "here"), windows()
    hits = best_hits(layer, codes)
    effect = influence(net, layer, codes, np.arange(len(codes)) % 2, firing(hits, 0.5))
    assert effect.weight.shape == (5,)
    assert np.isfinite(effect.contribution).all()


def test_a_network_without_filters_is_named() -> None:
    with pytest.raises(DataError, match=r"my\.safetensors: a KmerLogistic has no filters of bases"):
        first_layer(build("kmer_logistic", LENGTH, {"k": 3}), "my.safetensors")
