"""Copied labels held against measured ones of simulated data, where it is known which of them are true."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.simulated import PARAMETERS
from regssl.data.bins import label_bins, make_bins, sample_windows
from regssl.data.homologs import find_homologs
from regssl.data.intervals import merge
from regssl.data.peaks import load_peaks
from regssl.data.settings import HomologSettings, Sampling, Splits
from regssl.liftover.chain_file import read_chains
from regssl.measured.columns import RATES
from regssl.measured.copies import AlignedGenomes, MeasuredPeaks, measure_copies
from regssl.measured.rates import rates_table
from regssl.measured.settings import MeasuredSettings
from regssl.sequences.genome import Genome, to_twobit
from regssl.simulate.label_errors import contains_site

SPLITS = Splits(train=["chr1"], validation=["chr2"], test=["chr3"])
EVERY = Sampling(negatives_per_positive=10_000)
GENOMES = ("simMouse", "simDog")
MEASURED = [("ctcf", "simMouse"), ("ctcf", "simDog"), ("max", "simMouse")]
ROWS = ["dataset", "genome", "unit", "split", "label"]


@pytest.fixture(scope="module")
def aligned(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[AlignedGenomes, pd.DataFrame]]:
    """Both genomes of each pair, and the homologs of all bins."""
    here = tmp_path_factory.mktemp("aligned")
    for name in ("simHuman", *GENOMES):
        to_twobit(folder / f"genomes/{name}.fa.gz", here / f"{name}.2bit")
    human = Genome(here / "simHuman.2bit")
    bins, found = make_bins(human, SPLITS, 200), {}
    for name in GENOMES:
        chains = read_chains(folder / f"chains/simHumanToS{name[1:]}.over.chain.gz")
        genomes = AlignedGenomes(human, Genome(here / f"{name}.2bit"), name, chains)
        found[name] = genomes, find_homologs(bins, chains, genomes.other, HomologSettings())
    return found


def copies_of(
    aligned: tuple[AlignedGenomes, pd.DataFrame], dataset: str, human: pd.DataFrame, peaks: MeasuredPeaks
) -> pd.DataFrame:
    genomes, homologs = aligned
    bins = make_bins(genomes.human, SPLITS, 200)
    sets = sample_windows(bins, label_bins(bins, human, peaks.min_overlap), EVERY, "simHuman", dataset)
    windows = pd.concat(list(sets.values()), ignore_index=True)
    return measure_copies(windows, homologs, genomes, peaks, 0.1, None)


def centres(sites: pd.DataFrame, dataset: str, genome: str) -> pd.DataFrame:
    """The peaks of a perfect assay: the base in the middle of each functional site."""
    own = sites[(sites.dataset == dataset) & (sites.genome == genome) & (sites.state == "functional")]
    middle = (own.start + own.end) // 2
    return merge(pd.DataFrame({"chrom": own.chrom, "start": middle, "end": middle + 1}))


@pytest.mark.parametrize(("dataset", "genome"), MEASURED)
def test_a_perfect_assay_gives_the_rates_of_the_truth(
    folder: Path, aligned: dict, sites: pd.DataFrame, dataset: str, genome: str
) -> None:
    """Row by row and share by share: by the sites, and by the simulation's own table of homologs' labels."""
    human, own = centres(sites, dataset, "simHuman"), centres(sites, dataset, genome)
    copies = copies_of(aligned[genome], dataset, human, MeasuredPeaks([human], own, None, 1))
    assert copies["bound"].tolist() == contains_site(copies, sites, dataset).tolist()
    truth = pd.read_csv(folder / "truth/labels.tsv.gz", sep="\t")
    of_bin = truth[truth.dataset == dataset].set_index(["chrom", "start"])[genome]
    rates = rates_table((dataset, genome), {"windows": copies}, 1, 0.1, MeasuredSettings())
    assert rates.columns.tolist() == list(RATES)
    whole = rates[(rates["stratum"] == "all") & (rates["min_match"] == 0.1)].set_index(ROWS)
    chrom_of = {"all": ["chr1", "chr2", "chr3"], "train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]}
    positives = copies[copies["label"] == 1]
    for split, chroms in chrom_of.items():
        true = [
            int(of_bin[chrom, start])
            for chrom, start in zip(positives["human_chrom"], positives["human_start"], strict=True)
            if chrom in chroms
        ]
        row = whole.loc[(dataset, genome, "windows", split, 1)]
        assert (row["copies"], row["bound"]) == (len(true), sum(true)), split
        assert row["share_bound"] == pytest.approx(sum(true) / len(true)) and row["low"] < row["share_bound"]
    lost = 1 - whole.loc[(dataset, genome, "windows", "all", 1), "share_bound"]
    distance = PARAMETERS.root.distance("simHuman", genome)
    assert lost == pytest.approx(1 - math.exp(-PARAMETERS.site_turnover * distance), abs=0.15)


def test_an_assay_with_errors_gives_the_rates_of_the_truth_but_for_them(
    folder: Path, aligned: dict, sites: pd.DataFrame
) -> None:
    """A tenth of the sites are missed; a window may be bound by the peak of a site beside it, or a spurious one."""
    bound = {(label, has_site): np.zeros(2, int) for label in (0, 1) for has_site in (False, True)}
    for dataset, genome in MEASURED:
        human, other = aligned[genome][0].human, aligned[genome][0].other
        files = [load_peaks([path], human)[0] for path in sorted((folder / "peaks").glob(f"{dataset}.*"))]
        own, _ = load_peaks([folder / f"measured/{dataset}.{genome}.narrowPeak"], other, name=genome)
        pooled = merge(pd.concat(files))
        copies = copies_of(aligned[genome], dataset, pooled, MeasuredPeaks(files, own, None, 100))
        assert copies["cell_lines"].max() == len(files)
        has_site = contains_site(copies, sites, dataset)
        for key, count in bound.items():
            chosen = copies["bound"][(copies["label"] == key[0]) & (has_site == key[1])]
            count += (int(chosen.sum()), len(chosen))
        rates = rates_table((dataset, genome), {"windows": copies}, len(files), 0.1, MeasuredSettings())
        chosen = (dataset, genome, "windows", "all", 1, 0.1, "all")
        rate = rates.set_index([*ROWS, "min_match", "stratum"]).loc[[chosen]].squeeze()
        true_share = has_site[copies["label"] == 1].mean()
        assert rate["low"] - 0.1 < true_share < rate["high"] + 0.1
    detected, of_sites = bound[0, True] + bound[1, True]
    assert of_sites > 90
    assert detected / of_sites == pytest.approx(1 - PARAMETERS.missing, abs=4 * math.sqrt(0.09 / of_sites))
    assert bound[1, False][0] / bound[1, False][1] < 0.25
    assert bound[0, False][0] / bound[0, False][1] < 0.03
