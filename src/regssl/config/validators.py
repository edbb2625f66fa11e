"""Checks of single values, and suggestions for misspelt ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from regssl.errors import ConfigError
from regssl.methods import METHODS, resolve

IDENTIFIER = r"^[a-z][a-z0-9_]{0,79}$"
"""An id is a part of file names, which hold 255 bytes."""


def check_path(path: str) -> str:
    """Check that a path can be a path in the rules of the workflow, where braces are wildcards and a dash an option.

    Raises:
        ValueError: it cannot.
    """
    if not path.strip():
        raise ValueError("a path cannot be empty")
    if path.startswith("-"):
        raise ValueError("a path cannot begin with '-'; write ./-")
    if wrong := sorted({letter for letter in path if letter in "{}" or not letter.isprintable()}):
        raise ValueError(f"a path cannot contain {', '.join(map(ascii, wrong))}")
    return path


def check_methods(ids: list[str]) -> list[str]:
    """Check that methods exist and are no teachers, which are trained for the methods that they teach.

    Raises:
        ValueError: one does not, or is one.
    """
    for method in ids:
        try:
            subset = resolve(method).subset
        except ConfigError as error:
            raise ValueError(f"{error}{did_you_mean(method, METHODS)}") from None
        if subset and subset.fold:
            raise ValueError(f"'{method}' is a teacher: it is trained where a method that it teaches is listed")
    return ids


def did_you_mean(value: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    """Return a hint with the closest known word, or an empty string."""
    close = difflib.get_close_matches(str(value), list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def one_line(text: object, most: int) -> str:
    """Write a text on one line, cut after `most` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[:most]} …"
