"""The tables: what a URL becomes here, what is refused, and that the paper's tables hold nothing invented."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from regssl.catalog import Catalog
from regssl.config import Config
from regssl.configfile import read_config
from regssl.errors import ConfigError
from regssl.sheets import Dataset, Genome, read_rows
from regssl.sources import Source

ROOT = Path(__file__).resolve().parent.parent
SHA256 = "0123456789abcdef" * 4
MD5 = "0123456789abcdef" * 2

GENOMES = f"""\
genome\tname\tsequence\tsequence_archive\tchain\tchain_archive
hg38\tHuman\thttps://ucsc.example/hg38/hg38.2bit#md5={MD5}\thttps://mirror.example/hg38.2bit\t\t
mm10\tMouse\tgenomes/mm10.2bit\t\thttps://ucsc.example/hg38ToMm10.over.chain.gz\thttp://old.example/hg38ToMm10.over.chain.gz
"""
DATASETS = """\
dataset\tname\tpeaks\tarchive
ctcf\tCTCF\thttps://encode.example/files/A/@@download/A.bed.gz;https://encode.example/B.bed.gz\thttps://encode.example/A.bigBed;https://encode.example/B.bigBed
max\tMAX\tpeaks/max.narrowPeak\t
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    (tmp_path / "genomes.tsv").write_text(GENOMES)
    (tmp_path / "datasets.tsv").write_text(DATASETS)
    return tmp_path


def config(folder: Path, **changes: Any) -> Config:
    values: dict[str, Any] = {
        "datasets": str(folder / "datasets.tsv"),
        "genomes": str(folder / "genomes.tsv"),
        "human": "hg38",
        "data_dir": "data",
        "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
        "models": ["deepbind"],
        "methods": ["sl"],
        "seeds": [0],
        "model_settings": {"deepbind": {"architecture": "deepbind", "name": "CNN-27K"}},
    }
    return Config.model_validate(values | changes)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("https://h.example/a/b.2bit", "downloads/h.example/a/b.2bit"),
        ("https://H.example:8080/a/b.bed.gz?download=1#sha256=" + SHA256, "downloads/h.example/a/b.bed.gz"),
        ("file:///srv/b.bed", "downloads/localhost/srv/b.bed"),
        ("peaks/b.bed", "data/peaks/b.bed"),
        ("/srv/b.bed", "/srv/b.bed"),
    ],
)
def test_the_place_of_a_file_here(tables: Path, place: str, path: str) -> None:
    assert Catalog(config(tables)).path(place) == path


def test_downloads_are_the_urls_with_their_archives_and_checksums(tables: Path) -> None:
    blacklist = f"https://b.example/blacklist.bed.gz#sha256={SHA256}"
    assert Catalog(config(tables, blacklist=blacklist)).downloads == {
        "downloads/ucsc.example/hg38/hg38.2bit": Source(
            "https://ucsc.example/hg38/hg38.2bit", ("https://mirror.example/hg38.2bit",), "genome", md5=MD5
        ),
        "downloads/ucsc.example/hg38ToMm10.over.chain.gz": Source(
            "https://ucsc.example/hg38ToMm10.over.chain.gz", ("http://old.example/hg38ToMm10.over.chain.gz",), "chain"
        ),
        "downloads/encode.example/files/A/@@download/A.bed.gz": Source(
            "https://encode.example/files/A/@@download/A.bed.gz", ("https://encode.example/A.bigBed",), "peaks"
        ),
        "downloads/encode.example/B.bed.gz": Source(
            "https://encode.example/B.bed.gz", ("https://encode.example/B.bigBed",), "peaks"
        ),
        "downloads/b.example/blacklist.bed.gz": Source(
            "https://b.example/blacklist.bed.gz", (), "blacklist", sha256=SHA256
        ),
    }


def test_only_what_is_selected_is_downloaded(tables: Path) -> None:
    catalog = Catalog(config(tables, select_datasets=["max"], select_genomes=[]))
    assert list(catalog.downloads) == ["downloads/ucsc.example/hg38/hg38.2bit"]


