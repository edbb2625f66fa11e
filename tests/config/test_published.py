"""Datasets whose test sets are those of published tasks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.paths import ROOT
from regssl.config.load import load_as_workflow
from regssl.config.project import Project
from regssl.config.published import tasks_of_datasets
from regssl.config.tables import DatasetRow
from regssl.errors import ConfigError
from regssl.evaluation.published import published_tasks


def tasks(*published: str, metrics: tuple[str, ...] = ("mcc", "mcc_tuned")) -> dict[str, str]:
    rows = {
        f"d{at}": DatasetRow(dataset=f"d{at}", name="D", sequences="x.csv", published=one)
        for at, one in enumerate(published)
    }
    config = SimpleNamespace(datasets="d.tsv", further_metrics=list(metrics))
    return tasks_of_datasets(rows, config)  # type: ignore[arg-type]


def test_tasks_of_datasets() -> None:
    assert tasks("gue_tf_1", "", "gue_tf_0") == {"d0": "gue_tf_1", "d2": "gue_tf_0"}
    assert tasks("", metrics=()) == {}


@pytest.mark.parametrize(
    ("published", "metrics", "message"),
    [
        (["gue_tf_7"], ("mcc", "mcc_tuned"), "row 'd0', column published: 'gue_tf_7' has no published score"),
        (
            ["gue_tf_0", "gue_tf_0"],
            ("mcc", "mcc_tuned"),
            "row 'd1', column published: .gue_tf_0. is in another row",
        ),
        (["gue_tf_0"], ("mcc",), "row 'd0', column published: its scores are MCC, which is not compared"),
    ],
)
def test_what_cannot_be_set_beside_published_scores(
    published: list[str], metrics: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        tasks(*published, metrics=metrics)


def test_the_five_tasks_of_gue_have_published_scores() -> None:
    config, _, _ = load_as_workflow([ROOT / "config/gue.yaml"], {})
    assert list(Project(config).published.values()) == published_tasks()
