"""`snakemake` and `regssl` without their start: programs that a process which has imported everything forks.

The whole workflow is a hundred programs, and most of their time is the start of Python, pandas and torch. The programs
of `warm_environment` are the same code with the same arguments, environment, folder and streams, begun by a fork. What
a test says of the start itself, of signals, of the locale or of the order of hashes, it says of the real ones: forks
share the seed of hashes, and what `PYTHON…` variables say.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def _programs() -> Path:
    """A folder with both programs; what they ask runs until this process ends."""
    temporary = tempfile.TemporaryDirectory(prefix="regssl-warm-")
    atexit.register(temporary.cleanup)
    folder = Path(temporary.name)
    address = folder / "socket"
    command = [sys.executable, "-P", str(HERE / "server.py"), str(address)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin and server.stdout
    atexit.register(server.communicate)  # it ends with its standard input
    server.stdout.readline()  # it listens
    for name in ("regssl", "snakemake"):
        program = folder / name
        program.write_text(f"#!{sys.executable} -IS\nADDRESS = {str(address)!r}\n{(HERE / 'client.py').read_text()}")
        program.chmod(0o755)
    return folder


def warm_environment() -> dict[str, str]:
    """The environment in which `snakemake` and `regssl` are these programs."""
    return environment_of(_programs(), environment_of())


def environment_of(
    programs: Path = Path(sys.executable).parent, base: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The environment in which programs are those of a folder: by default the real ones, of this Python."""
    return {**base, "PATH": f"{programs}:{base['PATH']}"}
