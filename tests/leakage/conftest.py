"""A dataset of the small simulated data, made step by step by the commands, and its audit."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from regssl.cli import main

SPLITS = ["--train-chroms", "chr1", "--validation-chroms", "chr2", "--test-chroms", "chr3"]
GENOMES = ("simMouse", "simDog")


def regssl(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished dataset, each step by its command."""
    out = tmp_path_factory.mktemp("audited")
    world = out / "world"
    assert regssl("simulate", world, "--size", "small", "--seed", 3) == 0
    steps: list[tuple[object, ...]] = [
        ("step", "index-genome", world / f"genomes/{g}.fa.gz", out / f"{g}.2bit") for g in ("simHuman", *GENOMES)
    ]
    steps.append(("step", "make-bins", out / "simHuman.2bit", out / "bins.parquet", *SPLITS))
    peaks = sorted((world / "peaks").glob("ctcf*"))
    steps.append(
        ("step", "load-peaks", out / "simHuman.2bit", out / "peaks.bed", out / "peaks.tsv", *peaks, "--dataset", "ctcf")
    )
    steps.append(("step", "label-windows", out / "bins.parquet", out / "peaks.bed", out / "simHuman.2bit",
                  out / "human", "--dataset", "ctcf", "--genome-id", "simHuman"))  # fmt: skip
    for genome in GENOMES:
        steps += [
            ("step", "find-homologs", out / "bins.parquet", chain(out, genome), out / "simHuman.2bit",
             out / f"{genome}.2bit", out / f"places/{genome}.parquet", out / f"places/{genome}.tsv"),
            clear(out, genome),
            ("step", "pseudo-label", out / "human/train.parquet", "--genome-ids", genome,
             "--homologs", out / f"places/{genome}.parquet", "--genomes", out / f"{genome}.2bit",
             "--out", out / f"homologs/{genome}.npy"),
        ]  # fmt: skip
    for step in steps:
        assert regssl(*step) == 0
    return out


def chain(folder: Path, genome: str) -> Path:
    return folder / f"world/chains/simHumanTo{genome[0].upper()}{genome[1:]}.over.chain.gz"


def clear(folder: Path, genome: str) -> tuple[object, ...]:
    """The step that clears the homologs of a genome."""
    return ("step", "clear-homologs", folder / "bins.parquet", folder / f"places/{genome}.parquet",
            chain(folder, genome), folder / f"places/{genome}.cleared.parquet")  # fmt: skip


def audited(folder: Path, *more: object) -> int:
    """The exit code of the audit, which is that without cleared homologs and writes the same tables."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = audited_alone(folder, folder / "audited alone", *more)
    cleared = "--cleared", *[folder / f"places/{genome}.cleared.parquet" for genome in GENOMES]
    assert audited_alone(folder, folder / "audit", *cleared, *more) == code
    for path in (folder / "audited alone").glob("*"):
        assert path.read_bytes() == (folder / "audit" / path.name).read_bytes(), path.name
    return code


def audited_alone(folder: Path, out: Path, *more: object) -> int:
    """The exit code of the audit by chains, which reads nothing that was cleared."""
    return regssl(
        "step", "audit-leakage", out, "--dataset", "ctcf", "--human-id", "simHuman",
        "--bins", folder / "bins.parquet",
        *[word for split in ("train", "validation", "test") for word in (f"--{split}", folder / f"human/{split}.npy")],
        "--genome-ids", *GENOMES, "--homologs", *[folder / f"homologs/{genome}.npy" for genome in GENOMES],
        "--homolog-tables", *[folder / f"places/{genome}.parquet" for genome in GENOMES],
        "--chains", *[chain(folder, genome) for genome in GENOMES],
        *more,
    )  # fmt: skip


def counts(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "audit/counts.tsv", sep="\t").set_index(["genome", "split"])
