"""Methods with subsets."""

from __future__ import annotations

import pandas as pd
import pytest

from regssl.errors import ConfigError, DataError
from regssl.methods import METHODS, resolve
from regssl.methods.subsets import parse_subset

DIVERGENCE = pd.DataFrame(
    {
        "genome": ["mouse", "chimp", "opossum", "macaque", "platypus"],
        "clade": ["glire", "primate", "marsupial", "primate", "monotreme"],
        "substitutions_per_site": [0.5, 0.01, 0.77, 0.08, 0.9],
    }
)


@pytest.mark.parametrize(
    ("text", "genomes"),
    [
        ("nearest2", ["chimp", "macaque"]),
        ("farthest2", ["opossum", "platypus"]),
        ("nearest9", ["chimp", "macaque", "mouse", "opossum", "platypus"]),
        ("primates", ["chimp", "macaque"]),
        ("placentals", ["mouse"]),
        ("marsupials", ["opossum"]),
        ("train25", ["chimp", "macaque", "mouse", "opossum", "platypus"]),
    ],
)
def test_the_genomes_of_a_subset(text: str, genomes: list[str]) -> None:
    parsed = parse_subset(text)
    assert parsed is not None and parsed.select_genomes(DIVERGENCE) == genomes


def test_a_group_without_a_genome() -> None:
    subset = parse_subset("marsupials")
    assert subset is not None
    with pytest.raises(DataError, match="no genome among chimp, macaque is one of marsupials"):
        subset.select_genomes(DIVERGENCE.iloc[[1, 3]])


@pytest.mark.parametrize(
    "text",
    ["", "nearest", "nearest0", "nearest-1", "train0", "train100", "permuted101", "human25", "turnover25", "moths"],
)
def test_no_subset(text: str) -> None:
    assert parse_subset(text) is None


@pytest.mark.parametrize(
    ("method_id", "name"),
    [
        ("ssl-nearest4", "SSL, 4 nearest"),
        ("ssl-placentals", "SSL, other placentals"),
        ("sl-train25", "SL, 25 % of the human windows"),
        ("ssl_ns-farthest1", "SSL-NS, 1 farthest"),
        ("ssl_filtered-nearest4", "SSL, filtered, 4 nearest"),
        ("ssl-permuted50", "SSL, 50 % of labels permuted"),
        ("sl-fold2", "SL, without fold 2"),
        ("sl-train25-fold2", "SL, 25 % of the human windows, without fold 2"),
    ],
)
def test_a_method_with_a_subset(method_id: str, name: str) -> None:
    method = resolve(method_id)
    assert method.name == name and method.subset is not None
    assert method.id == method_id and method_id.startswith(f"{method.base}-") and not method.is_paper
    assert method.extra_windows == METHODS[method.base].extra_windows


@pytest.mark.parametrize(
    "method_id",
    [
        "sl-nearest4",
        "gc_logistic-train25",
        "sl_mutated-primates",
        "ssl_ns-permuted50",
        "ssl_filtered-permuted50",
        "ssl-",
        "ssl-nearest4-train25",
        "ssl-fold1",
        "sl-fold0",
        "sl-fold2-train25",
    ],
)
def test_a_subset_that_a_method_cannot_have(method_id: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown method '{method_id}'"):
        resolve(method_id)
