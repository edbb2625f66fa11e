"""Data that the workflow makes from published files: what is fetched, what is made, and wrong tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helpers.paths import ROOT
from regssl.cli import main
from regssl.config.checks import check_files
from regssl.config.layers import read_layers
from regssl.config.load import load_config
from regssl.config.made_data import MEASURED, PEAKS, MadeData
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.errors import ConfigError, DataError

HEADER = "url\tbytes\tsha256\trole\tname\tmakes\tlicence\n"
SUM = "a" * 64


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths start where no data were made."""
    monkeypatch.chdir(tmp_path)


def regions(**changed: object) -> Config:
    """The configuration of the real regions, from the repository's own folder."""
    files = [ROOT / "config/config.yaml", ROOT / "config/encode_regions.yaml"]
    tables = {key: str(ROOT / path) for key, path in read_layers(files[1:])[0].values.items()
              if key in ("datasets", "genomes", "snps", "measured", "sources", "regions")}  # fmt: skip
    return load_config(files, {**tables, **changed})


def test_only_what_is_needed_is_fetched_and_made() -> None:
    project = Project(regions(select_datasets=["ctcf"], select_genomes=["mouse", "rfbat"]))
    places = project.made_places()
    assert places[:4] == [f"genomes/{name}" for name in ("human.fa.gz", "mouse.fa.gz", "rfbat.fa.gz")] + [
        "peaks/CTCF.A549.narrowPeak"
    ]
    assert project.made.names(PEAKS, places)[-1] == "CTCF.MCF-7" and len(project.made.names(PEAKS, places)) == 7
    assert project.made.names(MEASURED, places) == ["CTCF.mouse_ES"]
    kinds = [source.kind for source in project.downloads.values()]
    expected = {"sequence": 2 + 3 + 2 + 1, "contigs": 3, "peaks": 7, "chain": 2, "variants": 3, "windows": 20}
    assert {kind: kinds.count(kind) for kind in kinds} == expected | {"measured": 2, "motifs": 1}
    assert all(source.sha256 for source in project.downloads.values())
    assert project.local_path("genomes/mouse.fa.gz") == "downloads/encode_regions/genomes/mouse.fa.gz"
    assert project.local_path("/srv/x.fa") == "/srv/x.fa"
    assert project.is_made("downloads/encode_regions/genomes/mouse.fa.gz")
    assert not any(map(project.is_made, ["/srv/x.fa", str(project.config.regions)])), "files of the user's"
    check_files(project.config, project)  # nothing is there yet


def test_without_mouse_or_variants_less_is_fetched() -> None:
    project = Project(regions(select_datasets=["max"], select_genomes=["dog"]))
    kinds = {source.kind for source in project.downloads.values()}
    assert kinds == {"sequence", "contigs", "peaks", "chain", "variants", "motifs"}, "variants: saturation mutagenesis"
    assert len(project.downloads) == 5 + 2 + 3 + 7 + 1 + 1 + 1


def test_everything_that_the_tables_name_is_made() -> None:
    project = Project(regions(select_datasets=None, select_genomes=None))
    assert len(project.downloads) == 110 + 2 and len(project.made_places()) == 18 + 1 + 44 + 2 + 2
    not_made = {file.place for file in project.named_files() if not project.made.makes(file.place)}
    assert not_made == {row.file for row in project.variant_rows.values() if row.format == "mpra"}


def test_a_folder_of_ones_own_makes_nothing(tmp_path: Path) -> None:
    project = Project(regions(data_dir=str(tmp_path), explain=None, mpra=None, select_datasets=["ctcf"]))
    assert not project.made and not project.downloads and not project.made_places()
    assert project.local_path("genomes/mouse.fa.gz") == f"{tmp_path}/genomes/mouse.fa.gz"
    assert "its files are not in" in project.pending[0] and not project.measured_rows
    with pytest.raises(ConfigError, match=r"row 'human', column sequence: no file"):
        check_files(project.config, project)
    for name in ("CTCF.mouse_ES.narrowPeak", "CTCF.mouse_ES.regions.bed"):
        (tmp_path / "measured").mkdir(exist_ok=True)
        (tmp_path / "measured" / name).touch()
    assert Project(regions(data_dir=str(tmp_path))).measured_rows


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"a.bed\t1\t{SUM}\tpeaks\tx\tpeaks/x.narrowPeak\t", "column url: 'a.bed': must be a URL"),
        (f"https://h.example/a#md5=1\t1\t{SUM}\tpeaks\tx\tpeaks/x.narrowPeak\t", "column url"),
        ("https://h.example/a\t1\tabc\tpeaks\tx\tpeaks/x.narrowPeak\t", "column sha256: 'abc'"),
        (f"https://h.example/a\t1\t{SUM}\tsong\tx\tpeaks/x.narrowPeak\t", "column role: 'song'"),
        (f"https://h.example/a\t1\t{SUM}\tpeaks\tx\t../x\t", "column makes: '../x': '../x' is none of the files"),
        (f"https://h.example/a\t1\t{SUM}\tpeaks\tx\tpeaks/a/../x.narrowPeak\t", "is none of the files"),
    ],
)
def test_a_wrong_source_is_named(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "sources.tsv").write_text(f"{HEADER}{row}\n")
    with pytest.raises(ConfigError) as caught:
        MadeData(regions(sources=str(tmp_path / "sources.tsv")))
    assert f"{tmp_path}/sources.tsv, row 2" in str(caught.value) and problem in str(caught.value)


