"""Sites of human peaks: by hand, and the 96 of an independent script on the real regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.species import TwoSpecies, intervals
from regssl.data.peaks import load_peaks
from regssl.evaluation.metrics import auroc
from regssl.io.tsv import read_tsv
from regssl.liftover.chain_file import read_chains
from regssl.measured.copies import AlignedGenomes, MeasuredPeaks
from regssl.measured.rates import rates_table
from regssl.measured.settings import MeasuredSettings
from regssl.measured.sites import join_peaks, measure_sites, read_summits
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.motifs import load_jaspar


def points(*places: tuple[str, int]) -> pd.DataFrame:
    return intervals(*((chrom, at, at + 1) for chrom, at in places))


def test_a_site_is_about_the_median_of_its_summits() -> None:
    merged = intervals(("h1", 100, 300), ("h1", 500, 600), ("h2", 0, 50))
    files = [intervals(("h1", 100, 250)), intervals(("h1", 200, 300), ("h1", 500, 600), ("h2", 0, 50))]
    summits = [points(("h1", 180)), points(("h1", 231), ("h1", 510), ("h9", 20))]
    sites = join_peaks(merged, files, summits, 40)
    assert sites["cell_lines"].tolist() == [2, 1, 1]
    assert sites["start"].tolist() == [205 - 20, 510 - 20, 25 - 20], "rounded down; the middle without a summit"
    assert (sites["end"] - sites["start"] == 40).all() and sites["chrom"].tolist() == ["h1", "h1", "h2"]


@pytest.mark.parametrize(
    ("line", "summit"),
    [
        ("h1\t100\t200\tp\t0\t.\t1\t1\t1\t7", 107),
        ("h1\t100\t200\tp\t0\t.\t1\t1\t1\t-1", 150),
        ("h1\t100\t200", 150),
    ],
)
def test_summits_or_middles(tmp_path: Path, line: str, summit: int) -> None:
    (tmp_path / "p.bed").write_text(line + "\n")
    assert read_summits(tmp_path / "p.bed").to_numpy().tolist() == [["h1", summit, summit + 1]]


def test_summits_are_lifted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "p.bed").write_text("old\t100\t200\nold\t300\t400\n")
    (tmp_path / "x.chain").write_text("chain 1 old 1000 + 100 200 new 1000 + 500 600 1\n100\n\n")
    lifted = read_summits(tmp_path / "p.bed", read_chains(tmp_path / "x.chain"))
    assert lifted.to_numpy().tolist() == [["new", 550, 551]]


def test_sites_are_lifted_and_bound_by_any_base(tmp_path: Path) -> None:
    species = TwoSpecies(tmp_path)
    sites = pd.DataFrame(
        {"chrom": ["h1", "h3", "h3", "h9"], "start": [200, -5, 960, 3], "end": [280, 75, 1040, 83], "cell_lines": 1}
    )
    splits = {"h1": "train", "h2": "validation", "h3": "test"}
    at = [species.aligned["h1", place][1] for place in range(200, 280) if ("h1", place) in species.aligned]
    low, high = min(at), max(at) + 1
    for peak, bound in (((high - 1, high + 5), True), ((high, high + 5), False), ((low - 5, low + 1), True)):
        peaks = MeasuredPeaks([], intervals(("o1", *peak)), None, 40)
        found = measure_sites(sites, splits, species.genomes, peaks, 0.1, load_jaspar()["CTCF"])
        assert len(found) == 1, "others do not lie on the human chromosomes"
        (site,) = found.itertuples()
        assert (site.chrom, site.start, site.end, site.split, site.bound) == ("o1", low, high, "train", bound)
        assert (site.human_chrom, site.human_start, site.human_end, site.label) == ("h1", 200, 280, 1)
        assert site.aligned_fraction == len(at) / 80 and np.isfinite([site.motif, site.human_motif]).all()
    elsewhere = MeasuredPeaks([], intervals(("o1", low, high)), intervals(("o1", low + 1, high)), 40)
    none = measure_sites(sites, splits, species.genomes, elsewhere, 0.1, None)
    assert none.empty and {"bound", "motif", "split"} <= set(none)


@pytest.fixture(scope="module")
def mouse(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Sites of CTCF in seven cell lines on the real regions, held against mouse ES cells."""
    data, folder = shared / "encode_regions", tmp_path_factory.mktemp("regions")
    for name in ("human", "mouse"):
        to_twobit(data / f"genomes/{name}.fa.gz", folder / f"{name}.2bit")
    chains = read_chains(data / "chains/humanToMouse.over.chain.gz")
    genomes = AlignedGenomes(Genome(folder / "human.2bit"), Genome(folder / "mouse.2bit"), "mouse", chains)
    files = sorted((data / "peaks").glob("CTCF.*"))
    merged, _ = load_peaks(files, genomes.human)
    each = [load_peaks([path], genomes.human)[0] for path in files]
    measured, _ = load_peaks([shared / "mouse_ctcf/mouse_es_ctcf.ENm.narrowPeak"], genomes.other, name="mouse")
    regions = intervals(("ENm001.1", 0, 1_090_000), ("ENm002.1", 0, genomes.other.sizes["ENm002.1"]))
    sites = join_peaks(merged, each, [read_summits(path) for path in files], 200)
    peaks = MeasuredPeaks(each, measured, regions, 100)
    return measure_sites(sites, {"ENm001": "train", "ENm002": "validation"}, genomes, peaks, 0.1, load_jaspar()["CTCF"])


