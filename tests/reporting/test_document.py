"""Documents keep what they say when they are written and read, and find the files beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.reporting.document import (
    Document,
    Drawing,
    Heading,
    Paragraph,
    demote,
    make_cells,
    split_caption,
    write_drawing,
)


def test_a_document_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({("", "a"): ["x", "y"], ("g", "b"): ["1", "2"]})
    bold = pd.DataFrame([[False, True], [False, False]])
    cells = make_cells(frame, "C.", bold, data=str(tmp_path / "t.tsv"))
    written = Document(title="T", blocks=[Heading(text="H"), cells, Paragraph(text="<p>")])
    written.write(tmp_path / "d.json")
    assert Document.read(tmp_path / "d.json") == written
    assert str(tmp_path) not in (tmp_path / "d.json").read_text(), "files are named as they lie beside it"
    assert cells.bold == [[1], []] and cells.columns == [("", "a"), ("g", "b")]


def test_the_files_of_a_document_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    write_drawing(tmp_path / "here/f", "Figure 2. Gain. More of it.")
    (tmp_path / "here").rename(tmp_path / "there")
    found = Document.read(tmp_path / "there/f.json")
    drawing = found.blocks[0]
    assert found.title == "Figure 2. Gain." and isinstance(drawing, Drawing)
    assert (drawing.svg, drawing.data) == (f"{tmp_path}/there/f.svg", f"{tmp_path}/there/f.tsv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no JSON", "not JSON"),
        ({"title": "T"}, "not a document of a report"),
        ({"title": "T", "blocks": [{"kind": "none"}]}, "not a document of a report"),
        ({"title": "T", "blocks": [{"kind": "paragraph"}]}, "not a document of a report"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: object, message: str) -> None:
    (tmp_path / "d.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(DataError, match=f"d.json: {message}"):
        Document.read(tmp_path / "d.json")


@pytest.mark.parametrize(
    ("caption", "title"),
    [
        ("Table 1. Windows. More.", "Table 1. Windows."),
        ("AUPR of 0.5 each. M.", "AUPR of 0.5 each."),
        ("none", "none"),
        ("As of Shi et al. 2016. M.", "As of Shi et al. 2016."),
    ],
)
def test_the_title_of_a_caption_is_its_first_sentence(caption: str, title: str) -> None:
    assert split_caption(caption) == (title, caption.removeprefix(title).strip())


def test_headings_of_a_part_are_a_level_lower() -> None:
    assert demote([Heading(text="H"), Paragraph(text="p")]) == [Heading(text="H", level=3), Paragraph(text="p")]
