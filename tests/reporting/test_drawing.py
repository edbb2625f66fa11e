"""Drawings in pages: ids and colours of their own, and nothing that only a file needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.reporting.drawing import inline_drawing

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg>
<svg xmlns="s" width="9pt" viewBox="0 0 9 9"><metadata>m</metadata><defs><style type="t">*{x: y}</style></defs>
<clipPath id="p1"/><use href="#p1" clip-path="url(#p1)" style="fill: #0072b2; stroke: none"/>
<text>fill: #0072b2</text></svg>
"""


def test_a_drawing_is_put_in_with_ids_and_colours_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "an other"):
        (tmp_path / f"{name}.svg").write_text(SVG)
    first, second = (inline_drawing(tmp_path / f"{name}.svg") for name in ("one", "an other"))
    assert first.startswith('<svg viewBox="0 0 9 9" style="--width: 9">')
    assert (
        '<clipPath id="one-p1"/><use href="#one-p1" clip-path="url(#one-p1)"' in first and 'id="an-other-p1"' in second
    )
    assert 'style="fill: var(--c-0072b2, #0072b2); stroke: none"' in first and "<text>fill: #0072b2</text>" in first
    assert "metadata" not in first and "<style" not in first and "DOCTYPE" not in first


def test_a_file_that_is_no_drawing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.svg: No such file"):
        inline_drawing(tmp_path / "a.svg")
    (tmp_path / "a.svg").write_text("something else")
    with pytest.raises(DataError, match=r"a\.svg: holds no drawing"):
        inline_drawing(tmp_path / "a.svg")
    (tmp_path / "a.svg").write_bytes(b"<svg>\xff</svg>")
    with pytest.raises(DataError, match=r"a\.svg: cannot be read"):
        inline_drawing(tmp_path / "a.svg")
