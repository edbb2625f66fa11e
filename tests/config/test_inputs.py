"""What a configuration works on: rows that are selected, local paths, downloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.tables import MD5, SHA256, config, write_tables
from regssl.config.load import validate_config
from regssl.config.project import Project
from regssl.download.sources import Source
from regssl.errors import ConfigError


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return write_tables(tmp_path)


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
    assert Project(config(tables)).local_path(place) == path


def test_downloads_are_the_urls_with_their_archives_and_checksums(tables: Path) -> None:
    blacklist = f"https://b.example/blacklist.bed.gz#sha256={SHA256}"
    assert Project(config(tables, blacklist=blacklist)).downloads == {
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


def test_each_download_knows_the_cell_or_key_that_names_it(tables: Path) -> None:
    blacklist = f"https://b.example/blacklist.bed.gz#sha256={SHA256}"
    settings = config(tables, blacklist=blacklist)
    downloads = {path.rpartition("/")[2]: source for path, source in Project(settings).downloads.items()}
    assert downloads["hg38.2bit"].origin == f"{settings.genomes}, row 'hg38', column sequence"
    assert downloads["hg38ToMm10.over.chain.gz"].origin == f"{settings.genomes}, row 'mm10', column chain"
    assert downloads["A.bed.gz"].origin == f"{settings.datasets}, row 'ctcf', column peaks"
    assert downloads["blacklist.bed.gz"].options() == ["--sha256", SHA256, "--checksum-from", "key `blacklist`"]


def test_no_message_shows_a_password(tables: Path) -> None:
    url = "https://me:secret@h.example/x"
    for refused in (
        lambda: Project(config(tables, blacklist=url)),
        lambda: validate_config({**config(tables).model_dump(exclude_unset=True), "mirror": url}),
    ):
        with pytest.raises(ConfigError, match=r"~/\.netrc") as error:
            refused()
        assert "secret" not in str(error.value) and "https://***@h.example/x" in str(error.value)


def test_only_what_is_selected_is_downloaded(tables: Path) -> None:
    project = Project(config(tables, select_datasets=["max"], select_genomes=[]))
    assert list(project.downloads) == ["downloads/ucsc.example/hg38/hg38.2bit"]


def test_options_of_the_download_command() -> None:
    source = Source.parse(f"https://h.example/x.gz#sha256={SHA256}", ["https://m.example/x.gz"])
    assert source.url == "https://h.example/x.gz"
    assert source.options() == ["--fallback-url", "https://m.example/x.gz", "--sha256", SHA256]
    assert Source.parse("https://h.example/x.gz").options() == []


HG19 = "https://ucsc.example/hg19ToHg38.over.chain.gz"


def write_datasets(folder: Path, assembly: str, peaks: str = "peaks/ar.bed") -> None:
    (folder / "datasets.tsv").write_text(
        f"dataset\tname\tpeaks\tassembly\tpeak_width\nandr\tANDR\t{peaks}\t{assembly}\t200\nctcf\tCTCF\tc.bed\t\t\n"
    )


def test_a_dataset_of_another_assembly_brings_its_chain(tables: Path) -> None:
    write_datasets(tables, "hg19")
    lift = {
        "chains": {"hg19": HG19, "hg18": "/x.chain"},
        "fallback_chains": {"hg19": "old/hg19.chain.gz"},
        "min_match": 0.9,
    }
    project = Project(config(tables, peak_liftover=lift))
    path = "downloads/ucsc.example/hg19ToHg38.over.chain.gz"
    assert project.assembly_chains == {"hg19": path}
    assert project.downloads[path] == Source(HG19, ("data/old/hg19.chain.gz",), "chain")
    assert project.peak_settings("andr") == {
        "width": 200, "centre": "middle", "assembly": "hg19", "min_match": 0.9, "max_length_ratio": 2.0
    }  # fmt: skip
    assert project.peak_settings("ctcf") == {}, "what a dataset does not use cannot rerun it"
    only = Project(config(tables, peak_liftover=lift, select_datasets=["ctcf"]))
    assert not only.assembly_chains and path not in only.downloads


def test_the_humans_own_assembly_may_be_named(tables: Path) -> None:
    write_datasets(tables, "hg38")
    assert Project(config(tables)).peak_settings("andr") == {"width": 200, "centre": "middle"}


def test_an_assembly_without_chain_is_named(tables: Path) -> None:
    write_datasets(tables, "hg91")
    with pytest.raises(ConfigError) as error:
        Project(config(tables, peak_liftover={"chains": {"hg19": HG19}}))
    assert str(error.value) == (
        f"{tables}/datasets.tsv, row 'andr', column assembly: 'hg91': no chain leads from it to hg38; did you mean "
        "'hg19'? (known: hg38, hg19; name a chain file in `peak_liftover.chains`)"
    )
    write_datasets(tables, "hg19")
    with pytest.raises(ConfigError, match=r"key `peak_liftover\.chains\.hg19`: ftp:// is not supported"):
        Project(config(tables, peak_liftover={"chains": {"hg19": "ftp://h.example/x"}}))
    with pytest.raises(
        ConfigError, match=r"key `peak_liftover\.fallback_chains\.hg19`: the checksum belongs to the first"
    ):
        archives = {"hg19": f"https://h.example/x#md5={MD5}"}
        Project(config(tables, peak_liftover={"chains": {"hg19": HG19}, "fallback_chains": archives}))


def test_a_row_waits_for_its_peaks(tables: Path) -> None:
    with (tables / "datasets.tsv").open("a") as file:
        file.write("later\tLATER\t\t\n")
    project = Project(config(tables))
    assert list(project.datasets) == ["ctcf", "max"]
    (line,) = project.pending
    assert line.startswith(
        f"{tables}/datasets.tsv, row 'later', column peaks: is empty (status: not given): LATER is left"
    )
    with pytest.raises(ConfigError, match=r"key `select_datasets`: .*row 'later', column peaks: is empty"):
        Project(config(tables, select_datasets=["max", "later"]))
    (tables / "datasets.tsv").write_text("dataset\tname\tstatus\nlater\tLATER\tmissing\n")
    with pytest.raises(ConfigError, match="no row has peaks"):
        Project(config(tables))


def test_archives_may_be_paths(tables: Path) -> None:
    (tables / "datasets.tsv").write_text(
        "dataset\tname\tpeaks\tfallback_url\nx\tX\thttps://h.example/x.bed;https://h.example/y.bed\tx.bed;/srv/y.bed\n"
    )
    downloads = Project(config(tables)).downloads
    assert [downloads[f"downloads/h.example/{name}.bed"].fallback_urls for name in "xy"] == [
        ("data/x.bed",),
        ("/srv/y.bed",),
    ]


def test_a_mirror_is_a_folder_or_a_base_url(tables: Path) -> None:
    with pytest.raises(ValueError, match="a mirror is a folder, or a base URL"):
        config(tables, mirror="s3://bucket")
    assert config(tables).lockfile_path == "downloads/lock.tsv"
    assert config(tables, lockfile="lock.tsv").lockfile_path == "lock.tsv"


def test_a_refused_blacklist_is_named(tables: Path) -> None:
    with pytest.raises(ConfigError, match=r"key `blacklist`: ftp:// is not supported"):
        Project(config(tables, blacklist="ftp://h.example/x.bed"))


def test_two_urls_cannot_be_kept_under_one_name(tables: Path) -> None:
    (tables / "datasets.tsv").write_text(
        "dataset\tname\tpeaks\nx\tX\thttps://h.example/x.bed?a=1\ny\tY\thttps://h.example/x.bed?a=2\n"
    )
    with pytest.raises(ConfigError, match=r"are both kept as downloads/h\.example/x\.bed"):
        Project(config(tables))


def test_two_datasets_may_share_a_file(tables: Path) -> None:
    (tables / "datasets.tsv").write_text(
        "dataset\tname\tpeaks\nx\tX\thttps://h.example/x.bed\ny\tY\thttps://h.example/x.bed\n"
    )
    assert "downloads/h.example/x.bed" in Project(config(tables)).downloads


def test_sets_of_variants_are_those_of_the_selected_datasets(tables: Path) -> None:
    url = f"https://z.example/records/1/A.zip/content#md5={MD5}"
    rows = [
        f"a\tctcf\tA\tadastra\t{url}\thttps://z.example/A.zip?download=1\tCTCF_HUMAN.tsv;CTCF.tsv\t",
        "b\tmax\tB\tshi2016\tsnps/b.tsv\t\t\tgenomes/regions.tsv",
    ]
    header = "snps\tdataset\tname\tformat\tfile\tfallback_url\tmember\tregions\n"
    (tables / "snps.tsv").write_text(header + "\n".join(rows) + "\n")
    project = Project(config(tables, snps=str(tables / "snps.tsv"), select_datasets=["ctcf"]))
    assert list(project.variant_rows) == ["a"] and project.variant_rows["a"].member == ["CTCF_HUMAN.tsv", "CTCF.tsv"]
    assert project.downloads["downloads/z.example/records/1/A.zip/content"] == Source(
        url.partition("#")[0], ("https://z.example/A.zip?download=1",), md5=MD5, kind="variants"
    )
    assert set(Project(config(tables, snps=str(tables / "snps.tsv"))).variant_rows) == {"a", "b"}
    assert Project(config(tables)).variant_rows == {}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a\tctcf\tA\tbed\tx\t\t", "row 2, column format: 'bed': input should be 'adastra', "),
        ("a\tctcf\tA\tshi2016\tx\t\t", "row 2: format shi2016 .* fill the column `regions`"),
        ("a\tctcf\tA\tvcf\tx\t\t", "row 2: format vcf needs .* fill the column `effect`"),
    ],
)
def test_a_wrong_set_of_variants_is_one_line(tables: Path, row: str, message: str) -> None:
    (tables / "snps.tsv").write_text("snps\tdataset\tname\tformat\tfile\tregions\teffect\n" + row + "\n")
    with pytest.raises(ConfigError, match=f"snps.tsv, {message}") as caught:
        Project(config(tables, snps=str(tables / "snps.tsv")))
    assert "\n" not in str(caught.value)


def test_variants_of_no_dataset_are_left_out_with_a_line(tables: Path) -> None:
    """As happens where a user's table of datasets replaces the paper's."""
    (tables / "snps.tsv").write_text("snps\tdataset\tname\tformat\tfile\na\tctfc\tA\ttable\tx\n")
    project = Project(config(tables, snps=str(tables / "snps.tsv")))
    (line,) = project.pending
    assert (
        not project.variant_rows and "'ctfc' is not in" in line and line.endswith("did you mean 'ctcf'?: A is left out")
    )
    (tables / "snps.tsv").write_text("snps\tdataset\tname\tformat\tfile\na\tx\tA\ttable\tx\nb\ty\tB\ttable\tx\n")
    (line,) = Project(config(tables, snps=str(tables / "snps.tsv"))).pending
    assert line.endswith(": A is left out (and 1 more such row)")


MEASURED = f"""dataset\tgenome\tpeaks\tfallback_url\tregions\tname
ctcf\tmm10\thttps://e.example/C.bed#md5={MD5};own/ctcf.bed\thttps://e.example/C.bigBed;other.bed\town/r.bed\tCells
max\tmm10\tmax.bed\t\t\t
"""


def test_measured_peaks_are_those_of_the_selected_datasets_and_genomes(tables: Path) -> None:
    (tables / "measured.tsv").write_text(MEASURED)
    settings = config(tables, measured=str(tables / "measured.tsv"))
    project = Project(settings)
    assert list(project.measured_rows) == [("ctcf", "mm10"), ("max", "mm10")] and not project.pending
    assert project.measured_datasets() == ["ctcf", "max"] and project.measured_genomes("ctcf") == ["mm10"]
    assert project.measured_peaks("ctcf", "mm10") == ["downloads/e.example/C.bed", "data/own/ctcf.bed"]
    assert project.measured_regions("ctcf", "mm10") == ["data/own/r.bed"]
    assert project.measured_regions("max", "mm10") == []
    source = project.downloads["downloads/e.example/C.bed"]
    assert source == Source("https://e.example/C.bed", ("https://e.example/C.bigBed",), "measured peaks", md5=MD5)
    assert source.origin == f"{settings.measured}, row 'ctcf mm10', column peaks"
    assert project.display_names()["measured"] == {"ctcf/mm10": "Cells", "max/mm10": "Mouse"}
    some = Project(config(tables, measured=str(tables / "measured.tsv"), select_datasets=["max"]))
    assert list(some.measured_rows) == [("max", "mm10")] and not some.pending
    none = Project(config(tables, measured=str(tables / "measured.tsv"), select_genomes=[]))
    assert not none.measured_rows and not none.pending and none.measured_datasets() == []


@pytest.mark.parametrize(
    ("dataset", "genome", "message"),
    [
        ("ctfc", "mm10", "column dataset: 'ctfc' is not in {datasets}; did you mean 'ctcf'?"),
        ("ctcf", "mm11", "column genome: 'mm11' is not in {genomes}; did you mean 'mm10'?"),
    ],
)
def test_measured_peaks_of_what_is_not_known_are_left_out_with_a_line(
    tables: Path, dataset: str, genome: str, message: str
) -> None:
    (tables / "measured.tsv").write_text(f"dataset\tgenome\tpeaks\n{dataset}\t{genome}\tx.bed\n")
    settings = config(tables, measured=str(tables / "measured.tsv"))
    project = Project(settings)
    expected = message.format(datasets=settings.datasets, genomes=settings.genomes)
    assert project.pending == [
        f"{settings.measured}, row '{dataset} {genome}', {expected}: its measured peaks are left out"
    ]
    assert not project.measured_rows
    with (tables / "measured.tsv").open("a") as file:
        file.write("max\tmm10\tx.bed\nsp1\tmm10\tx.bed\nsp2\tmm11\tx.bed\n")
    project = Project(settings)
    (line,) = project.pending
    assert line.endswith(f"{expected}: its measured peaks are left out (and 2 more such rows)")
    assert list(project.measured_rows) == [("max", "mm10")]


def test_peaks_of_the_human_genome_are_no_measured_peaks_of_another(tables: Path) -> None:
    (tables / "measured.tsv").write_text("dataset\tgenome\tpeaks\nctcf\thg38\tx.bed\n")
    with pytest.raises(ConfigError, match=r"row 'ctcf hg38', column genome: 'hg38' is the human genome") as caught:
        Project(config(tables, measured=str(tables / "measured.tsv")))
    assert "\n" not in str(caught.value)
