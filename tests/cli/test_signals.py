"""Ctrl-C, SIGTERM and SIGHUP: one line, the exit code that shells know, and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.paths import names_in
from regssl.cli.signals import Interrupted, interruptible

BUSY = {
    "python": "while True: pass",
    "a child process": "import subprocess; subprocess.run(['sleep', '60'])",
    "waiting": "import os; os.read(os.pipe()[0], 1)",
    "a library that goes on": """
import time
while True:
    try:
        time.sleep(60)
    except BaseException: pass""",
    "compiled code that does not return": """
import ctypes
lock, mutex = ctypes.CDLL(None).pthread_mutex_lock, ctypes.create_string_buffer(128)
lock(mutex), lock(mutex)""",
    "a pool of threads": """
import threading, concurrent.futures
with concurrent.futures.ThreadPoolExecutor() as pool: pool.submit(threading.Event().wait).result()""",
}
CODE = """
import sys, tempfile
from regssl import cli
from regssl.cli import user_chains
from regssl.cli.parser import Command
def lift(options):
    "Lift."
    from regssl.io.atomic import atomic_path
    from regssl.io.scratch import scratch_folder
    with atomic_path(options.output) as aside, scratch_folder():
        aside.write_text("half")
        print("ready", flush=True)
        exec(options.input)
user_chains.COMMANDS = [Command(lift, user_chains._lift)]
sys.exit(cli.main(["lift", sys.argv[1], "chain", "out", "unmapped"]))
"""


@pytest.mark.parametrize(
    ("doing", "number"),
    [
        ("python", signal.SIGINT),
        ("python", signal.SIGTERM),
        ("python", signal.SIGHUP),
        ("a child process", signal.SIGTERM),
        ("waiting", signal.SIGINT),
        ("a library that goes on", signal.SIGTERM),
        ("compiled code that does not return", signal.SIGINT),
        ("a pool of threads", signal.SIGTERM),
    ],
)
def test_a_signal_ends_a_command_with_one_line(tmp_path: Path, doing: str, number: signal.Signals) -> None:
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", CODE, BUSY[doing]],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout and command.stdout.readline() == "ready\n"
        time.sleep(0.1)  # until it is at it
        assert len(names_in(tmp_path)) == 2 and names_in(tmp_path / "tmp")
        command.send_signal(number)
        try:
            error = command.communicate(timeout=60)[1]
        finally:
            command.kill()
    assert command.returncode == 128 + number
    assert error == f"regssl: ended by {number.name} (what was being written is removed)\n"
    assert names_in(tmp_path) == ["tmp"] and names_in(tmp_path / "tmp") == []


def test_handlers_are_the_callers_again_and_what_it_ignores_stays_ignored() -> None:
    before = signal.getsignal(signal.SIGINT)
    hangup = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with pytest.raises(Interrupted) as ended, interruptible():
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGINT)
        assert ended.value.exit_code == 130 and signal.getsignal(signal.SIGINT) is before
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN and signal.set_wakeup_fd(-1) == -1
    finally:
        signal.signal(signal.SIGHUP, hangup)


def test_a_signal_that_a_library_turns_into_an_error_of_its_own_is_a_signal() -> None:
    """As numpy does where one comes while it is imported."""
    with pytest.raises(Interrupted) as ended, interruptible():
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException as error:
            raise ImportError("the C extensions cannot be imported") from error
    assert ended.value.exit_code == 143
    with pytest.raises(ImportError), interruptible():
        raise ImportError("another")
