"""Simulated data, evolved and written once for all tests of `regssl.simulate`."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from helpers.simulated import PARAMETERS
from regssl.simulate import simulate
from regssl.simulate.evolution import EvolutionHistory, evolve


@pytest.fixture(scope="session")
def history() -> EvolutionHistory:
    return evolve(PARAMETERS)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated")
    simulate(out, PARAMETERS)
    return out


@pytest.fixture(scope="session")
def sequences(folder: Path) -> dict[str, dict[str, str]]:
    """Genome → contig → letters, read the obvious way."""
    return {path.name.removesuffix(".fa.gz"): read_fasta(path) for path in sorted((folder / "genomes").iterdir())}


@pytest.fixture(scope="session")
def sites(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "truth" / "sites.tsv.gz", sep="\t")


@pytest.fixture(scope="session")
def homology(folder: Path) -> dict[str, pd.DataFrame]:
    files = (folder / "truth").glob("*.homology.tsv.gz")
    return {path.name.removesuffix(".homology.tsv.gz"): pd.read_csv(path, sep="\t") for path in sorted(files)}


def read_fasta(path: Path) -> dict[str, str]:
    contigs: dict[str, list[str]] = {}
    with gzip.open(path, "rt") as file:
        for line in file:
            if line.startswith(">"):
                parts = contigs.setdefault(line[1:].strip(), [])
            else:
                assert len(line) <= 81
                parts.append(line.strip())
    return {name: "".join(parts) for name, parts in contigs.items()}
