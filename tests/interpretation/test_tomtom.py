"""Tomtom held against an enumeration of all random columns, its own symmetries, and memelite."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from regssl.interpretation.tomtom import BINS, tomtom
from regssl.sequences.motifs import read_motifs


def motifs(n: int, widths: tuple[int, int], seed: int) -> list[np.ndarray]:
    """Random motifs, whose frequencies are whole hundredths, so that rounding changes none."""
    rng = np.random.default_rng(seed)
    return [rng.multinomial(100, rng.dirichlet([0.3] * 4, rng.integers(*widths))) / 100 for _ in range(n)]


def by_enumeration(query: np.ndarray, targets: list[np.ndarray], number: int) -> tuple[float, int, bool]:
    """P-value, offset and strand, from the definition: every alignment, every choice of random columns."""
    columns = np.concatenate([side for target in targets for side in (target, target[::-1, ::-1])])
    distances = np.array([[np.sqrt(((row - column) ** 2).sum()) for column in columns] for row in query])
    steps = np.rint(distances * BINS / np.ptp(distances)).astype(int)
    scores = np.array([np.sort(row)[(len(row) - 1) // 2] - row for row in steps])
    of_column = {tuple(column): scores[:, at] for at, column in enumerate(columns)}
    found, below = [], 1.0
    target = targets[number]
    for start in range(1 - len(target), len(query)):
        covered = [at for at in range(len(query)) if 0 <= at - start < len(target)]
        for reverse, side in ((False, target), (True, target[::-1, ::-1])):
            found.append((sum(of_column[tuple(side[at - start])][at] for at in covered), start, reverse))
    best = max(score for score, _, _ in found)
    for start in range(1 - len(target), len(query)):
        covered = [at for at in range(len(query)) if 0 <= at - start < len(target)]
        sums = [sum(chosen) for chosen in product(*(scores[at] for at in covered))]
        below *= (1 - np.mean([value >= best for value in sums])) ** 2
    of_best = [(start, reverse) for score, start, reverse in found if score == best]
    return 1 - below, *of_best[0]


def test_is_the_definition() -> None:
    targets = motifs(4, (2, 4), 1)
    queries = motifs(3, (2, 4), 2)
    matches = tomtom(queries, targets)
    for (row, query), number in product(enumerate(queries), range(len(targets))):
        p, _, _ = by_enumeration(query, targets, number)
        assert matches.p[row, number] == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("reverse", [False, True])
def test_finds_a_part_of_a_motif_where_it_is(reverse: bool) -> None:
    known = [motif.frequencies for motif in read_motifs()]
    part = known[0][3:12]
    matches = tomtom([part[::-1, ::-1] if reverse else part], known)
    assert matches.p[0].argmin() == 0
    assert matches.p[0, 0] < 1e-6
    after = len(known[0]) - 12
    assert (matches.offset[0, 0], matches.reverse[0, 0]) == ((-after, True) if reverse else (-3, False))


def test_p_values_of_random_motifs_are_those_of_chance() -> None:
    """One in ten is below 0.1, and one in a hundred below 0.01, or fewer: discrete scores are conservative."""
    targets = motifs(150, (8, 13), 3)
    p = tomtom(motifs(40, (8, 13), 4), targets).p
    assert 0.05 < (p < 0.1).mean() < 0.13
    assert 0.002 < (p < 0.01).mean() < 0.016


@pytest.mark.slow  # memelite is compiled for minutes
def test_agrees_with_memelite() -> None:
    memelite = pytest.importorskip("memelite", reason="memelite is not installed")
    targets, queries = motifs(200, (8, 16), 5), [motif.frequencies for motif in read_motifs()]
    targets += queries
    ours = tomtom(queries, targets)
    theirs = memelite.tomtom([one.T for one in queries], [one.T for one in targets], n_target_bins=None, n_jobs=1)
    logs = np.log10(np.maximum([ours.p, theirs[0]], 1e-300))
    assert np.corrcoef(logs.reshape(2, -1))[0, 1] > 0.999
    likely = theirs[0] < 1e-3
    assert np.abs(logs[0] - logs[1])[~likely].max() < 0.1
    assert np.abs(logs[0] / logs[1] - 1)[likely].max() < 0.15  # scores are rounded to other steps
    assert (ours.offset == -theirs[2])[likely].all()
