"""A data frame as a page of HTML that needs no other file, to be read alone or inside Snakemake's report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from regssl.errors import DataError

MISSING = "–"
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
th, td { padding: .34rem .9rem; text-align: left; vertical-align: baseline; white-space: nowrap; }
thead th, thead td { position: sticky; z-index: 2; top: 0; height: 1.4rem; background: #fff; font-weight: 600; }
thead tr.columns th { border-bottom: 1px solid #1c1c1c; }
thead tr.groups + tr.columns th { top: 2.08rem; }
thead th.group { text-align: center; border-bottom: 1px solid #bbb; }
tbody th { position: sticky; left: 0; background: inherit; font-weight: 500; }
tbody tr { background: #fff; }
tbody tr:nth-child(even) { background: #f5f6f8; }
tbody tr:hover { background: #e8eef6; }
.text { min-width: 22rem; white-space: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums lining-nums; }
.interval { color: #595959; font-size: .86em; }
{{ style }}</style>
</head>
<body>
{{ body }}</body>
</html>
"""
)


def page(frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None) -> str:
    """A whole page with one table; its title is the first sentence of the caption. Arguments as for `table`."""
    title = found[0] if (found := _TITLE.match(caption)) else caption
    return whole(title, table(frame, caption, bold))


def whole(title: str, body: Markup, style: Markup | str = "") -> str:
    """A page around a body of HTML, with rules of style besides those of tables."""
    return _PAGE.render(title=title, body=body, style=style)


def table(frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None) -> Markup:
    """One table: the caption above, the header in view while scrolling, numbers aligned right.

    Args:
        frame: cells as strings. Two column levels are (group, column); neighbours of one group share a heading. The
            first column heads the rows. A cell such as `0.18 (0.15 to 0.20)` shows its bracket smaller.
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


STYLE = """\
body { max-width: 100rem; }
h1 { margin: 0 0 .6rem; font-size: 1.7rem; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.2rem; }
p, ul { max-width: 60rem; margin: .5rem 0; }
figure { margin: 1rem 0; max-width: 60rem; }
figure svg { max-width: 100%; height: auto; }
figcaption { color: #333; }
summary { cursor: pointer; font-weight: 600; }
.wide { margin: 1rem 0; overflow-x: auto; }
.wide caption { max-width: 60rem; }
.wide thead th, .wide thead td { position: static; }
.wide th, .wide td { padding: .34rem .5rem; }
.wide thead th { white-space: normal; vertical-align: bottom; min-width: 3.6rem; }
.wide .text { min-width: 19rem; }
.wide .interval { display: block; font-size: .8em; }
details .wide .interval { display: inline; }
"""
_SVG = re.compile(r"<svg.*</svg>", re.DOTALL)
_ID = re.compile(r"(\bid=\"|\bhref=\"#|url\(#)")
_TABLE_TAGS = re.compile(r"<table>.*</table>", re.DOTALL)


def article(title: str, parts: Iterable[Markup]) -> str:
    """The page: its title as the heading, then the parts."""
    return whole(title, Markup("<h1>{}</h1>\n").format(title) + Markup("").join(parts), Markup(STYLE))


def heading(text: str) -> Markup:
    """The heading of a section."""
    return Markup("<h2>{}</h2>\n").format(text)


def prose(*paragraphs: str) -> Markup:
    """Paragraphs of text."""
    return Markup("").join(Markup("<p>{}</p>\n").format(text) for text in paragraphs)


def items(pairs: Sequence[tuple[str, str]]) -> Markup:
    """A list whose items begin with a word in bold."""
    lines = (Markup("<li><strong>{}</strong> {}</li>\n").format(*pair) for pair in pairs)
    return Markup("<ul>\n{}</ul>\n").format(Markup("").join(lines))


def wide_table(frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None, folded: str = "") -> Markup:
    """A table that scrolls sideways where the window is narrow; `folded`: shown when one opens what is called so."""
    body = Markup('<div class="wide">\n{}</div>\n').format(table(frame, caption, bold))
    return Markup("<details>\n<summary>{}</summary>\n{}</details>\n").format(folded, body) if folded else body


def picture(svg_path: str | Path, caption: str = "") -> Markup:
    """A drawing from an SVG file. Its ids get the name of the file, so that two drawings on a page do not mix theirs.

    Raises:
        DataError: the file holds no drawing.
    """
    path = Path(svg_path)
    prefix = re.sub(r"\W", "-", path.stem)
    drawing = _ID.sub(rf"\g<1>{prefix}-", _found(_SVG, path, "drawing"))
    text = Markup("<figcaption>{}</figcaption>\n").format(caption) if caption else Markup("")
    return Markup('<figure>\n<div role="img" aria-label="{}">{}</div>\n{}</figure>\n').format(
        caption or path.stem, Markup(drawing), text
    )


def table_of(page_path: str | Path) -> Markup:
    """The table of a page that `html.page` made.

    Raises:
        DataError: the file holds no table.
    """
    return Markup('<div class="wide">\n{}\n</div>\n').format(Markup(_found(_TABLE_TAGS, Path(page_path), "table")))


def part(path: str | Path) -> Markup:
    """What a file holds: a drawing (`.svg`) or the table of a page (`.html`)."""
    return picture(path) if Path(path).suffix == ".svg" else table_of(path)


def _found(pattern: re.Pattern[str], path: Path, what: str) -> str:
    try:
        match = pattern.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}", "run the workflow again") from error
    if match is None:
        raise DataError(f"{path}: holds no {what}", "give an SVG file, or a page of one table")
    return match[0]
