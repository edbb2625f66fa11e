"""Pages of one table."""

from __future__ import annotations

import pandas as pd

from regssl.reporting.html import render_page


def test_page_escapes_what_people_type():
    text = render_page(pd.DataFrame({"Dataset": ["<b>&"], "n": ["3"]}), "Sizes < 5. More.")
    assert "&lt;b&gt;&amp;" in text and "<title>Sizes &lt; 5.</title>" in text
    assert 'class="groups"' not in text, "one level of columns has no row of groups"
