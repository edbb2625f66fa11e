from __future__ import annotations

import gzip
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.sequences.motifs import load_jaspar
from regssl.simulate import SimulationParameters, simulate
from regssl.simulate.assays import NARROW_PEAK
from regssl.simulate.truth import _holds

WORLD = SimulationParameters.small(seed=1)  # the one that the fixture `folder` holds
MOTIFS = {name.lower(): motif for name, motif in load_jaspar().items()}

TWO_SPECIES = "(simHuman:0.005,simChimp:0.005)apes;"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def read_peaks(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", header=None, names=NARROW_PEAK)


def codes(sequence: str) -> np.ndarray:
    return np.array(["ACGTN".index(base) for base in sequence.upper()], np.uint8)


def test_equal_worlds_give_equal_bytes_and_other_seeds_other_ones(folder: Path, tmp_path: Path):
    simulate(tmp_path / "again", WORLD)
    assert files(tmp_path / "again") == files(folder)
    simulate(tmp_path / "other", replace(WORLD, seed=2))
    other = files(tmp_path / "other")
    assert other.keys() == files(folder).keys()
    assert all(content != other[name] for name, content in files(folder).items())


def test_a_world_without_sites_has_artefact_peaks_only(tmp_path: Path):
    simulate(tmp_path, replace(WORLD, datasets=("ctcf",), sites=(0,), decoys=0, site_turnover=0.0))
    assert len(read_peaks(tmp_path / "peaks" / "ctcf.cellA.narrowPeak")) == WORLD.blacklist
    assert (tmp_path / "snps.tsv").read_text() == "chrom\tstart0\tref\talt\tdataset\teffect\n"


def test_the_files_of_a_world(folder: Path):
    relatives = WORLD.other_species
    assert len(relatives) >= 6
    expected = {"blacklist.bed", "snps.tsv", "simulation.json", "truth/sites.tsv.gz", "truth/labels.tsv.gz"}
    expected |= {f"genomes/{name}.fa.gz" for name in ["simHuman", *relatives]}
    expected |= {f"chains/simHumanToS{name[1:]}.over.chain.gz" for name in relatives}
    expected |= {f"truth/{name}.homology.tsv.gz" for name in relatives}
    expected |= {f"peaks/{name}.narrowPeak" for name in ("ctcf.cellA", "rest", "max", "atf3")}
    assert set(files(folder)) == expected | {"peaks/ctcf.cellB.narrowPeak.gz"}


def test_world_json_rebuilds_the_world(folder: Path, sequences):
    described = json.loads((folder / "simulation.json").read_text())
    parameters = {k: tuple(v) if isinstance(v, list) else v for k, v in described["parameters"].items()}
    assert SimulationParameters(**parameters) == WORLD
    assert described["motifs"]["ctcf"]["id"] == "MA0139.2"
    for name, genome in described["genomes"].items():
        assert genome["contigs"] == {contig: len(letters) for contig, letters in sequences[name].items()}


def test_genomes_hold_masked_repeats_and_one_run_of_n(sequences):
    for contigs in sequences.values():
        letters = "".join(contigs.values())
        assert set(letters) <= set("ACGTacgtN")
        assert any("N" * WORLD.n_run in contig for contig in contigs.values())
        assert letters.count("N") == WORLD.n_run
        assert 0.05 < sum(map(letters.count, "acgt")) / len(letters) < 0.4


def test_functional_sites_stand_where_the_table_says(sites: pd.DataFrame, sequences):
    weakest = min_scores()
    functional = sites[sites.state == "functional"]
    assert len(functional) > 500
    for row in functional.itertuples():
        word = codes(sequences[row.genome][row.chrom][row.start : row.end])
        motif = MOTIFS[row.dataset]
        assert len(word) == motif.width
        assert motif.score((3 - word)[::-1] if row.strand == "-" else word) >= weakest[row.dataset] - 1e-6


def min_scores() -> dict[str, float]:
    """No functional site is weaker than the weakest birth less the tolerance."""
    return {name: MOTIFS[name].quantile(WORLD.strength) - WORLD.tolerance for name in WORLD.datasets}


def test_the_table_of_sites_agrees_with_the_table_of_homologs(sites: pd.DataFrame, homology):
    """A site that is functional in human and relative lies on homologous bases, strand included."""
    human = sites[(sites.genome == "simHuman") & (sites.state == "functional")].set_index("site")
    states = defaultdict(int)
    for row in sites[sites.site.isin(human.index) & (sites.genome != "simHuman")].itertuples():
        ours = human.loc[row.site]
        blocks = homology[row.genome]
        block = blocks[(blocks.chrom == ours.chrom) & (blocks.start <= ours.start) & (blocks.end >= ours.end)]
        states[row.state] += 1
        if row.state != "functional":
            continue
        places = [
            (b.relative_chrom, b.relative_start + ours.start - b.start, b.strand)
            if b.strand == "+"
            else (b.relative_chrom, b.relative_end - (ours.end - b.start), b.strand)
            for b in block.itertuples()
        ]
        assert (row.chrom, row.start, "+" if row.strand == ours.strand else "-") in places
    assert states["functional"] > states["silent"] > 20


def test_absent_sites_have_no_place(sites: pd.DataFrame):
    absent = sites[sites.state == "absent"]
    assert len(absent) > 0
    assert (absent.chrom == ".").all()
    assert (absent.start == -1).all()
    assert set(sites.state) == {"functional", "silent", "absent"}


def test_labels_of_homologous_windows(folder: Path, sites: pd.DataFrame, homology):
    """Recomputed base by base from the homology table, for bins with one homologous place per base."""
    labels = pd.read_csv(folder / "truth" / "labels.tsv.gz", sep="\t")
    compared = 0
    for row in labels[labels.dataset == "rest"].itertuples():
        for name in ("simChimp", "simMouse"):
            blocks = homology[name]
            blocks = blocks[(blocks.chrom == row.chrom) & (blocks.start < row.end) & (blocks.end > row.start)]
            places = [
                (b.relative_chrom, b.relative_start + i if b.strand == "+" else b.relative_end - 1 - i)
                for b in blocks.itertuples()
                for i in range(max(0, row.start - b.start), min(b.end, row.end) - b.start)
            ]
            inside = [place for _, place in places]
            if not places or len({chrom for chrom, _ in places}) > 1 or max(inside) - min(inside) > 500:
                continue
            if len(places) > 200:
                continue
            start = (min(inside) + max(inside) + 1) // 2 - 100
            bound = sites[(sites.genome == name) & (sites.dataset == "rest") & (sites.state == "functional")]
            centre = (bound.end - bound.start) // 2 + bound.start
            holds = ((bound.chrom == places[0][0]) & (centre >= start) & (centre < start + 200)).any()
            assert getattr(row, name) == (int(holds) if len(places) >= 20 else -1)
            compared += 1
    assert compared > 20
    assert (labels.simChimp == 1).mean() > 0.9 > (labels.simOpossum == 1).mean() > 0.3


def test_a_bin_torn_into_two_halves_has_the_window_of_one_of_them():
    """A translocation breakpoint in its middle: half of its homologs lie here, half 20 kb away."""
    torn = np.concatenate([np.arange(1_000, 1_100), np.arange(21_000, 21_100)])
    assert _holds(torn, np.array([21_050])) == 1
    assert _holds(torn, np.array([1_050])) == 0
    assert _holds(np.where(np.arange(200) < 19, torn, -1), np.array([1_009])) == -1


def test_labels_are_bins_with_a_human_site(folder: Path, sites: pd.DataFrame):
    labels = pd.read_csv(folder / "truth" / "labels.tsv.gz", sep="\t")
    human = sites[(sites.genome == "simHuman") & (sites.state == "functional")]
    bins = {(r.dataset, r.chrom, (r.start + r.end) // 2 // 200 * 200) for r in human.itertuples()}
    assert bins == set(zip(labels.dataset, labels.chrom, labels.start, strict=True))


@pytest.mark.parametrize("dataset", WORLD.datasets)
def test_peaks_cover_sites_but_for_the_missing_and_some_are_spurious(folder: Path, tmp_path: Path, dataset: str):
    """On a larger number of sites, with the shares set far apart."""
    world = replace(WORLD, sites=(100, 100, 100, 100), missing=0.2, spurious=0.3, site_turnover=0.0, tree=TWO_SPECIES)
    out = tmp_path / "many"
    simulate(out, world)
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
    assert len(blacklist) == WORLD.blacklist
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
    assert table.columns.tolist() == ["chrom", "start0", "ref", "alt", "dataset", "effect"]
    assert table.groupby("dataset").size().to_dict() == dict.fromkeys(WORLD.datasets, WORLD.snps)
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


def test_gzip_headers_carry_no_time(folder: Path):
    for path in folder.rglob("*.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0"
        assert gzip.decompress(path.read_bytes())
