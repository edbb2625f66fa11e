"""Where regions lie: the table, positions located against a base-by-base walk, ties as a search tree breaks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.paths import ROOT
from regssl.errors import DataError
from regssl.liftover.chain_file import read_chains
from regssl.regions.places import Place, lift_positions, locate, place_lines, read_places

TABLE = ROOT / "config/encode_regions/regions.tsv"
HEADER = "genome\tregion\tlength\tassembly\tchrom\tstart\tend\tlifted_chrom\tlifted_start\tsource\torigin\n"
CHAIN = """\
chain 9 7 1000 + 100 400 7 900 + 50 352 1
100 0 2
200

chain 9 7 1000 + 600 700 7 900 - 100 200 2
100
"""


def place(region: str, chrom: str, start: int, end: int, lifted: int | None = None, length: int = 0) -> Place:
    of = ("", 0) if lifted is None else (chrom, lifted)
    return Place(region, length or end - start, "hg19", chrom, start, end, *of, "here", "hg19")


def test_the_table_of_the_real_regions() -> None:
    human = read_places(TABLE, "human")
    assert [(one.region, one.length) for one in human[-2:]] == [("ENm001", 1_877_426), ("ENm002", 1_000_000)]
    assert all(one.end - one.start == one.length for one in human)
    assert [one.region for one in read_places(TABLE, "mouse")] == ["ENm001.1", "ENm002.1"]
    assert place_lines(human)[-1].split("\t")[-2:] == ["chr5", "131256414\n"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("human\t\t9\thg19\tchr1\t0\t9\t\t\t\t", "row 2: region or chrom is empty"),
        ("human\ta\t9\thg19\tchr1\t0\t10\t\t\t\t", "row 2: 0-10 is no interval within 9 bp"),
        ("human\ta\t9\thg19\tchr1\t5\t5\t\t\t\t", "row 2: 5-5 is no interval"),
        ("human\ta\t9\thg19\tchr1\t0\t9\tchr1\t\t\t", "row 2: lifted_chrom and lifted_start belong together"),
        (
            "human\ta\t9\thg19\tchr1\t0\t9\t\t\t\t\nhuman\ta\t9\thg19\tchr2\t0\t9\t\t\t\t",
            "row 3, column region: 'a' was",
        ),
        ("human\ta\tx\thg19\tchr1\t0\t9\t\t\t\t", "row 2, column length: 'x' is not a whole number"),
        ("mouse\ta\t9\tmm9\tchr1\t0\t9\t\t\t\t", "no row has the genome 'human'"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "regions.tsv").write_text(f"{HEADER}{row}\n")
    with pytest.raises(DataError) as caught:
        read_places(tmp_path / "regions.tsv", "human")
    assert problem in str(caught.value) and "\n" not in str(caught.value)


def test_positions_move_by_a_constant_or_along_a_chain(tmp_path: Path) -> None:
    (tmp_path / "x.chain").write_text(CHAIN)
    chains = read_chains(tmp_path / "x.chain")
    places = [place("offset", "chr2", 10, 20), place("moved", "chr7", 0, 1000, lifted=60, length=700)]
    walked = {p: p - 100 + 50 for p in range(100, 200)} | {p: p - 200 + 152 for p in range(200, 400)}
    walked |= {p: 900 - 1 - (100 + p - 600) for p in range(600, 700)}
    positions = np.arange(1000)
    found = locate(places, np.full(1000, "chr7", object), positions, chains)
    inside = {p: q - 60 for p, q in walked.items() if 0 <= q - 60 < 700}
    assert found.position.tolist() == [inside.get(p, -1) for p in range(1000)]
    assert found.region.tolist() == [1 if p in inside else -1 for p in range(1000)]
    found = locate(places, np.full(30, "chr2", object), np.arange(30))
    assert found.position.tolist() == [-1] * 10 + list(range(10)) + [-1] * 10
    nothing = locate(places, np.full(3, "chr7", object), np.arange(3) + 150)
    assert nothing.region.tolist() == [-1] * 3  # without chains


@dataclass
class Tree:
    """pyliftover's interval tree, written as its documentation describes it: halves, and what lies over each middle."""

    low: float
    high: float
    here: list[tuple[int, int, int]] = field(default_factory=list)
    sides: dict[str, Tree] = field(default_factory=dict)

    def add(self, span: tuple[int, int, int]) -> None:
        middle = (self.low + self.high) / 2
        if span[1] <= middle:
            self.sides.setdefault("left", Tree(self.low, middle)).add(span)
        elif span[0] > middle:
            self.sides.setdefault("right", Tree(middle, self.high)).add(span)
        else:
            self.here.append(span)

    def find(self, x: int) -> list[int]:
        if x < (self.low + self.high) / 2:
            deeper = self.sides["left"].find(x) if "left" in self.sides else []
            return deeper + [name for start, _, name in sorted(self.here, key=lambda s: s[0]) if start <= x]
        over = [name for _, end, name in sorted(self.here, key=lambda s: -s[1]) if end > x]
        return over + (self.sides["right"].find(x) if "right" in self.sides else [])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), min_size=1, max_size=6, unique_by=(
    lambda s: s[0], lambda s: min(s[0] + s[1], 100))))  # fmt: skip
def test_ties_are_broken_as_a_search_tree_finds_them(spans: list[tuple[int, int]]) -> None:
    import tempfile

    tree, text = Tree(0, 100), ""
    for number, (start, size) in enumerate(spans):
        end = min(start + size, 100)
        tree.add((start, end, number))
        text += f"chain 1 1 100 + {start} {end} q{number} 100 + {start} {end} {number}\n{end - start}\n\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.chain").write_text(text)
        lifted = lift_positions(read_chains(Path(folder) / "x.chain"), "chr1", np.arange(100))
    assert lifted.chrom.tolist() == [f"q{found[0]}" if (found := tree.find(x)) else "" for x in range(100)]


def test_the_chain_with_the_highest_score_decides(tmp_path: Path) -> None:
    (tmp_path / "x.chain").write_text(
        "chain 1 chr1 9 + 0 9 a 9 + 0 9 1\n9\n\nchain 5 chr1 9 + 3 9 b 9 + 0 6 2\n6\n\n"
        "chain 2 chr1 9 + 0 9 c 9 + 0 9 3\n9\n"
    )
    lifted = lift_positions(
        read_chains(tmp_path / "x.chain"), np.array(["1", "chr1", "2"], object), np.array([2, 4, 4])
    )
    assert lifted.chrom.tolist() == ["c", "b", ""] and lifted.position.tolist() == [2, 1, -1]
