"""Which sets of which genomes a training job reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from regssl.data.divergence import RATES
from regssl.errors import DataError
from regssl.methods import resolve
from regssl.training.data import TrainingFiles

DIVERGENCE = {"near": 0.01, "far": 0.9, "middle": 0.3, "none": None}
CLADES = ["primate", "marsupial", "primate", ""]


@pytest.fixture
def files(tmp_path: Path) -> TrainingFiles:
    """A set and a table of divergence per genome; the last has no homologs, so its divergence is missing."""
    for genome, rate in DIVERGENCE.items():
        row = {"genome": genome, **dict.fromkeys(RATES, 1), "substitutions_per_site": rate}
        pd.DataFrame([row]).to_csv(tmp_path / f"{genome}.tsv", sep="\t", index=False)
    tables = [tmp_path / f"{genome}.tsv" for genome in DIVERGENCE]
    sets = [f"{genome}.npy" for genome in DIVERGENCE]
    return TrainingFiles("human.npy", "validation.npy", sets, list(DIVERGENCE), tables, CLADES)


@pytest.mark.parametrize(
    ("method", "selected"),
    [
        ("sl", []),
        ("ssl", ["near", "far", "middle", "none"]),
        ("ssl-train25", ["near", "far", "middle", "none"]),
        ("ssl-nearest2", ["near", "middle"]),
        ("ssl-farthest2", ["far", "none"]),
        ("ssl-primates", ["near", "middle"]),
        ("ssl-marsupials", ["far"]),
    ],
)
def test_a_method_reads_the_sets_of_its_genomes_nearest_first(
    files: TrainingFiles, method: str, selected: list[str]
) -> None:
    assert files.homologs_of(resolve(method)) == [f"{genome}.npy" for genome in selected]


@pytest.mark.parametrize("name", ["genomes", "divergence", "clades"])
def test_what_a_selection_of_genomes_lacks_is_named(files: TrainingFiles, name: str) -> None:
    lacking = replace(files, **{name: getattr(files, name)[:-1]})
    assert len(lacking.homologs_of(resolve("ssl"))) == 4, "methods with all genomes do not need it"
    with pytest.raises(DataError, match=rf"'ssl-nearest1' selects genomes: 4 sets, 3 {name} \(give --{name}"):
        lacking.homologs_of(resolve("ssl-nearest1"))
