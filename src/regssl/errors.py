"""The errors a user can cause, each with the offending value and a hint."""

from __future__ import annotations

import re

LOGIN = re.compile(r"(?<=://)(?:[^/\s@]*:(?!\d+(?:[/?#]|$))\S*|[^/\s]*)@")


def hide_login(text: str) -> str:
    """Replace the user name and password of each URL in a text, so that no message shows them."""
    return LOGIN.sub("***@", text)


def show_controls(text: str) -> str:
    """Write what cannot be shown as escapes: a terminal would obey it. Lines stay lines."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


class RegsslError(Exception):
    """Something the user can mend.

    Args:
        problem: what is wrong and where (file, row, column, value).
        hint: what to do about it, one short sentence; printed after the problem.
    """

    def __init__(self, problem: str, hint: str = "") -> None:
        self.problem, self.hint = show_controls(hide_login(problem)), show_controls(hint)
        super().__init__(f"{self.problem} ({self.hint})" if hint else self.problem)


class ConfigError(RegsslError):
    """A key, type, path or table cell of the configuration is wrong."""


class ChainError(RegsslError):
    """A chain file is damaged, or does not fit the genomes it is used with."""


class DataError(RegsslError):
    """Peaks, sequences or window sets are damaged or contradict one another."""
