"""Imports what `snakemake` and `regssl` import, then forks them for whoever asks, until its standard input ends.

python -P server.py SOCKET
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import numpy as np

IMPORTED = ("matplotlib.pyplot", "numba", "pandas", "pyarrow.parquet", "scipy.stats", "snakemake.cli", "regssl.cli",
            "regssl.config.load", "regssl.config.project", "regssl.training.fit")  # fmt: skip


def receive(connection: socket.socket) -> tuple[list[str], str, dict[str, str], int]:
    """Take a request and its standard streams; they are this process's from now on."""
    head, streams, _, _ = socket.recv_fds(connection, 8, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    left, parts = int.from_bytes(head), []
    while left:
        parts.append(connection.recv(left))
        left -= len(parts[-1])
    return json.loads(b"".join(parts))


def run(arguments: list[str], folder: str, environment: dict[str, str], umask: int) -> NoReturn:
    """Be the program. What Python tears down at its end is left: it would copy the pages of all that is imported."""
    os.chdir(folder)
    os.umask(umask)
    random.seed()
    np.random.seed()  # noqa: NPY002 - that of whoever asks it, as after a start
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
    code: object = 1
    try:
        code = importlib.import_module(f"{Path(arguments[0]).name}.cli").main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def answer(connection: socket.socket) -> None:
    """Fork the program, pass signals on to it and its exit code back; it ends where nobody waits any more."""
    request = receive(connection)
    ended, lives = os.pipe()  # the child alone holds the second; a fork of it that calls exec does not
    child = os.fork()
    if not child:
        connection.close()
        os.close(ended)
        run(*request)
    os.close(lives)
    while True:
        ready, _, _ = select.select([connection, ended], [], [])
        if ended in ready:
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            connection.sendall(b"%d" % (code if code >= 0 else 128 - code))
            return
        number = connection.recv(1)
        os.kill(child, number[0] if number else signal.SIGKILL)
        if not number:
            return


def main() -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    print("listening", flush=True)
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # so that no child copies the pages of what is imported to look for garbage there
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who answers
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            answer(connection)
            os._exit(0)
        connection.close()


if __name__ == "__main__":
    main()
