"""Files that do not fit one another are refused before any job starts."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from helpers.bigbed import write_bigbed
from helpers.minimal import MINIMAL, model
from regssl.cli import main
from regssl.config.checks import check_files, check_networks, check_programs
from regssl.config.layers import Layer, Layers
from regssl.config.load import validate_config
from regssl.config.project import Project
from regssl.errors import ConfigError, RegsslError

CHAIN = "chain 1 chr1 40 + 0 10 chrA 40 + 0 10 1\n10\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny benchmark whose files fit."""
    (tmp_path / "human.fa").write_text("".join(f">chr{i}\n{'ACGT' * 10}\n" for i in (1, 2, 3)))
    (tmp_path / "mouse.fa").write_text(">chrA\n" + "ACGT" * 10 + "\n")
    (tmp_path / "mouse.chain").write_text(CHAIN)
    (tmp_path / "ctcf.bed").write_text("chr1\t0\t10\nchr2\t5\t40\n")
    (tmp_path / "datasets.tsv").write_text("dataset\tname\tpeaks\nctcf\tCTCF\tctcf.bed\n")
    (tmp_path / "genomes.tsv").write_text(
        "genome\tname\tsequence\tchain\nhuman\tHuman\thuman.fa\t\nmouse\tMouse\tmouse.fa\tmouse.chain\n"
    )
    return tmp_path


def check(folder: Path, **changes: Any) -> Project:
    values = {
        "data_dir": str(folder),
        "datasets": str(folder / "datasets.tsv"),
        "genomes": str(folder / "genomes.tsv"),
        "human": "human",
        "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
        "run_models": ["cnn"],
        "methods": ["sl"],
        "seeds": [0],
        "models": {"cnn": {"architecture": "deepbind", "name": "CNN"}},
        **changes,
    }
    config = validate_config(values)
    project = Project(config)
    check_files(config, project)
    return project


def test_files_that_fit_pass(folder: Path) -> None:
    check(folder)


@pytest.mark.parametrize(
    ("bed", "message"),
    [
        ("chr9\t0\t900\nchr1\t0\t900\n", ""),
        ("1\t0\t10\n2\t0\t10\n", r"ctcf.bed: no peak on a chromosome of `splits`: 1, 2 here, chr1, chr2, chr3 … there"),
        ("", "ctcf.bed: no peak in it"),
    ],
)
def test_names_of_chromosomes_are_checked_before_the_genome_is_downloaded(folder: Path, bed: str, message: str) -> None:
    genomes = folder / "genomes.tsv"
    genomes.write_text(genomes.read_text().replace("human.fa", "https://example.org/human.2bit"))
    (folder / "ctcf.bed").write_text(bed)
    with pytest.raises(RegsslError, match=message) if message else nullcontext():
        check(folder, downloads_dir=str(folder / "downloads"))


