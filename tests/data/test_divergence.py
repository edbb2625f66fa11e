"""Divergence: a chain by hand, a world whose tree is known, and an independent count base by base."""

from __future__ import annotations

import gzip
import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.packed import letters, packed
from regssl.data.bins import make_bins
from regssl.data.divergence import Divergence, estimate_divergence, kimura_distance
from regssl.data.homologs import find_homologs
from regssl.data.settings import DivergenceSettings, HomologSettings, Splits
from regssl.liftover.chain_file import read_chains
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.twobit import write_twobit
from regssl.simulate import SimulationParameters, simulate

ALL = DivergenceSettings(bins=None)
WORLD = SimulationParameters.small(5)
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def bins_of(*rows: tuple[str, int, str], width: int = 12) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["chrom", "start", "split"]).astype({"chrom": "category"})
    return table.assign(end=table["start"] + width)


def kept(n: int) -> pd.DataFrame:
    return pd.DataFrame({"lift_status": ["kept"] * n})


def by_hand(folder: Path, human: str, other: str, chain: str) -> tuple:
    write_twobit(folder / "h.2bit", [packed("h", human)])
    write_twobit(folder / "q.2bit", [packed("q", other)])
    (folder / "x.chain").write_text(chain)
    return read_chains(folder / "x.chain"), Genome(folder / "h.2bit"), Genome(folder / "q.2bit")


#        human  AAAACC--CCGGTT      T of base 10 against C: a transition; A of base 1 against C: a transversion
#        other  ACAACCGTC--GCT      two bases inserted, two deleted, and T against T at the end
HUMAN, OTHER = "AAAACCCCGGTT", "ACAACCGTCGCT"
BLOCKS = "6 0 2\n1 2 0\n3\n"


@pytest.mark.parametrize("minus", [False, True])
def test_a_chain_by_hand(tmp_path: Path, minus: bool) -> None:
    other = OTHER.translate(COMPLEMENT)[::-1] if minus else OTHER
    chain = f"chain 1 h 12 + 0 12 q 12 {'-' if minus else '+'} 0 12 1\n{BLOCKS}\n"
    rates = estimate_divergence(bins_of(("h", 0, "train")), kept(1), *by_hand(tmp_path, HUMAN, other, chain), ALL)
    assert (rates.bins, rates.aligned_bases) == (1, 10)
    assert (rates.differences, rates.transition_fraction) == (0.2, 0.5)
    assert rates.substitutions_per_site == kimura_distance(0.1, 0.1)
    assert (rates.insertions_per_base, rates.insertion_length) == (1 / 9, 2)
    # of 11 places between two bases, a deletion of two is whole at nine
    assert (rates.deletions_per_base, rates.deletion_length) == pytest.approx((11 / 9 / 9, 2))


def test_a_gap_of_both_is_both_and_long_ones_are_left_out(tmp_path: Path) -> None:
    files = by_hand(tmp_path, "A" * 12, "A" * 13, "chain 1 h 12 + 0 12 q 13 + 0 13 1\n4 2 3\n6\n\n")
    both = estimate_divergence(bins_of(("h", 0, "train")), kept(1), *files, ALL)
    assert both.deletion_length == pytest.approx(2) and both.insertion_length == pytest.approx(3)
    assert both.insertions_per_base == both.deletions_per_base == pytest.approx(11 / 9 / 9)
    none = estimate_divergence(bins_of(("h", 0, "train")), kept(1), *files, DivergenceSettings(longest_indel=2))
    assert none.insertions_per_base == none.deletions_per_base == 0
    assert math.isnan(none.insertion_length)


def test_n_is_not_compared(tmp_path: Path) -> None:
    chain = "chain 1 h 12 + 0 12 q 12 + 0 12 1\n12\n\n"
    files = by_hand(tmp_path, "NAAAAAAAAAAA", "AAAAAAAAAANT", chain)
    rates = estimate_divergence(bins_of(("h", 0, "train")), kept(1), *files, ALL)
    assert (rates.aligned_bases, rates.differences) == (10, 0.1)


