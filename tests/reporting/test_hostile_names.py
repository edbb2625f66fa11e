"""Display names that mean something to matplotlib, XML, HTML, Jinja or Python are shown as they are, everywhere."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.curves import DIVERGENCES, RUNS, SCORES
from helpers.display import HOSTILE
from helpers.evidence import AUPR, NAMES, evidence
from regssl.cli import main
from regssl.data.homologs import LOSSES
from regssl.evaluation.ablations import divergence_curve
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import COLUMNS as SUMMARY_COLUMNS
from regssl.evaluation.summary import MCCS, OPTIONAL_COLUMNS, DisplayNames
from regssl.reporting.comparison_page import write_comparison_page
from regssl.reporting.figures.ablations import plot_divergence_curve
from regssl.reporting.figures.figure3 import figure3
from regssl.variants.effects import correlation_table, mean_scores


class Page(HTMLParser):
    """The texts of a page, and the names of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def without_breaks(text: str) -> str:
    return re.sub(r"\s", "", text)


def assert_drawn(path: Path, names: list[str]) -> None:
    """Check that a drawing is XML whose texts hold the names, though lines may be broken."""
    texts = without_breaks("".join(ElementTree.parse(path).getroot().itertext()))
    assert [name for name in names if without_breaks(name) not in texts] == []
    width, _ = np.frombuffer(path.with_suffix(".png").read_bytes()[16:24], ">u4") / 300 * 25.4
    assert width <= 180.2


def assert_written(path: Path, names: list[str]) -> None:
    """Check that a page holds the names as text, and no element of theirs."""
    page = Page(path.read_text(encoding="utf-8"))
    text = "".join(page.texts)
    assert [name for name in names if name not in text] == []
    assert page.elements["script"] == page.elements["body"] == 1 and not page.elements["b"]


def named(ids: list[str], skip: int = 0) -> dict[str, str]:
    return dict(zip(ids, islice(cycle(HOSTILE), skip, None), strict=False))


def test_table_2_figure_2_and_the_lift_figure(tmp_path: Path) -> None:
    datasets, genomes = named([f"d{n}" for n in range(len(HOSTILE))]), named([f"g{n}" for n in range(12)], skip=3)
    lifted = {dataset: datasets[dataset] for dataset in list(datasets)[:3]}
    models, methods = named(["a", "b"], skip=3), {"sl": "SL", "ssl": "SSL"}
    names = {"datasets": datasets, "models": models, "methods": methods, "paper_methods": methods, "genomes": genomes}
    (tmp_path / "summary.json").write_text(json.dumps(names), encoding="utf-8")
    (tmp_path / "lift.json").write_text(json.dumps(names | {"datasets": lifted}), encoding="utf-8")
    runs = [(dataset, model, method, seed, "test", 1000, 50, 0.05, aupr + seed / 99, 0.5 + aupr / 2,
             seed > 0, seed > 0, "", *[0.5] * len(MCCS))
            for dataset in datasets for model in models for method, aupr in (("sl", 0.2), ("ssl", 0.3))
            for seed in range(2)]  # fmt: skip
    columns = [*SUMMARY_COLUMNS, *OPTIONAL_COLUMNS]
    pd.DataFrame(runs, columns=columns).to_csv(tmp_path / "summary.tsv", sep="\t", index=False)
    lift = [(dataset, genome, name, label, 100, *[2] * len(LOSSES), 100 - 2 * len(LOSSES))
            for dataset in lifted for genome, name in genomes.items() for label in (1, 0)]  # fmt: skip
    columns = ["dataset", "genome", "name", "label", "windows", *LOSSES, "kept"]
    pd.DataFrame(lift, columns=columns).to_csv(tmp_path / "lift.tsv", sep="\t", index=False)
    for report, table in (("table2", "summary"), ("figure2", "summary"), ("lift-figure", "lift")):
        files = [f"--{table}", f"{tmp_path}/{table}.tsv", "--names", f"{tmp_path}/{table}.json"]
        assert main(["report", report, *files, "--out", f"{tmp_path}/{report}"]) == 0
    assert_written(tmp_path / "table2.html", [*datasets.values(), *models.values()])
    assert_drawn(tmp_path / "figure2.svg", [*datasets.values(), *models.values()])
    assert_drawn(tmp_path / "lift-figure.svg", [*lifted.values(), *genomes.values()])


@pytest.mark.parametrize("skip", (0, 4, 12))
def test_figure_3(tmp_path: Path, skip: int) -> None:
    datasets, sets, models = named(["d"], skip), named(["s", "t"], skip + 1), named(["a", "b"], skip + 3)
    rng, n = np.random.default_rng(5), 12
    table = pd.DataFrame({"chrom": "NA", "pos": np.arange(n), "ref": "A", "alt": "C", "split": "test", "dataset": "d"})
    table["balanced"] = False
    scores = pd.concat(
        table.assign(variant_set=variant_set, model=model, method="sl", seed=0, effect=rng.normal(size=n),
                     score=rng.normal(size=n)) for variant_set in sets for model in models
    )  # fmt: skip
    names = DisplayNames(datasets, models, {"sl": "SL"})
    effects = correlation_table(scores, n_bootstrap=10)
    figure3(effects, mean_scores(scores), names, sets, tmp_path / "f.svg", tmp_path / "f.png")
    assert_drawn(tmp_path / "f.svg", [*datasets.values(), *sets.values(), *models.values()])


@pytest.mark.parametrize("skip", (0, 6, 12))
def test_the_page_of_comparisons_and_its_figures(tmp_path: Path, skip: int) -> None:
    datasets, models = named(list(AUPR), skip), named(["deepbind", "other"], skip)
    names = DisplayNames(datasets, models, {method: NAMES[method] for method in AUPR["ctcf"]})
    ablation = DisplayNames(named(["ctcf", "rest"], skip), models, {"sl": "SL", "ssl": "SSL"})
    plot_divergence_curve(divergence_curve(SCORES, DIVERGENCES), ablation, tmp_path / "a.svg", tmp_path / "a.png")
    assert_drawn(tmp_path / "a.svg", [ablation.datasets["ctcf"]])
    write_comparison_page(evidence(AUPR), names, ComparisonSettings(), tmp_path / "page")
    assert_drawn(tmp_path / "page.svg", list(datasets.values()))
    assert_written(tmp_path / "page.html", list(datasets.values()))
    assert set(RUNS["dataset"]) == {"ctcf", "rest"}


def test_names_that_cannot_be_shown_are_refused_with_file_and_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"datasets": {"ctcf": "a\x1b[31mb"}, "models": {}, "methods": {}}
    (tmp_path / "names.json").write_text(json.dumps(names), encoding="utf-8")
    (tmp_path / "s.tsv").write_text("x\n")
    assert main(["report", "table2", "--summary", f"{tmp_path}/s.tsv", "--names", f"{tmp_path}/names.json",
                 "--out", f"{tmp_path}/t"]) != 0  # fmt: skip
    said = capsys.readouterr().err
    assert said.strip().isprintable()
    assert r"names.json: datasets: the name of ctcf, 'a\x1b[31mb', holds (U+001B" in said