def test_a_dataset_named_like_a_rule_is_left_to_snakemake(folder: Path) -> None:
    (folder / "datasets.tsv").write_text("dataset\tname\tpeaks\ntable1\tCTCF\tctcf.bed\n")
    check(folder)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "ctcf.bed",
            "chr1\t0\t10\nchr2\t5\t41\n",
            r"ctcf.bed, row 2, column 3 \(end\): 41 is past the end of chr2, 40 bp",
        ),
        ("ctcf.bed", "1\t0\t10\n", "ctcf.bed: no chromosome in common with the human genome: 1 here, chr1, chr2, chr3"),
        ("ctcf.bed", "chr1\t4\t12\nchr1\t40\t44\n", r"ctcf.bed, row 2"),
        ("ctcf.bed", "", r"ctcf\.bed: no peak in it \(is it the right file\?\)"),
        (
            "human.fa",
            f">chr1\nNNNNNNNNNN{'ACGTA' * 6}\n>chr2\n{'ACGT' * 10}\n>chr3\nA\n",
            "ctcf.bed: 1 of 2 peaks lie wholly in N",
        ),
        (
            "mouse.chain",
            CHAIN.replace("chr1", "1"),
            "mouse.chain: no chromosome in common with human: 1 here, chr1, chr2",
        ),
        ("mouse.chain", CHAIN.replace("chr1 40", "chr1 50"), "mouse.chain: chr1 has 50 bp there, 40 bp in human"),
        ("mouse.chain", CHAIN.replace("chrA 40", "chrA 50"), "mouse.chain: chrA has 50 bp there, 40 bp in mouse"),
        (
            "mouse.chain",
            CHAIN.replace("chrA", "A"),
            "mouse.chain: no chromosome in common with mouse: A here, chrA there",
        ),
        ("mouse.chain", CHAIN[2:], "mouse.chain: line 1: expected a chain header, found 'ain 1 chr1"),
        ("mouse.chain", "", "mouse.chain: no chain in the file"),
        (
            "datasets.tsv",
            "dataset\tname\tpeaks\nctcf\tCTCF\tnone.bed\n",
            "row 'ctcf', column peaks: no file .*none.bed.*relative paths start at",
        ),
        (
            "datasets.tsv",
            "dataset\tname\tpeaks\nctcf\tCTCF\t/no/where.bed\n",
            r"column peaks: no file /no/where\.bed \(check the path\)",
        ),
        (
            "datasets.tsv",
            "dataset\tname\tpeaks\nctcf\tCTCF\t~/x.bed\n",
            "no file .*~/x.bed .write the path out: `~` and variables are not replaced",
        ),
        ("datasets.tsv", "dataset\tname\tpeaks\nctcf\tCTCF\t.\n", r"column peaks: .* is a folder"),
        (
            "datasets.tsv",
            "dataset\tname\tpeaks\na\tA\tctcf.bed\na\tA\tctcf.bed\n",
            "row 3, column dataset: 'a' is a dup",
        ),
        ("datasets.tsv", "dataset\tname\tpeaks\nA b;rm\tA\tctcf.bed\n", "row 2, column dataset: 'A b;rm'"),
        ("datasets.tsv", "dataset\tname\tpeaks\nctcf\tCTCF\n", "row 2: 2 cells where the header has 3"),
        ("datasets.tsv", "dataset\tname\tname\nctcf\tCTCF\tx\n", "row 1: two columns are called 'name'"),
        ("datasets.tsv", "dataset\tname\tpeeks\nctcf\tCTCF\tx\n", "row 1: no such column 'peeks'"),
        ("datasets.tsv", "dataset\tname\tpeaks\nctcf\t\tctcf.bed\n", "row 2, column name: is empty"),
        (
            "genomes.tsv",
            "genome\tname\tsequence\tchain\nmouse\tM\tmouse.fa\tmouse.chain\n",
            "`human`: 'human' is not in",
        ),
        ("genomes.tsv", "genome\tname\tsequence\nhuman\tH\thuman.fa\nmouse\tM\tmouse.fa\n", "'mouse' has no chain"),
    ],
)
def test_one_line_names_file_row_column_and_value(folder: Path, file: str, text: str, message: str) -> None:
    (folder / file).write_text(text)
    with pytest.raises(RegsslError, match=message) as caught:
        check(folder)
    assert "\n" not in str(caught.value)


def test_a_split_without_chromosome_and_a_missing_folder(folder: Path) -> None:
    with pytest.raises(RegsslError, match="no chromosome of human is called chrX"):
        check(folder, splits={"train": ["chr1"], "validation": ["chrX"], "test": ["chr3"]})
    with pytest.raises(RegsslError, match="key `data_dir`: 'nowhere' is not a folder"):
        check(folder, data_dir="nowhere")
    with pytest.raises(RegsslError, match=r"select_datasets`: 'ctfc' is not in .*did you mean 'ctcf'"):
        check(folder, select_datasets=["ctfc"])


