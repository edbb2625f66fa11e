"""Pages: what a reader, a screen reader and a browser without a network get of a document."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pandas as pd

from helpers.outline import Outline
from regssl.reporting.document import (
    Document,
    Drawing,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Points,
    Verdict,
    Verdicts,
    make_cells,
)
from regssl.reporting.html import render_page


def page(*blocks) -> str:
    text = render_page(Document(title="Is <it>?", blocks=list(blocks)))
    Outline(text)
    return text


def body(text: str) -> str:
    return re.sub(r"\s+", " ", text.partition("<main")[2])


def test_blocks_in_order_and_escaped() -> None:
    text = page(
        Heading(text="A & B"), Paragraph(text="one < two"), Points(items=[("x:", "<y>")]), Facts(items=[("n", "<3")]),
        Heading(text="Part", level=3), Listing(title="Show", text="a: <b>"),
    )  # fmt: skip
    assert "<title>Is &lt;it&gt;?</title>" in text
    expected = (
        "<h1>Is &lt;it&gt;?</h1>", ">A &amp; B</h2>", "<p>one &lt; two</p>", "<li><strong>x:</strong> &lt;y&gt;</li>",
        "<dt>n</dt> <dd>&lt;3</dd>", "<h3>Part</h3>", "<summary>Show</summary>", "a: &lt;b&gt;</pre>",
    )  # fmt: skip
    assert sorted(expected, key=body(text).find) == list(expected) and all(part in body(text) for part in expected)


def test_a_table_has_scopes_numbers_and_intervals_apart() -> None:
    frame = pd.DataFrame({("", "Dataset"): ["<b>&", "y"], ("SL", "AUPR"): ["0.18 (0.15 to 0.20) ‡2", "–"]})
    bold = pd.DataFrame([[False, True], [False, False]])
    text = body(page(make_cells(frame, "Sizes < 5. More.", bold)))
    assert '<strong id="part-1-1">Sizes &lt; 5.</strong> More.' in text and 'aria-labelledby="part-1-1"' in text
    assert '<th scope="row">&lt;b&gt;&amp;</th>' in text and '<th scope="colgroup" colspan="1">SL</th>' in text
    assert '<td class="number"><strong>0.18 ‡2</strong> <span class="interval">(0.15 to 0.20)</span></td>' in text
    assert '<td class="number" aria-label="no value">–</td>' in text
    one_level = page(make_cells(pd.DataFrame({"a": ["x"]}), "A."))
    assert 'class="groups"' not in one_level, "one level of columns has no row of groups"


def test_a_folded_table_and_its_data(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("a\n<x>\n", encoding="utf-8")
    cells = make_cells(pd.DataFrame({"a": ["x"]}), "A.", folded="Open <me>", data=str(tmp_path / "t.tsv"))
    text = body(page(cells))
    assert "<details> <summary>Open &lt;me&gt;</summary>" in text
    link = re.search(r'href="data:text/tab-separated-values;charset=utf-8;base64,([^"]+)" download="t.tsv"', text)
    assert link and base64.b64decode(link[1]).decode() == "a\n<x>\n"


def test_verdicts_are_drawn_and_told() -> None:
    rows = [
        Verdict(name="CTCF <1>", conclusion="improves", text="Helps.", gain=(50.0, 20.0, 80.0)),
        Verdict(name="MAX", conclusion="no_score", text="No score."),
    ]
    text = body(page(Verdicts(caption="Gain.", rows=rows, margin=10)))
    assert "<strong>CTCF &lt;1&gt;</strong>" in text and "<span>No score.</span>" in text
    assert text.count("<circle") == 1 and ">+25</text>" in text and ">0</text>" in text


def test_a_list_of_contents_from_five_sections_on() -> None:
    def sections(n: int) -> str:
        return page(*(Heading(text="<S>") for _ in range(n)))

    assert "<nav" not in sections(4)
    links = re.findall(r'<a href="#([\w-]+)">&lt;S&gt;</a>', sections(5))
    assert len(set(links)) == 5 and all(f'id="{link}"' in sections(5) for link in links)


def test_the_script_is_the_only_one_that_may_run_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>', encoding="utf-8")
    text = page(Drawing(svg=str(tmp_path / "a.svg"), caption="A. B."))
    assert re.search(r"default-src &#39;none&#39;|default-src 'none'", text) and text.count("<script") == 1
    assert "://" not in text and "src=" not in text and "@import" not in text and "url(" not in text
