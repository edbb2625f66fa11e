from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.sequences.motifs import Motif, load_jaspar, read_meme

MOTIFS = load_jaspar()
NAMES = ["CTCF", "REST", "MAX", "ETS1", "ATF3", "AR", "YY1", "CREB1", "TEAD4", "E2F6"]


def codes(sequence: str) -> np.ndarray:
    return np.array(["ACGTN".index(base) for base in sequence], dtype=np.uint8)


def naive_score(motif: Motif, sequence: str) -> float:
    frequencies = [dict(zip("ACGT", row, strict=True)) for row in motif.frequencies]
    return sum(
        math.log2((column[base] + 0.0025) / 1.01 / 0.25) for column, base in zip(frequencies, sequence, strict=True)
    )


def naive_best(motif: Motif, sequence: str) -> float:
    reverse = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
    places = range(len(sequence) - motif.width + 1)
    return max(naive_score(motif, strand[i : i + motif.width]) for strand in (sequence, reverse) for i in places)


def test_the_shipped_matrices():
    assert list(MOTIFS) == NAMES
    assert (MOTIFS["CTCF"].id, MOTIFS["CTCF"].width) == ("MA0139.2", 15)
    assert "ACGT"[MOTIFS["MAX"].frequencies[0].argmax()] == "C"
    for motif in MOTIFS.values():
        np.testing.assert_allclose(motif.frequencies.sum(axis=1), 1, atol=0.001)


def test_the_shipped_matrices_are_those_of_the_reference(shared: Path):
    for name, motif in read_meme(shared / "motifs.meme").items():
        np.testing.assert_array_equal(motif.frequencies, MOTIFS[name].frequencies)


def test_max_prefers_the_e_box():
    motif = MOTIFS["MAX"]
    assert motif.score(codes("CACGTG")) == pytest.approx(naive_score(motif, "CACGTG"))
    assert motif.score(codes("CACGTG")) > 11 > 0 > motif.score(codes("CACTTA"))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.text("ACGT", min_size=25, max_size=60), st.sampled_from(NAMES))
def test_best_placement_is_what_a_slow_scan_finds(sequence: str, name: str):
    motif = MOTIFS[name]
    assert motif.max_score(codes(sequence)) == pytest.approx(naive_best(motif, sequence))


def test_scan_reports_strand_and_place():
    motif = MOTIFS["REST"]
    consensus = motif.frequencies.argmax(axis=1).astype(np.uint8)
    sequence = np.concatenate([np.zeros(7, np.uint8), (3 - consensus)[::-1], np.zeros(7, np.uint8)])
    assert np.unravel_index(motif.scan(sequence).argmax(), (2, 15)) == (1, 7)


def test_n_counts_as_the_worst_base():
    motif = MOTIFS["MAX"]
    assert motif.score(codes("CACGTN")) == pytest.approx(min(naive_score(motif, "CACGT" + base) for base in "ACGT"))


def test_a_sequence_shorter_than_the_motif_is_refused():
    with pytest.raises(ValueError, match="shorter than REST"):
        MOTIFS["REST"].max_score(codes("ACGT"))


def test_sampled_sites_follow_the_frequencies_and_the_minimum():
    motif = MOTIFS["CTCF"]
    sites = motif.sample(20_000, np.random.default_rng(1))
    observed = np.stack([(sites == base).mean(axis=0) for base in range(4)], axis=1)
    np.testing.assert_allclose(observed, motif.frequencies, atol=0.02)
    median = motif.quantile(0.5)
    strong = motif.sample(500, np.random.default_rng(1), minimum=median)
    assert strong.shape == (500, 15)
    assert motif.score(strong).min() >= median
    assert (motif.score(sites) < median).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MEME version 4\n", "no MOTIF line"),
        ("MOTIF\n", "line 1: MOTIF without an id"),
        ("MOTIF M1 A\nletter-probability matrix: w= 1\n", "line 1: motif without rows"),
        ("MOTIF M1 A\nMOTIF M2 B\nletter-probability matrix:\n1 0 0 0\n", "line 1: motif without rows"),
        ("MOTIF M1 A\nletter-probability matrix:\n0.5 0.5 0.5 0\n", "line 3: '0.5 0.5 0.5 0' is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n1 0 x 0\n", "line 3: '1 0 x 0' is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n1 0 0 0\nMOTIF M2 A\n", "line 4: motif A is here twice"),
    ],
)
def test_damaged_files(tmp_path: Path, text: str, message: str):
    path = tmp_path / "motifs.meme"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_meme(path)
