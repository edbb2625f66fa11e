"""Put drawings into pages: with ids of their own, without what only a file needs, in colours that a page can change."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup

from regssl.errors import DataError
from regssl.io.digests import check_digest
from regssl.io.files import reading

_SVG = re.compile(r"<svg\b(?P<attributes>[^>]*)>(?P<body>.*)</svg>", re.DOTALL)
_VIEW_BOX = re.compile(r' viewBox="\S+ \S+ (?P<width>[\d.]+) \S+"')
_OF_FILES = re.compile(r"<metadata>.*?</metadata>|<style\b.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ID = re.compile(r"(\bid=\"|\bhref=\"#|url\(#)")
_COLOUR = re.compile(r"\b(fill|stroke): #([0-9a-f]{6})\b")


def inline_drawing(svg_path: str | Path) -> Markup:
    """Return the SVG element of a file, to be put into a page.

    Its ids are prefixed by the file's name, so that those of two drawings on a page differ. A colour such as `#0072b2`
    becomes `var(--c-0072b2, #0072b2)`: the style of the page may have another one for a dark ground. `--width` is the
    width in the drawing's units, points where matplotlib drew it.

    Raises:
        DataError: the file holds no drawing.
    """
    path = Path(svg_path)
    check_digest(path)
    try:
        with reading(path):
            text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: cannot be read: {error}", "run the workflow again") from error
    if (found := _SVG.search(text)) is None:
        raise DataError(f"{path}: holds no drawing", "give an SVG file")
    prefix = re.sub(r"\W", "-", path.stem)
    body = _TAG.sub(lambda tag: _adapt(tag[0], prefix), _OF_FILES.sub("", found["body"]))
    if (box := _VIEW_BOX.search(found["attributes"])) is None:
        return Markup(f"<svg>{body}</svg>")
    return Markup(f'<svg{box[0]} style="--width: {float(box["width"]):.0f}">{body}</svg>')


def _adapt(tag: str, prefix: str) -> str:
    return _COLOUR.sub(r"\1: var(--c-\2, #\2)", _ID.sub(rf"\g<1>{prefix}-", tag))
