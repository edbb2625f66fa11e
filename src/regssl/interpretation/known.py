"""Motifs of filters held against known ones: which matrices are a factor's own, matches by Tomtom, q-values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import false_discovery_control

from regssl.interpretation.tomtom import Matches, tomtom
from regssl.sequences.motifs import Motif, find_motif, read_motifs


class Match(NamedTuple):
    """The best match of a motif among some known ones.

    Attributes:
        id: of the known motif.
        p, q: p-value and q-value.
        offset: position of the motif at which the known one begins, negative where it begins before.
        reverse: whether the known one is reverse-complemented.
    """

    id: str
    p: float
    q: float
    offset: int
    reverse: bool


def read_known(path: str | Path | None) -> list[Motif]:
    """Read known motifs: those of a MEME file, if there is one, and the JASPAR matrices that come with the package."""
    own = [] if path is None else read_motifs(path)
    taken = {motif.id for motif in own}
    return own + [motif for motif in read_motifs() if motif.id not in taken]


def factor(motif: Motif) -> str:
    """Name the factor of a motif: its name, or in HOCOMOCO, which has ids alone, what precedes the first dot."""
    return motif.id.split(".")[0] if motif.name == motif.id else motif.name


def display_name(motif: Motif) -> str:
    """Name a known motif for readers: factor and id."""
    return motif.id if factor(motif) in motif.id else f"{factor(motif)} {motif.id}"


def own_matrices(word: str, known: Sequence[Motif], where: str) -> list[int]:
    """Find the matrices of a factor, all that there are: their numbers among the known ones.

    Args:
        word: its name, or the id of one of its matrices.
        known: all motifs.
        where: for messages.

    Raises:
        DataError: as `find_motif`, but for several matrices of one name.
    """
    named = find_motif(word, [motif for motif in known if motif.id.casefold() == word.casefold()], where)
    wanted = (factor(named) if named else word).casefold()
    return [number for number, motif in enumerate(known) if factor(motif).casefold() == wanted]


def q_values(p: np.ndarray) -> np.ndarray:
    """Turn the p-values of a network's motifs with all known ones, one family, into q-values.

    By Benjamini and Hochberg 1995 (J. R. Stat. Soc. B 57:289). Tomtom's own q-values are of one motif at a time, which
    a network of hundreds of filters makes too few.

    Args:
        p: float64 (motifs, known).
    """
    q: np.ndarray = false_discovery_control(p.ravel()).reshape(p.shape) if p.size else p.copy()
    return q


def best_match(matches: Matches, q: np.ndarray, row: int, known: Sequence[Motif], among: Sequence[int]) -> Match:
    """Return the best match of a motif, of number `row`, among some of the known ones."""
    at = among[int(np.argmin(matches.p[row, list(among)]))]
    return Match(
        known[at].id,
        float(matches.p[row, at]),
        float(q[row, at]),
        int(matches.offset[row, at]),
        bool(matches.reverse[row, at]),
    )


def cluster(motifs: Sequence[np.ndarray], max_p: float) -> np.ndarray:
    """Cluster motifs so that every two of a cluster match one another (complete linkage of Tomtom's p-values).

    Args:
        motifs: frequencies, each (width, 4).
        max_p: of the worse of the two directions in which two motifs are compared.

    Returns:
        int64 (motifs,), numbers of clusters from 1 on.
    """
    if len(motifs) < 2:
        return np.ones(len(motifs), np.int64)
    p = tomtom(motifs, motifs).p
    distance = np.maximum(p, p.T)
    np.fill_diagonal(distance, 0)
    clusters: np.ndarray = fcluster(linkage(squareform(distance), "complete"), max_p, "distance")
    return clusters.astype(np.int64)
