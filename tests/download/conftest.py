"""A server on this machine, and downloads that do not wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import localserver
from regssl.download import http


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, not waited for."""
    seconds: list[float] = []
    monkeypatch.setattr(http.time, "sleep", seconds.append)
    return seconds


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "file"