def test_options_of_the_download_command() -> None:
    source = Source.parse(f"https://h.example/x.gz#sha256={SHA256}", ["https://m.example/x.gz"])
    assert source.url == "https://h.example/x.gz"
    assert source.options() == ["--archive", "https://m.example/x.gz", "--sha256", SHA256]
    assert Source.parse("https://h.example/x.gz").options() == []


@pytest.mark.parametrize(
    ("peaks", "archive", "message"),
    [
        ("ftp://h.example/x.bed", "", "column peaks: 'ftp://h.example/x.bed': ftp:// is not supported"),
        ("https://h.example/", "", "names no file"),
        ("https://h.example/a/../../b", "", "names no file"),
        ("https:///b.bed", "", "names no host"),
        ("https://h.example/x.bed#sha1=00", "", "must be md5= or sha256="),
        ("https://h.example/x.bed#md5=00", "", "must be md5= or sha256="),
        ("https://h.example/x.bed", "ftp://m.example/x.bed", "column archive: 'ftp://m.example/x.bed': ftp:// is not"),
        ("https://h.example/x.bed", f"https://m.example/x.bed#md5={MD5}", "belongs to the first URL"),
        ("a.bed;b.bed", "https://m.example/a.bed", "1 places, but `peaks` has 2"),
    ],
)
def test_cells_that_are_refused(tmp_path: Path, peaks: str, archive: str, message: str) -> None:
    table = tmp_path / "datasets.tsv"
    table.write_text(f"dataset\tname\tpeaks\tarchive\nx\tX\t{peaks}\t{archive}\n")
    with pytest.raises(ConfigError) as error:
        read_rows(table, Dataset)
    assert message in str(error.value)
    assert f"{table}, row 2, column" in str(error.value)


def test_a_refused_blacklist_is_named(tables: Path) -> None:
    with pytest.raises(ConfigError, match=r"key `blacklist`: ftp:// is not supported"):
        Catalog(config(tables, blacklist="ftp://h.example/x.bed"))


def test_two_urls_cannot_be_kept_under_one_name(tables: Path) -> None:
    (tables / "datasets.tsv").write_text(
        "dataset\tname\tpeaks\nx\tX\thttps://h.example/x.bed?a=1\ny\tY\thttps://h.example/x.bed?a=2\n"
    )
    with pytest.raises(ConfigError, match=r"are both kept as downloads/h\.example/x\.bed"):
        Catalog(config(tables))


def test_two_datasets_may_share_a_file(tables: Path) -> None:
    (tables / "datasets.tsv").write_text(
        "dataset\tname\tpeaks\nx\tX\thttps://h.example/x.bed\ny\tY\thttps://h.example/x.bed\n"
    )
    assert "downloads/h.example/x.bed" in Catalog(config(tables)).downloads


# The tables of the paper

PROTOCOL = (
    "rheMac10 calJac3 panTro6 panPan2 ponAbe3 gorGor6 papAnu4 macFas5 saiBol1 nomLeu3 micMur2 otoGar3 "
    "mm10 rn7 musFur1 oryCun2 susScr11 felCat9 canFam3 equCab3 bosTau9 monDom5"
)


@pytest.fixture(scope="module")
def paper() -> Catalog:
    values = read_config([ROOT / "config/config.yaml"])
    tables = {key: str(ROOT / getattr(values, key)) for key in ("datasets", "genomes")}
    return Catalog(values.model_copy(update=tables))


def test_the_paper_has_its_22_genomes_and_eleven_datasets(paper: Catalog) -> None:
    assert " ".join(paper.genomes) == PROTOCOL
    assert paper.human.genome == "hg38"
    assert " ".join(paper.datasets) == "atf3 ets1 andr rest max p300 rad21 ctcf h3k4me3 pol2 atac"
    assert len(paper.downloads) == 23 + 22 + 11 + 1 + 1  # with the blacklist and the chain from hg19
    assert {name: Path(chain).name for name, chain in paper.assembly_chains.items()} == {
        "hg19": "hg19ToHg38.over.chain.gz"
    }
    assert not paper.waiting


