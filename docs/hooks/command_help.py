"""The command line's own help, as a page."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from unittest.mock import patch

from regssl.cli import all_commands, main

COLUMNS = "88"


def help_of(command: str) -> str:
    """What `regssl COMMAND --help` prints; of no command, what `regssl --help` does."""
    printed = io.StringIO()
    with patch.dict(os.environ, COLUMNS=COLUMNS), redirect_stdout(printed), suppress(SystemExit):
        main([*command.split(), "--help"])
    return printed.getvalue()


def command_pages() -> str:
    """The help of all commands, in Markdown: first those of no group, then group by group."""
    return "\n".join(_sections())


def _sections() -> Iterator[str]:
    yield _section("##", "regssl", help_of(""))
    last_group = ""
    for command in all_commands():
        group = command.rpartition(" ")[0]
        if group != last_group:
            yield _section("##", f"regssl {group}", help_of(group))
            last_group = group
        yield _section("###", f"regssl {command}", help_of(command))


def _section(level: str, title: str, text: str) -> str:
    return f"{level} {title}\n\n```text\n{text}```\n"