def test_of_two_chains_the_one_that_carries_the_homolog_counts(tmp_path: Path) -> None:
    chain = "chain 1 h 12 + 0 10 q 40 + 0 10 1\n10\n\nchain 9 h 12 + 10 12 q 40 + 30 32 2\n2\n\n"
    files = by_hand(tmp_path, "A" * 12, "A" * 10 + "C" * 30, chain)
    rates = estimate_divergence(bins_of(("h", 0, "train")), kept(1), *files, ALL)
    assert (rates.aligned_bases, rates.differences, rates.deletions_per_base) == (10, 0, 0)


def test_a_genome_without_homologs_has_no_rates(tmp_path: Path) -> None:
    files = by_hand(tmp_path, "A" * 12, "A" * 12, "chain 1 h 12 + 0 12 q 12 + 0 12 1\n12\n\n")
    rates = estimate_divergence(bins_of(("h", 0, "test")), kept(1), *files, ALL)
    assert (rates.bins, rates.aligned_bases) == (0, 0)
    assert math.isnan(rates.differences) and math.isnan(rates.substitutions_per_site)


def test_kimura_is_jukes_and_cantor_where_all_changes_are_alike() -> None:
    for p in (0.01, 0.3, 0.6):
        assert kimura_distance(p / 3, 2 * p / 3) == pytest.approx(-0.75 * math.log(1 - 4 * p / 3))


@pytest.mark.parametrize(
    ("transitions", "transversions", "distance"),
    [(0.0, 0.0, 0.0), (0.5, 0.0, math.inf), (0.0, 0.5, math.inf), (0.3, 0.45, math.inf)],
)
def test_kimura_at_its_ends(transitions: float, transversions: float, distance: float) -> None:
    assert str(kimura_distance(transitions, transversions)) == str(distance)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, WORLD)
    for name in ("simHuman", *WORLD.other_species):
        to_twobit(folder / f"genomes/{name}.fa.gz", folder / f"{name}.2bit")
    return folder


def bins_and_homologs(world: Path, name: str, train: str = "chr1") -> tuple:
    others = [chrom for chrom in ("chr1", "chr2", "chr3") if chrom != train]
    splits = Splits(train=[train], validation=others[:1], test=others[1:])
    human, other = Genome(world / "simHuman.2bit"), Genome(world / f"{name}.2bit")
    bins = make_bins(human, splits, 200)
    chains = read_chains(chain_of(world, name))
    return bins, find_homologs(bins, chains, other, HomologSettings()), chains, human, other


def chain_of(world: Path, name: str) -> Path:
    return world / f"chains/simHumanTo{name[0].upper()}{name[1:]}.over.chain.gz"


def slow_pairs(path: Path) -> dict[str, dict[int, list[tuple[int, str, int, str]]]]:
    """Each human base to (chain, contig, base on the chain's strand, strand), from the text of the file."""
    pairs: dict = defaultdict(lambda: defaultdict(list))
    with gzip.open(path, "rt") as file:
        for line in file:
            words = line.split()
            if words[:1] == ["chain"]:
                chrom, place, contig, strand, there, number = (
                    words[2],
                    *words[5:6],
                    *words[7:8],
                    *words[9:11],
                    words[12],
                )
                place, there = int(place), int(there)
            elif words:
                for _ in range(int(words[0])):
                    pairs[chrom][place].append((int(number), contig, there, strand))
                    place, there = place + 1, there + 1
                if len(words) == 3:
                    place, there = place + int(words[1]), there + int(words[2])
    return pairs


