"""The key `explain`: which runs are explained, and with which known motifs."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.paths import ROOT
from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.errors import ConfigError

PAPER = [ROOT / "config/config.yaml"]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def project(**changed: object) -> Project:
    few = {"select_datasets": ["ctcf", "atf3"], "select_genomes": ["mm10"], "seeds": [0, 1]}
    return Project(load_config(PAPER, few | changed))


def test_nothing_is_explained_unless_it_is_asked() -> None:
    assert project().explained_datasets() == []


def test_runs_of_the_named_methods_by_networks_with_filters_are_explained() -> None:
    plan = project(explain={}, run_models=["deepbind", "dnabert2"], methods=["sl", "ssl", "ssl_ns", "motif_scan"])
    runs = [("deepbind", method, seed) for method in ("sl", "ssl") for seed in (0, 1)]
    assert plan.explained_runs("ctcf") == runs
    assert plan.explained_files("filters.tsv", "ctcf")[0] == "results/runs/ctcf/deepbind/sl/seed0/learned/filters.tsv"
    assert "results/runs/atf3/learned.tsv" in plan.dataset_results("atf3")
    assert plan.factor("ctcf") == "CTCF"


def test_known_motifs_are_those_of_the_key_or_of_motifs(tmp_path: Path) -> None:
    url = "https://example.org/known.meme#sha256=" + 64 * "a"
    plan = project(explain={"motifs": url}, motifs="mine.meme")
    assert (plan.known_motifs, plan.motifs) == ("downloads/example.org/known.meme", "mine.meme")
    assert [source.origin for source in plan.downloads.values() if source.kind == "motifs"] == ["key `explain.motifs`"]
    assert project(explain={}, motifs="mine.meme").known_motifs == "mine.meme"


def test_methods_that_are_not_run_are_told() -> None:
    (line,) = [line for line in project(explain={"methods": ["ssl"]}, methods=["sl"]).pending if "explain" in line]
    assert line == "key `explain.methods`: ssl: not in `methods`, so that nothing is explained"
    assert not any("explain" in line for line in project(explain={}, methods=["sl"]).pending)


@pytest.mark.parametrize(
    ("explain", "problem"),
    [
        ({"methods": ["gc_logistic"]}, "'gc_logistic' is a baseline, which has no filters"),
        ({"methods": ["sll"]}, "sll"),
        ({"threshold": 1}, "threshold"),
    ],
)
def test_a_wrong_value_is_named(explain: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        project(explain=explain)
