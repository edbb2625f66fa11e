"""Lift-over against UCSC's own program (reference files) and against a base-by-base reading of its rule."""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.errors import ConfigError, DataError
from regssl.liftover import lift as lift_module
from regssl.liftover.bed import lift_bed
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import Chains
from regssl.liftover.lift import aligned_blocks, lift
from regssl.liftover.status import UCSC_OUTCOMES, LiftStatus

SPECIES = ("Cow", "Dog", "Macaque", "Monodelphis", "Mouse", "Rabbit")


# --- UCSC's liftOver is the witness ---------------------------------------------------------------------------------


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("min_match", ["0.1", "0.5", "0.95"])
@pytest.mark.parametrize("multiple", [False, True])
def test_files_are_byte_for_byte_ucscs(
    shared: Path, tmp_path: Path, species: str, min_match: str, multiple: bool
) -> None:
    golden, chain = shared / "lift_golden", shared / f"encode_regions/chains/humanTo{species}.over.chain.gz"
    mapped, unmapped = tmp_path / "mapped.bed", tmp_path / "unmapped.bed"
    counts = lift_bed(golden / "query.bed", chain, mapped, unmapped, min_match=float(min_match), multiple=multiple)
    stem = f"{species}.min{min_match}" + (".multiple" if multiple else "")
    for ours, theirs in ((mapped, "mapped"), (unmapped, "unmapped")):
        assert ours.read_bytes() == gzip.decompress((golden / f"{stem}.{theirs}.bed.gz").read_bytes())
    reasons = [line[1:].strip() for line in unmapped.read_text().splitlines() if line.startswith("#")]
    for status in UCSC_OUTCOMES:
        assert status == LiftStatus.MAPPED or counts[status] == reasons.count(status.ucsc_reason)
    assert sum(counts.values()) == len((golden / "query.bed").read_text().splitlines())


@pytest.mark.parametrize("species", SPECIES)
def test_arrays_agree_with_ucsc_interval_by_interval(shared: Path, species: str) -> None:
    """The same through `lift` alone, with intervals in any order and the strand as a flag."""
    columns = ["chrom", "start", "end", "name", "score", "strand"]
    query = pd.read_csv(shared / "lift_golden/query.bed", sep="\t", names=columns).sample(frac=1, random_state=1)
    expected = pd.read_csv(shared / f"lift_golden/{species}.min0.1.mapped.bed.gz", sep="\t", names=columns)
    chains = read_chains(shared / f"encode_regions/chains/humanTo{species}.over.chain.gz")
    lifted = lift(chains, query.chrom, query.start, query.end, (query.strand == "-").to_numpy(), min_match=0.1)
    found = pd.DataFrame(
        {
            "chrom": np.array(lifted.names)[lifted.chrom],
            "start": lifted.start,
            "end": lifted.end,
            "name": query.name.to_numpy()[lifted.index],
            "score": 0,
            "strand": np.where(lifted.minus, "-", "+"),
        }
    )
    by_name = [table.sort_values("name").reset_index(drop=True) for table in (found, expected)]
    pd.testing.assert_frame_equal(*by_name, check_dtype=False)


# --- the rule, one base at a time ----------------------------------------------------------------------------------

T_SIZE, Q_SIZE = 90, 120


