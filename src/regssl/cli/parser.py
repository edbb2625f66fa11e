"""Parsers of commands and of groups of commands, which get their options when they are first used.

So `regssl --help` imports no settings, and a command imports none of the others.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

Options = argparse.Namespace
Parser = argparse.ArgumentParser


class Command(NamedTuple):
    """A command: its function, whose docstring is the help, and the function that adds its options to a parser.

    The docstring may end with an example: a line `Example:` and, indented below it, what users type.
    """

    run: Callable[[Options], None]
    add_options: Callable[[Parser], None] | None = None

    @property
    def name(self) -> str:
        """The name that users type: the function's, with dashes."""
        return self.run.__name__.replace("_", "-")

    @property
    def help(self) -> str:
        """What it does: the docstring without the example."""
        return self._documentation()[0]

    @property
    def example(self) -> str:
        """What users may type; empty where the docstring has none."""
        return self._documentation()[1]

    def _documentation(self) -> tuple[str, str]:
        first, _, rest = (self.run.__doc__ or "").strip().partition("\n")
        text, _, example = f"{first}\n{textwrap.dedent(rest)}".partition("\n\nExample:\n")
        return text.strip(), textwrap.dedent(example)


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Add informative defaults to help texts; keep their paragraphs, their examples and the names of commands."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        parts = [
            part if "\n  " in part else textwrap.fill(part, width, break_on_hyphens=False)
            for part in text.split("\n\n")
        ]
        return textwrap.indent("\n\n".join(parts), indent)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)

    def _iter_indented_subactions(self, _action: argparse.Action) -> Generator[argparse.Action]:
        """List no command below the argument that it is a choice of: each is under its heading."""
        yield from ()

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default is None or action.default is False or action.default in ("", []):
            return action.help
        return super()._get_help_string(action)


class LazyParser(argparse.ArgumentParser):
    """A parser whose arguments are added when it first parses.

    Args:
        add_arguments: adds them to the parser.
        suggest: an end of the message about an unknown command, from the command; none for parsers without commands.
        arguments: as of ArgumentParser.
    """

    def __init__(
        self,
        *,
        add_arguments: Callable[[Parser], None] | None = None,
        suggest: Callable[[str], str] | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(formatter_class=HelpFormatter, **arguments)
        self._add_arguments, self._suggest = add_arguments, suggest

    def add_arguments(self) -> None:
        """Add the arguments, if they are not there yet."""
        add, self._add_arguments = self._add_arguments, None
        if add is not None:
            add(self)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Options | None = None
    ) -> tuple[Options, list[str]]:
        """Add the arguments, then parse."""
        self.add_arguments()
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Name an unknown command, and the one that was probably meant, instead of all that there are."""
        if self._suggest and message.endswith("required: command"):
            message = f"no command{self._suggest('')}"
        if self._suggest and "invalid choice: '" in message:
            typed = message.split("invalid choice: '")[1].split("' (choose from")[0]
            message = f"no command '{typed}'{self._suggest(typed)}"
        super().error(message)


def add_commands(parser: Parser, commands: Mapping[str, Iterable[Command]]) -> argparse._SubParsersAction[LazyParser]:
    """Add commands to the parser of their group.

    Args:
        parser: of the group.
        commands: by the heading under which they are listed.

    Returns:
        Where further ones can be added, which are listed first.
    """
    group: argparse._SubParsersAction[LazyParser] = parser.add_subparsers(
        metavar="command",
        required=True,
        parser_class=LazyParser,
        help=f"one of those below; `{parser.prog} COMMAND --help` explains it",
    )
    for heading, listed in commands.items():
        for command in listed:
            added = group.add_parser(
                command.name,
                help=command.help.splitlines()[0].replace("%", "%%"),
                description=command.help,
                epilog=f"example:\n{textwrap.indent(command.example, '  ')}" if command.example else None,
                add_arguments=command.add_options,
            )
            added.set_defaults(run=command.run, command=added.prog)
        list_under(heading, parser, group)
    return group


def list_under(heading: str, parser: Parser, group: argparse._SubParsersAction[LazyParser]) -> None:
    """List the commands that are under no heading yet, in the help of their group, under this one."""
    listed = {id(action) for section in parser._action_groups for action in section._group_actions}
    new = [action for action in group._choices_actions if id(action) not in listed]
    parser.add_argument_group(heading)._group_actions += new