def test_what_nothing_makes_is_named(tmp_path: Path) -> None:
    lines = (ROOT / "config/encode_regions/sources.tsv").read_text().splitlines(keepends=True)
    (tmp_path / "sources.tsv").write_text("".join(line for line in lines if "dog" not in line))
    project = Project(regions(sources=str(tmp_path / "sources.tsv")))
    with pytest.raises(ConfigError, match=r"row 'dog', column sequence: 'genomes/dog.fa.gz' is made by no row of"):
        check_files(project.config, project)
    with pytest.raises(ConfigError, match="key `sources`: needs the key `regions`"):
        MadeData(regions(regions=None))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "\tvariants\tshi2016",
            "\tpeaks\tshi2016",
            "'snps/shi2016_ctcf_asb.tsv' is made from one row of role variants",
        ),
        ("\tvariants\tshi2016", "\tvariants\tshi", "made from one row of role variants, name alleledb or shi2016"),
        ("\twindows\tsequences", "\tpeaks\tsequences", "as many rows of role windows, name intervals, as of name"),
        ("\tchain\thg38_to_hg19", "\tchain\thg38", "from one row of role chain, name hg38_to_hg19"),
        ("\tchain\thg19_to_hg16", "\tchain\thg19", "from one row of role chain, name hg19_to_hg16"),
        ("\tcontigs\tdna", "\tpeaks\tdna", "'genomes/human.fa.gz' is made from one row of role contigs, name dna"),
        ("\tmeasured\tB", "\tpeaks\tB", "'measured/CTCF.mouse_ES.narrowPeak' is made from rows of role measured"),
    ],
)
def test_a_source_that_is_missing_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = (ROOT / "config/encode_regions/sources.tsv").read_text()
    (tmp_path / "sources.tsv").write_text(text.replace(old, new))
    project = Project(regions(sources=str(tmp_path / "sources.tsv")))
    with pytest.raises(ConfigError) as caught:
        check_files(project.config, project)
    assert str(caught.value).startswith(f"{tmp_path}/sources.tsv: '") and problem in str(caught.value)


def test_the_human_genome_is_not_selected() -> None:
    with pytest.raises(ConfigError, match="key `select_genomes`: 'human' is the human genome, always used"):
        Project(regions(select_genomes=["human", "mouse"]))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(regions(downloads_dir=str(tmp_path), select_datasets=["max"], select_genomes=["rfbat"]))
    check_files(project.config, project)
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
    with pytest.raises(DataError, match=r"encode_regions/genomes/human.fa.gz: cannot be written: Permission denied"):
        check_files(project.config, project)
    for place in project.made_places():
        Path(project.made.path(place)).parent.mkdir(parents=True, exist_ok=True)
        Path(project.made.path(place)).touch()
    with pytest.raises(DataError, match=r"human\.fa\.gz: is empty"):  # read: nothing is to be written
        check_files(project.config, project)


def test_sources_without_rows(tmp_path: Path) -> None:
    (tmp_path / "sources.tsv").write_text(HEADER)
    with pytest.raises(ConfigError, match=r"sources.tsv: no rows: nothing is made \(or name a folder"):
        MadeData(regions(sources=str(tmp_path / "sources.tsv")))


def test_a_file_of_another_sum_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = regions(downloads_dir=str(tmp_path / "downloads"), select_datasets=["max"], select_genomes=["rfbat"])
    project = Project(config)
    path, source = next((path, one) for path, one in project.downloads.items() if "rfbat" in path)
    file = tmp_path / "mirror" / source.url.removeprefix("https://")
    file.parent.mkdir(parents=True)
    file.write_text(">rfbat\nACGT\n")
    source = replace(source, url=file.as_uri())  # no test asks the internet
    assert main(["download", source.url, path, *source.options()]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert "wrong checksum: sha256 " in line and "sources.tsv, row '…/rfbat.ENm001.fa', column sha256" in line
    assert not Path(path).exists()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(">rfbat\nACGT\n")  # placed by hand
    with pytest.raises(DataError, match=r"rfbat.ENm001.fa: wrong checksum: .* column sha256"):
        check_files(config, project)
