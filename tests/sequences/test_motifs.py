from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.sequences.motifs import Motif, find_motif, load_jaspar, read_meme, read_motifs

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
    for motif in read_meme(shared / "motifs.meme").values():
        np.testing.assert_array_equal(motif.frequencies, MOTIFS[motif.name].frequencies)


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


HEAD = (
    "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n"
)
MATRIX = "letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n 0.7 0.1 0.1 0.1\n 0 1 0 0\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MEME version 4\n", "no MOTIF line"),
        (">MA0139.2 CTCF\nA [ 1 2 ]\n", "no MOTIF line .*MEME suite converts"),
        ("MOTIFS are words\n", "no MOTIF line"),
        ("MOTIF\n", "line 1: MOTIF without an id"),
        ("MOTIF M1 A\nletter-probability matrix: w= 1\n", "line 2: the matrix of M1 has 0 rows, w= 1"),
        ("MOTIF M1 A\nletter-probability matrix:\n", "line 2: the matrix of M1 has 0 rows"),
        ("MOTIF M1 A\nMOTIF M2 B\nletter-probability matrix:\n1 0 0 0\n", "line 1: motif M1 has no letter-prob"),
        (
            "MOTIF M1 A\nlog-odds matrix: alength= 4 w= 1\n1 2 3 4\n",
            "line 1: motif M1 has no letter-probability matrix",
        ),
        ("MOTIF M1 A\nletter-probability matrix:\n0.5 0.5 0.5 0\n", "line 3: '0.5 0.5 0.5 0' is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n1 0 x 0\n", "line 3: '1 0 x 0' is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n1 0 0 0\nx 0 0 1\n", "line 4: 'x 0 0 1' is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n0.5 nan 0.25 0.25\n", "line 3: .* is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n1.5 -0.5 0 0\n", "line 3: .* is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n0.2_5 0.25 0.25 0.25\n", "line 3: .* is not four"),
        ("MOTIF M1 A\nletter-probability matrix:\n14 2 2 2\n", r"line 3: .* is not four .*\(counts\?"),
        ("MOTIF M1 A\nletter-probability matrix:\n0.5 0.5 0\n", r"line 3: .*\(columns: A C G T\)"),
        (f"MOTIF M1 A\n{MATRIX}\nMOTIF M1 B\n", "line 6: a second motif has the id M1"),
        (f"MOTIF M1 A\n{MATRIX}{MATRIX}", "line 5: a second matrix of one motif"),
        (f"{MATRIX}", "line 1: a matrix before any MOTIF line"),
        (f"MOTIF M1 A\n{MATRIX} 0 0 1 0\n", "line 2: the matrix of M1 has 3 rows, w= 2"),
        (f"MOTIF M1 A\n{MATRIX.replace('w= 2', 'w= 5')}URL http://x\n", "line 2: the matrix of M1 has 2 rows, w= 5"),
        (f"MOTIF M1 A\n{MATRIX}URL http://x\n0 0 1 0\n", "line 6: frequencies outside of a matrix"),
        (f"MOTIF M1 A\n{MATRIX.replace('w= 2', 'w= x')}", "line 2: w= 'x' is not a number"),
        *(
            (f"MOTIF M1 A\n{MATRIX.replace('w= 2', f'w= {w}')}", "line 2: .*cannot be")
            for w in ("-2", "nan", "1e999", "2.5")
        ),
        (f"MOTIF M1 A\n{MATRIX.replace('nsites= 20', 'nsites= -1')}", "line 2: .*cannot be"),
        (f"MOTIF M1 A\n{MATRIX.replace('h= 4', 'h= 20')}", "line 2: alength= 20, but DNA has 4 letters"),
        (
            f"ALPHABET= ACDEFGHIKLMNPQRSTVWY\nMOTIF M1 A\n{MATRIX}",
            "line 1: the alphabet ACDEFGHIKLMNPQRSTVWY is not ACGT",
        ),
        ('ALPHABET "RNA"\nA "Adenine"\nC "C"\nG "G"\nU "U"\nEND ALPHABET\n', "line 6: the alphabet ACGU is not ACGT"),
    ],
)
def test_damaged_files(tmp_path: Path, text: str, message: str):
    path = tmp_path / "motifs.meme"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_meme(path)


