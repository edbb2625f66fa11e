"""The tables of the paper hold nothing invented."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from helpers.paths import ROOT
from regssl.config.load import load_config
from regssl.config.project import Project

PROTOCOL = (
    "rheMac10 calJac3 panTro6 panPan2 ponAbe3 gorGor6 papAnu4 macFas5 saiBol1 nomLeu3 micMur2 otoGar3 "
    "mm10 rn7 musFur1 oryCun2 susScr11 felCat9 canFam3 equCab3 bosTau9 monDom5"
)


@pytest.fixture(scope="module")
def paper() -> Project:
    values = load_config([ROOT / "config/config.yaml"])
    tables = {key: str(ROOT / getattr(values, key)) for key in ("datasets", "genomes", "measured")}
    return Project(values.model_copy(update=tables))


def test_the_paper_has_its_22_genomes_and_eleven_datasets(paper: Project) -> None:
    assert " ".join(paper.genomes) == PROTOCOL
    assert paper.human.genome == "hg38"
    assert " ".join(paper.datasets) == "atf3 ets1 andr rest max p300 rad21 ctcf h3k4me3 pol2 atac"
    others = 1 + 1 + 1 + 3  # the blacklist, the chain from hg19, the variants, the weights of DNABERT-2
    assert len(paper.downloads) == 23 + 22 + 11 + 7 + others
    assert {name: Path(chain).name for name, chain in paper.assembly_chains.items()} == {
        "hg19": "hg19ToHg38.over.chain.gz"
    }
    assert not paper.pending


def test_each_genome_comes_with_its_own_files(paper: Project) -> None:
    for genome, row in paper.genomes.items():
        assert row.sequence.endswith(f"/{genome}/bigZips/{genome}.2bit")
        for chain in (row.chain, row.chain_fallback_url):
            assert chain.endswith(f"/hg38To{genome[0].upper()}{genome[1:]}.over.chain.gz")
        assert row.substitutions_per_site


def test_the_splits_use_every_autosome_and_x_once() -> None:
    splits = load_config([ROOT / "config/config.yaml"]).splits
    chroms = [*splits.train, *splits.validation, *splits.test]
    assert sorted(chroms) == sorted([*(f"chr{n}" for n in range(1, 23)), "chrX"])
    assert (splits.validation, splits.test) == (["chr6", "chr7"], ["chr8", "chr9"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_url_and_checksum_has_a_source(paper: Project, shared: Path) -> None:
    mouse_peaks = rows_of(shared / "mouse_ctcf/encode_mm10_peak_files.tsv")
    known: dict[str, dict[str, str]] = {row["url_mm10_bigBed"]: {"md5": "", "sha256": ""} for row in mouse_peaks}
    for table in ("datasets.tsv", "genomes.tsv", "other.tsv"):
        for row in rows_of(shared / "sources" / table):
            known |= {row["url"]: row, row["archive_url"]: {}}
    for source in paper.downloads.values():
        assert {source.url, *source.fallback_urls} <= known.keys()
        assert source.md5 in ("", known[source.url]["md5"])
        assert source.sha256 in ("", known[source.url]["sha256"])


def test_peaks_are_the_primary_choice_and_as_sure_as_their_source(paper: Project, shared: Path) -> None:
    primary = {row["url"]: row for row in rows_of(shared / "sources/datasets.tsv") if row["role"] == "primary"}
    for row in paper.datasets.values():
        source = primary[row.peaks[0].partition("#")[0]]
        assembly = {"": "GRCh38"}.get(row.assembly, row.assembly)
        assert (source["assembly"], source["biosample"], source["dataset"]) == (assembly, row.cell_types, row.name)
        assert Path(row.peaks[0]).name.partition(".")[0] in row.source
        if assembly == "GRCh38":
            assert source["experiment"].split()[0].rstrip(";") in row.source
        sure = {"exact URL seen": "certain", "file content read here": "certain", "accession seen": "accession seen"}
        assert row.status == next(ours for theirs, ours in sure.items() if source["confidence"].startswith(theirs))


def test_archives_of_peaks_are_the_only_bigbed_of_their_kind(paper: Project, shared: Path) -> None:
    """A fallback must hold the same peaks: the one bigBed of the same experiment and output type."""
    candidates = rows_of(shared / "sources/encode_gm12878_bigbed_candidates.tsv")
    for row in paper.datasets.values():
        for fallback in row.fallback_url:
            (found,) = [c for c in candidates if c["url"] == fallback]
            same = [c for c in candidates if all(c[k] == found[k] for k in ("experiment", "output_type"))]
            assert same == [found]
            assert f"{found['experiment']}, " in row.source
            assert f": {found['output_type']};" in row.source


def test_measured_peaks_are_those_of_the_counterpart_of_the_human_cells(paper: Project, shared: Path) -> None:
    """The rule of the column `note`: CH12.LX, the kind of file of the human peaks, both replicates, last experiment."""
    targets = {"p300": "EP300", "pol2": "POLR2A", "h3k4me3": "H3K4me3"}
    candidates = rows_of(shared / "mouse_ctcf/encode_mm10_peak_files.tsv")
    rows = list(paper.measured_rows.values())
    assert {row.dataset for row in rows} == {"ctcf", "rad21", "max", "p300", "ets1", "pol2", "h3k4me3"}
    for row in rows:
        output = paper.datasets[row.dataset].source.partition(": ")[2].partition(";")[0]
        asked = {"target": targets.get(row.dataset, row.dataset.upper()), "output": output, "replicates": "1,2"}
        found = [one for one in candidates if one["biosample"].endswith(" CH12.LX") and asked.items() <= one.items()]
        last = max(found, key=lambda one: one["experiment"])
        assert (row.genome, row.name, row.peaks) == ("mm10", "CH12.LX", [last["url_mm10_bigBed"]])
        assert (
            row.source
            == f"ENCODE {last['experiment']}, {last['accession']}: {asked['target']}, {output}, replicates 1,2"
        )
        assert all(f"{one['experiment']} {one['accession']}" in row.note for one in found if one != last)


def test_divergences_are_those_of_the_source(paper: Project, shared: Path) -> None:
    rows = {row["db"]: row for row in rows_of(shared / "sources/genomes.tsv") if row["kind"] == "genome"}
    for genome, row in paper.genomes.items():
        assert row.substitutions_per_site == float(rows[genome]["subst_per_site_100way"].lstrip("~"))
        assert rows[genome]["latin_name"] in row.source
