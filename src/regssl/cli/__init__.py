"""The command line: `regssl <command>`, and `regssl step` and `regssl report` for the steps of the workflow.

Each command is a few lines over library functions. Start at `main`; `commands` names the modules that hold the
commands: `user_…`, `steps_…` and `reports…`.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from typing import TextIO

from regssl.cli.commands import all_commands, build_parser
from regssl.cli.garbage import seldom_collect
from regssl.cli.streams import forget_standard_output, occupy_standard_descriptors, speak_utf8
from regssl.errors import RegsslError

__all__ = ["all_commands", "build_parser", "main", "speak_utf8"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Messages of the library go to standard output as they are (to standard error where the result goes to standard
    output), errors to standard error, as one line each, and progress to a terminal. All of it is UTF-8, whatever the
    locale.

    Returns:
        The exit code: 0 on success, 1 after an error that the user can correct, 70 after a fault of the program (which
        is raised where `arguments` are given), 128 and its number after a signal.
    """
    is_program, options = arguments is None, argparse.Namespace(command="regssl", debug=False)
    if is_program:
        seldom_collect()
        speak_utf8()
        occupy_standard_descriptors()
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
        forget_standard_output()
        return 128 + signal.SIGPIPE
    except Exception as error:
        if options.debug or not is_program:
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        return _fail(
            f"{options.command}: {text} (a fault of regssl: report it, with what `regssl --debug …` prints)", 70
        )
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return build_parser().parse_args(arguments)
    except SystemExit:
        sys.stdout.flush()  # the help
        raise


def _run(options: argparse.Namespace) -> None:
    import logging

    from regssl.cli.paths import check_paths
    from regssl.progress import bars_hidden, bars_on

    class Messages(logging.StreamHandler[TextIO]):
        def emit(self, record: logging.LogRecord) -> None:
            with bars_hidden():
                super().emit(record)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
            raise  # not a traceback on standard error

    messages = sys.stderr if check_paths(options) else sys.stdout
    handler, logger = Messages(messages), logging.getLogger("regssl")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with redirect_stdout(messages), bars_on(sys.stderr):
            options.run(options)
            messages.flush()
    except MemoryError as error:
        raise RegsslError("not enough memory", "use a machine that has more, or smaller files") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        from regssl.io.atomic import is_disk_full, write_error

        if is_disk_full(error) and not error.filename:  # of files it would be named
            forget_standard_output()
            raise write_error("standard output", error) from error
        raise RegsslError(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    finally:
        logger.removeHandler(handler)


def _fail(line: str, code: int = 1) -> int:
    with suppress(OSError):  # nobody listens any more
        print(line, file=sys.stderr, flush=True)
    return code
