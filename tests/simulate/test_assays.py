"""Simulated peaks, blacklist and SNPs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.simulated import MOTIFS, PARAMETERS, read_peaks
from regssl.simulate import simulate

TWO_SPECIES = "(simHuman:0.005,simChimp:0.005)apes;"


def test_a_world_without_sites_has_artefact_peaks_only(tmp_path: Path):
    simulate(tmp_path, replace(PARAMETERS, datasets=("ctcf",), sites=(0,), decoys=0, site_turnover=0.0))
    assert len(read_peaks(tmp_path / "peaks" / "ctcf.cellA.narrowPeak")) == PARAMETERS.blacklist
    assert (tmp_path / "measured" / "ctcf.simMouse.narrowPeak").read_text() == ""
    assert (tmp_path / "snps.tsv").read_text() == "chrom\tstart0\tref\talt\tdataset\teffect\tbalanced\n"


@pytest.mark.parametrize("dataset", PARAMETERS.datasets)
def test_peaks_cover_sites_but_for_the_missing_and_some_are_spurious(folder: Path, tmp_path: Path, dataset: str):
    """On a larger number of sites, with the fractions set far apart."""
    parameters = replace(
        PARAMETERS, sites=(100, 100, 100, 100), missing=0.2, spurious=0.3, site_turnover=0.0, tree=TWO_SPECIES
    )
    out = tmp_path / "many"
    simulate(out, parameters)
    table = pd.read_csv(out / "truth" / "sites.tsv.gz", sep="\t")
    table = table[(table.genome == "simHuman") & (table.dataset == dataset)]
    centres = list(zip(table.chrom, (table.start + table.end) // 2, strict=True))
    peaks = read_peaks(out / "peaks" / f"{dataset}{'.cellA' if dataset == 'ctcf' else ''}.narrowPeak")
    blacklist = pd.read_csv(out / "blacklist.bed", sep="\t", header=None, names=["chrom", "start", "end"])
    peaks = peaks[
        ~peaks.merge(blacklist, how="left", indicator=True, on=["chrom", "start", "end"])["_merge"].eq("both")
    ]
    summits = list(zip(peaks.chrom, peaks.start + peaks.peak, strict=True))

    def near(place: tuple[str, int], others: list[tuple[str, int]]) -> bool:
        return any(place[0] == chrom and abs(place[1] - other) <= 80 for chrom, other in others)

    recall = np.mean([near(centre, summits) for centre in centres])
    spurious = sum(not near(summit, centres) for summit in summits)
    assert 0.68 < recall < 0.95
    assert 0.2 < spurious / len(centres) < 0.42


def test_peaks_of_other_species_cover_their_own_sites(folder: Path, sites: pd.DataFrame, sequences):
    """With the same rates of error as the human ones, and without artefacts."""
    near = {"missed": 0, "sites": 0, "spurious": 0}
    for path in sorted((folder / "measured").iterdir()):
        dataset, genome, _ = path.name.split(".")
        peaks = read_peaks(path)
        assert (peaks.end <= peaks.chrom.map({name: len(letters) for name, letters in sequences[genome].items()})).all()
        own = sites[(sites.genome == genome) & (sites.dataset == dataset) & (sites.state == "functional")]
        pairs = peaks.assign(summit=peaks.start + peaks.peak).merge(own, on="chrom")
        hits = pairs[(pairs.summit - (pairs.start_y + pairs.end_y) // 2).abs() <= 80]
        near["missed"] += len(own) - hits.site.nunique()
        near["sites"] += len(own)
        near["spurious"] += len(peaks) - hits.name.nunique()
    assert near["sites"] > 100
    assert 0.02 < near["missed"] / near["sites"] < 0.2 and 0.02 < near["spurious"] / near["sites"] < 0.2, near


def test_peaks_are_narrow_peaks(folder: Path, sequences):
    for path in (folder / "peaks").iterdir():
        peaks = read_peaks(path)
        sizes = peaks.chrom.map({chrom: len(letters) for chrom, letters in sequences["simHuman"].items()})
        assert ((peaks.start >= 0) & (peaks.start < peaks.end) & (peaks.end <= sizes)).all()
        assert ((peaks.peak >= 0) & (peaks.peak < peaks.end - peaks.start)).all()
        assert peaks.score.between(0, 1000).all()
        assert peaks.name.is_unique
    assert (folder / "peaks" / "ctcf.cellB.narrowPeak.gz").read_bytes()[:2] == b"\x1f\x8b"
    cells = [set(read_peaks(path).start) for path in (folder / "peaks").glob("ctcf*")]
    assert cells[0] != cells[1]


def test_each_blacklisted_region_carries_the_strongest_peaks_and_no_site(folder: Path, sites: pd.DataFrame):
    blacklist = pd.read_csv(folder / "blacklist.bed", sep="\t", header=None, names=["chrom", "start", "end"])
    assert len(blacklist) == PARAMETERS.blacklist
    human = sites[sites.genome == "simHuman"]
    for region in blacklist.itertuples():
        functional = human[(human.state == "functional") & (human.chrom == region.chrom)]
        assert not ((functional.start < region.end) & (functional.end > region.start)).any()
    for path in (folder / "peaks").iterdir():
        strongest = read_peaks(path).nlargest(len(blacklist), "signalValue")
        assert set(zip(strongest.chrom, strongest.start, strict=True)) == set(
            zip(blacklist.chrom, blacklist.start, strict=True)
        )


def naive_best(sequence: str, dataset: str) -> float:
    motif = MOTIFS[dataset]
    reverse = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
    words = [s[i : i + motif.width] for s in (sequence, reverse) for i in range(len(s) - motif.width + 1)]
    return max(sum(motif.log_odds[j, "ACGTN".index(base)] for j, base in enumerate(word)) for word in words)


def test_snps_carry_the_reference_allele_and_their_effect(folder: Path, sites: pd.DataFrame, sequences):
    table = pd.read_csv(folder / "snps.tsv", sep="\t")
    assert table.columns.tolist() == ["chrom", "start0", "ref", "alt", "dataset", "effect", "balanced"]
    assert table.groupby("dataset").size().to_dict() == dict.fromkeys(PARAMETERS.datasets, PARAMETERS.snps)
    assert not table.duplicated(["chrom", "start0", "dataset"]).any()
    bound = sites[(sites.genome == "simHuman") & (sites.state == "functional")]
    for snp in table.itertuples():
        letters = sequences["simHuman"][snp.chrom].upper()
        assert letters[snp.start0] == snp.ref != snp.alt
        before, after = letters[max(0, snp.start0 - 50) : snp.start0], letters[snp.start0 + 1 : snp.start0 + 51]
        effect = naive_best(before + snp.alt + after, snp.dataset) - naive_best(before + snp.ref + after, snp.dataset)
        assert snp.effect == pytest.approx(effect, abs=1e-3)
        near = bound[(bound.dataset == snp.dataset) & (bound.chrom == snp.chrom)]
        assert ((near.start - 5 <= snp.start0) & (snp.start0 < near.end + 5)).any()
    assert (table.effect < -1).mean() > 0.3
    assert (table.effect == 0).mean() > 0.05
    assert ((table.balanced == 1) == (table.effect == 0)).all()
