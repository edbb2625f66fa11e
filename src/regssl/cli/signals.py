"""What ends a command from outside: Ctrl-C, SIGTERM, SIGHUP. What it was writing is removed, and one line says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 2.0
"""Time from a signal to the end of the process, in which compiled code can return and temporary files go."""


class Interrupted(BaseException):
    """One of SIGNALS has come. No library takes it for an error of its own and goes on."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"regssl: ended by {signal.Signals(number).name} (what was being written is removed)")

    @property
    def exit_code(self) -> int:
        """The exit code that shells report: 130, 143 or 129."""
        return 128 + self.number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` where a signal comes, whatever a library makes of it; those that the caller ignores stay so.

    Compiled code that does not return, or a library that swallows the exception, gets GRACE_SECONDS: then a thread
    removes the temporary files and ends the process.
    """
    handled = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    if threading.current_thread() is not threading.main_thread() or not handled:
        yield
        return

    came = list[int]()

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        for other in handled:  # one is enough: nothing may interrupt the cleaning up
            signal.signal(other, signal.SIG_IGN)
        sys.unraisablehook = lambda _: None  # it may hit where Python can only print it, as in a callback from C
        raise Interrupted(number)

    unraisable = sys.unraisablehook
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(reading, done), daemon=True)
    before = {number: signal.signal(number, stop) for number in handled}
    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watch.start()
    try:
        yield
    except Exception as error:
        if came:  # numpy, for one, makes an ImportError of what interrupts its import
            raise Interrupted(came[0]) from error
        raise
    finally:
        done.set()
        sys.unraisablehook = unraisable
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(writing)  # ends the thread
        watch.join()
        os.close(reading)


def _watch(reading: int, done: threading.Event) -> None:
    """Wait for a signal, which is written here at once, whatever the main thread does; then for the command to end."""
    while number := os.read(reading, 1):
        if number[0] in SIGNALS and not done.wait(GRACE_SECONDS):
            from regssl.io.scratch import remove_own_folders

            remove_own_folders()
            ended = Interrupted(number[0])
            os.write(2, f"{ended}\n".encode())
            os._exit(ended.exit_code)