def test_variants_that_come_with_their_sequence_are_read_too(folder: Path) -> None:
    """No genome is needed for them, but their rows can be wrong, and an element can be missing."""
    (folder / "regions.tsv").write_text("mini_chrom\tlength\thg19_chrom\thg19_start0\n")
    snps, elements = folder / "snps.tsv", folder / "elements.tsv"
    snps.write_text(
        "snps\tdataset\tname\tformat\tfile\telements\tregions\na\tctcf\tA\tmpra\telements.tsv\tSORT1\tregions.tsv\n"
    )
    header = "Chrom\tPos\tRef\tAlt\tBarcodes\tCoefficient\tElement\tRelease\n"
    for row, message in (
        ("1\t10\tA\tC\t20\t0.5\tSORT1\tGRCh37\n", ""),
        ("1\t10\tA\tC\t20\t0.5\tTERT\tGRCh37\n", r"snps.tsv, row 'a': .*elements.tsv: no element 'SORT1'"),
        ("1\tx\tA\tC\t20\t0.5\tSORT1\tGRCh37\n", r"snps.tsv, row 'a': .*elements.tsv: line 2, column Pos: 'x'"),
    ):
        elements.write_text(header + row)
        with pytest.raises(RegsslError, match=message) if message else nullcontext():
            check(folder, snps=str(snps))


def test_splits_of_a_dataset_without_a_chromosome_are_named(folder: Path) -> None:
    datasets = folder / "datasets.tsv"
    header, *rows = datasets.read_text().splitlines()
    datasets.write_text("\n".join([f"{header}\tsplits", f"{rows[0]}\tother", *rows[1:]]) + "\n")
    other = {"other": {"train": ["chr2"], "validation": ["chr1"], "test": ["chrX"]}}
    with pytest.raises(RegsslError, match=r"key `further_splits\.other\.test`: no chromosome of human is called chrX"):
        check(folder, further_splits=other)


def test_a_missing_table_of_variants_is_named(folder: Path) -> None:
    header = "snps\tdataset\tname\tformat\tfile\tregions\n"
    (folder / "snps.tsv").write_text(header + "a\tctcf\tA\tshi2016\tctcf.bed\tnone.tsv\n")
    with pytest.raises(RegsslError, match=r"snps.tsv, row 'a', column regions: no file .*none.tsv"):
        check(folder, snps=str(folder / "snps.tsv"))
    (folder / "snps.tsv").write_text(header + "a\tctcf\tA\ttable\tasb.tsv\t\n")
    with pytest.raises(RegsslError, match=r"column file: no file .*asb.tsv"):
        check(folder, snps=str(folder / "snps.tsv"))


def test_what_is_downloaded_or_simulated_later_is_not_asked_for(folder: Path) -> None:
    text = (folder / "genomes.tsv").read_text().replace("mouse.fa", "https://example.org/mouse.2bit")
    (folder / "genomes.tsv").write_text(text)
    check(folder)
    check(folder, simulation={"seed": 1}, data_dir="nowhere")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": model(params={"filterz": 8})}, "key `models.cnn`: .* unexpected keyword argument 'filterz'"),
        ({"models": model(params={"both_strands": "no"})}, "key `models.cnn`: .* both_strands: 'no' is neither"),
        (
            {"bins": {"width": 20, "min_overlap": 10}, "models": model(params={"filter_width": 24})},
            "sequences of 20 bp are shorter than the filters, 24 bp",
        ),
    ],
)
def test_networks_that_cannot_be_built(changes: dict[str, Any], message: str) -> None:
    check_networks(validate_config(MINIMAL), [200])
    config = validate_config({**MINIMAL, **changes})
    with pytest.raises(ConfigError, match=message):
        check_networks(config, [config.bins.width])


