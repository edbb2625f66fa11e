"""Progress of work that takes a while: a bar on the terminal of a command, a line a minute in its log.

Library functions count what is done with `Progress`. The command line asks for bars with `bars_on`; where nobody does,
as in a program that uses the library, there are none.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

DELAY = 1.0
"""Seconds of work before a bar appears."""
LOG_INTERVAL = 60.0
"""Seconds between two lines in a log."""
SCALED_FROM = 1000
"""Larger numbers are written as thousands and millions."""

_log = logging.getLogger(__name__)
_terminal: ContextVar[TextIO | None] = ContextVar("terminal", default=None)


class Progress:
    """Progress of one piece of work, as a context manager.

    Args:
        what: the work, in a few words.
        total: its parts; None where nobody knows.
        unit: one part, for rates such as `window/s`.
        done: parts that were done before.
    """

    def __init__(self, what: str, total: int | None = None, *, unit: str = "part", done: int = 0) -> None:
        self._what, self._total, self._unit, self._first, self._done = what, total, unit, done, done
        self._began = time.monotonic()
        self._next = self._began + (LOG_INTERVAL if _terminal.get() is None else DELAY)
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def reach(self, done: int) -> None:
        """Say how many parts are done in all."""
        self.advance(done - self._done)

    def advance(self, parts: int = 1) -> None:
        """Count parts that are done."""
        self._done += parts
        if self._bar is not None:
            self._bar.update(parts)
        elif (now := time.monotonic()) >= self._next:
            self._next = now + LOG_INTERVAL
            self._show(now)

    def _show(self, now: float) -> None:
        """Put a bar on the terminal, or a line into the log."""
        from tqdm import tqdm  # a tenth of a second to import: not for what is done sooner

        done, total, elapsed = self._done, self._total, now - self._began
        of_parts = {"initial": self._first, "unit": self._unit, "unit_scale": total is None or total > SCALED_FROM}
        if (terminal := _terminal.get()) is None:
            _log.info("%s", tqdm.format_meter(done, total, elapsed, ncols=0, prefix=self._what, **of_parts))
            return
        tqdm.monitor_interval = 0  # no thread beside
        bar = tqdm(
            desc=self._what,
            total=total,
            file=terminal,
            leave=False,
            dynamic_ncols=True,
            delay=DELAY,  # not drawn before it knows what was done
            **of_parts,
        )
        bar.start_t = bar.last_print_t = bar.start_t - elapsed
        bar.n = done
        bar.refresh()
        self._bar = bar


@contextmanager
def bars_on(stream: TextIO) -> Iterator[None]:
    """Show the progress of what this thread does in the block as bars on a stream, if it is a terminal."""
    able = stream.isatty() and os.environ.get("TERM") != "dumb"
    token = _terminal.set(stream if able else None)
    try:
        yield
    finally:
        _terminal.reset(token)


def has_bars() -> bool:
    """Whether progress is shown as bars."""
    return _terminal.get() is not None


@contextmanager
def bars_hidden() -> Iterator[None]:
    """Take the bars off the terminal while something else is written there."""
    if "tqdm" not in sys.modules:
        yield
        return
    from tqdm import tqdm

    with tqdm.external_write_mode():
        yield
