"""Fixtures every test may use."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from helpers.paths import ROOT

# what ignores signals (`nohup`, a shell's background) would have the programs that tests start ignore them too
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public reference data, which the repository does not contain; tests skip without it."""
    folder = Path(os.environ.get("REGSSL_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder} (set REGSSL_SHARED)")
    return folder
