"""What is held out leaves no trace in what is trained: not its files, not its labels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.cli import main

SPLITS = ["--train-chroms", "chr1", "--validation-chroms", "chr2", "--test-chroms", "chr3"]
TRAINING = {"min_passes": None, "steps_per_epoch": 4, "max_epochs": 2}
SETTINGS = {"architecture": "deepbind", "params": {"filters": 8}, "training": TRAINING}


def run(*arguments: object) -> None:
    assert main([str(argument) for argument in arguments]) == 0


def label(folder: Path, peaks: Path, out: Path) -> None:
    run("step", "label-windows", folder / "bins.parquet", peaks, folder / "human.2bit", out, "--dataset", "ctcf",
        "--genome-id", "simHuman", "--negatives-per-positive", 3)  # fmt: skip
    run("step", "pseudo-label", out / "train.parquet", "--genome-ids", "simDog", "--homologs", folder / "dog.parquet",
        "--genomes", folder / "simDog.2bit", "--out", out / "dog.npy")  # fmt: skip


def train(data: Path, out: Path, method: str) -> bytes:
    """The weights of one run."""
    sets = ("--human", data / "train.npy", "--validation", data / "validation.npy", "--homologs", data / "dog.npy")
    run("train", out, "--settings", json.dumps(SETTINGS), "--method", method, "--seeds", 0, *sets)
    return (out / "seed0/model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world with its labelled windows in `data`."""
    folder = tmp_path_factory.mktemp("held out")
    world = folder / "world"
    run("simulate", world, "--size", "small", "--seed", 3)
    run("step", "index-genome", world / "genomes/simHuman.fa.gz", folder / "human.2bit")
    run("step", "index-genome", world / "genomes/simDog.fa.gz", folder / "simDog.2bit")
    run(
        "step",
        "make-bins",
        folder / "human.2bit",
        folder / "bins.parquet",
        *SPLITS,
        "--blacklist",
        world / "blacklist.bed",
    )
    chain = world / "chains/simHumanToSimDog.over.chain.gz"
    run("step", "find-homologs", folder / "bins.parquet", chain, folder / "human.2bit", folder / "simDog.2bit",
        folder / "dog.parquet", folder / "dog.tsv")  # fmt: skip
    files = sorted((world / "peaks").glob("ctcf*"))
    run(
        "step",
        "load-peaks",
        folder / "human.2bit",
        folder / "peaks.bed",
        folder / "peaks.tsv",
        *files,
        "--dataset",
        "ctcf",
    )
    label(folder, folder / "peaks.bed", folder / "data")
    return folder


@pytest.mark.parametrize("method", ["sl", "ssl", "sl_oversampled", "gc_logistic"])
def test_training_without_the_test_files_gives_the_same_bytes(folder: Path, tmp_path: Path, method: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(folder / "data", data)
    before = train(data, tmp_path / "with", method)
    held_out = [path for path in data.iterdir() if path.name.startswith("test.")]
    assert len(held_out) == 3, "sequences, table, FASTA"
    for path in held_out:
        path.unlink()
    assert train(data, tmp_path / "without", method) == before


def test_other_labels_of_test_windows_change_nothing_that_is_trained_on(folder: Path, tmp_path: Path) -> None:
    """Without the peaks of the test chromosome: all its windows are negatives, and the other sets the same bytes."""
    lines = (folder / "peaks.bed").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("chr3\t")]
    assert 0 < len(kept) < len(lines)
    (tmp_path / "peaks.bed").write_text("".join(kept))
    label(folder, tmp_path / "peaks.bed", tmp_path)
    for name in ("train.npy", "train.parquet", "validation.npy", "validation.parquet", "dog.npy", "dog.parquet"):
        assert (tmp_path / name).read_bytes() == (folder / "data" / name).read_bytes(), name
    assert (tmp_path / "test.parquet").read_bytes() != (folder / "data/test.parquet").read_bytes()


def test_negatives_that_were_not_drawn_are_the_rest_of_the_training_chromosomes(folder: Path, tmp_path: Path) -> None:
    run("step", "extract-negatives", folder / "bins.parquet", folder / "peaks.bed", folder / "human.2bit",
        folder / "data/train.parquet", tmp_path / "others.npy", "--genome-id", "simHuman")  # fmt: skip
    bins, train, others = (
        pd.read_parquet(path)
        for path in (folder / "bins.parquet", folder / "data/train.parquet", tmp_path / "others.parquet")
    )
    assert len(others) and not others["label"].any() and set(others["chrom"]) == {"chr1"}
    sources = sorted([*train["source"], *others["source"]])
    assert sources == bins.index[bins["split"] == "train"].tolist(), "each bin once"
    assert len(np.load(tmp_path / "others.npy")) == len(others)
