"""What MkDocs asks of us: pages and parts of pages that are made from the code, and from files elsewhere.

In a page, `<!-- keys: training, budget -->` becomes the table of these keys of the configuration,
`<!-- columns: datasets -->` that of the columns of a table, and `<!-- commands -->` the help of every command.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from command_help import command_pages
from settings_tables import column_table, key_table

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"contributing.md": "CONTRIBUTING.md", "files.md": "results/README.md", "changelog.md": "CHANGELOG.md"}
"""Pages whose text is a file outside `docs/`, which people look for there."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose text lies elsewhere; their links into `docs/` become links between pages."""
    for page, source in ELSEWHERE.items():
        text = re.sub(r"\]\((\.\./)?docs/", "](", (ROOT / source).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put in what is made from the code."""
    return re.sub(r"<!-- (keys|columns|commands):? ?(.*?) ?-->", _made, markdown)


def _made(mark: re.Match[str]) -> str:
    names = [name.strip() for name in mark[2].split(",")]
    if mark[1] == "keys":
        return key_table(names)
    return column_table(names[0]) if mark[1] == "columns" else command_pages()
