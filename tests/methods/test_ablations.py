"""Methods with doses."""

from __future__ import annotations

import pandas as pd
import pytest

from regssl.errors import ConfigError, DataError
from regssl.methods import METHODS, resolve
from regssl.methods.ablations import dose_methods, parse_dose

DIVERGENCE = pd.DataFrame(
    {
        "genome": ["mouse", "chimp", "opossum", "macaque", "platypus"],
        "clade": ["glire", "primate", "marsupial", "primate", "monotreme"],
        "substitutions_per_site": [0.5, 0.01, 0.77, 0.08, 0.9],
    }
)


@pytest.mark.parametrize(
    ("dose", "genomes"),
    [
        ("nearest2", ["chimp", "macaque"]),
        ("farthest2", ["opossum", "platypus"]),
        ("nearest9", ["chimp", "macaque", "mouse", "opossum", "platypus"]),
        ("primates", ["chimp", "macaque"]),
        ("placentals", ["mouse"]),
        ("marsupials", ["opossum"]),
        ("human25", ["chimp", "macaque", "mouse", "opossum", "platypus"]),
    ],
)
def test_the_genomes_of_a_dose(dose: str, genomes: list[str]) -> None:
    parsed = parse_dose(dose)
    assert parsed is not None and parsed.choose(DIVERGENCE) == genomes


def test_a_group_without_a_genome() -> None:
    dose = parse_dose("marsupials")
    assert dose is not None
    with pytest.raises(DataError, match="no genome among chimp, macaque is one of marsupials"):
        dose.choose(DIVERGENCE.iloc[[1, 3]])


@pytest.mark.parametrize("text", ["", "nearest", "nearest0", "nearest-1", "human0", "human100", "turnover101", "moths"])
def test_no_dose(text: str) -> None:
    assert parse_dose(text) is None


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("ssl-nearest4", "SSL, 4 nearest"),
        ("ssl-placentals", "SSL, other placentals"),
        ("sl-human25", "SL, 25 % of the human windows"),
        ("ssl_ns-farthest1", "SSL-NS, 1 farthest"),
        ("ssl-turnover50", "SSL, 50 % of labels permuted"),
    ],
)
def test_a_method_with_a_dose(id: str, name: str) -> None:
    method = resolve(id)
    assert method.name == name and method.dose is not None
    assert method.sets == METHODS[id.partition("-")[0]].sets


@pytest.mark.parametrize(
    "id", ["sl-nearest4", "gc-human25", "sl_mutated-primates", "ssl_ns-turnover50", "ssl-", "ssl-nearest4-human25"]
)
def test_a_dose_that_a_method_cannot_have(id: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown method '{id}'"):
        resolve(id)


def test_the_doses_of_a_set_of_genomes() -> None:
    """Doses of all genomes are SSL itself, and groups without a genome are left out."""
    clades = {"chimp": "primate", "macaque": "primate", "mouse": "glire"}
    ids = dose_methods([1, 2, 4], [1, 3], True, [25], [50], clades)
    assert ids == [
        *("ssl-nearest1", "ssl-nearest2", "ssl-farthest1", "ssl-primates", "ssl-placentals"),
        *("sl-human25", "ssl-human25", "ssl-turnover50"),
    ]
    assert dose_methods([], [], True, [], [], {"chimp": "primate"}) == []
