"""Networks that are seeds of one model, and their mean and spread."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest

from regssl.models import build
from regssl.models.card import Card
from regssl.variants.networks import ScoringModel, measure_spread, name_models


def card(**values: Any) -> Card:
    return Card(**{"architecture": "deepbind", "params": {}, "width": 20, "checksum": "", **values})


@pytest.mark.parametrize(
    ("cards", "names"),
    [
        ([card()], ["deepbind"]),
        ([card(method="ssl", seed=seed, metrics={"aupr": seed / 10}) for seed in range(3)], ["ssl"] * 3),
        ([card(method="sl"), card(method="ssl"), card(method="sl", seed=1)], ["sl", "ssl", "sl"]),
        ([card(method="sl", seed=seed) for seed in (0, 1, 0, 1)], ["sl_1", "sl_2", "sl_3", "sl_4"]),  # of two runs
        ([card(method="sl", width=width, seed=seed) for width in (20, 30) for seed in (0, 1)],
         ["sl_1", "sl_1", "sl_2", "sl_2"]),
        ([card(method="sl", data={"train": digest}) for digest in "ab"], ["sl_1", "sl_2"]),  # of two datasets
    ],
)  # fmt: skip
def test_networks_that_differ_in_their_seed_have_one_name(cards: list[Card], names: list[str]) -> None:
    assert name_models(cards) == names


def test_networks_of_a_language_model_are_named_without_a_warning() -> None:
    """Their cards hold sizes and tokenizer, as `parse_card` reads them."""
    cards = [card(seed=seed).model_copy(update={"params": {"sizes": {"layers": 2}}}) for seed in (0, 1)]
    assert name_models(cards) == ["deepbind", "deepbind"]
    other = cards[0].model_copy(update={"params": {"sizes": {"layers": 3}}})
    assert name_models([*cards, other]) == ["deepbind_1", "deepbind_1", "deepbind_2"]


def test_the_strand_is_that_which_is_read() -> None:
    forward, motif = build("deepbind", 20, {"both_strands": False}), build("motif_scan", 20, {"motif_width": 5})
    for network, both_strands, strand in ((forward, True, "both"), (forward, False, "+"), (motif, False, "both")):
        assert ScoringModel("x", ("x",), (network,), 20, both_strands).strand == strand


def test_the_spread_is_that_of_a_sample_and_z_tells_mean_from_zero() -> None:
    scores = np.array([[1.0, -2.0, 0.5], [3.0, -2.0, np.nan], [2.0, -2.0, 1.0]])
    mean, sd, z = measure_spread(scores)
    assert mean[0] == 2 and sd[0] == pytest.approx(statistics.stdev([1, 3, 2])) and z[0] == pytest.approx(2 / sd[0])
    assert (mean[1], sd[1]) == (-2, 0) and np.isnan([z[1], mean[2], sd[2], z[2]]).all()
    one = measure_spread(scores[:1])
    assert one.mean.tolist() == scores[0].tolist() and np.isnan([one.sd, one.z]).all()
