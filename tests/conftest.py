"""Fixtures every test may use."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from helpers.paths import ROOT

settings.register_profile("any machine", parent=settings(), deadline=None)  # slow or busy ones too
settings.load_profile("any machine")

# what ignores signals (`nohup`, a shell's background) would have the programs that tests start ignore them too
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

gc.set_threshold(50_000, 10, 10)  # thousands of tests are a million objects, and no garbage


def pytest_collection_finish() -> None:
    """Look for no garbage in what has been collected."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: "workflow" not in item.path.parts)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public reference data, which the repository does not contain; tests skip without it."""
    folder = Path(os.environ.get("REGSSL_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder} (set REGSSL_SHARED)")
    return folder
