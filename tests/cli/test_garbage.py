"""A command searches for garbage rarely, and not at its end; a program that calls the library is left as it is."""

from __future__ import annotations

import gc
import subprocess
import sys

from regssl.cli import main

PROGRAM = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 10_000))  # after all that comes later
sys.argv = ["regssl", "lift", "--help"]
from regssl.cli import main
main()
"""


def test_a_program_searches_rarely_and_not_at_its_end() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "50000 True"


def test_whoever_calls_it_from_python_keeps_his_own() -> None:
    before = gc.get_threshold()
    gc.set_threshold(123, 4, 5)
    try:
        assert main(["schema"]) == 0
        assert gc.get_threshold() == (123, 4, 5)
    finally:
        gc.set_threshold(*before)
