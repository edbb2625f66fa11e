"""Render a data frame as a page of HTML that needs no other file, to be read alone or inside Snakemake's report."""

from __future__ import annotations

import re
from itertools import groupby

import jinja2
import pandas as pd
from markupsafe import Markup

from regssl.reporting.format import MISSING

LONG = 50  # characters of a cell that is wrapped
_NUMBER = re.compile(r"^[-+−<]?\d")
_INTERVAL = re.compile(r"^(?P<value>\S+) (?P<rest>\(.+\))$")
_TITLE = re.compile(r"(Table \d+\. )?.+?\.(?= |$)")
_TEMPLATES = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_TABLE = _TEMPLATES.from_string(
    """\
<table>
<caption>{{ caption }}</caption>
<thead>
{% if groups %}
<tr class="groups">
{% for name, width in groups %}
{% if name %}
<th scope="colgroup" colspan="{{ width }}" class="group">{{ name }}</th>
{% else %}
<td colspan="{{ width }}"></td>
{% endif %}
{% endfor %}
</tr>
{% endif %}
<tr class="columns">
{% for heading, number in columns %}
<th scope="col"{% if number %} class="number"{% endif %}>{{ heading }}</th>
{% endfor %}
</tr>
</thead>
<tbody>
{% for row in rows %}
<tr>
{% for cell in row %}
{% if loop.first %}<th scope="row"{% else %}<td{% endif %}\
{% if cell.style %} class="{{ cell.style }}"{% endif %}{% if cell.missing %} aria-label="no value"{% endif %}>\
{% if cell.bold %}<strong>{{ cell.value }}</strong>{% else %}{{ cell.value }}{% endif %}\
{% if cell.rest %} <span class="interval">{{ cell.rest }}</span>{% endif %}\
{% if loop.first %}</th>{% else %}</td>{% endif %}

{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
"""
)
_PAGE = _TEMPLATES.from_string(
    """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { margin: 1.5rem; background: #fff; color: #1c1c1c; }
body { font: 15px/1.45 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
table { border-collapse: separate; border-spacing: 0; border-top: 2px solid #1c1c1c; border-bottom: 2px solid #1c1c1c; }
caption { max-width: 60rem; padding: 0 0 .7rem; text-align: left; color: #333; }
th, td { padding: .34rem .9rem; text-align: left; vertical-align: baseline; white-space: pre; }
thead th, thead td { position: sticky; z-index: 2; top: 0; height: 1.4rem; background: #fff; font-weight: 600; }
thead tr.columns th { border-bottom: 1px solid #1c1c1c; }
thead tr.groups + tr.columns th { top: 2.08rem; }
thead th.group { text-align: center; border-bottom: 1px solid #bbb; }
tbody th { position: sticky; left: 0; background: inherit; font-weight: 500; }
tbody tr { background: #fff; }
tbody tr:nth-child(even) { background: #f5f6f8; }
tbody tr:hover { background: #e8eef6; }
.text { min-width: 22rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums lining-nums; }
.interval { color: #595959; font-size: .86em; }
{{ style }}</style>
</head>
<body>
{{ body }}</body>
</html>
"""
)


def render_page(
    frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None, below: Markup | None = None
) -> str:
    """Render a page with one table; its title is the first sentence of the caption. Arguments as for `render_table`.

    `below` is what stands under the table, such as another one.
    """
    title = found[0] if (found := _TITLE.match(caption)) else caption
    table = render_table(frame, caption, bold)
    if below is None:
        return render_document(title, table)
    return render_document(title, table + below, ".wide { margin-top: 2.5rem; }\n")


def render_document(title: str, body: Markup, style: Markup | str = "") -> str:
    """Render a document around a body of HTML; `style` holds CSS rules besides those of tables."""
    return _PAGE.render(title=title, body=body, style=style)


def render_table(frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None) -> Markup:
    """Render a table: the caption above, the header in view while scrolling, numbers aligned right.

    Args:
        frame: cells as strings. Two column levels are (group, column); neighbours of one group share a heading. The
            first column heads the rows. Of a cell such as `0.18 (0.15 to 0.20)` the bracket is set smaller.
        caption: what the numbers are.
        bold: cells to emphasise: bool, same shape as `frame`.
    """
    columns = [column if isinstance(column, tuple) else ("", column) for column in frame.columns]
    cells = frame.astype(str).to_numpy()
    is_number = [_is_number(list(cells[:, i])) for i in range(len(columns))]
    emphasis = None if bold is None else bold.to_numpy(dtype=bool)
    groups = [(name, len(list(members))) for name, members in groupby(group for group, _ in columns)]
    rows = [
        [
            _cell(value, is_number[i], emphasis is not None and bool(emphasis[row, i]))
            for i, value in enumerate(cells[row])
        ]
        for row in range(len(cells))
    ]
    html = _TABLE.render(
        caption=caption,
        groups=groups if any(name for name, _ in groups) else [],
        columns=list(zip([heading for _, heading in columns], is_number, strict=True)),
        rows=rows,
    )
    return Markup(html + "\n")  # escaped by the template


def _cell(text: str, number: bool, bold: bool) -> dict[str, object]:
    split = _INTERVAL.match(text) if number else None
    return {
        "value": split["value"] if split else text,
        "rest": split["rest"] if split else "",
        "style": "number" if number else "text" if len(text) > LONG else "",
        "bold": bold,
        "missing": text == MISSING,
    }


def _is_number(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell != MISSING]
    return bool(filled) and all(_NUMBER.match(cell) for cell in filled)