@pytest.mark.parametrize("name", ["simChimp", "simOpossum"])
def test_a_count_base_by_base_agrees(world: Path, name: str) -> None:
    bins, homologs, chains, human, other = bins_and_homologs(world, name)
    pairs = slow_pairs(chain_of(world, name))
    texts = {contig: letters(other, contig) for contig in other.sizes}
    reverse = {contig: text.translate(COMPLEMENT)[::-1] for contig, text in texts.items()}
    counts: Counter[str] = Counter()
    events, weights = Counter[str](), Counter[str]()
    usable = (homologs["lift_status"] == "kept") & (bins["split"] == "train")
    for chrom, start in bins.loc[usable, ["chrom", "start"]].values:
        text = letters(human, chrom, start, start + 200)
        found = [(base, *hit) for base in range(start, start + 200) for hit in pairs[chrom][base]]
        (chain, _), *_ = Counter(hit[1] for hit in found).most_common(1)
        found = [hit for hit in found if hit[1] == chain]
        counts["neighbours"] += len(found)
        before = None
        for base, _, contig, there, strand in found:
            ours, theirs = text[base - start], (texts if strand == "+" else reverse)[contig][there]
            if "N" not in ours + theirs:
                counts["aligned"] += 1
                if ours != theirs:
                    counts["transitions" if {ours, theirs} in ({"A", "G"}, {"C", "T"}) else "transversions"] += 1
            counts["neighbours"] -= before is None
            gone, new = (base - before[0] - 1, there - before[1] - 1) if before else (0, 0)
            if max(gone, new) <= 100:
                for kind, length in (("deletion", gone), ("insertion", new)):
                    if length:
                        events[kind] += 199 / (199 - gone)
                        weights[kind] += 199 / (199 - gone) * length
            before = base, there
    rates = estimate_divergence(bins, homologs, chains, human, other, ALL)
    changes = counts["transitions"] + counts["transversions"]
    assert rates.aligned_bases == counts["aligned"] > 10_000
    assert rates.differences == changes / counts["aligned"]
    assert rates.transition_fraction == counts["transitions"] / changes
    assert rates.deletions_per_base == pytest.approx(events["deletion"] / counts["neighbours"])
    assert rates.insertions_per_base == pytest.approx(events["insertion"] / counts["neighbours"])
    assert rates.deletion_length == pytest.approx(weights["deletion"] / events["deletion"])
    assert rates.insertion_length == pytest.approx(weights["insertion"] / events["insertion"])


def test_the_distances_of_the_tree_come_back(world: Path) -> None:
    measured = {name: estimate_divergence(*bins_and_homologs(world, name), ALL) for name in WORLD.other_species}
    for name, rates in measured.items():
        # elements evolve more slowly, and what has diverged most no longer lifts
        assert rates.substitutions_per_site == pytest.approx(WORLD.root.distance("simHuman", name), rel=0.2), name
    ranked = sorted(WORLD.other_species, key=lambda name: WORLD.root.distance("simHuman", name))
    assert sorted(measured, key=lambda name: measured[name].substitutions_per_site) == ranked


def test_held_out_chromosomes_are_not_read(world: Path, tmp_path: Path) -> None:
    bins, homologs, chains, human, other = bins_and_homologs(world, "simMouse")
    before = estimate_divergence(bins, homologs, chains, human, other, ALL)
    texts = {chrom: letters(human, chrom) for chrom in human.sizes}
    broken = [packed(chrom, text if chrom == "chr1" else "T" * len(text)) for chrom, text in texts.items()]
    write_twobit(tmp_path / "broken.2bit", broken)
    assert estimate_divergence(bins, homologs, chains, Genome(tmp_path / "broken.2bit"), other, ALL) == before


def test_a_sample_is_the_same_each_time_and_near_the_whole(world: Path) -> None:
    files = bins_and_homologs(world, "simMouse")
    sample = [estimate_divergence(*files, DivergenceSettings(bins=80, seed=seed)) for seed in (0, 0, 1)]
    assert sample[0] == sample[1] != sample[2]
    assert sample[0].bins == 80
    assert sample[0].differences == pytest.approx(estimate_divergence(*files, ALL).differences, rel=0.1)


def test_rates_have_a_row(world: Path) -> None:
    rates = estimate_divergence(*bins_and_homologs(world, "simDog"), ALL)
    assert all(np.isfinite(value) for value in vars(rates).values())
    assert isinstance(rates, Divergence)
