"""Datasets of sequences in a configuration: rows of the table, what they plan, and what is in the user's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.tables import DATASETS, config, write_tables
from regssl.cli import main
from regssl.config.project import Project
from regssl.config.sequence_contents import read_local_sequences
from regssl.config.table_files import read_table
from regssl.config.tables import DatasetRow, GenomeRow
from regssl.errors import ConfigError, DataError

SEQUENCES = ["sequences", "sequence_columns", "sequence_folds", "sequence_width", "homologs", "locate", "published"]
COLUMNS = ["dataset", "name", *SEQUENCES]
PUBLISHED = [("AA", 1, "train"), ("CC", 0, "train"), ("AC", 1, "dev"), ("AT", 1, "test"), ("AG", 0, "test")]
SPECIES = "genome\tname\tclade\nhg38\tHuman\tprimate\nmm10\tMouse\tglire\nrn6\tRat\tglire\n"


def write_rows(folder: Path, *rows: dict[str, str], peaks: bool = False) -> None:
    """Write a table of datasets of sequences, beside those of peaks or alone."""
    header, *others = DATASETS.splitlines() if peaks else ["dataset\tname"]
    columns = [*header.split("\t"), *COLUMNS[2:], "negatives_per_positive", "splits"]
    lines = ["\t".join(columns), *(f"{row}{chr(9) * (len(columns) - row.count(chr(9)) - 1)}" for row in others)]
    lines += ["\t".join({"dataset": "own", "name": "Own", **row}.get(column, "") for column in columns) for row in rows]
    (folder / "datasets.tsv").write_text("\n".join(lines) + "\n")


def project(folder: Path, *rows: dict[str, str], peaks: bool = False, genomes: str = "", **changes: Any) -> Project:
    write_tables(folder)
    write_rows(folder, *rows, peaks=peaks)
    if genomes:
        (folder / "genomes.tsv").write_text(genomes)
    return Project(config(folder, results_dir="r", data_dir=str(folder), **changes))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"sequences": "a.csv", "homologs": "b.csv", "locate": "true"}, "homologs are given .* or lifted"),
        ({"sequences": "train=a.csv;b.csv"}, "column sequences: .*'b.csv' names no split, and others do"),
        (
            {"sequences": "a.csv", "sequence_columns": "seq"},
            "column sequence_columns: .*'seq' is not like sequence=seq",
        ),
        ({"sequences": "a.csv", "sequence_folds": "test=1"}, "column sequence_folds: .*no fold is validation"),
        (
            {"sequences": "train=a.csv;test=b.csv", "sequence_folds": "validation=1;test=2"},
            "its files name their splits: leave `sequence_folds` empty",
        ),
        ({"sequences": "a.csv", "sequence_width": "7"}, "column sequence_width: '7'"),
        ({"homologs": "b.csv"}, "`homologs` belongs to `sequences`, which are not given"),
        ({"published": "gue_tf_0"}, "`published` belongs to `sequences`, which are not given"),
        ({"sequences": "1=ftp://x/y"}, "ftp:// is not supported"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: dict[str, str], message: str) -> None:
    write_rows(tmp_path, row)
    with pytest.raises(ConfigError, match=rf"datasets\.tsv, row 2.*{message}"):
        read_table(tmp_path / "datasets.tsv", DatasetRow)


def test_peaks_and_sequences_are_two_datasets(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("dataset\tname\tpeaks\tsequences\tassembly\na\tA\tp.bed\ts.csv\t\n")
    with pytest.raises(ConfigError, match="a dataset has `peaks` or `sequences`"):
        read_table(tmp_path / "x.tsv", DatasetRow)
    (tmp_path / "x.tsv").write_text("dataset\tname\tpeaks\tsequences\tassembly\na\tA\t\ts.csv\thg19\n")
    with pytest.raises(ConfigError, match="`assembly` belongs to `peaks`, which are not given"):
        read_table(tmp_path / "x.tsv", DatasetRow)


def test_a_species_has_no_chain_without_a_genome(tmp_path: Path) -> None:
    (tmp_path / "genomes.tsv").write_text("genome\tname\tchain\nmm10\tMouse\tx.chain\n")
    with pytest.raises(ConfigError, match="a chain without the genome that it leads to"):
        read_table(tmp_path / "genomes.tsv", GenomeRow)


def test_sequences_alone_need_no_genome_chain_or_blacklist(tmp_path: Path) -> None:
    url = "https://example.org/test.csv"
    row = {"sequences": f"train=a.csv;test={url}", "sequence_columns": "label=y", "sequence_width": "101"}
    plan = project(tmp_path, row, blacklist="https://example.org/blacklist.bed")
    assert plan.genomes == plan.chains() == plan.splits == {} and plan.lifted_splits == plan.named_files()[2:] == []
    assert [file.place for file in plan.named_files()] == ["a.csv", url]
    assert {path: source.kind for path, source in plan.downloads.items()} == {
        "downloads/example.org/test.csv": "sequences"
    }
    assert plan.sequences("own") == [f"{tmp_path}/a.csv", "downloads/example.org/test.csv"]
    assert plan.sequence_options("own") == ["--columns", "label=y", "--width", "101"]
    assert plan.sequence_file_options("own") == ["--file-splits", "train", "test"]
    of_folds = project(tmp_path, {"sequences": "a.csv", "sequence_folds": "validation=8;test=9"})
    assert of_folds.sequence_options("own") == ["--folds", "validation=8", "test=9"]
    assert plan.bins_of("own") == "r/bins/own.parquet"
    assert plan.display_names()["without_peaks"] == plan.display_names()["without_homologs"] == {"own": "Own"}
    assert "r/datasets/own/lift_status.tsv" not in plan.dataset_results("own") and plan.lift_tables() == []


def test_all_negatives_are_used_unless_the_row_says_otherwise(tmp_path: Path) -> None:
    plan = project(tmp_path, {"sequences": "a.csv"}, sampling={"seed": 4})
    sampling = plan.sampling_of("own")
    assert (sampling.negatives_per_positive, sampling.validation_negatives_per_positive) == (None, None)
    assert sampling.max_negatives is None and sampling.seed == 4
    plan = project(tmp_path, {"sequences": "a.csv", "negatives_per_positive": "2"})
    assert plan.sampling_of("own").negatives_per_positive == 2


def test_given_homologs_are_of_the_species_of_the_genomes_table(tmp_path: Path) -> None:
    row = {"sequences": "a.csv", "homologs": "a.csv;b.csv"}
    plan = project(tmp_path, row, genomes=SPECIES, methods=["sl", "ssl"], ablations=None)
    assert plan.given_homologs("own") == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"]
    assert plan.genomes_for("own") == ["mm10", "rn6"] and plan.lifted_datasets == plan.aligned_genomes() == []
    assert plan.extra_windows("own", "ssl") == [f"r/datasets/own/homologs/{genome}.npy" for genome in ("mm10", "rn6")]
    assert plan.lifted_training_genomes("own") == [] and plan.training_genomes("own", "homologs") == ["mm10", "rn6"]
    assert plan.lift_tables() == ["r/datasets/own/lift_status.tsv"] and plan.peak_counts("own") == []
    assert not plan.downloads and "without_homologs" not in plan.display_names()
    chosen = project(tmp_path, row, genomes=SPECIES, select_genomes=["rn6"])
    assert chosen.genomes_for("own") == ["rn6"]


def test_located_sequences_are_lifted_as_bins_of_their_own(tmp_path: Path) -> None:
    row = {"sequences": "a.csv", "locate": "true"}
    plan = project(tmp_path, row, peaks=True, methods=["sl", "ssl", "sl_mutated"])
    assert plan.lifted_datasets == ["ctcf", "max", "own"] and plan.lifted_splits == ["default", "own"]
    assert plan.homologs_of("own", "mm10") == "r/homologs/own/mm10.parquet"
    assert plan.display_names()["without_peaks"] == {"own": "Own"} and "without_homologs" not in plan.display_names()


@pytest.mark.parametrize(
    ("row", "method", "message"),
    [
        ({}, "ssl", "row 'own': method 'ssl' needs homologs"),
        ({"homologs": "b.csv"}, "sl_mutated", "needs the divergence of genomes"),
        ({"homologs": "b.csv"}, "ssl-nearest1", "needs the divergence of genomes"),
    ],
)
def test_methods_that_a_dataset_cannot_be_trained_by(
    tmp_path: Path, row: dict[str, str], method: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        project(tmp_path, {"sequences": "a.csv", **row}, genomes=SPECIES, methods=["sl", method])


def test_lifted_datasets_need_all_chains_and_genomes(tmp_path: Path) -> None:
    row = {"sequences": "a.csv", "locate": "true"}
    with pytest.raises(ConfigError, match="'hg38' has no sequence"):
        project(tmp_path, row, genomes=SPECIES)
    with pytest.raises(ConfigError, match="genome 'mm10' has no chain"):
        project(tmp_path, row, genomes="genome\tname\tsequence\nhg38\tHuman\th.2bit\nmm10\tMouse\t\n")


def test_given_homologs_need_a_species(tmp_path: Path) -> None:
    row = {"sequences": "a.csv", "homologs": "b.csv"}
    with pytest.raises(ConfigError, match="row 'own', column homologs: no species is selected"):
        project(tmp_path, row, genomes=SPECIES, select_genomes=[])


def test_an_id_of_splits_is_no_dataset_of_sequences(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="column dataset: 'default' is also the id of splits"):
        project(tmp_path, {"dataset": "default", "sequences": "a.csv"})


def test_variants_and_measured_peaks_of_sequences_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "snps.tsv").write_text("snps\tdataset\tname\tformat\tfile\nx\town\tX\ttable\tx.tsv\n")
    plan = project(tmp_path, {"sequences": "a.csv"}, snps=str(tmp_path / "snps.tsv"))
    assert plan.variant_rows == {}
    assert plan.pending[0].endswith("column dataset: 'own' is a dataset of sequences: X is left out")


def test_the_page_names_test_chromosomes_of_peaks_alone(tmp_path: Path) -> None:
    assert project(tmp_path, {"sequences": "a.csv"}).provenance()["test_chromosomes"] == []
    assert project(tmp_path, {"sequences": "a.csv"}, peaks=True).provenance()["test_chromosomes"] == ["chr3"]


def test_a_split_that_no_sequence_is_in_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"sequence,label,split\n{'ACGT' * 9},1,test\n")
    with pytest.raises(DataError, match=r"datasets\.tsv, row 'own': no sequence is in the train split"):
        read_local_sequences(project(tmp_path, {"sequences": "a.csv"}))


def test_a_published_task_beside_other_test_sequences_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sequences = [f"{'ACGT' * 5}{end},{label},{split}" for end, label, split in PUBLISHED]
    (tmp_path / "a.csv").write_text("\n".join(["sequence,label,split", *sequences, ""]))
    row = {"sequences": "a.csv", "published": "gue_tf_0"}
    plan = project(tmp_path, row, further_metrics=["mcc", "mcc_tuned"])
    message = "its test set is not that of 'gue_tf_0': 2 sequences, 1 of them positive; that of the task has 1,000, 500"
    with pytest.raises(DataError, match=rf"datasets\.tsv, row 'own': {message}"):
        read_local_sequences(plan)
    step = ["step", "read-sequences", str(tmp_path / "a.csv"), "--dataset", "own", "--genome-id", "hg38"]
    paths = [("--bins", "bins.parquet"), ("--human", "human"), ("--negatives", "n.npy"), ("--counts", "counts.tsv")]
    step += [word for name, file in paths for word in (name, str(tmp_path / "out" / file))]
    step += ["--train-chroms", "a", "--validation-chroms", "b", "--test-chroms", "c"]
    assert main([*step, *plan.published_options("own")]) == 1
    assert f"a.csv: {message}" in capsys.readouterr().err and not list(tmp_path.glob("out/**/*.*"))


def test_what_is_in_local_files_is_told(tmp_path: Path) -> None:
    cells = ["AAAA,1,train", "CCCC,0,train", "GGGG,0,dev", "TTTA,1,test", "AAAA,1,train"]
    (tmp_path / "a.csv").write_text("\n".join(["dna,y,split", *(f"ACGTACGTACGTACGT{cell}" for cell in cells)]))
    plan = project(tmp_path, {"sequences": "a.csv"})
    assert read_local_sequences(plan)["own"].describe() == (
        "train 3 (2 positive), validation 1 (0 positive), test 1 (1 positive), 20 bp; "
        "columns: sequence dna, label y, split split; repeated: 1; no positive validation window; "
        "no negative test window"
    )
    one = (tmp_path / "a.csv").read_text().replace("CCCC,0,train", "CCCC,1,train")
    (tmp_path / "one.csv").write_text(one)
    told = read_local_sequences(project(tmp_path, {"sequences": "one.csv"}))["own"].describe()
    assert "; no negative training window; no positive validation window; no negative test window" in told
    assert read_local_sequences(project(tmp_path, {"sequences": "https://example.org/a.csv"})) == {}
    (tmp_path / "b.csv").write_text("id,species,seq\ntrain_1,mm10,ACGTACGTACGTACGTTTTT\ntrain_2,HP,A\ntest_1,rn6,A\n")
    told = read_local_sequences(project(tmp_path, {"sequences": "a.csv", "homologs": "b.csv"}, genomes=SPECIES))
    assert told["own"].describe().endswith("; no negative test window; 2 homologs of 2 species, other species: 1")
    with pytest.raises(DataError, match="no column of id is found"):
        read_local_sequences(project(tmp_path, {"sequences": "a.csv", "homologs": "a.csv"}, genomes=SPECIES))
    (tmp_path / "c.csv").write_text("id,species,seq\ntrain_1,mm10,ACGTACGTACGTACGTTTTT\n")
    told = read_local_sequences(project(tmp_path, {"sequences": "a.csv", "homologs": "c.csv"}, genomes=SPECIES))
    assert told["own"].describe().endswith("; no negative test window; 1 homologs of 1 species")