@dataclass(frozen=True)
class Chain:
    """One chain of the generated files, kept apart from the code under test."""

    target: str
    start: int
    query: str
    query_start: int
    minus: bool
    blocks: tuple[tuple[int, int, int], ...]  # size, then gaps in target and query (the last block's are not used)

    def pairs(self) -> list[tuple[int, int]]:
        """(target, query on the forward strand) of each aligned base."""
        t, q, found = self.start, self.query_start, []
        for size, target_gap, query_gap in self.blocks:
            found += [(t + i, Q_SIZE - 1 - q - i if self.minus else q + i) for i in range(size)]
            t, q = t + size + target_gap, q + size + query_gap
        return found

    def text(self) -> str:
        size = sum(block[0] for block in self.blocks)
        t_end = self.start + size + sum(block[1] for block in self.blocks[:-1])
        q_end = self.query_start + size + sum(block[2] for block in self.blocks[:-1])
        head = f"chain 1 {self.target} {T_SIZE} + {self.start} {t_end} "
        head += f"{self.query} {Q_SIZE} {'-' if self.minus else '+'} {self.query_start} {q_end}\n"
        return head + "".join(f"{a}\t{b}\t{c}\n" for a, b, c in self.blocks[:-1]) + f"{self.blocks[-1][0]}\n\n"


def reference(
    chains: list[Chain], chrom: str, start: int, end: int, min_match: float, multiple: bool
) -> tuple[LiftStatus, list[tuple[str, int, int, bool, int]]]:
    """Status and pieces (chrom, start, end, minus, aligned) of one plus-strand interval."""
    hits, partial = [], 0
    for index, chain in enumerate(chains):
        bases = [q for t, q in chain.pairs() if start <= t < end and chain.target == chrom]
        if bases and len(bases) >= float(np.float32(min_match)) * (end - start):
            piece = (chain.query, min(bases), max(bases) + 1, chain.minus, len(bases))
            hits.append((chain.start, -index, piece))
        else:
            partial += bool(bases)
    if not hits:
        return (LiftStatus.DELETED, LiftStatus.PARTIALLY_DELETED, LiftStatus.SPLIT)[min(partial, 2)], []
    if len(hits) > 1 and not multiple:
        return LiftStatus.DUPLICATED, []
    return LiftStatus.MAPPED, [piece for *_, piece in sorted(hits)]


block = st.tuples(st.integers(1, 6), st.integers(0, 5), st.integers(0, 5))
chain = st.builds(
    Chain,
    target=st.sampled_from(["t1", "t2"]),
    start=st.integers(0, 20),
    query=st.sampled_from(["q1", "q2"]),
    query_start=st.integers(0, 40),
    minus=st.booleans(),
    blocks=st.lists(block, min_size=1, max_size=6).map(tuple),
)
interval = st.tuples(st.sampled_from(["t1", "t2", "unknown"]), st.integers(0, 89), st.integers(1, 60))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chains")


def written(folder: Path, chains: list[Chain]) -> Chains:
    path = folder / "random.chain"
    path.write_text("".join(chain.text() for chain in chains))
    return read_chains(path)


