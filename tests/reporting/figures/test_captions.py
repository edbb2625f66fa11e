"""Captions of figures: one text for our pages and for Snakemake's report."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from docutils.core import publish_parts

from helpers.paths import ROOT
from regssl.reporting.document import split_caption
from regssl.reporting.figures.captions import caption

FILES = sorted((ROOT / "src/regssl/resources/captions").glob("*.rst"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_snakemake_shows_the_words_of_the_page(path: Path) -> None:
    settings = {"report_level": 2, "halt_level": 2, "smart_quotes": False}
    body = publish_parts(path.read_text(), writer="html", settings_overrides=settings)["body"]
    assert " ".join(html.unescape(re.sub("<[^>]+>", "", body)).split()) == caption(path.stem)
    title, rest = split_caption(caption(path.stem))
    assert title.endswith(".") and rest


def test_every_caption_is_shown_by_the_workflow() -> None:
    rules = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    named = [
        path.stem
        for path in FILES
        if f"{{CAPTIONS}}/{re.sub('^ablation_.*', 'ablation_{kind}', path.stem)}.rst" in rules
    ]
    assert named == [path.stem for path in FILES]