@pytest.mark.parametrize(
    ("argument", "choices", "message"),
    [
        ("filter_width", [12, 300], "300: .*sequences of 200 bp are shorter than the filters, 300 bp"),
        ("dropout", [0, 1.5], "1.5: .*"),
        ("both_strands", [False, 1], "1: .*both_strands: 1 is neither true nor false"),
        ("pooling", ["max", "mean"], "'mean': .*unknown pooling 'mean'; known: max, max_and_mean"),
    ],
)
def test_a_choice_of_a_search_that_makes_no_network_is_blamed_on_the_search(
    argument: str, choices: list[Any], message: str
) -> None:
    """Each choice is tried, drawn or not; the file and the key are those that the user wrote."""
    recipes = {"draws": 1, "rounds": [{"datasets": ["ctcf"], "seeds": [0], "keep": 1}]}
    sized = model(params={"filters": 8, "filter_width": 24, "hidden": 10})
    defaults = Layer("defaults.yaml", {**MINIMAL, "methods": ["sl", "ssl"], "models": sized, "recipes": recipes})
    layers = Layers([defaults, Layer("mine.yaml", {"recipes": {"params": {argument: choices}}})])
    where = rf"^mine\.yaml: key `recipes\.params\.{argument}`: "
    with pytest.raises(ConfigError, match=rf"{where}{message} \(leave it out of the choices\)$"), layers.named():
        check_networks(validate_config(layers.values, layers), [200])


def test_the_command_prints_one_line_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text("seeds: [a]\n")
    assert main(["check", str(folder / "bad.yaml")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("regssl check: ") and "Traceback" not in message


@pytest.mark.parametrize(
    ("pretrained", "message"),
    [
        (None, "key `models.cnn.pretrained`: is missing; architecture 'dnabert2' starts from files"),
        ("weights", r"no file weights/config\.json \(put it there; for the source of the files"),
        (["a/config.json", "a/tokenizer.json", "a/pytorch_model.bin"], r"no file .*/a/config\.json \(put it there"),
    ],
)
def test_missing_weights_are_named_with_where_to_put_them(folder: Path, pretrained: Any, message: str) -> None:
    bert = {"architecture": "dnabert2", "name": "DNABERT-2", "pretrained": pretrained}
    with pytest.raises(RegsslError, match=message):
        check(folder, models={"cnn": bert})


def test_weights_that_are_there_pass(folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "pytorch_model.bin"):
        (folder / name).touch()
    check(folder, models={"cnn": {"architecture": "dnabert2", "name": "x", "pretrained": str(folder)}})
    check(folder, models={"cnn": {"architecture": "dnabert2_tiny", "name": "x"}})


def test_a_motif_that_a_dataset_names_must_be_there(folder: Path) -> None:
    """Of a dataset that names none, the run reports that its factor has no motif."""
    check(folder, methods=["motif_scan"])
    (folder / "datasets.tsv").write_text("dataset\tname\tpeaks\tmotif\nctcf\tCTCF\tctcf.bed\tCTFC\n")
    check(folder, methods=["sl"])
    message = r"row 'ctcf', column motif: 'CTFC' is not in the motifs that come with the package"
    with pytest.raises(RegsslError, match=message):
        check(folder, methods=["motif_scan"])
    with pytest.raises(RegsslError, match=r"key `motifs`: no file .*mine.meme"):
        check(folder, methods=["motif_scan"], motifs="mine.meme")
    (folder / "mine.meme").write_text("MOTIF 1 CTFC\nletter-probability matrix: w= 1\n1 0 0 0\n")
    check(folder, methods=["motif_scan"], motifs="mine.meme")


def test_the_files_of_explain_and_mpra_are_checked(folder: Path) -> None:
    with pytest.raises(RegsslError, match=r"key `explain.motifs`: no file .*mine.meme"):
        check(folder, explain={"motifs": "mine.meme"})
    with pytest.raises(RegsslError, match=r"key `motifs`: no file .*mine.meme"):
        check(folder, explain={}, motifs="mine.meme")
    (folder / "mine.meme").write_text("id\n")
    with pytest.raises(RegsslError, match=r"mine.meme: no MOTIF line in it"):
        check(folder, explain={"motifs": "mine.meme"})
    with pytest.raises(RegsslError, match=r"key `mpra.table`: no file .*elements.tsv"):
        check(folder, mpra={"table": "elements.tsv"})
    header = "Chrom\tPos\tRef\tAlt\tBarcodes\tCoefficient\tElement\tRelease\n"
    (folder / "elements.tsv").write_text(f"{header}1\t8\tA\tC\t12\t0.1\tTERT\tGRCh37\n")
    check(folder, mpra={"table": "elements.tsv"})
    with pytest.raises(RegsslError, match=r"key `mpra`: .*elements.tsv: no element 'TRET' .elements: TERT"):
        check(folder, mpra={"table": "elements.tsv", "elements": ["TRET"]})


def test_motifs_of_one_name_are_refused_before_any_job_unless_one_is_chosen_by_id(folder: Path) -> None:
    matrix = "letter-probability matrix: w= 1\n1 0 0 0\n"
    (folder / "jaspar.meme").write_text(f"MOTIF MA0139.2 CTCF\n{matrix}MOTIF MA1929.2 CTCF\n{matrix}")
    tables = {"methods": ["motif_scan"], "motifs": "jaspar.meme"}
    for motif in ("", "CTCF"):
        (folder / "datasets.tsv").write_text(f"dataset\tname\tpeaks\tmotif\nctcf\tCTCF\tctcf.bed\t{motif}\n")
        with pytest.raises(
            RegsslError, match=r"row 'ctcf', column motif: .*2 motifs are called 'CTCF': MA0139.2, MA1929"
        ):
            check(folder, **tables)
    (folder / "datasets.tsv").write_text("dataset\tname\tpeaks\tmotif\nctcf\tCTCF\tctcf.bed\tMA1929.2\n")
    check(folder, **tables)
    (folder / "jaspar.meme").write_text(f"MOTIF MA0139.2 CTCF\n{matrix.replace('w= 1', 'w= 2')}")
    with pytest.raises(RegsslError, match=r"jaspar.meme: line 2: the matrix of MA0139.2 has 1 rows, w= 2"):
        check(folder, **tables)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\t0\t50\n", "blacklist.bed: no chromosome in common with the human genome: 1 here, chr1, chr2, chr3 there"),
        ("chr1\t0\t50\n", r"blacklist.bed, row 1, column 3 \(end\): 50 is past the end of chr1, 40 bp long"),
        ("", "blacklist.bed: no region in it"),
    ],
)
def test_a_blacklist_of_another_genome_is_found_before_the_first_job(folder: Path, text: str, message: str) -> None:
    (folder / "blacklist.bed").write_text(text)
    with pytest.raises(RegsslError, match=message):
        check(folder, blacklist="blacklist.bed")