def columns(intervals: list[tuple[str, int, int]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    start = np.array([start for _, start, _ in intervals])
    return [name for name, *_ in intervals], start, start + [length for *_, length in intervals]


@given(
    chains=st.lists(chain, min_size=1, max_size=12),
    intervals=st.lists(interval, min_size=1, max_size=25),
    in_order=st.booleans(),
    min_match=st.sampled_from([0.01, 0.1, 0.2, 0.5, 0.95, 1.0]),
    multiple=st.booleans(),
    threads=st.integers(1, 3),
)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_lift_is_the_rule_base_by_base(folder, chains, intervals, in_order, min_match, multiple, threads) -> None:
    intervals = sorted(intervals) if in_order else intervals
    check_lift(written(folder, chains), chains, intervals, min_match, multiple, threads)


def check_lift(
    indexed: Chains,
    chains: list[Chain],
    intervals: list[tuple[str, int, int]],
    min_match: float,
    multiple: bool,
    threads: int,
) -> None:
    chrom, start, end = columns(intervals)
    lifted = lift(indexed, chrom, start, end, min_match=min_match, multiple=multiple, threads=threads)
    pieces = defaultdict(list)
    found = (lifted.index, lifted.chrom, lifted.start, lifted.end, lifted.minus, lifted.aligned, lifted.multiple_rank)
    for row, code, *piece, rank in zip(*found, strict=True):
        pieces[row].append((lifted.names[code], *piece))
        assert rank == len(pieces[row])
    assert lifted.index.tolist() == sorted(lifted.index)
    for row, values in enumerate(zip(chrom, start, end, strict=True)):
        assert (UCSC_OUTCOMES[lifted.status[row]], pieces[row]) == reference(chains, *values, min_match, multiple)


@given(
    chains=st.lists(chain, min_size=1, max_size=12),
    intervals=st.lists(interval, min_size=1, max_size=25),
    multiple=st.booleans(),
    at_once=st.sampled_from([1, 7, 100]),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_intervals_in_no_order_are_sorted_first_and_come_back_in_theirs(
    folder, chains, intervals, multiple, at_once
) -> None:
    with mock.patch.multiple("regssl.liftover.lift", FEWEST_SORTED=0, SORTED_AT_ONCE=at_once):
        check_lift(written(folder, chains), chains, intervals, 0.2, multiple, 1)


def test_many_intervals_in_no_order_have_the_results_of_each_in_its_place(folder: Path) -> None:
    rng = np.random.default_rng(1)
    indexed = written(folder, [Chain("t1", 3, "q1", 4, True, ((9, 2, 0), (30, 0, 7), (12, 0, 0)))])
    n = lift_module.FEWEST_SORTED + 1
    chrom = pd.Categorical(rng.choice(["t1", "t2", "none"], n))
    start, size = rng.integers(0, 2 * T_SIZE, n), rng.integers(1, 20, n)
    order = np.lexsort((start, chrom.codes))
    assert lift_module._are_scattered(start) and not lift_module._are_scattered(start[order])
    lifted = lift(indexed, chrom, start, start + size, min_match=0.3)
    in_order = lift(indexed, chrom[order], start[order], (start + size)[order], min_match=0.3)
    assert (lifted.status[order] == in_order.status).all() and 0 < len(lifted.index) < n
    again = np.argsort(order[in_order.index])
    assert (lifted.index == order[in_order.index][again]).all() and (lifted.start == in_order.start[again]).all()


@given(chains=st.lists(chain, min_size=1, max_size=12), intervals=st.lists(interval, min_size=1, max_size=10))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_aligned_blocks_are_all_aligned_bases(folder, chains, intervals) -> None:
    chrom, start, end = columns(intervals)
    index = written(folder, chains)
    names = list(index.query_sizes)
    found = defaultdict(list)
    for row, code, first, last in zip(*aligned_blocks(index, chrom, start, end), strict=True):
        found[row] += [(names[code], base) for base in range(first, last)]
    for row, (name, s, e) in enumerate(zip(chrom, start, end, strict=True)):
        bases = [(c.query, q) for c in chains if c.target == name for t, q in c.pairs() if s <= t < e]
        assert sorted(found[row]) == sorted(bases)


@given(intervals=st.lists(interval, min_size=1, max_size=10), min_match=st.sampled_from([0.1, 1.0]))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_an_identity_chain_changes_nothing_and_a_minus_chain_turns_round(folder, intervals, min_match) -> None:
    for minus in (False, True):
        whole = Chain("t1", 0, "q1", Q_SIZE - T_SIZE if minus else 0, minus, ((T_SIZE, 0, 0),))
        _, start, end = columns(intervals)
        start, end = np.minimum(start, T_SIZE - 1), np.minimum(end, T_SIZE)
        strand = np.arange(len(start)) % 2 == 0
        lifted = lift(written(folder, [whole]), "t1", start, end, strand, min_match=min_match)
        assert (lifted.status == LiftStatus.MAPPED.code).all()
        assert (lifted.minus == strand ^ minus).all()
        np.testing.assert_array_equal(lifted.start, T_SIZE - end if minus else start)
        np.testing.assert_array_equal(lifted.end, T_SIZE - start if minus else end)


# --- single facts --------------------------------------------------------------------------------------------------


def test_min_match_is_a_32_bit_float(folder: Path) -> None:
    """2 of 20 bases are 0.1 of them, but less than the 32-bit 0.1, which is 0.100000001490116."""
    chains = written(folder, [Chain("t1", 0, "q1", 0, False, ((2, 0, 0),))])
    assert lift(chains, "t1", [0], [20], min_match=0.1).status.tolist() == [LiftStatus.PARTIALLY_DELETED.code]
    assert lift(chains, "t1", [0], [8], min_match=0.25).status.tolist() == [LiftStatus.MAPPED.code]  # exact in both


def test_hundreds_of_chains_over_one_interval_are_all_counted(folder: Path) -> None:
    chains = written(folder, [Chain("t1", i % 50, "q1", i % 40, i % 3 == 0, ((10, 0, 0),)) for i in range(700)])
    lifted = lift(chains, "t1", [0, 0], [60, 60], min_match=0.1, multiple=True)
    assert len(lifted.index) == 2 * 700
    assert lifted.multiple_rank.tolist() == 2 * list(range(1, 701))
    assert lift(chains, "t1", [0], [60], min_match=0.1).status.tolist() == [LiftStatus.DUPLICATED.code]
    assert lift(chains, "t1", [0], [60], min_match=0.9).status.tolist() == [LiftStatus.SPLIT.code]


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, pd.Categorical, lambda names: np.array(names, object)])
def test_chromosome_names_come_in_any_container(folder: Path, kind) -> None:
    chains = written(
        folder, [Chain("t1", 0, "q1", 0, False, ((9, 0, 0),)), Chain("t2", 5, "q2", 7, True, ((9, 0, 0),))]
    )
    lifted = lift(chains, kind(["t2", "none", "t1"]), np.array([6, 0, 2], np.int32), np.array([8, 3, 4], np.uint32))
    assert lifted.status.tolist() == [LiftStatus.MAPPED.code, LiftStatus.DELETED.code, LiftStatus.MAPPED.code]
    assert [lifted.names[code] for code in lifted.chrom] == ["q2", "q1"]


def test_no_intervals_no_pieces(folder: Path) -> None:
    chains = written(folder, [Chain("t1", 0, "q1", 0, False, ((9, 0, 0),))])
    lifted = lift(chains, [], [], [], np.array([], bool), threads=2)
    assert len(lifted.status) == len(lifted.index) == len(lifted.minus) == 0
    assert [len(column) for column in aligned_blocks(chains, "t1", [], [])] == [0, 0, 0, 0]


def test_bases_beyond_the_chromosome_count_as_unaligned(folder: Path) -> None:
    chains = written(folder, [Chain("t1", 0, "q1", 0, False, ((T_SIZE, 0, 0),))])
    assert lift(chains, "t1", [80], [100], min_match=0.5).status.tolist() == [LiftStatus.MAPPED.code]
    assert lift(chains, "t1", [80], [101], min_match=0.5).status.tolist() == [LiftStatus.PARTIALLY_DELETED.code]


@pytest.mark.parametrize(
    ("chrom", "start", "end", "message"),
    [
        ("t1", [0, -1], [5, 5], "interval 1: start -1, end 5"),
        ("t1", [7], [7], "interval 0: start 7, end 7"),
        ("t1", [8], [7], "interval 0: start 8, end 7"),
        (["t1"], [0, 1], [2, 2], "differ in length: 1, 2, 2"),
        ("t1", [0, 1], [2], "differ in length: 2, 2, 1"),
    ],
)
def test_impossible_intervals_are_refused(folder: Path, chrom, start, end, message: str) -> None:
    chains = written(folder, [Chain("t1", 0, "q1", 0, False, ((9, 0, 0),))])
    for function in (lift, aligned_blocks):
        with pytest.raises(DataError, match=message):
            function(chains, chrom, start, end)


@pytest.mark.parametrize("min_match", [0.0, -0.5, 1.01, float("nan")])
def test_impossible_min_match_is_refused(folder: Path, min_match: float) -> None:
    chains = written(folder, [Chain("t1", 0, "q1", 0, False, ((9, 0, 0),))])
    with pytest.raises(ConfigError, match="min_match"):
        lift(chains, "t1", [0], [5], min_match=min_match)


# --- files ---------------------------------------------------------------------------------------------------------

MINUS = [Chain("t1", 10, "q1", 0, True, ((20, 0, 0),))]  # t1:10-30 is q1:100-120 backwards


def lifted_text(folder: Path, bed: bytes, **options) -> tuple[str, str, dict[str, int]]:
    source = folder / "in.bed"
    source.write_bytes(bed)
    written(folder, MINUS)
    counts = lift_bed(source, folder / "random.chain", folder / "out.bed", folder / "un.bed", **options)
    return (folder / "out.bed").read_text(), (folder / "un.bed").read_text(), counts


def test_columns_are_kept_and_the_strand_turns(tmp_path: Path) -> None:
    bed = b"track name=x\nbrowser hide all\n# note\n\nt1\t10\t12\nt1 12 14 n\nt1\t14\t16\tn\t5\nt1\t16\t18\tn\t5\t+\n"
    bed += b"t1\t18\t20\tn\t5\t.\t1.5\t2\t3\t0\nt2\t0\t9\tn\t5\t-\textra\n"
    for data in (bed, gzip.compress(bed)):
        mapped, unmapped, counts = lifted_text(tmp_path, data)
        assert mapped.splitlines() == [
            "q1\t118\t120",
            "q1\t116\t118\tn",
            "q1\t114\t116\tn\t5",
            "q1\t112\t114\tn\t5\t-",
            "q1\t110\t112\tn\t5\t.\t1.5\t2\t3\t1",
        ]
        assert unmapped == "#Deleted in new\nt2\t0\t9\tn\t5\t-\textra\n"
        assert counts == {"mapped": 5, "deleted": 1, "partially_deleted": 0, "split": 0, "duplicated": 0}


def test_multiple_writes_name_serial_and_strand(tmp_path: Path) -> None:
    bed = b"t1\t10\t12\ta\nt1\t12\t14\tb\t77\nt1\t16\t18\tc\t77\t+\nt1\t0\t11\td\t77\t+\n"
    mapped, unmapped, _ = lifted_text(tmp_path, bed, multiple=True)
    assert mapped == "q1\t118\t120\ta\t1\nq1\t116\t118\tb\t1\nq1\t112\t114\tc\t1\t-\n"
    assert unmapped == "#Partially deleted in new\nt1\t0\t11\td\t77\t+\n"


@pytest.mark.parametrize(
    ("bed", "options", "message"),
    [
        (b"t1\t1\t2\nt1\t5\n", {}, "line 2: 2 columns"),
        (b"#\nt1\t1.5\t2\n", {}, "line 2, column 2: expected a whole number >= 0, found '1.5'"),
        (b"t1\t1\t-2\n", {}, "line 1, column 3: expected a whole number >= 0, found '-2'"),
        (b"t1\t3\t3\n", {}, "line 1, column 3: end 3 is not beyond start 3"),
        (b"t1\t1\t9\tn\t0\t+\t1\t9\t0\t1\t8,\t0,\n", {}, "line 1: 12 columns.*BED12"),
        (b"t1\t1\t9\n", {"multiple": True}, "line 1: 3 columns.*BED4"),
        (gzip.compress(b"t1\t1\t9\n" * 99, mtime=0)[:-8], {}, "damaged gzip"),
    ],
)
def test_a_wrong_bed_file_is_refused_and_leaves_nothing_behind(tmp_path: Path, bed, options, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        lifted_text(tmp_path, bed, **options)
    assert "in.bed" in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.bed", "random.chain"]
