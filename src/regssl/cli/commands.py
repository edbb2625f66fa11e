"""All commands, in their groups and under their headings, and the parser of them."""

from __future__ import annotations

from argparse import SUPPRESS, Action
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import groupby
from typing import NamedTuple

from regssl.cli.parser import Command, LazyParser, Options, Parser, add_commands, list_under


class Group(NamedTuple):
    """A group of commands: its help, by heading the modules that hold the commands, and its own heading in the list."""

    help: str
    modules: Mapping[str, Sequence[str]]
    heading: str = "commands of the workflow, which `snakemake` runs"


GROUPS = {
    "": Group(
        "",
        {
            "data": ["user_data", "user_chains", "user_sequences"],
            "models and variants": ["user_models"],
            "project": ["user_project"],
        },
    ),
    "explain": Group(
        "what trained networks have learned, and what each base of a sequence counts",
        {"filters and sequences": ["explain"]},
        "explanations",
    ),
    "step": Group(
        "a step of the workflow, as its rules run it",
        {
            "genomes and variants": ["steps_data"],
            "windows": ["steps_windows"],
            "datasets of sequences": ["steps_sequences"],
            "regions of genomes": ["steps_regions"],
            "results": ["steps_runs"],
            "measured labels": ["steps_measured"],
            "search for a recipe": ["steps_recipes"],
        },
    ),
    "report": Group(
        "a table, figure or page from the results of steps",
        {
            "all": ["reports_page"],
            "results": ["reports", "reports_gain", "reports_learned", "reports_mpra", "reports_recipes"],
            "data": ["reports_data"],
        },
    ),
}
"""By the word before their commands; users type those of the first group without one."""


def commands_of(group: str) -> dict[str, list[Command]]:
    """The commands of a group by their headings."""
    return {
        heading: [command for module in modules for command in import_module(f"regssl.cli.{module}").COMMANDS]
        for heading, modules in GROUPS[group].modules.items()
    }


def all_commands() -> dict[str, Command]:
    """Every command by the words that users type, such as `lift` and `step find-homologs`."""
    return {
        f"{group} {command.name}".lstrip(): command
        for group in GROUPS
        for listed in commands_of(group).values()
        for command in listed
    }


def build_parser() -> LazyParser:
    """The parser of all commands; those of a group are imported when it parses one of them."""
    top = LazyParser(
        prog="regssl",
        description="Semi-supervised learning with cross-species pseudo-labels for regulatory sequences.",
        suggest=_suggest,
    )
    top.add_argument(
        "--version",
        action=_ShowVersion,
        nargs=0,
        default=SUPPRESS,
        help="show the versions of regssl, Python and torch, and torch's device, and exit",
    )
    top.add_argument("--debug", action="store_true", help="print the traceback of an error")
    added = add_commands(top, commands_of(""))
    for heading, groups in groupby(list(GROUPS)[1:], lambda name: GROUPS[name].heading):
        for name in groups:
            group = GROUPS[name]
            added.add_parser(
                name,
                help=group.help,
                description=f"{group.help[0].upper()}{group.help[1:]}.",
                add_arguments=lambda parser, name=name: add_commands(parser, commands_of(name)),
                suggest=lambda typed, name=name: _suggest(typed, name),
            )
        list_under(heading, top, added)
    return top


def _suggest(typed: str, group: str = "") -> str:
    """What was probably meant by an unknown command of a group: the same name elsewhere, a similar one, or the list."""
    import difflib

    known = {name.split()[-1]: name for name in all_commands()}
    close = [typed] if typed in known else difflib.get_close_matches(typed, known, n=1)
    if close:
        return f"; did you mean `regssl {known[close[0]]}`?"
    if group:
        return f"; `regssl {group} --help` lists them"
    *others, last = (f"`{name}`" for name in GROUPS if name)
    return f"; `regssl --help` lists them, with the groups {', '.join(others)} and {last}"


class _ShowVersion(Action):
    """Print versions, and end."""

    def __call__(self, parser: Parser, _namespace: Options, _values: object, _option: str | None = None) -> None:
        """Print them."""
        from regssl.cli.version import describe_version

        print(describe_version())
        parser.exit()
