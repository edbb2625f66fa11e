"""Names that look like something else to a reader of tables, from peaks to tables, through the commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from regssl.cli import main
from regssl.io.parquet import load_table

CHROMOSOMES = ("1", "02", "NA")


def regssl(*arguments: object) -> None:
    assert main([str(argument) for argument in arguments]) == 0


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter="\t"))


def test_chromosomes_keep_their_names_from_peaks_to_windows(tmp_path: Path) -> None:
    letters = np.random.default_rng(0).choice(list("ACGT"), (len(CHROMOSOMES), 4000))
    (tmp_path / "g.fa").write_text(
        "".join(f">{name}\n{''.join(sequence)}\n" for name, sequence in zip(CHROMOSOMES, letters, strict=True))
    )
    peaks = [f"{name}\t{start}\t{start + 300}\n" for name in CHROMOSOMES for start in range(0, 4000, 800)]
    (tmp_path / "p.bed").write_text("".join(peaks))
    regssl("step", "index-genome", tmp_path / "g.fa", tmp_path / "g.2bit")
    regssl("step", "load-peaks", tmp_path / "g.2bit", tmp_path / "peaks.bed", tmp_path / "peaks.tsv",
           tmp_path / "p.bed", "--dataset", "nan")  # fmt: skip
    assert sorted((tmp_path / "peaks.bed").read_text().splitlines(True)) == sorted(peaks)
    assert cells(tmp_path / "peaks.tsv")[1][0] == "nan"
    regssl("step", "make-bins", tmp_path / "g.2bit", tmp_path / "bins.parquet", "--train-chroms", "1",
           "--validation-chroms", "02", "--test-chroms", "NA")  # fmt: skip
    regssl("step", "label-windows", tmp_path / "bins.parquet", tmp_path / "peaks.bed", tmp_path / "g.2bit",
           tmp_path / "human", "--dataset", "nan", "--genome-id", "null")  # fmt: skip
    for split, name in (("train", "1"), ("validation", "02"), ("test", "NA")):
        windows = load_table(tmp_path / f"human/{split}.parquet")
        assert set(windows["chrom"]) == {name} and set(windows["genome"]) == {"null"}
        assert 0 < (windows["label"] == 1).sum() < len(windows)
    assert {tuple(row[:2]) for row in cells(tmp_path / "human/counts.tsv")[1:]} == {
        ("nan", split) for split in ("train", "validation", "test")
    }


def test_datasets_called_nan_and_null_are_in_table_2(tmp_path: Path) -> None:
    names = {"nan": "None", "null": "1e5", "NA": "007"}
    columns = ["dataset", "model", "method", "seed", "split", "windows", "positives", "prevalence", "aupr", "auroc"]
    runs = [(dataset, "none", method, 0, "test", 1000, 50, 0.05, aupr, 0.5 + aupr / 2)
            for dataset in names for method, aupr in (("sl", 0.2), ("ssl", 0.3))]  # fmt: skip
    (tmp_path / "summary.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in (columns, *runs)))
    methods = {"sl": "SL", "ssl": "SSL"}
    (tmp_path / "names.json").write_text(
        json.dumps({"datasets": names, "models": {"none": "True"}, "methods": methods, "paper_methods": methods})
    )
    for report in ("table2", "figure2"):
        regssl("report", report, "--summary", tmp_path / "summary.tsv", "--names", tmp_path / "names.json",
               "--out", tmp_path / report)  # fmt: skip
        assert {row[0] for row in cells(tmp_path / f"{report}.tsv")[1:]} == set(names)
    page, drawing = (tmp_path / "table2.html").read_text(), (tmp_path / "figure2.svg").read_text()
    assert all(f">{name}<" in text for name in names.values() for text in (page, drawing))
