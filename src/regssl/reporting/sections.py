"""Render the sections of a longer page: headings, paragraphs, lists, tables, and drawings and tables of other files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from regssl.errors import DataError
from regssl.io.digests import check_digest
from regssl.reporting.html import render_document, render_table

STYLE = """\
body { max-width: 100rem; }
h1 { margin: 0 0 .6rem; font-size: 1.7rem; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.2rem; }
h3 { margin: 1.6rem 0 .5rem; font-size: 1.05rem; }
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
_ANY = re.compile(r".+", re.DOTALL)
_SVG = re.compile(r"<svg.*</svg>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ID = re.compile(r"(\bid=\"|\bhref=\"#|url\(#)")
_ARTICLE = re.compile(r"(?<=</h1>).*(?=</body>)", re.DOTALL)
_HEADING = re.compile(r"(?<=<h|/h)2(?=>)")
_TABLE_TAGS = re.compile(r"<table>.*</table>", re.DOTALL)


def render_article(title: str, sections: Iterable[Markup]) -> str:
    """Render a page: its title as the heading, then the sections."""
    body = Markup("<h1>{}</h1>\n").format(title) + Markup("").join(sections)
    return render_document(title, body, Markup(STYLE))


def render_heading(text: str) -> Markup:
    """Render the heading of a section."""
    return Markup("<h2>{}</h2>\n").format(text)


def render_paragraphs(*paragraphs: str) -> Markup:
    """Render paragraphs of text."""
    return Markup("").join(Markup("<p>{}</p>\n").format(text) for text in paragraphs)


def render_list(pairs: Sequence[tuple[str, str]]) -> Markup:
    """Render a list whose items begin with words in bold."""
    lines = (Markup("<li><strong>{}</strong> {}</li>\n").format(*pair) for pair in pairs)
    return Markup("<ul>\n{}</ul>\n").format(Markup("").join(lines))


def render_wide_table(frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None, folded: str = "") -> Markup:
    """Render a table that scrolls sideways; with a text in `folded` it is hidden until the reader opens that text."""
    body = Markup('<div class="wide">\n{}</div>\n').format(render_table(frame, caption, bold))
    return Markup("<details>\n<summary>{}</summary>\n{}</details>\n").format(folded, body) if folded else body


def embed_image(svg_path: str | Path, caption: str, visible: bool = True) -> Markup:
    """Embed an SVG file. Its ids are prefixed by the file's name, so that those of two drawings on a page differ.

    Args:
        svg_path: the file.
        caption: describes the drawing, also to those who cannot see it.
        visible: whether the caption is beneath the drawing.

    Raises:
        DataError: the file holds no drawing.
    """
    path = Path(svg_path)
    prefix = re.sub(r"\W", "-", path.stem)
    drawing = _TAG.sub(lambda tag: _ID.sub(rf"\g<1>{prefix}-", tag[0]), _found(_SVG, path, "drawing"))
    text = Markup("<figcaption>{}</figcaption>\n").format(caption) if visible else Markup("")
    return Markup('<figure>\n<div role="img" aria-label="{}">{}</div>\n{}</figure>\n').format(
        caption, Markup(drawing), text
    )


def embed_table(page_path: str | Path) -> Markup:
    """Embed the table of a page of `html.render_page`.

    Raises:
        DataError: the file holds no table.
    """
    return Markup('<div class="wide">\n{}\n</div>\n').format(Markup(_found(_TABLE_TAGS, Path(page_path), "table")))


def embed_tables(page_paths: Sequence[str | Path]) -> Markup | None:
    """Embed the tables of some pages of `html.render_page`, one below the other; None without any.

    Raises:
        DataError: a file holds no table.
    """
    return Markup("").join(map(embed_table, page_paths)) if page_paths else None


def embed_article(page_path: str | Path) -> Markup:
    """Embed a page of `render_article` without its title; its headings are a level lower.

    Raises:
        DataError: the file holds no article.
    """
    return Markup(_HEADING.sub("3", _found(_ARTICLE, Path(page_path), "article")))


def embed(path: str | Path, caption: str) -> Markup:
    """Embed a file: a drawing (`.svg`), or a page (`.html`): an article, or one table.

    Args:
        path: the file.
        caption: describes the drawing to those who cannot see it; tables have captions of their own.

    Raises:
        DataError: the file cannot be read, or holds neither.
    """
    if Path(path).suffix == ".svg":
        return embed_image(path, caption, visible=False)
    return embed_article(path) if _is_article(Path(path)) else embed_table(path)


def _is_article(path: Path) -> bool:
    return "<h1>" in _found(_ANY, path, "text")


def _found(pattern: re.Pattern[str], path: Path, what: str) -> str:
    check_digest(path)
    try:
        match = pattern.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}", "run the workflow again") from error
    if match is None:
        raise DataError(f"{path}: holds no {what}", "give an SVG file, or a page of one table")
    return match[0]
