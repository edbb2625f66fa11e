"""In a world whose motif is known, SSL's best filter is like it, and mutagenesis finds the places of its sites."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.planted import FACTOR, WIDTH, World
from regssl.interpretation.known import read_known
from regssl.interpretation.learned import Learned, explain_filters
from regssl.interpretation.runs import describe_run
from regssl.interpretation.sequences import Place, explain_sequences
from regssl.interpretation.settings import FilterSettings


@pytest.fixture(scope="module")
def learned(world: World) -> Learned:
    return explain_filters(world.model, world.windows, read_known(None), "CTCF", FilterSettings())


def test_the_best_filter_is_like_the_planted_motif(learned: Learned) -> None:
    run = describe_run(learned.table, max_q=0.01)
    assert run["shown_q"] < 0.01
    assert run["shown_id"] == FACTOR.id
    assert run["own"] >= 1
    assert run["shown_positive"] > 5 * run["shown_negative"]


def test_the_motif_is_that_of_the_planted_sites(learned: Learned) -> None:
    """Column by column: the most frequent base is the matrix's wherever that is nearly always one base."""
    best = learned.table.set_index("filter").loc[describe_run(learned.table, 0.01)["shown"]]
    motif = next(motif for motif in learned.motifs if motif.id == f"filter{best.name}")
    own = FACTOR.frequencies[::-1, ::-1] if best["own_reverse"] else FACTOR.frequencies
    compared = 0
    for position, row in enumerate(own):
        at = position + int(best["own_offset"])
        if row.max() > 0.95 and 0 <= at < motif.width:
            assert motif.frequencies[at].argmax() == row.argmax()
            compared += 1
    assert compared >= 3


def test_mutagenesis_finds_the_planted_places(world: World) -> None:
    rows = np.flatnonzero(world.held_out.labels)[:60]
    places = [Place(str(row), world.held_out.codes[row], str(row), 0) for row in rows]
    found = []
    for row, one in zip(rows, explain_sequences([world.model], places), strict=True):
        sums = np.convolve(one.contribution, np.ones(FACTOR.width), "valid")
        found.append(abs(int(sums.argmax()) - world.held_out.sites[row]) <= 4)
    by_chance = 9 / (WIDTH - FACTOR.width + 1)
    assert np.mean(found) > 0.8 > 3 * by_chance