def test_mouse_ctcf_is_that_of_an_independent_script(mouse: pd.DataFrame, shared: Path) -> None:
    columns = {"human_chrom": "str", "start": "int64", "cell_lines_of_7": "int64", "mouse_chrom": "str",
               "mouse_start": "int64", "mouse_end": "int64", "bound_in_mouse_ES": "int64"}  # fmt: skip
    expected = read_tsv([shared / "mouse_ctcf/human_ctcf_to_mouse.ENm.tsv"], columns)
    found = mouse[["human_chrom", "human_start", "cell_lines", "chrom", "start", "end", "bound"]]
    assert sorted(map(tuple, found.astype({"bound": int}).to_numpy().tolist())) == sorted(
        map(tuple, expected.to_numpy().tolist())
    )
    assert auroc(mouse["bound"], mouse["motif"]) == pytest.approx(0.92, abs=0.005)


def test_shares_of_bound_mouse_sites(mouse: pd.DataFrame) -> None:
    table = rates_table(("ctcf", "mouse"), {"peaks": mouse}, 7, 0.1, MeasuredSettings())
    of_all = table[table["split"] == "all"].set_index(["min_match", "stratum", "level"])[["bound", "copies"]]
    assert of_all.loc[(0.1, "all", "all")].tolist() == [27, 96]
    assert of_all.loc[(0.1, "cell_lines", "1 to 3")].tolist() == [3, 47]
    assert of_all.loc[(0.1, "cell_lines", "all 7")].tolist() == [20, 31]
    (row,) = table[(table["split"] == "all") & (table["level"] == "all") & (table["min_match"] == 0.1)].itertuples()
    assert (round(100 * row.low), round(100 * row.high)) == (20, 38)


def test_shares_on_chromosome_16(shared: Path) -> None:
    """Of hg19 chr16 → mm9 only coordinates are known; the counts are those of the published table."""
    columns = {"cell_lines_of_7": "int64", "bound_in_mouse_ES_Bonev2017": "int64"}
    table = read_tsv([shared / "mouse_ctcf/human_ctcf_to_mouse.chr16_hg19_mm9.tsv"], columns)
    copies = pd.DataFrame(
        {"split": "train", "label": 1, "cell_lines": table["cell_lines_of_7"], "aligned_fraction": 1.0,
         "bound": table["bound_in_mouse_ES_Bonev2017"] == 1, "divergence": np.nan, "motif": np.nan}
    )  # fmt: skip
    rates = rates_table(("ctcf", "mm9"), {"peaks": copies}, 7, 0.1, MeasuredSettings(min_match=[0.1]))
    of_all = rates[rates["split"] == "all"].set_index("level")
    assert of_all.loc["all", ["bound", "copies"]].tolist() == [281, 1634]
    assert of_all.loc["all 7", ["bound", "copies"]].tolist() == [186, 429]
    assert round(100 * of_all.loc["all", "share_bound"]) == 17
