"""Homologs of bins, and the rule that nothing homologous to a held-out bin is ever trained on.

The worlds here have bins of 10 bp; the other genome has one chromosome, q, of 200 bp unless a test sets another length.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.packed import packed
from regssl.data.homologs import count_lift_status, find_homologs
from regssl.data.pseudo_labels import pseudo_label
from regssl.data.settings import HomologSettings
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import Chains
from regssl.liftover.lift import lift
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

WIDTH = 10
Q_SIZE = 200
Piece = tuple[str, int, int, int, bool]
PIECES = st.lists(
    st.tuples(st.sampled_from("at"), st.integers(0, 80), st.integers(0, 180), st.integers(1, 20), st.booleans()),
    min_size=1,
    max_size=8,
)
"""Chains of one block from chromosomes `a` and `t`: start, start in q, length, on the minus strand."""


def bins_of(*rows: tuple[str, int, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["chrom", "start", "split"])
    table["end"] = table["start"] + WIDTH
    table["chrom"] = table["chrom"].astype("category")
    table["split"] = pd.Categorical(table["split"], categories=["train", "validation", "test"])
    return table


def chain(chrom: str, start: int, q_start: int, blocks: str, minus: bool = False) -> str:
    """A chain from 100-bp `chrom` to q; blocks as in the format: `size gap qgap, size gap qgap, size`."""
    lines = [line.strip() for line in blocks.split(",")]
    numbers = [[int(word) for word in line.split()] for line in lines]
    end = start + sum(row[0] for row in numbers) + sum(row[1] for row in numbers[:-1])
    q_end = q_start + sum(row[0] for row in numbers) + sum(row[2] for row in numbers[:-1])
    strand = "-" if minus else "+"
    head = f"chain 1 {chrom} 100 + {start} {end} q {Q_SIZE} {strand} {q_start} {q_end} 1"
    return "\n".join([head, *lines]) + "\n\n"


def world(folder: Path, *chains: str, sequence: str = "ACGT" * 50) -> tuple[Chains, Genome]:
    (folder / "x.chain").write_text("".join(chains))
    write_twobit(folder / "q.2bit", [packed("q", sequence)])
    return read_chains(folder / "x.chain"), Genome(folder / "q.2bit")


def statuses(bins: pd.DataFrame, chains: Chains, genome: Genome, **lift: float) -> list[str]:
    return find_homologs(bins, chains, genome, HomologSettings(**lift))["lift_status"].tolist()


def test_a_homolog_is_recentred_and_keeps_its_strand(tmp_path: Path) -> None:
    bins = bins_of(("a", 0, "train"), ("a", 10, "train"), ("b", 0, "train"))
    # the second bin loses bases 12-18, and there are four more bases in q: it lifts to 62-68, centre 65
    found = find_homologs(
        bins,
        *world(tmp_path, chain("a", 0, 50, "12 6 4, 2"), chain("b", 0, 20, "10", minus=True)),
        HomologSettings(max_length_ratio=2),
    )
    assert found["lift_status"].tolist() == ["kept"] * 3
    assert found["start"].tolist() == [50, 59, Q_SIZE - 30]
    assert found["strand"].tolist() == ["+", "+", "-"]


def test_the_homolog_of_a_sequence_on_the_minus_strand_is_on_the_other_strand(tmp_path: Path) -> None:
    places = bins_of(("a", 0, "train"), ("a", 20, "train"), ("b", 0, "train"), ("b", 20, "train"))
    chains, genome = world(
        tmp_path, chain("a", 0, 50, "40"), chain("b", 0, 20, "40", minus=True), sequence="AACGTTCATG" * 20
    )
    found = find_homologs(places.assign(strand=["+", "-", "+", "-"]), chains, genome, HomologSettings())
    assert found["strand"].tolist() == ["+", "-", "-", "+"]
    assert found.drop(columns="strand").equals(
        find_homologs(places, chains, genome, HomologSettings()).drop(columns="strand")
    )


@pytest.mark.parametrize(
    ("blocks", "settings", "status"),
    [
        ("10", {}, "kept"),
        ("2", {"min_match": 0.3}, "partially_deleted"),
        ("5 0 20, 5", {}, "too_long"),
        ("5 0 20, 5", {"max_length_ratio": 3}, "kept"),
    ],
)
def test_every_loss_has_its_reason(tmp_path: Path, blocks: str, settings: dict, status: str) -> None:
    assert statuses(bins_of(("a", 0, "train")), *world(tmp_path, chain("a", 0, 50, blocks)), **settings) == [status]


def test_no_chain_means_deleted_and_two_mean_duplicated(tmp_path: Path) -> None:
    chains = world(tmp_path, chain("a", 0, 50, "10"), chain("a", 0, 100, "10"))
    assert statuses(bins_of(("a", 0, "train"), ("a", 20, "train"), ("zz", 0, "train")), *chains) == [
        "duplicated",
        "deleted",
        "deleted",
    ]


def test_a_window_off_the_end_or_full_of_n_is_lost(tmp_path: Path) -> None:
    sequence = "A" * 100 + "N" * 20 + "A" * 80
    chains = world(
        tmp_path, chain("a", 5, 0, "5"), chain("b", 0, 100, "10"), chain("c", 0, 91, "10"), sequence=sequence
    )
    bins = bins_of(("a", 0, "train"), ("b", 0, "train"), ("c", 0, "train"))
    assert statuses(bins, *chains) == ["out_of_bounds", "n_content", "kept"]


def test_a_homolog_on_a_chromosome_that_the_genome_lacks_is_lost(tmp_path: Path) -> None:
    alone = chain("b", 0, 50, "10").replace(f" q {Q_SIZE} ", f" q_alt {Q_SIZE} ")
    chains = world(tmp_path, chain("a", 0, 50, "10"), alone)
    assert statuses(bins_of(("a", 0, "train"), ("b", 0, "train")), *chains) == ["kept", "elsewhere"]


def test_two_bins_never_take_the_same_place(tmp_path: Path) -> None:
    chains = world(tmp_path, chain("a", 0, 50, "10"), chain("b", 20, 50, "10"))
    assert statuses(bins_of(("a", 0, "train"), ("b", 20, "train")), *chains) == ["kept", "duplicate_target"]


class TestLeakage:
    """Chromosome `a` trains and `t` tests; both have homologs in q."""

    bins = bins_of(("a", 0, "train"), ("a", 40, "train"), ("t", 0, "test"))

    def test_a_naive_join_would_leak_and_ours_does_not(self, tmp_path: Path) -> None:
        # a 0-10 and t 0-10 are paralogs: in q they are four bases apart, so their windows overlap
        chains, genome = world(tmp_path, chain("a", 0, 54, "10"), chain("a", 40, 90, "10"), chain("t", 0, 50, "10"))
        naive = lift(
            chains, self.bins["chrom"], self.bins["start"].to_numpy(), self.bins["end"].to_numpy(), min_match=0.1
        )
        assert list(zip(naive.index, naive.start, naive.end, strict=True)) == [(0, 54, 64), (1, 90, 100), (2, 50, 60)]
        assert naive.start[0] < naive.end[2], "the naive join trains on a homolog of the test bin"

        homologs = find_homologs(self.bins, chains, genome, HomologSettings())
        assert homologs["lift_status"].tolist() == ["leakage", "kept", "kept"]
        copied = pseudo_label(_train(self.bins), homologs, "q", WIDTH)
        assert copied["source"].tolist() == [1]

    @pytest.mark.parametrize(
        ("test_chains", "status"),
        [
            ([chain("t", 0, 50, "10"), chain("t", 0, 150, "10")], "duplicated"),
            ([chain("t", 0, 58, "1")], "partially_deleted"),
            ([chain("t", 0, 20, "5 0 30, 5")], "too_long"),
            ([chain("t", 0, 50, "4"), chain("t", 4, 120, "4")], "duplicated"),
        ],
    )
    def test_even_a_test_bin_that_was_not_lifted_forbids_what_aligns_to_it(
        self, tmp_path: Path, test_chains: list[str], status: str
    ) -> None:
        chains = world(tmp_path, chain("a", 0, 53, "10"), chain("a", 40, 90, "10"), *test_chains)
        assert statuses(self.bins, *chains, min_match=0.2) == ["leakage", "kept", status]

    def test_validation_is_held_out_too(self, tmp_path: Path) -> None:
        bins = self.bins.assign(
            split=pd.Categorical(["train", "train", "validation"], self.bins["split"].cat.categories)
        )
        chains = world(tmp_path, chain("a", 0, 54, "10"), chain("a", 40, 90, "10"), chain("t", 0, 50, "10"))
        assert statuses(bins, *chains) == ["leakage", "kept", "kept"]

    def test_labels_are_never_copied_from_held_out_windows(self, tmp_path: Path) -> None:
        chains, genome = world(tmp_path, chain("t", 0, 50, "10"))
        homologs = find_homologs(self.bins, chains, genome, HomologSettings())
        windows = _train(self.bins).assign(split="test")
        with pytest.raises(ValueError, match="only training windows give pseudo-labels"):
            pseudo_label(windows, homologs, "q", WIDTH)

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(PIECES, st.floats(0.05, 1))
    def test_no_kept_training_homolog_shares_a_base_with_a_held_out_one(
        self, tmp_path_factory: pytest.TempPathFactory, pieces: list[Piece], min_match: float
    ) -> None:
        bins = bins_of(*[("a", 10 * i, "train") for i in range(10)], *[("t", 10 * i, "test") for i in range(10)])
        self.check(tmp_path_factory.mktemp("leak"), bins, pieces, min_match)

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(
        PIECES,
        st.floats(0.05, 1),
        st.lists(
            st.tuples(
                st.sampled_from(["a", "t", "unplaced"]),
                st.integers(0, 90),
                st.sampled_from(["train", "validation", "test"]),
            ),
            min_size=1,
            max_size=20,
        ),
    )
    def test_nor_does_that_of_a_sequence_wherever_it_lies(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        pieces: list[Piece],
        min_match: float,
        places: list[tuple[str, int, str]],
    ) -> None:
        """Places of sequences may overlap, those of one chromosome are of several splits, and some have none."""
        self.check(tmp_path_factory.mktemp("leak"), bins_of(*places), pieces, min_match)

    def check(self, folder: Path, bins: pd.DataFrame, pieces: list[Piece], min_match: float) -> None:
        chains, genome = world(folder, *[chain(c, t, q, str(size), minus) for c, t, q, size, minus in pieces])
        found = find_homologs(bins, chains, genome, HomologSettings(min_match=min_match))
        held_out = bins[bins["split"] != "train"]
        forbidden: set[int] = set()  # written down base by base, from the chains themselves
        for c, t, q, size, minus in pieces:
            for offset in range(size):
                base = Q_SIZE - 1 - (q + offset) if minus else q + offset
                places = held_out[held_out["chrom"] == c]
                if ((places["start"] <= t + offset) & (t + offset < places["end"])).any():
                    forbidden.add(base)
        kept = found[(found["lift_status"] == "kept")]
        for row, start in kept["start"].items():
            if row in held_out.index:
                forbidden |= set(range(start, start + WIDTH))
        for row, start in kept["start"].items():
            if row not in held_out.index:
                assert not forbidden & set(range(start, start + WIDTH))


def test_labels_and_sources_are_copied_in_order(tmp_path: Path) -> None:
    bins = bins_of(("a", 0, "train"), ("a", 10, "train"), ("a", 20, "train"))
    chains, genome = world(tmp_path, chain("a", 0, 50, "10"), chain("a", 20, 80, "10", minus=True))
    homologs = find_homologs(bins, chains, genome, HomologSettings())
    windows = pseudo_label(_train(bins, [0, 1, 1]), homologs, "q", WIDTH)
    assert windows.values.tolist() == [
        ["q", "q", 50, 60, "+", 0, "train", 0],
        ["q", "q", 110, 120, "-", 1, "train", 2],
    ]
    counts = count_lift_status(homologs, np.array([0, 1, 1]))
    assert counts.loc[1, ["windows", "kept", "deleted"]].tolist() == [2, 1, 1]


def _train(bins: pd.DataFrame, labels: list[int] | None = None) -> pd.DataFrame:
    rows = bins[bins["split"] == "train"]
    return rows.assign(genome="h", strand="+", label=labels or [1] * len(rows), source=rows.index)
