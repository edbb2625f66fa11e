"""The page of the command line: every command once, with its own help."""

from __future__ import annotations

import re

from command_help import command_pages, help_of
from regssl.cli import all_commands


def test_every_command_is_there_once() -> None:
    titles = re.findall(r"^#+ regssl ?(.*)$", command_pages(), re.MULTILINE)
    assert sorted(title for title in titles if title in all_commands()) == sorted(all_commands())
    assert len(set(titles)) == len(titles)


def test_it_is_what_the_command_prints() -> None:
    text = help_of("lift")
    assert text.startswith("usage: regssl lift ") and "--min-match MIN_MATCH" in text
    assert max(map(len, text.splitlines())) <= 88
    assert text in command_pages()
