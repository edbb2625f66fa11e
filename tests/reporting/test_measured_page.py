"""The page *Are the copied labels true?*: from the command line."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.display import HOSTILE
from helpers.measured_tables import CTCF_MOUSE, NAMES, measured_tables, write_tables
from helpers.outline import Outline
from regssl.cli import main

PLANNED = replace(NAMES, datasets={"ctcf": "CTCF", "max": HOSTILE[2]}, measured={"ctcf/mm10": "ES cells"})


def run(folder: Path, options: list[str]) -> int:
    (folder / "names.json").write_text(json.dumps(asdict(PLANNED)), encoding="utf-8")
    return main(
        ["report", "measured", *options, "--names", str(folder / "names.json"), "--out", str(folder / "measured")]
    )


def test_the_command_writes_page_figure_and_numbers(tmp_path: Path) -> None:
    assert run(tmp_path, write_tables(measured_tables([CTCF_MOUSE, ("max", "canFam3")]), tmp_path)) == 0
    page = (tmp_path / "measured.html").read_text(encoding="utf-8")
    outline = Outline(page)
    assert "The copies." in outline.strong and "Most copied positives are not bound there: 27 of 96" in page
    assert ">CTCF in Mouse (ES cells)</h2>" in page and page.count("<svg") == 1 and page.count("<details>") == 4
    tidy = pd.read_csv(tmp_path / "measured.tsv", sep="\t")
    assert set(tidy["dataset"]) == {"ctcf", "max"} and (tmp_path / "measured.png").exists()
    assert HOSTILE[2] not in page and "&lt;b id" in page, "names are text"


@pytest.mark.parametrize(
    ("table", "lost", "message"),
    [
        ("rates", {"label": 0}, "the table of true copies has no row of dataset ctcf, genome mm10"),
        ("discrimination", {"method": "ssl"}, "the table of scores of copies has no row of"),
        ("own", {"seed": 2, "method": "sl"}, "the table of own windows has no row of"),
    ],
)
def test_a_table_without_some_rows_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, lost: dict[str, object], message: str
) -> None:
    tables = measured_tables()
    rows = getattr(tables, table)
    kept = rows[~(rows[list(lost)] == pd.Series(lost)).all(axis=1)]
    assert run(tmp_path, write_tables(replace(tables, **{table: kept}), tmp_path)) != 0
    assert message in capsys.readouterr().err and not (tmp_path / "measured.html").exists()
