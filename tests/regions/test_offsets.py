"""The offsets at which mouse peaks of mm9 are placed on the mm6 regions, derived again from where motifs are.

Each pair of a strong motif hit in a region and a peak centre on its chromosome votes for an offset. The true one is
that of most peaks of the region; the next best has the votes of chance.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.paths import ROOT
from regions.conftest import Published
from regssl.io.bed import read_bed
from regssl.regions.places import Place, read_places
from regssl.regions.sequences import read_sequences
from regssl.sequences.encoding import encode
from regssl.sequences.motifs import load_jaspar

BITS, TOLERANCE = 12, 50
PLACES = {place.region: place for place in read_places(ROOT / "config/encode_regions/regions.tsv", "mouse")}


def offsets(published: Published, shared: Path, place: Place) -> tuple[np.ndarray, np.ndarray]:
    """The offsets, sorted, that pairs of a hit and a peak centre vote for; and the hit of each."""
    motif = load_jaspar()["CTCF"]
    genome = dict(read_sequences(shared / "encode_regions/genomes/mouse.fa.gz"))
    hits = np.flatnonzero(motif.scan(encode(genome[place.region].upper())).max(axis=0) >= BITS) + motif.width // 2
    peaks = [read_bed(path) for _, path in published("measured")]
    centres = np.concatenate([((p["start"] + p["end"]) // 2)[p["chrom"] == place.chrom] for p in peaks])
    votes = (centres[:, None] - hits).ravel()
    order = np.argsort(votes)
    return votes[order], np.broadcast_to(hits, (len(centres), len(hits))).ravel()[order]


@pytest.mark.parametrize(
    ("region", "votes", "next_best", "residual"), [("ENm001.1", 16, 7, -6.5), ("ENm002.1", 40, 10, -3.5)]
)
def test_most_votes_are_for_the_pinned_offset(
    region: str, votes: int, next_best: int, residual: float, published: Published, shared: Path
) -> None:
    place = PLACES[region]
    found, hits = offsets(published, shared, place)
    counts = np.searchsorted(found, found + 2 * TOLERANCE, side="right") - np.arange(len(found))
    best = int(counts.argmax())
    offset = np.median(found[best : best + counts[best]])
    assert (counts[best], offset - place.start) == (votes, residual)
    assert counts[np.abs(found - offset) > 5_000].max() == next_best
    # ENm001.1 is placed no further than the offset holds: none of its strong motifs beyond votes for it
    here = np.abs(found - offset) <= TOLERANCE
    assert hits[here].max() < place.end - place.start
