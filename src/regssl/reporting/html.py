"""Render documents as pages of HTML that need no other file and no network: one template, one style, one script.

Drawings are inline, tables for programs are links that hold them, and the script only adds what a page can do without:
headings that sort a table, and the mark of the section in view.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from regssl.io.atomic import write_text
from regssl.io.digests import check_digest
from regssl.io.files import reading
from regssl.reporting.document import Block, Cells, Document, Heading, Verdicts, split_caption
from regssl.reporting.drawing import inline_drawing
from regssl.reporting.format import MISSING
from regssl.reporting.interval_axis import IntervalAxis

LONG = 50
"""Characters of a cell that is wrapped."""
WIDE = 9
"""Columns of a table that is printed across the page."""
CONTENTS = 5
"""Sections of a page that has a list of them."""
_NUMBER = re.compile(r"^(≤ )?[-+−<]?\d")
_INTERVAL = re.compile(r"^(?P<value>\S+) (?P<rest>\(.+\))( (?P<marks>[^()]+))?$")


def write_document(document: Document, out: str | Path) -> None:
    """Write a document as data, `out.json`, and as a page, `out.html`; see `write_page`."""
    document.write(f"{out}.json")
    write_page(document, f"{out}.html")


def write_page(document: Document, path: str | Path) -> None:
    """Write a document as a page of HTML.

    Raises:
        DataError: a file that it names cannot be read, or is no drawing.
    """
    write_text(path, render_page(document))


def render_page(document: Document) -> str:
    """Render a document as a page of HTML; see `write_page`."""
    sections = _sections(document.blocks)
    script = _resource("page.js")
    listed = [(anchor, heading) for anchor, heading, _ in sections if heading]
    return _environment().get_template("page.html").render(
        title=document.title,
        sections=sections,
        contents=listed if len(listed) >= CONTENTS else [],
        style=Markup(_resource("page.css")),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


def table_rows(table: Cells) -> list[list[dict[str, Any]]]:
    """Return the cells of a table, by row, with what the template needs to know of each.

    Of a cell such as `0.18 (0.15 to 0.20)` in a column of numbers the bracket is apart.
    """
    is_number = [_is_number([row[at] for row in table.rows]) for at in range(len(table.columns))]
    bold = [set(row) for row in table.bold] or [set()] * len(table.rows)
    return [
        [_cell(text, is_number[at], at in emphasised) for at, text in enumerate(row)]
        for row, emphasised in zip(table.rows, bold, strict=True)
    ]


@cache
def _environment() -> jinja2.Environment:
    """Make the environment of the template: texts are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "split_caption": split_caption,
        "table_rows": table_rows,
        "groups": _groups,
        "data_link": _data_link,
        "file_name": lambda path: Path(path).name,
        "drawing": inline_drawing,
        "axis": _axis,
        "is_wide": lambda table: len(table.columns) > WIDE,
    }
    return environment


@cache
def _resource(name: str) -> str:
    return (files("regssl") / "resources" / name).read_text(encoding="utf-8")


def _sections(blocks: Sequence[Block]) -> list[tuple[str, str, list[Block]]]:
    """Cut blocks at the headings of sections: anchor, heading, blocks; those before the first have no heading."""
    sections: list[tuple[str, str, list[Block]]] = [("", "", [])]
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            anchor = re.sub(r"\W+", "-", block.text.lower()).strip("-")
            sections.append((f"{anchor or 'section'}-{len(sections)}", block.text, []))
        else:
            sections[-1][2].append(block)
    return [section for section in sections if section[1] or section[2]]


def _groups(table: Cells) -> list[tuple[str, int]]:
    """The groups of neighbouring columns, and how many each has; none where no column has a group."""
    groups = [(name, len(list(members))) for name, members in groupby(group for group, _ in table.columns)]
    return groups if any(name for name, _ in groups) else []


def _cell(text: str, number: bool, bold: bool) -> dict[str, Any]:
    split = _INTERVAL.match(text) if number else None
    return {
        "value": f"{split['value']}{' ' + split['marks'] if split['marks'] else ''}" if split else text,
        "rest": split["rest"] if split else "",
        "style": "number" if number else "text" if len(text) > LONG else "",
        "bold": bold,
        "missing": text == MISSING,
    }


def _is_number(cells: Sequence[str]) -> bool:
    return all(cell == MISSING or _NUMBER.match(cell) for cell in cells)


def _data_link(path: str) -> str:
    """Return a link that holds a file of text."""
    check_digest(path)
    with reading(path):
        content = Path(path).read_bytes()
    return f"data:text/tab-separated-values;charset=utf-8;base64,{base64.b64encode(content).decode()}"


def _axis(verdicts: Verdicts) -> IntervalAxis:
    return IntervalAxis.around([row.gain for row in verdicts.rows if row.gain], verdicts.margin)