def test_chains_of_more_contigs_than_the_genomes_pass(folder: Path) -> None:
    alone = CHAIN.replace("chr1 40", "chr1_alt 99").replace("chrA 40", "chrA_alt 99")
    (folder / "mouse.chain").write_text(alone + CHAIN)
    check(folder)


OLD = "chain 1 old1 60 + 0 10 chr1 40 + 0 10 1\n10\n\n"


@pytest.mark.parametrize(
    ("chain", "peaks", "message"),
    [
        (OLD, "old1\t0\t10\n", None),
        (OLD, "1\t0\t10\n", "ctcf.bed: no chromosome in common with hg19: 1 here, old1 there"),
        (OLD, "old1\t0\t61\n", "ctcf.bed, row 1, column 3 .* past the end of old1, 60 bp long"),
        (OLD.replace("chr1 40", "chr1 41"), "old1\t0\t10\n", "hg19.chain: chr1 has 41 bp there, 40 bp in human"),
    ],
)
def test_peaks_of_another_assembly_and_their_chains(folder: Path, chain: str, peaks: str, message: str | None) -> None:
    (folder / "hg19.chain").write_text(chain)
    (folder / "ctcf.bed").write_text(peaks)
    (folder / "datasets.tsv").write_text("dataset\tname\tpeaks\tassembly\nctcf\tCTCF\tctcf.bed\thg19\n")
    lift = {"peak_liftover": {"chains": {"hg19": str(folder / "hg19.chain")}}}
    if message is None:
        check(folder, **lift)
    else:
        with pytest.raises(RegsslError, match=message):
            check(folder, **lift)


