"""The page of results: the answer first, what is not there with its reason, and how a browser shows it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.browser import CHROMIUM, BrowserPage
from helpers.outline import Outline
from helpers.results_page import DATASETS, GENOMES, write_results
from regssl.reporting.made_with import commit
from regssl.reporting.results_page import SECTIONS

NAMES = [*DATASETS.values(), GENOMES["mm10"]]
ROWS = "document.querySelectorAll('table')[0]"
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("results"))


def headings(text: str) -> list[str]:
    return re.findall(r"<h2[^>]*>(.*?)</h2>", text)


def section(text: str, heading: str) -> str:
    return re.sub(r"\s+", " ", text.partition(f">{heading}</h2>")[2].partition("<h2")[0])


def test_the_answer_comes_first_and_what_is_missing_last(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    Outline(text)
    found = headings(text)
    assert found == [
        "The answer", "Table 1: windows before and after pseudo-labelling", "Is it the homologs?",
        "Are the copied labels true?", "What is not here", "What it was made with",
    ]  # fmt: skip
    answer = section(text, "The answer")
    assert "The homologs help beyond every control that was run:" in answer
    assert "Helps beyond every control: +100 % (+90 to +110) against SL." in answer
    assert "What these runs can find" in answer and 'download="comparison.tsv"' in answer
    assert text.count("What these runs can find") == 1, "it is not said again"
    absent = section(text, "What is not here")
    assert "Figure 3: effects of variants:" in absent and "key `snps`" in absent and "homologs?" not in absent


def test_without_a_comparison_there_is_a_reason_in_the_place_of_the_answer(tmp_path: Path) -> None:
    text = write_results(tmp_path, compared=False).read_text(encoding="utf-8")
    assert write_results(tmp_path, compared=False).read_text(encoding="utf-8") == text, "the same bytes again"
    assert headings(text)[0] == "Table 1: windows before and after pseudo-labelling"
    assert f"<strong>{SECTIONS['answer'].heading}:</strong> SL and SSL were not both run." in text


def test_what_it_was_made_with(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = section(text, "What it was made with")
    assert "<dt>numpy</dt> <dd>2.0, 2.1</dd>" in made and "<dt>python</dt> <dd>3.12.1</dd>" in made
    assert "chr&lt;6&gt;" in made and "https://x.org/a.bed?&lt;&amp;" in made
    own, table = (hashlib.sha256((page.parent / name).read_bytes()).hexdigest() for name in ("own.bed", "table1.tsv"))
    assert own in made and table in made
    assert re.search(r"<dt>Tested on</dt>\s*<dd>chr7</dd>", text)
    assert (revision := commit()) == "" or revision in text


def test_the_page_needs_no_other_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'(href|src|action|srcset)="(?!#|data:)', text) and "@import" not in text


@pytest.fixture(scope="module")
def shown(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserPage]:
    moved = tmp_path_factory.mktemp("alone") / "index.html"
    moved.write_bytes(page.read_bytes())
    with BrowserPage(moved, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@in_browser
def test_a_browser_asks_for_nothing_and_complains_of_nothing(shown: BrowserPage) -> None:
    assert [url.partition(":")[0] for url in shown.requested if not url.startswith("data:")] == ["file"]
    assert shown.errors == []


@in_browser
def test_names_are_text(shown: BrowserPage) -> None:
    text = shown.value("document.body.textContent")
    assert [name for name in NAMES if name not in text] == []
    assert shown.value("document.querySelectorAll('b, body script').length") == 1, "the script of the page"


@in_browser
def test_tables_sort_by_number_a_dash_last_and_back(shown: BrowserPage) -> None:
    def click() -> tuple[list[str], str]:
        shown.value(f"{ROWS}.querySelectorAll('th button')[1].click()")
        cells = shown.value(f"[...{ROWS}.tBodies[0].rows].map(row => row.cells[1].textContent.trim().slice(0, 5))")
        return cells, shown.value(f"{ROWS}.querySelectorAll('.columns th')[1].getAttribute('aria-sort')")

    assert click() == (["3", "1,000", "–"], "ascending")
    assert click() == (["1,000", "3", "–"], "descending")
    assert click() == (["3", "–", "1,000"], None)


@in_browser
def test_it_fits_a_telephone_and_has_a_dark_side(shown: BrowserPage) -> None:
    shown.send("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=2, mobile=True)
    assert shown.value("document.documentElement.scrollWidth") <= 390
    ground = "getComputedStyle(document.body).backgroundColor"
    for scheme, colour in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 24, 27)")):
        shown.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        assert shown.value(ground) == colour