def test_each_genome_comes_with_its_own_files(paper: Catalog) -> None:
    for genome, row in paper.genomes.items():
        assert row.sequence.endswith(f"/{genome}/bigZips/{genome}.2bit")
        for chain in (row.chain, row.chain_archive):
            assert chain.endswith(f"/hg38To{genome[0].upper()}{genome[1:]}.over.chain.gz")
        assert row.substitutions_per_site


def test_the_splits_use_every_autosome_and_x_once() -> None:
    splits = read_config([ROOT / "config/config.yaml"]).splits
    chroms = [*splits.train, *splits.validation, *splits.test]
    assert sorted(chroms) == sorted([*(f"chr{n}" for n in range(1, 23)), "chrX"])
    assert (splits.validation, splits.test) == (["chr6", "chr7"], ["chr8", "chr9"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_url_and_checksum_has_a_source(paper: Catalog, shared: Path) -> None:
    known: dict[str, dict[str, str]] = {}
    for table in ("datasets.tsv", "genomes.tsv", "other.tsv"):
        for row in rows_of(shared / "sources" / table):
            known |= {row["url"]: row, row["archive_url"]: {}}
    for source in paper.downloads.values():
        assert {source.url, *source.archives} <= known.keys()
        assert source.md5 in ("", known[source.url]["md5"])
        assert source.sha256 in ("", known[source.url]["sha256"])


def test_peaks_are_the_primary_choice_and_as_sure_as_their_source(paper: Catalog, shared: Path) -> None:
    primary = {row["url"]: row for row in rows_of(shared / "sources/datasets.tsv") if row["role"] == "primary"}
    for row in paper.datasets.values():
        source = primary[row.peaks[0].partition("#")[0]]
        assembly = {"": "GRCh38"}.get(row.assembly, row.assembly)
        assert (source["assembly"], source["biosample"], source["dataset"]) == (assembly, row.cells, row.name)
        assert Path(row.peaks[0]).name.partition(".")[0] in row.source
        if assembly == "GRCh38":
            assert source["experiment"].split()[0].rstrip(";") in row.source
        sure = {"exact URL seen": "certain", "file content read here": "certain", "accession seen": "accession seen"}
        assert row.status == next(ours for theirs, ours in sure.items() if source["confidence"].startswith(theirs))


def test_archives_of_peaks_are_the_only_bigbed_of_their_kind(paper: Catalog, shared: Path) -> None:
    """An archive must hold the same peaks: the one bigBed of the same experiment and output type."""
    candidates = rows_of(shared / "sources/encode_gm12878_bigbed_candidates.tsv")
    for row in paper.datasets.values():
        for archive in row.archive:
            (found,) = [c for c in candidates if c["url"] == archive]
            same = [c for c in candidates if all(c[k] == found[k] for k in ("experiment", "output_type"))]
            assert same == [found]
            assert f"{found['experiment']}, " in row.source
            assert f": {found['output_type']};" in row.source


def test_divergences_are_those_of_the_source(paper: Catalog, shared: Path) -> None:
    rows = {row["db"]: row for row in rows_of(shared / "sources/genomes.tsv") if row["kind"] == "genome"}
    for genome, row in paper.genomes.items():
        assert row.substitutions_per_site == float(rows[genome]["subst_per_site_100way"].lstrip("~"))
        assert rows[genome]["latin_name"] in row.source


@pytest.mark.parametrize("folder", ["config/demo", "config/encode_regions"])
def test_tables_without_the_optional_columns_are_valid(folder: str) -> None:
    assert read_rows(ROOT / folder / "datasets.tsv", Dataset)
    assert read_rows(ROOT / folder / "genomes.tsv", Genome)
