"""The command line: `regssl <command>`, and `regssl step` and `regssl report` for the steps of the workflow.

Each command is a few lines over library functions. Start at `main`; commands are in `user…`, `steps_…` and `reports…`.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from regssl._version import __version__
from regssl.errors import RegsslError

if TYPE_CHECKING:
    from regssl.cli.parser import Command

__all__ = ["all_commands", "build_parser", "main", "speak_utf8"]

USER = ("user", "user_chains", "user_sequences")
"""The modules that hold the commands of no group."""
GROUPS = {
    "step": (
        "a step of the workflow, as its rules run it",
        (
            "steps_data",
            "steps_windows",
            "steps_sequences",
            "steps_regions",
            "steps_runs",
            "steps_measured",
            "steps_recipes",
        ),
    ),
    "report": (
        "a table, figure or page from the results of steps",
        ("reports", "reports_data", "reports_gain", "reports_recipes"),
    ),
}
"""For each group of commands its help and the modules that hold them."""


def all_commands() -> dict[str, Command]:
    """Every command by the words that users type, such as `lift` and `step find-homologs`."""
    named = {command.name: command for command in _commands_of(*USER)}
    for group, (_, modules) in GROUPS.items():
        named |= {f"{group} {command.name}": command for command in _commands_of(*modules)}
    return named


def _commands_of(*modules: str) -> list[Command]:
    return [command for module in modules for command in import_module(f"regssl.cli.{module}").COMMANDS]


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; those of a group are imported when it parses one of them."""
    from regssl.cli.parser import LazyParser, add_commands

    top = LazyParser(
        prog="regssl",
        description="Semi-supervised learning with cross-species pseudo-labels for regulatory sequences.",
        epilog="`regssl COMMAND --help` explains a command. `regssl step --help` and `regssl report --help` list the "
        "commands of the workflow, which `snakemake` runs.",
        suggest=_suggest,
    )
    top.add_argument("--version", action="version", version=f"regssl {__version__}")
    top.add_argument("--debug", action="store_true", help="print the traceback of an error")
    added = add_commands(top, _commands_of(*USER))
    for group, (text, modules) in GROUPS.items():
        added.add_parser(
            group,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            add_arguments=lambda group, modules=modules: add_commands(group, _commands_of(*modules)),
            suggest=lambda typed, group=group: _suggest(typed, group),
        )
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
    return "; `regssl --help` lists them, with the groups " + " and ".join(f"`{group}`" for group in GROUPS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Messages of the library go to standard output as they are (to standard error where the result goes to standard
    output), errors to standard error, as one line each. All of it is UTF-8, whatever the locale.

    Returns:
        The exit code: 0 on success, 1 after an error that the user can correct, 70 after a fault of the program (which
        is raised where `arguments` are given), 128 and its number after a signal.
    """
    is_program, options = arguments is None, argparse.Namespace(command="regssl", debug=False)
    if is_program:
        speak_utf8()
        _occupy_standard_descriptors()
    from regssl.cli.signals import Interrupted, interruptible

    try:
        with interruptible():
            options = _parse(arguments)
            _run(options)
    except RegsslError as error:
        if options.debug:
            raise
        return _fail(f"{options.command}: {error}")
    except Interrupted as ended:
        return _fail(str(ended), ended.exit_code)
    except BrokenPipeError:  # whoever reads standard output has had enough
        _forget_standard_output()
        return 128 + signal.SIGPIPE
    except Exception as error:
        if options.debug or not is_program:
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        return _fail(
            f"{options.command}: {text} (a fault of regssl: report it, with what `regssl --debug …` prints)", 70
        )
    return 0


def speak_utf8() -> None:
    """Have this process read, write and print UTF-8, whatever the locale and PYTHONIOENCODING are.

    In a locale of another encoding the program starts again in Python's UTF-8 mode, which holds for its arguments, for
    the libraries that it uses and for the commands that it starts.
    """
    import locale

    if not sys.flags.utf8_mode and locale.getencoding().lower() not in ("utf-8", "utf8"):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _occupy_standard_descriptors() -> None:
    """Let no file that is opened later get the descriptor of a standard stream that the caller has closed.

    What takes its place can be used the wrong way round only, so that `/dev/stdin` and `/dev/stdout` are errors.
    """
    if descriptor := os.open(os.devnull, os.O_WRONLY):  # it gets the lowest that is free
        os.close(descriptor)
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) < 3:
        pass
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.StringIO())


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return build_parser().parse_args(arguments)
    except SystemExit:
        sys.stdout.flush()  # the help
        raise


def _run(options: argparse.Namespace) -> None:
    import logging

    from regssl.cli.paths import check_paths

    class Messages(logging.StreamHandler[TextIO]):
        def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
            raise  # not a traceback on standard error

    messages = sys.stderr if check_paths(options) else sys.stdout
    handler, logger = Messages(messages), logging.getLogger("regssl")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with redirect_stdout(messages):
            options.run(options)
            messages.flush()
    except MemoryError as error:
        raise RegsslError("not enough memory", "use a machine that has more, or smaller files") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        from regssl.io.atomic import is_disk_full, write_error

        if is_disk_full(error) and not error.filename:  # of files it would be named
            _forget_standard_output()
            raise write_error("standard output", error) from error
        raise RegsslError(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    finally:
        logger.removeHandler(handler)


def _forget_standard_output() -> None:
    """Let Python write what it still has for standard output to nowhere, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _fail(line: str, code: int = 1) -> int:
    with suppress(OSError):  # nobody listens any more
        print(line, file=sys.stderr, flush=True)
    return code
