"""Progress: bars on a terminal, lines in a log, nothing where nobody asked."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import pytest

from regssl import progress
from regssl.io.files import open_input, read_blocks
from regssl.progress import Progress, bars_hidden, bars_on, has_bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 1e-9)
    monkeypatch.setattr(progress, "LOG_INTERVAL", 0)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("at_once")
def test_a_bar_is_drawn_on_a_terminal_and_wiped_at_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with bars_on(terminal), Progress("searching", 2000, unit="bp", done=500) as searching:
        assert has_bars()
        searching.advance(500)
        assert re.search(r"searching:  50%\|.+\| 1.00k/2.00k \[", terminal.getvalue())
        with bars_hidden():
            assert re.search(r"\r +\r$", terminal.getvalue()), "nothing is left of it"
        searching.reach(2000)
    assert re.search(r"\r +\r$", terminal.getvalue())
    assert not has_bars() and caplog.messages == []


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("stream", "term"), [(io.StringIO(), "xterm"), (Terminal(), "dumb")], ids=["file", "dumb"])
def test_a_log_gets_lines_instead(
    stream: io.StringIO, term: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "regssl")
    monkeypatch.setenv("TERM", term)
    with bars_on(stream), Progress("receiving 100%s", 3_000_000, unit="B") as fetching:
        fetching.reach(1_000_000)
    assert stream.getvalue() == ""
    (line,) = caplog.messages
    assert line.startswith("receiving 100%s:  33% 1.00M/3.00M [")


def test_what_is_soon_done_is_not_shown(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("TERM", "xterm")
    caplog.set_level(logging.INFO, "regssl")
    terminal = Terminal()
    for stream in (terminal, io.StringIO()):
        with bars_on(stream), Progress("counting", 1) as counting:
            counting.advance()
        assert stream.getvalue() == ""
    assert caplog.messages == []


@pytest.mark.usefixtures("at_once")
def test_reading_counts_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "peaks.bed"
    path.write_bytes(b"chr1\t0\t1\n" * 100)
    terminal = Terminal()
    with bars_on(terminal), open_input(path) as file:
        assert b"".join(read_blocks(file, 100)) == path.read_bytes()
    assert "reading peaks.bed" in terminal.getvalue() and "900/900" in terminal.getvalue()
