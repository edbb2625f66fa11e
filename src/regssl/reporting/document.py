"""Documents: what reports say, as data, from which every page is rendered.

A report writes its document as JSON, beside the tables and drawings that the document names. The page of results joins
the documents of all reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, ValidationError

from regssl.errors import DataError
from regssl.evaluation.conclusions import Kind
from regssl.io.json_object import read_json_object, write_json_object
from regssl.settings import Settings

REMEDY = "delete it and run again"
_TITLE = re.compile(r"(Table \d+\. |Figure \d+\. )?.+?(?<! al)\.(?= |$)", re.DOTALL)


class Heading(Settings):
    """The heading of a section (level 2), or of a part of one (level 3)."""

    kind: Literal["heading"] = "heading"
    text: str
    level: Literal[2, 3] = 2


class Paragraph(Settings):
    """A paragraph of text."""

    kind: Literal["paragraph"] = "paragraph"
    text: str


class Points(Settings):
    """A list whose items begin with words in bold."""

    kind: Literal["points"] = "points"
    items: list[tuple[str, str]]


class Facts(Settings):
    """Short facts, each with its name."""

    kind: Literal["facts"] = "facts"
    items: list[tuple[str, str]]


class Cells(Settings):
    """A table for readers.

    Attributes:
        caption: what the numbers are; its first sentence is the title.
        columns: group and heading of each; neighbours of one group share a heading.
        rows: formatted cells; the first heads its row.
        bold: columns to emphasise, by row.
        folded: words under which the table is hidden until a reader opens it; empty: it is not.
        data: the same for programs, TSV; empty: none.
    """

    kind: Literal["cells"] = "cells"
    caption: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]
    bold: list[list[int]] = Field(default_factory=list)
    folded: str = ""
    data: str = ""


class Drawing(Settings):
    """A figure: an SVG file, its caption, whose first sentence is the title, and its numbers, TSV (empty: none)."""

    kind: Literal["drawing"] = "drawing"
    svg: str
    caption: str
    data: str = ""


class Verdict(Settings):
    """What is concluded of a dataset (and model): the kind, in words, and the gain of SSL in percent of SL.

    `gain` is the value and its bounds; None where it is not known.
    """

    name: str
    conclusion: Kind
    text: str
    gain: tuple[float, float, float] | None = None


class Verdicts(Settings):
    """Conclusions, drawn on one axis; `margin` is the percentage within which SSL is no different from SL."""

    kind: Literal["verdicts"] = "verdicts"
    caption: str
    rows: list[Verdict]
    margin: float
    data: str = ""


class Listing(Settings):
    """A text shown as it is, hidden until a reader opens it."""

    kind: Literal["listing"] = "listing"
    title: str
    text: str


Block = Annotated[
    Heading | Paragraph | Points | Facts | Cells | Drawing | Verdicts | Listing,
    Field(discriminator="kind"),
]
FILES = ("svg", "data")
"""Fields that name a file: in memory by its path, in JSON by its name, because it lies beside the JSON file."""


class Document(Settings):
    """A title, and the blocks under it."""

    title: str
    blocks: list[Block]

    def write(self, path: str | Path) -> None:
        """Write the document as JSON."""
        write_json_object(path, _with_files(self, lambda file: Path(file).name).model_dump(mode="json"))

    @classmethod
    def read(cls, path: str | Path) -> Document:
        """Read a document.

        Raises:
            DataError: no such file, or not a document.
        """
        try:
            found = cls.model_validate(read_json_object(path))
        except ValidationError as error:
            raise DataError(f"{path}: not a document of a report: {error.errors()[0]['msg']}", REMEDY) from None
        return _with_files(found, lambda name: str(Path(path).parent / name))


def make_cells(
    frame: pd.DataFrame, caption: str, bold: pd.DataFrame | None = None, folded: str = "", data: str = ""
) -> Cells:
    """Make a table for readers of a frame of strings.

    Args:
        frame: its columns may have two levels (group, column).
        caption, folded, data: as of `Cells`.
        bold: cells to emphasise: bool, same shape.
    """
    marked = [] if bold is None else [[at for at, is_bold in enumerate(row) if is_bold] for row in bold.to_numpy()]
    return Cells(
        caption=caption,
        columns=[column if isinstance(column, tuple) else ("", column) for column in frame.columns],
        rows=frame.astype(str).to_numpy().tolist(),
        bold=marked if any(marked) else [],
        folded=folded,
        data=data,
    )


def write_drawing(out: str | Path, caption: str) -> None:
    """Write the document of a figure, `out.json`, whose drawing is `out.svg` and whose numbers are `out.tsv`."""
    drawing = Drawing(svg=f"{out}.svg", caption=caption, data=f"{out}.tsv")
    Document(title=split_caption(caption)[0], blocks=[drawing]).write(f"{out}.json")


def split_caption(caption: str) -> tuple[str, str]:
    """Split a caption into its title, which is the first sentence, and the rest; `et al.` ends none."""
    found = _TITLE.match(caption)
    title = found[0] if found else caption
    return title, caption[len(title) :].strip()


def paragraphs(texts: Iterable[str]) -> list[Block]:
    """Make a paragraph of each text."""
    return [Paragraph(text=text) for text in texts]


def demote(blocks: Sequence[Block]) -> list[Block]:
    """Put blocks into a section: their headings become those of parts."""
    return [block.model_copy(update={"level": 3}) if isinstance(block, Heading) else block for block in blocks]


def _with_files(document: Document, rename: Callable[[str], str]) -> Document:
    def renamed(block: Any) -> Any:
        return block.model_copy(update={key: rename(file) for key in FILES if (file := getattr(block, key, ""))})

    return document.model_copy(update={"blocks": [renamed(block) for block in document.blocks]})