@pytest.mark.parametrize(
    "between",
    ["", "# second position\n", "\n", "   \t\n\n# a comment\n\n"],
)
@pytest.mark.parametrize("header", ["alength= 4 w= 3 nsites= 20 E= 0", "alength= 4 w=3 nsites=20.0 E= 1.2e-5", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_matrix_is_whole_whatever_stands_between_its_rows(tmp_path: Path, between: str, header: str, newline: str):
    text = (
        f"{HEAD}MOTIF MA0139.2 CTCF\n{between}letter-probability matrix: {header}\n{between} 0.7 0.1 0.1 0.1\n{between}"
        f"-0.0\t0.8 1e-1 .1\n{between}0 0 0 1\n{between}URL http://a/1 2 3\n\nMOTIF M2\n{MATRIX}"
    )
    path = tmp_path / "motifs.meme"
    path.write_bytes(text.replace("\n", newline).encode())
    found = read_meme(path)
    assert [(motif.id, motif.name) for motif in found.values()] == [("MA0139.2", "CTCF"), ("M2", "M2")]
    assert found["MA0139.2"].frequencies.tolist() == [[0.7, 0.1, 0.1, 0.1], [0.0, 0.8, 0.1, 0.1], [0, 0, 0, 1]]
    assert not np.signbit(found["MA0139.2"].frequencies).any()
    assert found["M2"].frequencies.tolist() == [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0]]


@pytest.mark.parametrize("row", ["0.33 0.33 0.33 0.00", "0.12 0.13 0.38 0.38", "0.01 0.01 0.99 0.01"])
def test_frequencies_of_two_decimals(tmp_path: Path, row: str):
    path = tmp_path / "motifs.meme"
    path.write_text(f"MOTIF M1 A\nletter-probability matrix: alength= 4 w= 1\n{row}\n")
    assert read_meme(path)["M1"].frequencies.tolist() == [[float(word) for word in row.split()]]


def test_the_text_of_the_programs_of_the_meme_suite(tmp_path: Path):
    """Sections around the matrices, as MEME, DREME and STREME write them; the second word of old files is no name."""
    text = f"""{"*" * 80}
MEME - Motif discovery tool
MEME version 5.0.4
ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 008000
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
. = ACGT
END ALPHABET
MOTIF CC MEME-1\twidth =   2  sites =  12  llr = 77  E-value = 5.8e-002
         bits    2.3
                 2.1  *
Relative         1.4 **
    Motif CC MEME-1 position-specific scoring matrix
log-odds matrix: alength= 4 w= 2 n= 156 bayes= 5.2 E= 5.8e-002
   -50    100   -20   -20
   100   -200  -200  -200
{"-" * 80}
{MATRIX}{"-" * 80}
Time  0.23 secs.
MOTIF  2\twidth =   2   sites =   4   llr = 78
{MATRIX}
Time  0.23 secs.
"""
    (tmp_path / "meme.txt").write_text(text)
    found = read_meme(tmp_path / "meme.txt")
    assert [(motif.id, motif.name) for motif in found.values()] == [("CC", "MEME-1"), ("2", "2")]
    assert all(motif.frequencies.tolist() == [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0]] for motif in found.values())


def test_motifs_of_one_name_are_chosen_by_id(tmp_path: Path):
    path = tmp_path / "jaspar.meme"
    names = ["MA0139.2 CTCF", "MA1929.2 CTCF", "MA0004.1 Arnt", "MA0006.1 ARNT", "CTCFL"]
    path.write_text(HEAD + "\n".join(f"MOTIF {name}\n{MATRIX}" for name in names))
    assert list(read_meme(path)) == ["MA0139.2", "MA1929.2", "MA0004.1", "MA0006.1", "CTCFL"]

    def found(word: str) -> str | None:
        motif = find_motif(word, read_motifs(path), "here")
        return motif and motif.id

    assert [found(word) for word in ("MA1929.2", "ma1929.2", "Arnt", "ARNT", "ctcfl", "MAX")] == [
        "MA1929.2", "MA1929.2", "MA0004.1", "MA0006.1", "CTCFL", None,
    ]  # fmt: skip
    for word in ("CTCF", "ctcf"):
        with pytest.raises(match=f"here: 2 motifs are called '{word}': MA0139.2, MA1929.2 .*by its id"):
            find_motif(word, read_motifs(path), "here")
    with pytest.raises(match="here: 2 motifs are called 'arnt'"):
        find_motif("arnt", read_motifs(path), "here")


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_any_change_of_a_line_gives_whole_matrices_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    """A line of a file of two motifs left out, doubled, commented out or cut: no row is lost without a word."""
    lines = f"{HEAD}MOTIF M1 A\n{MATRIX}\nMOTIF M2 B\n{MATRIX}".splitlines()
    at = data.draw(st.integers(8, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[at])))
    changed = data.draw(st.sampled_from([[], [lines[at]] * 2, ["# " + lines[at]], [lines[at][:cut]], ["", lines[at]]]))
    path = tmp_path_factory.getbasetemp() / "changed.meme"
    path.write_text("\n".join([*lines[:at], *changed, *lines[at + 1 :]]))
    try:
        found = read_meme(path)
    except DataError as error:
        assert "\n" not in str(error)
        return
    assert len(found) == sum(line.startswith("MOTIF") for line in path.read_text().splitlines())
    assert all(motif.width == 2 for motif in found.values())
