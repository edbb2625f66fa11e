"""The help: commands under headings, and with examples that are right."""

from __future__ import annotations

import shlex

import pytest

from regssl.cli import all_commands, build_parser, main
from regssl.cli.commands import GROUPS, commands_of
from regssl.cli.parser import Command, LazyParser, Options, add_commands

USER = [name for name in all_commands() if " " not in name]


@pytest.mark.parametrize("group", GROUPS)
def test_commands_are_listed_once_under_their_heading(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*group.split(), "--help"])
    sections = {section.partition(":")[0]: section for section in capsys.readouterr().out.split("\n\n")}
    for heading, commands in commands_of(group).items():
        listed = [line.split()[0] for line in sections[heading].splitlines()[1:] if line[2:3].strip()]
        assert listed == [command.name for command in commands]
    assert sections["positional arguments"].split()[2] == "command"


@pytest.mark.parametrize("name", USER)
def test_every_command_of_users_has_an_example_that_it_understands(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = all_commands()[name]
    program, *words = shlex.split(command.example.replace("\\\n", ""))
    typed = words[: words.index(">")] if ">" in words else words
    options = build_parser().parse_args(typed)
    assert program == "regssl" and options.command == f"regssl {name}"
    with pytest.raises(SystemExit):
        main([name, "--help"])
    shown = capsys.readouterr().out.partition("\nexample:\n")[2]
    assert [line.strip() for line in shown.splitlines()] == [line.strip() for line in command.example.splitlines()]


def test_a_help_keeps_paragraphs_and_whole_names() -> None:
    def lift(_: Options) -> None:
        r"""Lift 100 % of a file, {}.

        See index-chain.

        Example:
            lift a \
                b
        """

    assert lift.__doc__
    lift.__doc__ = lift.__doc__.format(" ".join(["and so on"] * 9))
    parser = LazyParser(prog="x")
    group = add_commands(parser, {"data": [Command(lift)]})
    text = group.choices["lift"].format_help()
    assert "\n\nSee index-chain.\n\n" in text and text.endswith("\n\nexample:\n  lift a \\\n      b\n")
    assert "Lift 100 % of a file" in text and "Lift 100 % of a file" in parser.format_help()
