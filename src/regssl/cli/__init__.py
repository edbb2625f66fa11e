"""The command line: `regssl <command>`, each command a few lines over one library function."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from regssl._version import __version__
from regssl.errors import RegsslError


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from regssl.cli import data, variants
    from regssl.cli import downloads as sources
    from regssl.cli import evaluation as comparing
    from regssl.cli import leakage as audit
    from regssl.cli import reports as results
    from regssl.cli import training as learning

    top = argparse.ArgumentParser(
        prog="regssl",
        description="Semi-supervised learning with cross-species pseudo-labels for regulatory sequences. "
        "Each command is one step of the workflow; `snakemake` runs them all.",
    )
    top.add_argument("--version", action="version", version=f"regssl {__version__}")
    top.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for group in (sources, data, learning, results, comparing, variants, audit):
        group.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 1 after an error the user can mend, which is printed as one line each."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except RegsslError as error:
        if options.debug:
            raise
        print(f"regssl {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