def test_peaks_are_read_and_what_is_not_checked_is_said_without_a_genome(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr("regssl.config.contents.FULL_CHECK_BYTES", 9)
    check(folder)
    assert "human.fa: a large FASTA file: jobs check what belongs to it" in caplog.text
    (folder / "ctcf.bed").write_text("chr1\t9\t5\n")
    with pytest.raises(RegsslError, match=r"ctcf.bed, row 1: start 9 is not before end 5"):
        check(folder)


def test_variants_of_another_assembly_are_found_before_the_first_job(folder: Path) -> None:
    """The genome repeats ACGT: at 1-based position 5 is an A."""
    (folder / "snps.tsv").write_text("snps\tdataset\tname\tformat\tfile\na\tctcf\tA\ttable\tasb.tsv\n")
    for row, message in (
        ("chr3\t5\tA\tC\t1", ""),
        ("chr3\t5\tC\tA\t1", r"asb.tsv: 1 of 1 reference alleles \(100%\) are not those of .*human.fa"),
        ("3\t5\tA\tC\t1", r"asb.tsv: no chromosome in common with .*human.fa: 3 here, chr1, chr2, chr3 there"),
        ("chr3\t41\tA\tC\t1", r"asb.tsv: 1 of 1 reference alleles"),
        ("chr3\tx\tA\tC\t1", r"asb.tsv: line 2, column pos: 'x' is not a number"),
    ):
        (folder / "asb.tsv").write_text(f"chrom\tpos\tref\talt\teffect\n{row}\n")
        with pytest.raises(RegsslError, match=message) if message else nullcontext():
            check(folder, snps=str(folder / "snps.tsv"))


@pytest.mark.parametrize(
    ("peaks", "message"),
    [
        ([("chrA", 0, 10), ("chrA", 20, 45)], ""),
        ([("1", 0, 10)], r"own.bed: no chromosome in common with mouse: 1 here, chrA there"),
        ([("chra", 0, 10), ("chrA", 0, 10)], r"own.bed: 'chra' is called 'chrA' in mouse"),
        ([("chrA", 0, 61)], r"own.bed, row 1, column 3 \(end\): 61 is past the end of chrA, 60 bp long in mouse"),
        ([("chrA", 0, 10), *[("chrB", i, i + 1) for i in range(300)]], r"own.bed: only 1 of 301 peaks lie on mouse"),
        ([("chrA", 50, 60)], r"own.bed: 1 of 1 peaks lie wholly in N of mouse"),
        (None, r"own.bed: chrA has 61 bp there, 60 bp in mouse \(another assembly\?\)"),
    ],
)
def test_measured_peaks_of_another_assembly_are_found_before_the_first_job(
    folder: Path, peaks: list[tuple[str, int, int]] | None, message: str
) -> None:
    """The table, its row, the file and the genome are named; None stands for a bigBed file with other sizes."""
    (folder / "mouse.fa").write_text(">chrA\n" + "ACGT" * 12 + "N" * 12 + "\n")
    (folder / "mouse.chain").write_text(CHAIN.replace("chrA 40", "chrA 60"))
    table = folder / "measured.tsv"
    table.write_text("dataset\tgenome\tpeaks\tregions\nctcf\tmouse\town.bed\tregions.bed\n")
    (folder / "regions.bed").write_text("chrA\t0\t50\n")
    if peaks is None:
        write_bigbed(folder / "own.bed", [("chrA", 0, 10)], {"chrA": 61})
    else:
        (folder / "own.bed").write_text("".join("\t".join(map(str, peak)) + "\n" for peak in peaks))
    if not message:
        check(folder, measured=str(table))
        return
    with pytest.raises(RegsslError, match=rf"{table}, row 'ctcf mouse': .*/{message}") as caught:
        check(folder, measured=str(table))
    assert "\n" not in str(caught.value)


def test_regions_of_measured_peaks_lie_on_the_genome(folder: Path) -> None:
    table = folder / "measured.tsv"
    table.write_text("dataset\tgenome\tpeaks\tregions\nctcf\tmouse\town.bed\tregions.bed\n")
    (folder / "own.bed").write_text("chrA\t0\t10\n")
    for regions, message in (
        (None, r"measured.tsv, row 'ctcf mouse', column regions: no file .*/regions.bed"),
        ("# none\n", r"row 'ctcf mouse': .*regions.bed: no region in it"),
        ("chrA\t0\t10\nchrB\t0\t10\n", r"row 'ctcf mouse': .*regions.bed: 'chrB' is no chromosome of mouse"),
        ("chrA\t0\t41\n", r"regions.bed, row 1, .*past the end of chrA, 40 bp long in mouse"),
    ):
        if regions is not None:
            (folder / "regions.bed").write_text(regions)
        with pytest.raises(RegsslError, match=message):
            check(folder, measured=str(table))
    (folder / "own.bed").unlink()
    with pytest.raises(RegsslError, match=r"measured.tsv, row 'ctcf mouse', column peaks: no file .*/own.bed"):
        check(folder, measured=str(table))


@pytest.mark.parametrize(
    ("peaks", "message"),
    [
        ("", "no peak in it"),
        ("# none\n", "no peak in it"),
        ("chrA\t30\t40\n", "no peak in the measured regions of mouse"),
    ],
)
def test_that_no_peak_was_measured_is_found_before_the_first_job(folder: Path, peaks: str, message: str) -> None:
    """Not one in the file, or none in the regions."""
    table = folder / "measured.tsv"
    table.write_text("dataset\tgenome\tpeaks\tregions\nctcf\tmouse\town.bed\tregions.bed\n")
    (folder / "regions.bed").write_text("chrA\t0\t20\n")
    (folder / "own.bed").write_text(peaks)
    with pytest.raises(RegsslError, match=rf"row 'ctcf mouse': .*own.bed: {message}"):
        check(folder, measured=str(table))


def test_a_genome_that_is_aligned_is_checked_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, where = folder / "genomes.tsv", r"genomes.tsv, row 'mouse', column chain: align: "
    table.write_text(table.read_text().replace("mouse.chain", "align"))
    check(folder, align={"pairs": ["chr1 chrA"]})
    with pytest.raises(RegsslError, match=where + r"align.pairs: no sequence of human is called 'chr9' \(it has chr1"):
        check(folder, align={"pairs": ["chr9 *"]})
    (folder / "mouse.fa").write_text(f">chrA\n{'ACGT' * 250_000}\n")
    check(folder, align={"max_megabases": 2})
    too_large = where + r"human and mouse: [\d.]+ million bases .*max_megabases = 1 \(take UCSC's chain file"
    with pytest.raises(RegsslError, match=too_large):
        check(folder, align={"max_megabases": 1})
    monkeypatch.setattr("regssl.config.contents.OTHER_CHECK_BYTES", 1)  # a file that is not read, but has a size
    check(folder, align={"max_megabases": 1})
    (folder / "mouse.fa").write_text(f">chrA\n{'ACGT' * 300_000}\n")
    with pytest.raises(RegsslError, match=too_large):
        check(folder, align={"max_megabases": 1})


def test_lastz_is_needed_where_a_genome_is_still_to_be_aligned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    table, results = folder / "genomes.tsv", folder / "results"
    plan = check(folder, results_dir=str(results))
    check_programs(plan)
    table.write_text(table.read_text().replace("mouse.chain", "align"))
    plan = check(folder, results_dir=str(results))
    with pytest.raises(RegsslError, match="the program lastz is not installed"):
        check_programs(plan)
    (results / "chains").mkdir(parents=True)
    Path(plan.aligned_chain("mouse")).write_text(CHAIN)
    check_programs(plan)
