"""Parsers of commands and of groups of commands, which get their options when they are first used.

So `regssl --help` imports no settings, and a command imports none of the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

Options = argparse.Namespace
Parser = argparse.ArgumentParser


class Command(NamedTuple):
    """A command: its function, whose docstring is the help, and the function that adds its options to a parser."""

    run: Callable[[Options], None]
    add_options: Callable[[Parser], None] | None = None

    @property
    def name(self) -> str:
        """The name that users type: the function's, with dashes."""
        return self.run.__name__.replace("_", "-")

    @property
    def help(self) -> str:
        """The docstring, as argparse wants it."""
        return (self.run.__doc__ or "").strip().replace("%", "%%")


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Add defaults to help texts, but only those that are informative, and leave room for the names of commands."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def add_argument(self, action: argparse.Action) -> None:
        """Count that commands are indented once more than other arguments."""
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            self._action_max_length += self._indent_increment

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

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Options | None = None
    ) -> tuple[Options, list[str]]:
        """Add the arguments, then parse."""
        add, self._add_arguments = self._add_arguments, None
        if add is not None:
            add(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Name an unknown command, and the one that was probably meant, instead of all that there are."""
        if self._suggest and "invalid choice: '" in message:
            typed = message.split("invalid choice: '")[1].split("' (choose from")[0]
            message = f"no command '{typed}'{self._suggest(typed)}"
        super().error(message)


def add_commands(parser: Parser, commands: Iterable[Command]) -> argparse._SubParsersAction[LazyParser]:
    """Add commands to the parser of their group; returns where further ones can be added."""
    group: argparse._SubParsersAction[LazyParser] = parser.add_subparsers(
        metavar="command", required=True, parser_class=LazyParser
    )
    for command in commands:
        added = group.add_parser(
            command.name,
            help=command.help.splitlines()[0],
            description=command.help,
            add_arguments=command.add_options,
        )
        added.set_defaults(run=command.run, command=added.prog)
    return group
