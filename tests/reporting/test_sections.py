"""A page of several sections needs no other file, escapes what people type, and keeps drawings apart."""

from __future__ import annotations

import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.reporting.html import render_page
from regssl.reporting.sections import (
    embed,
    embed_image,
    render_article,
    render_heading,
    render_list,
    render_paragraphs,
    render_wide_table,
)

DRAWING = '<svg xmlns="s"><clipPath id="p1"/><use href="#p1" clip-path="url(#p1)"/></svg>'
SVG = f'<?xml version="1.0"?>\n<!DOCTYPE svg>\n{DRAWING}\n'


def test_parts_in_order_and_escaped():
    text = render_article(
        "Is <it>?", [render_heading("A & B"), render_paragraphs("one < two"), render_list([("x:", "<y>")])]
    )
    body = text[text.index("<body>") :]
    assert body == (
        "<body>\n<h1>Is &lt;it&gt;?</h1>\n<h2>A &amp; B</h2>\n<p>one &lt; two</p>\n"
        "<ul>\n<li><strong>x:</strong> &lt;y&gt;</li>\n</ul>\n</body>\n</html>"
    )
    assert "<title>Is &lt;it&gt;?</title>" in text


def test_a_drawing_is_put_in_with_ids_of_its_own(tmp_path):
    for name in ("one", "an other"):
        (tmp_path / f"{name}.svg").write_text(SVG)
    first, second = (embed_image(tmp_path / f"{name}.svg", "A <caption>") for name in ("one", "an other"))
    assert '<clipPath id="one-p1"/><use href="#one-p1" clip-path="url(#one-p1)"/>' in first
    assert 'id="an-other-p1"' in second and "xml version" not in first and "DOCTYPE" not in first
    assert "<figcaption>A &lt;caption&gt;</figcaption>" in first and 'aria-label="A &lt;caption&gt;"' in first
    unseen = embed(tmp_path / "one.svg", "Described")
    assert 'aria-label="Described"' in unseen and "figcaption" not in unseen


def test_the_table_of_another_page(tmp_path):
    frame = pd.DataFrame({"Genome": ["<dog>"], "n": ["3"]})
    (tmp_path / "audit.html").write_text(render_page(frame, "Audit. More."))
    inlined = embed(tmp_path / "audit.html", "")
    assert (
        "&lt;dog&gt;" in inlined and "Audit. More." in inlined and "<body>" not in inlined and "<style>" not in inlined
    )
    assert inlined.count("<table>") == 1


def test_a_folded_table():
    text = render_wide_table(pd.DataFrame({"a": ["x"]}), "caption", folded="Open me")
    assert text.startswith("<details>\n<summary>Open me</summary>\n") and text.endswith("</details>\n")


@pytest.mark.parametrize("name", ["a.svg", "a.html"])
def test_a_file_that_is_no_part(tmp_path, name):
    with pytest.raises(DataError, match=f"{name}: cannot be read"):
        embed(tmp_path / name, "A caption")
    (tmp_path / name).write_text("something else")
    with pytest.raises(DataError, match=f"{name}: holds no (drawing|table)"):
        embed(tmp_path / name, "A caption")
