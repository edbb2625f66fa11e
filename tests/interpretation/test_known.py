"""Matrices of a factor, q-values, clusters."""

from __future__ import annotations

import numpy as np
import pytest

from regssl.interpretation.known import cluster, factor, own_matrices, q_values, read_known
from regssl.sequences.motifs import Motif, read_motifs

FLAT = np.full((4, 4), 0.25)


def motif(identifier: str, name: str = "") -> Motif:
    return Motif(identifier, name or identifier, FLAT)


SEVERAL = (("ATF3", 0), ("ATF3", 1), ("BATF3", 0), ("CTCF", 0))
HOCOMOCO = [motif(f"{name}.H13CORE.{rank}.P.B") for name, rank in SEVERAL]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ATF3", [0, 1, 4]),
        ("atf3", [0, 1, 4]),
        ("ATF3.H13CORE.1.P.B", [0, 1, 4]),
        ("MA0605.3", [0, 1, 4]),
        ("P300", []),
    ],
)
def test_all_matrices_of_a_factor_are_its_own(word: str, found: list[int]) -> None:
    assert own_matrices(word, [*HOCOMOCO, motif("MA0605.3", "ATF3")], "here") == found


def test_names_of_factors() -> None:
    assert [factor(one) for one in (HOCOMOCO[2], motif("MA0139.2", "CTCF"))] == ["BATF3", "CTCF"]


def test_known_motifs_are_those_of_the_file_and_of_the_package(tmp_path) -> None:
    path = tmp_path / "own.meme"
    path.write_text("MEME version 4\n\nMOTIF MINE\nletter-probability matrix: w= 2\n1 0 0 0\n0 0 0 1\n")
    assert [one.id for one in read_known(path)] == ["MINE", *(one.id for one in read_motifs())]


def test_q_values_are_of_one_family() -> None:
    """Benjamini and Hochberg's, by hand: the k-th smallest of n times n / k, not more than those behind it."""
    p = np.array([[0.01, 0.5], [0.02, 0.03]])
    assert q_values(p) == pytest.approx(np.array([[0.04, 0.5], [0.04, 0.04]]))
    assert q_values(np.empty((0, 3))).shape == (0, 3)


def test_clusters_are_of_motifs_that_are_all_alike() -> None:
    ctcf, rest = (one.frequencies for one in read_motifs()[:2])
    numbers = cluster([ctcf, rest, ctcf[::-1, ::-1], 0.9 * rest + 0.025, ctcf[1:]], 1e-5)
    assert numbers[0] == numbers[2] == numbers[4] != numbers[1] == numbers[3]
    assert cluster([ctcf], 1e-5).tolist() == [1]
