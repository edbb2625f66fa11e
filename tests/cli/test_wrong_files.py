"""Files and values that are not what a command needs: one line that names them, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regssl.cli import main

NAMES = {"datasets": {"ctcf": "CTCF"}, "models": {}, "methods": {"sl": "SL"}}
END = ["--names", "names.json", "--out", "out"]
REPORTS = {
    "table1": ["--lift", "X", "--counts", "X", "--peaks", "X"],
    "table2": ["--summary", "X"],
    "figure2": ["--summary", "X"],
    "figure3": ["--effects", "X", "--scores", "X"],
    "comparison": ["--methods", "X", "--differences", "X", "--exposure", "X"],
    "paper-comparison": ["--summary", "X", "--positives", "X"],
    "published": ["--methods", "X", "--summary", "X", "--tasks", "gue_tf_0"],
    "learned": [
        *("--filters", "X", "--learned", "X", "--models", "a", "--methods", "sl", "--seeds", "0", "--dataset", "ctcf")
    ],
    "leakage": ["--counts", "X", "--examples", "X", "--strata", "X"],
    "divergence": ["X", "--clades", "glire", "--tree-distances", "0.5"],
    "ablation genomes": ["--summary", "X"],
    "gain-components": [
        *("--summary", "X", "--differences", "X", "--replicates", "ctcf", "--datasets", "ctcf", "--splits", "default")
    ],
    "lift-figure": ["--lift", "X"],
    "variant-effects": ["--effects", "X", "--counts", "X"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("names.json").write_text(json.dumps(NAMES))
    Path("other.tsv").write_text("some\tcolumns\n1\t2\n")
    Path("empty.tsv").write_text("")
    return tmp_path


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 1
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    return text


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nope.tsv", "nope.tsv: No such file"),
        ("empty.tsv", "empty.tsv: the table is empty"),
        ("other.tsv", "other.tsv has no column '"),
    ],
)
def test_every_report_names_a_table_it_cannot_use(
    report: str, file: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [file if word == "X" else word for word in REPORTS[report]]
    assert message in error_of(["report", *report.split(), *words, *END], capsys)


def test_positives_of_another_table_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["dataset", "model", "method", "seed", "split", "windows", "positives", "prevalence", "aupr", "auroc"]
    Path("summary.tsv").write_text("\t".join(columns) + "\n" + "ctcf cnn sl 0 test 9 3 .3 .5 .5".replace(" ", "\t"))
    arguments = ["report", "paper-comparison", "--summary", "summary.tsv", "--positives", "other.tsv", *END]
    assert "other.tsv has no column 'dataset'" in error_of(arguments, capsys)


def test_an_ablation_without_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["dataset", "model", "method", "seed", "split", "windows", "positives", "prevalence", "aupr", "auroc"]
    Path("summary.tsv").write_text("\t".join(columns) + "\n" + "ctcf cnn sl 0 test 9 3 .3 .5 .5".replace(" ", "\t"))
    for kind, option in (("genomes", "divergence"), ("train_size", "counts")):
        message = error_of(["report", "ablation", kind, "--summary", "summary.tsv", *END], capsys)
        assert f"the ablation '{kind}' needs a table of {option} (give --{option})" in message


@pytest.mark.parametrize(("content", "message"), [(None, "No such file"), ("{", "not JSON"), ("{}", "has no key")])
def test_metrics_that_are_no_metrics(content: str | None, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    if content is not None:
        Path("m.json").write_text(content)
    assert f"m.json: {message}" in error_of(["step", "summarize", "out.tsv", "m.json"], capsys)


def test_a_genome_without_a_display_name_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    from regssl.reporting.tables.divergence import COLUMNS

    Path("d.tsv").write_text("\t".join(COLUMNS) + "\n" + "\t".join(["mm10", *["1"] * (len(COLUMNS) - 1)]) + "\n")
    Path("names.json").write_text(json.dumps({**NAMES, "genomes": {"rn7": "Rat"}}))
    arguments = ["report", "divergence", "d.tsv", "--clades", "glire", "--tree-distances", "none", *END]
    assert "names.json: genome 'mm10' has no display name (names: rn7)" in error_of(arguments, capsys)


def test_a_rate_that_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    for value in ("nan", "inf", "-1"):
        message = error_of(["simulate", "x", "--size", "small", "--site-turnover", value], capsys)
        assert "site_turnover is" in message and "must be finite and not negative" in message
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["step", "prepare-variants", "a", "b", "c", "--format", "foo"],
            "argument --format: invalid choice: 'foo' (choose from",
        ),
        (["step", "bogus"], "regssl step: error: no command 'bogus'; `regssl step --help` lists them"),
        (
            ["report", "divergence", "d.tsv", "--clades", "x", "--tree-distances", "far", *END],
            "argument --tree-distances: invalid",
        ),
    ],
)
def test_wrong_words(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2 and message in capsys.readouterr().err
