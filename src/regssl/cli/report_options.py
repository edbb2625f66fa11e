"""What the commands of reports share: tables and display names to read, files to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from regssl.cli.parser import Options, Parser
from regssl.cli.paths import reads, writes

if TYPE_CHECKING:
    from regssl.evaluation.summary import DisplayNames
    from regssl.reporting.document import Drawing
    from regssl.reporting.tables.base import Table


TABLE, FIGURE = (".tsv", ".json", ".html"), (".svg", ".png", ".tsv", ".json")
"""Suffixes of what a report writes."""


def add_names_and_out(parser: Parser, suffixes: Sequence[str] = TABLE) -> None:
    """Add options for the display names, and for the files to write by their suffixes."""
    parser.add_argument("--names", type=reads(), required=True, help="display names, display_names.json")
    written = f"{', '.join(suffixes[:-1])} and {suffixes[-1]} are written"
    out = writes(*(f"{{path}}{suffix}" for suffix in suffixes))
    parser.add_argument("--out", type=out, required=True, help=f"path without suffix: {written}")


def read_names(options: Options) -> DisplayNames:
    """Read the display names of a command."""
    from regssl.evaluation.summary import DisplayNames

    return DisplayNames.read(options.names)


def write_report(table: Table, out: str, figure: Drawing | None = None) -> None:
    """Write a table, for programs and for readers, and above it a figure, if there is one."""
    from regssl.reporting.tables.base import write_table

    write_table(table, out, figure)


def add_tables(parser: Parser, tables: dict[str, str]) -> None:
    """Add an option for each of some tables: name and help."""
    for name, text in tables.items():
        parser.add_argument(f"--{name}", type=reads(), nargs="+", required=True, help=text)
