"""The standard streams of a command: their encoding, and what becomes of closed ones."""

from __future__ import annotations

import io
import os
import sys


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


def occupy_standard_descriptors() -> None:
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


def forget_standard_output() -> None:
    """Let Python write what it still has for standard output to nowhere, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
