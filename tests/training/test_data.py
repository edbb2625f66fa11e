"""Which sets of which genomes a training job reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from helpers.training_sets import on_disk
from regssl.data.dataset import WindowDataset
from regssl.data.divergence import RATES
from regssl.errors import DataError
from regssl.methods import resolve
from regssl.methods.settings import NoisyStudent, RunSettings
from regssl.training.data import TrainingData, TrainingFiles, with_pretrained

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
        ("sl_mutated", ["near", "far", "middle", "none"]),
        ("ssl-permuted50", ["near", "far", "middle", "none"]),
        ("phylo_augmentation-primates", ["near", "middle"]),
    ],
)
def test_a_method_reads_the_sets_of_its_genomes_nearest_first(
    files: TrainingFiles, method: str, selected: list[str]
) -> None:
    assert files.homologs_of(resolve(method)) == [f"{genome}.npy" for genome in selected]


def test_the_distances_of_the_genomes_that_a_method_uses(files: TrainingFiles) -> None:
    assert files.distances_of(resolve("ssl_ns"))[:3] == [0.01, 0.9, 0.3]
    assert files.distances_of(resolve("ssl_ns-nearest2")) == [0.01, 0.3]
    needs = resolve("ssl_ns").needs_distances
    assert [needs(NoisyStudent(distance_decays=own)) for own in ([0.0], [0.0, 2.0])] == [False, True]
    assert not resolve("ssl").needs_distances(NoisyStudent(distance_decays=[2.0]))


@pytest.mark.parametrize("name", ["genomes", "divergence", "clades"])
def test_what_a_selection_of_genomes_lacks_is_named(files: TrainingFiles, name: str) -> None:
    lacking = replace(files, **{name: getattr(files, name)[:-1]})
    assert len(lacking.homologs_of(resolve("ssl"))) == 4, "methods with all genomes do not need it"
    with pytest.raises(
        DataError, match=rf"'ssl-nearest1' needs the divergence of its genomes: 4 sets, 3 {name} \(give --{name}"
    ):
        lacking.homologs_of(resolve("ssl-nearest1"))


def test_a_method_with_homologs_needs_some(files: TrainingFiles) -> None:
    with pytest.raises(DataError, match="method 'ssl-nearest1' needs homologs windows, and there are none"):
        replace(files, homologs=[]).homologs_of(resolve("ssl-nearest1"))


def test_sizes_width_and_digests(tmp_path: Path) -> None:
    human, validation = on_disk(tmp_path, "human", 160, 4), on_disk(tmp_path, "validation", 40, 5)
    files = TrainingFiles(human, validation, [on_disk(tmp_path, "a", 30, 1), on_disk(tmp_path, "b", 20, 2)])
    data = TrainingData.read(files, resolve("ssl"), RunSettings(architecture="deepbind"))
    assert data.sizes == {"human": 160, "homologs": 50, "validation": 40} and data.width == 40
    assert data.homologs is not None and data.homologs.genomes is not None
    assert data.homologs.genomes.tolist() == [0] * 30 + [1] * 20
    digests = data.sha256()
    assert list(digests) == ["human", "homologs", "validation"] and len(set(digests.values())) == 3
    alone = TrainingData.read(files, resolve("sl"), RunSettings(architecture="deepbind"))
    assert alone.homologs is None and alone.sizes["homologs"] == 0
    assert alone.sha256() == {name: digests[name] for name in ("human", "validation")}


def test_a_class_that_is_missing() -> None:
    both, none = (WindowDataset(torch.zeros(2, 9, dtype=torch.uint8), torch.tensor([0.0, one])) for one in (1.0, 0.0))
    assert TrainingData(both, None, both).missing_class(None, [0]) == ""
    assert TrainingData(none, None, both).missing_class(None, [0]) == "no positive training window"
    assert TrainingData(both, None, none).missing_class(None, [0]) == "no positive validation window"


def test_files_a_network_starts_from_are_one_folder() -> None:
    settings = RunSettings(architecture="dnabert2", params={"tokens": 64})
    assert with_pretrained(settings, []) is settings
    started = with_pretrained(settings, ["a b/config.json", "a b/tokenizer.json"])
    assert started.params == {"tokens": 64, "pretrained": "a b"} and "pretrained" not in settings.params
    with pytest.raises(DataError, match="pre-trained files in several folders: a and b"):
        with_pretrained(settings, ["a/config.json", "b/tokenizer.json"])
