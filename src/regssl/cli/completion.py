"""Scripts that complete commands, options and paths in a shell.

They are static: nothing of regssl runs when a user presses tab.
"""

from __future__ import annotations

import argparse

import shtab

from regssl.cli.parser import LazyParser, Parser
from regssl.cli.paths import PathType


def completion_script(parser: LazyParser, shell: str) -> str:
    """Write the script of a shell.

    Args:
        parser: of all commands.
        shell: one of `shtab.SUPPORTED_SHELLS`.
    """
    _prepare(parser)
    return shtab.complete(parser, shell)


def _prepare(parser: Parser) -> None:
    """Add the arguments of a parser and of all parsers below, and mark those that are paths."""
    if isinstance(parser, LazyParser):
        parser.add_arguments()
    for action in parser._actions:
        if isinstance(action.type, PathType):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _prepare(below)
