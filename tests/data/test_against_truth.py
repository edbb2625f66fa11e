"""Lift-over, strands and pseudo-labels against simulated data, whose homologous bases are all known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.data.bins import label_bins, make_bins, sample_windows
from regssl.data.homologs import find_homologs
from regssl.data.peaks import load_peaks
from regssl.data.pseudo_labels import pseudo_label
from regssl.data.settings import HomologSettings, Sampling, Splits
from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import lift
from regssl.sequences.genome import Genome, to_twobit
from regssl.simulate import SimulationParameters, simulate

GENOMES = ("simChimp", "simMouse", "simOpossum")
SPLITS = Splits(train=["chr1"], validation=["chr2"], test=["chr3"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, SimulationParameters.small(11))
    for genome in ("simHuman", *GENOMES):
        to_twobit(folder / f"genomes/{genome}.fa.gz", folder / f"{genome}.2bit")
    return folder


@pytest.fixture(scope="module")
def bins(world: Path) -> pd.DataFrame:
    return make_bins(Genome(world / "simHuman.2bit"), SPLITS, 200)


def chain_of(world: Path, genome: str) -> Path:
    return world / f"chains/simHumanTo{genome[0].upper()}{genome[1:]}.over.chain.gz"


def homologous_bases(world: Path, genome: str) -> dict[tuple[str, int], list[tuple[str, int, str]]]:
    """Every human base to its homologs, base by base, from the truth table alone."""
    table = pd.read_csv(world / f"truth/{genome}.homology.tsv.gz", sep="\t")
    bases: dict[tuple[str, int], list[tuple[str, int, str]]] = {}
    for chrom, start, end, contig, low, high, strand in table.iloc[:, :7].itertuples(index=False):
        assert end - start == high - low
        for offset in range(end - start):
            base = low + offset if strand == "+" else high - 1 - offset
            bases.setdefault((chrom, start + offset), []).append((contig, base, strand))
    return bases


@pytest.mark.parametrize("genome", GENOMES)
def test_lifted_bins_are_where_the_truth_has_them(world: Path, bins: pd.DataFrame, genome: str) -> None:
    chains = read_chains(chain_of(world, genome))
    lifted = lift(chains, bins["chrom"], bins["start"].to_numpy(), bins["end"].to_numpy(), min_match=0.1)
    truth = homologous_bases(world, genome)
    exact = minus = 0
    for piece, row in enumerate(lifted.index):
        chrom, start, end = bins["chrom"].iloc[row], int(bins["start"].iloc[row]), int(bins["end"].iloc[row])
        place = (lifted.names[lifted.chrom[piece]], "-" if lifted.minus[piece] else "+")
        inside = [
            base
            for human in range(start, end)
            for contig, base, strand in truth.get((chrom, human), [])
            if (contig, strand) == place and lifted.start[piece] <= base < lifted.end[piece]
        ]
        # a copy that lies between the ends of the piece may add bases; nothing may be missing
        assert len(inside) >= lifted.aligned[piece]
        assert (min(inside), max(inside) + 1) == (lifted.start[piece], lifted.end[piece])
        exact += len(inside) == lifted.aligned[piece]
        minus += bool(lifted.minus[piece])
    assert exact > 0.98 * len(lifted.index) > 100
    if genome != "simChimp":
        assert minus > 5, "the world has inversions"


@pytest.mark.parametrize("genome", GENOMES)
def test_homologs_are_read_on_their_strand(world: Path, bins: pd.DataFrame, genome: str) -> None:
    other = Genome(world / f"{genome}.2bit")
    found = find_homologs(bins, read_chains(chain_of(world, genome)), other, HomologSettings(min_match=0.9))
    kept = found[found["lift_status"] == "kept"]
    minus = (kept["strand"] == "-").to_numpy()
    human = Genome(world / "simHuman.2bit").windows(bins["chrom"].iloc[kept.index], bins["start"].iloc[kept.index], 200)

    def shared_words(strands: np.ndarray) -> np.ndarray:
        """Words of 10 bases that each homolog, read on these strands, has in common with its human bin."""
        ours, theirs = ([set(_words(row)) for row in codes]
                        for codes in (human, other.windows(kept["chrom"], kept["start"], 200, strands)))  # fmt: skip
        return np.array([len(a & b) for a, b in zip(ours, theirs, strict=True)])

    right, wrong = shared_words(minus), shared_words(~minus)
    assert right.sum() > 5 * wrong.sum()
    if genome != "simChimp":
        assert right[minus].sum() > 5 * wrong[minus].sum(), "also where the homolog is on the minus strand"


def _words(codes: np.ndarray) -> list[bytes]:
    return [codes[place : place + 10].tobytes() for place in range(len(codes) - 9)]


@pytest.mark.parametrize(("genome", "fraction"), [("simChimp", 0.9), ("simOpossum", 0.3)])
def test_pseudo_labels_are_as_true_as_turnover_allows(
    world: Path, bins: pd.DataFrame, genome: str, fraction: float
) -> None:
    peaks, _ = load_peaks(sorted((world / "peaks").glob("ctcf*")), Genome(world / "simHuman.2bit"))
    labels = label_bins(bins, peaks, 100)
    train = sample_windows(bins, labels, Sampling(), "simHuman", "ctcf")["train"]
    found = find_homologs(
        bins, read_chains(chain_of(world, genome)), Genome(world / f"{genome}.2bit"), HomologSettings()
    )
    windows = pseudo_label(train, found, genome, 200)
    sites = pd.read_csv(world / "truth/sites.tsv.gz", sep="\t")
    bound = sites[(sites["dataset"] == "ctcf") & (sites["genome"] == genome) & (sites["state"] == "functional")]

    def holds_a_site(positive: pd.DataFrame) -> np.ndarray:
        return np.array([
            ((bound["chrom"] == chrom) & (bound["end"] > start) & (bound["start"] < end)).any()
            for chrom, start, end in positive[["chrom", "start", "end"]].itertuples(index=False)
        ])  # fmt: skip

    truly = holds_a_site(windows[windows["label"] == 1])
    falsely = holds_a_site(windows[windows["label"] == 0])
    assert truly.mean() > fraction * 0.7
    assert falsely.mean() < 0.1
