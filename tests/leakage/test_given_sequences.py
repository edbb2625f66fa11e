"""Sequences and homologs from files to window sets, each step by its command, and the audit of what is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.cli import main
from regssl.data.packed import load_codes
from regssl.io.parquet import load_table, save_table
from regssl.sequences.encoding import decode

GENOMES = ["mm10", "rn6"]
SPLIT_OPTIONS = ["--train-chroms", "chr1", "--validation-chroms", "chr2", "--test-chroms", "chr3"]
N = {"train": 30, "validation": 10, "test": 10}


def regssl(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def homologs(folder: Path, suffix: str) -> list[Path]:
    return [folder / f"homologs/{genome}.{suffix}" for genome in GENOMES]


def mutated(text: str, random: np.random.Generator) -> str:
    return "".join(random.choice(list("ACGT")) if random.random() < 0.1 else base for base in text)


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Sequences of 60 bp by id."""
    random = np.random.default_rng(3)
    ids = [f"{split}{number}" for split, n in N.items() for number in range(n)]
    return {name: "".join(random.choice(list("ACGT"), 60)) for name in ids}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> Path:
    out, random = tmp_path_factory.mktemp("given"), np.random.default_rng(4)
    rows = ["name,species,seq,y,split"]
    for number, (name, text) in enumerate(texts.items()):
        rest = f"{int(number % 3 == 0)},{name.rstrip('0123456789')}"
        rows += [f"{name},{species},{mutated(text, random) if species != 'hg38' else text},{rest}"
                 for species in ("hg38", *GENOMES, "ancestor")]  # fmt: skip
    (out / "all.csv").write_text("\n".join(rows) + "\n")
    assert regssl(
        "step", "read-sequences", out / "all.csv", "--bins", out / "bins.parquet", "--human", out / "human",
        "--negatives", out / "negatives/hg38.npy", "--counts", out / "sequences.tsv", "--dataset", "own",
        "--genome-id", "hg38", *SPLIT_OPTIONS, "--negatives-per-positive", 1,
    ) == 0  # fmt: skip
    assert regssl(
        "step", "read-homologs", out / "all.csv", "--bins", out / "bins.parquet",
        "--train", out / "human/train.parquet", "--human-id", "hg38", "--genome-ids", *GENOMES,
        "--tables", *[out / f"places/{genome}.parquet" for genome in GENOMES],
        "--out", *homologs(out, "npy"), "--counts", out / "homologs.tsv", "--dataset", "own",
    ) == 0  # fmt: skip
    return out


def sequences(path: Path, column: str = "chrom") -> dict[str, str]:
    """Sequences of a set by their id."""
    names = load_table(path.with_suffix(".parquet"))[column].astype(str)
    return dict(zip(names, map(decode, load_codes(path)), strict=True))


def test_windows_are_the_sequences_of_each_split(made: Path, texts: dict[str, str]) -> None:
    found = {split: sequences(made / f"human/{split}.npy") for split in N}
    assert all(texts[name] == text for of_split in found.values() for name, text in of_split.items())
    assert len(found["train"]) == 20 and len(found["test"]) == 10, "test keeps all, whatever is sampled"
    undrawn = sequences(made / "negatives/hg38.npy")
    assert {**found["train"], **undrawn} == {name: text for name, text in texts.items() if name.startswith("train")}
    counts = pd.read_csv(made / "human/counts.tsv", sep="\t").set_index("split")
    assert counts.loc["train", ["windows", "positives"]].tolist() == [20, 10]


def test_homologs_are_of_training_sequences_with_their_labels(made: Path) -> None:
    train = load_table(made / "human/train.parquet")
    labels = dict(zip(train["chrom"].astype(str), train["label"], strict=True))
    for genome, path in zip(GENOMES, homologs(made, "npy"), strict=True):
        table = load_table(path.with_suffix(".parquet"))
        assert set(table["chrom"]) == set(labels) and (table["genome"] == genome).all()
        assert all(labels[row.chrom] == row.label for row in table.itertuples())
    counts = pd.read_csv(made / "homologs.tsv", sep="\t", keep_default_na=False)
    assert counts[["genome", "what", "sequences"]].to_numpy().tolist() == [
        ["", "other_species", 50], ["mm10", "used", 50], ["rn6", "used", 50]
    ]  # fmt: skip


def audited(folder: Path, sets: Sequence[Path]) -> int:
    held_out = [word for split in N for word in (f"--{split}", folder / f"human/{split}.npy")]
    return regssl("step", "audit-leakage", folder / "audit", "--dataset", "own", "--human-id", "hg38", *held_out,
                  "--bins", folder / "bins.parquet", "--genome-ids", *GENOMES, "--homologs", *sets)  # fmt: skip


def test_the_audit_finds_nothing_in_them(made: Path) -> None:
    assert audited(made, homologs(made, "npy")) == 0
    counts = pd.read_csv(made / "audit/counts.tsv", sep="\t")
    assert (counts["back_lift"] == 0).all() and (counts.loc[counts["set"] == "homologs", "reciprocal"] == 20).all()


def test_a_homolog_of_a_held_out_sequence_stops_the_audit(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made / "homologs/rn6.parquet"
    right, bins = load_table(path), load_table(made / "bins.parquet")
    source = right["source"].to_numpy().copy()
    source[3] = int((bins["split"] == "test").to_numpy().argmax())
    save_table(right.assign(source=source), path)
    try:
        assert audited(made, homologs(made, "npy")) == 1
    finally:
        save_table(right, path)
    assert "training windows leak: 1 by back-lift, 1 on homologs" in capsys.readouterr().err
