"""A page of several parts, text, tables and pictures, that needs no other file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from regssl.errors import DataError
from regssl.html import table, whole

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
_TABLE = re.compile(r"<table>.*</table>", re.DOTALL)


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
    return Markup('<div class="wide">\n{}\n</div>\n').format(Markup(_found(_TABLE, Path(page_path), "table")))


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
