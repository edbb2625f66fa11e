"""The manual's tables of keys and columns: complete, each key in one place, with the defaults that runs have."""

from __future__ import annotations

import re
from collections import Counter

import pytest

import settings_tables
from helpers.paths import ROOT
from settings_tables import TABLES, all_keys, column_table, key_table, keys_under

PAGES = [page.read_text() for page in sorted((ROOT / "docs").rglob("*.md"))]
GRADES = {"paper", "lab", "published", "ours"}


def marks(kind: str) -> list[str]:
    """What the pages ask for, over all pages."""
    found = [mark for page in PAGES for mark in re.findall(rf"<!-- {kind}: (.*?) -->", page)]
    return [name.strip() for mark in found for name in mark.split(",")]


def test_every_key_is_in_one_place() -> None:
    shown = Counter(key for path in marks("keys") for key in keys_under(path))
    assert shown == Counter(list(all_keys()))


def test_every_table_is_in_one_place() -> None:
    assert sorted(marks("columns")) == sorted(TABLES)


def test_every_key_and_column_says_what_it_means() -> None:
    assert not [key for key, schema in all_keys().items() if len(schema.get("description", "")) < 10]
    columns = [schema for row in TABLES.values() for schema in row.model_json_schema()["properties"].values()]
    assert all(schema.get("description") for schema in columns)


def test_grades_are_those_that_the_page_explains() -> None:
    grades = {schema["grade"] for schema in all_keys().values() if "grade" in schema}
    (page,) = [page for page in PAGES if page.startswith("# Keys")]
    assert grades <= GRADES and all(f"| {grade} |" in page for grade in GRADES)


def cells(table: str, name: str) -> list[str]:
    """The cells of the row of a key or column, without its anchor."""
    (row,) = [line for line in table.splitlines() if re.match(rf"\| [^|]*`{re.escape(name)}` \|", line)]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[2:-1]]


@pytest.mark.parametrize(
    "key, kind, default, grade",
    [
        ("bins.width", "integer ≥ 20, ≤ 10,000", "`200`", "lab"),
        ("sampling.max_negatives", "integer > 0 or `null`", "`1000000`", "ours"),  # null in the class
        ("training.precision", "`32-true` or `bf16-mixed`", "`32-true`", ""),
        ("training.patience", "integer > 0 or `null`", "`null`", "ours"),
        ("recipes.rounds[].datasets", "list of text", "required", ""),
        ("models.<id>.resources.mem_mb", "integer > 0", "`8000`", ""),
        ("splits.validation", "list of text", "`[chr6, chr7]`", "ours"),
        ("splits.train", "list of text", "as `config.yaml` has it", "ours"),  # nineteen chromosomes
    ],
)
def test_a_row_of_keys(key: str, kind: str, default: str, grade: str) -> None:
    row = cells(key_table(["bins", "sampling", "training", "recipes", "models", "splits"]), key)
    assert (row[0], row[1], row[3]) == (kind, default, grade)


def test_a_row_of_columns() -> None:
    table = column_table("datasets")
    assert cells(table, "dataset")[0] == "required" and cells(table, "peak_centre")[0] == "`middle`"


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="no key bin"):
        key_table(["bin"])


def test_text_is_markdown_that_shows_it() -> None:
    assert settings_tables._text("a < b | `c < d`") == "a &lt; b \\| `c < d`"
